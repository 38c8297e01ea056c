"""The evolutionary search answers bad input in one line, and stops at a score that is no number."""

import numpy as np
import pytest
import torch

from anogen.errors import InputError
from anogen.generators import EvolutionConfig, evolve
from anogen.scorers import Scorer


class Sum(Scorer):
    """The sum of four values."""

    n_features_in_ = 4

    def score(self, x):
        return x.sum(dim=1)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"n_generations": 0}, "n_generations = 0"),
        ({"device": "gpu"}, "device 'gpu' cannot be used here"),
        ({"n_generations": -1}, "n_generations = -1"),
        ({"n_generations": 5.5}, "n_generations = 5.5 is not an integer"),
        ({"seeds": [-1]}, "seed = -1 is not a valid seed"),
        ({"seeds": [0.5]}, "seed = 0.5 is not a valid seed"),
        ({"seeds": 0}, "seeds = 0 is not a list of seeds"),
        ({"seeds": []}, "seeds are empty"),
        ({"initial_population": "noise"}, "initial_population is a str"),
        ({"reference": torch.zeros(4)}, "without fixed pixels changes nothing"),
        ({"mask": torch.ones(4), "reference": torch.zeros(4)}, "one boolean for each pixel"),
        ({"initial_population": torch.zeros(150, 9)}, r"\(150, 9\) does not fit: give \(150, 4\)"),
        ({"initial_population": torch.zeros(3, 4)}, r"\(3, 4\) does not fit"),
        ({"initial_population": torch.full((150, 4), torch.nan)}, "NaN"),
        ({"mask": torch.ones(9, dtype=torch.bool), "reference": torch.zeros(4)}, r"\(9,\)"),
        ({"mask": torch.ones(4, dtype=torch.bool), "reference": torch.zeros(28, 28)}, r"\(28, 28\)"),
        ({"mask": torch.ones(4, dtype=torch.bool), "reference": torch.full((4,), torch.nan)}, "NaN"),
        (
            {"mask": torch.ones(4, dtype=torch.bool), "reference": torch.full((4,), 255.0)},
            r"outside \[0, 1\]: scale it",
        ),
        ({"mask": torch.ones(4, dtype=torch.bool)}, "reference"),
    ],
)
def test_bad_input_is_answered_in_one_line(options, named):
    with pytest.raises(InputError, match=named) as caught:
        next(evolve(Sum(), **{"seeds": [0], "n_generations": 3, **options}))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"population_size": 1}, "population_size = 1"),
        ({"mutation_rate": 50}, "mutation_rate = 50"),
        ({"mutation_rate": np.nan}, "mutation_rate = nan"),
        ({"mutation_std": -0.1}, "mutation_std = -0.1"),
        ({"mutation_std": np.nan}, "mutation_std = nan"),
        ({"n_elites": 150}, "n_elites = 150 leaves no offspring"),
        ({"mutation_half_life": 0}, "mutation_half_life = 0"),
        ({"selection": "roulette"}, "'roulette': choose linear"),
        ({"initial_distribution": "cauchy"}, "'cauchy': choose uniform"),
    ],
)
def test_settings_that_make_no_sense_are_named(settings, named):
    with pytest.raises(InputError, match=named):
        next(evolve(Sum(), [0], n_generations=1, config=EvolutionConfig(**settings)))


@pytest.mark.parametrize("scores", [lambda x: x.sum(), lambda x: x.sum(dim=1)[:3], lambda x: x[:, :2]])
def test_a_scorer_that_does_not_score_each_row_is_refused(scores):
    class Broken(Sum):
        def score(self, x):
            return scores(x)

    with pytest.raises(InputError, match=r"150 rows have scores of shape .*: return one score for each row"):
        next(evolve(Broken(), [0], n_generations=1))


def test_arrays_are_taken_like_tensors():
    guided = {"mask": np.array([True, False, False, False]), "reference": np.full(4, 0.25)}
    (state, _), *_ = evolve(Sum(), np.arange(2), n_generations=1, initial_population=np.full((150, 4), 0.5), **guided)
    assert torch.equal(state.best_solution()[:, 0], torch.full((2,), 0.25))
    assert torch.equal(Sum()(np.ones((3, 4))), torch.full((3,), 4.0, dtype=torch.float64))


def test_a_score_that_is_nan_stops_the_search():
    class Broken(Sum):
        calls = 0

        def score(self, x):
            self.calls += 1
            return super().score(x) * (torch.nan if self.calls == 3 else 1)

    with pytest.raises(InputError, match="score is NaN"):
        list(evolve(Broken(), [0], n_generations=9))
