"""Where the thesis's search ends on a detector whose most normal images are known (thesis Fig. 6.18)."""

import numpy as np
import pytest
import torch

from anogen.generators import evolve

GENERATIONS = 6_000  # 30,000 in the thesis; the search has arrived long before


@pytest.mark.slow
def test_the_image_on_cblof_lies_within_the_noise_of_the_mutation_around_a_large_centre(cblof, fours):
    gaps = []
    for state, _ in evolve(cblof, [0], n_generations=GENERATIONS):
        if state.generation % 1000 == 0:
            gaps.append(torch.cdist(state.current_best().double(), cblof.optimum().samples).min().item())
    # Mutation and averaging balance where a pixel's standard deviation is sigma; two such images are sigma sqrt(2 d)
    # apart.
    floor = 0.01 * np.sqrt(2 * cblof.n_features_in_)
    assert 0.5 * floor < gaps[-1] < 1.2 * floor
    assert gaps[0] > 1.5 * floor  # it was not there from the beginning
    shown = cblof(state.current_best()).item()
    assert shown == pytest.approx(gaps[-1])
    assert shown < cblof(torch.from_numpy(fours.test_normal)).min().item()
