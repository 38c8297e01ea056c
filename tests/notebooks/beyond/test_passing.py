"""Experiments and figures of chapter `passing`."""

import numpy as np
import pytest
import torch

from notebooks.beyond.passing.experiments import MODELS, STARTS, Modes, passes
from notebooks.beyond.passing.figures import fig_modes, fig_passing, fig_remembered, passed, rate, table_passing
from notebooks.beyond.passing.parametrised import blur, coordinates, total_variation


@pytest.fixture(scope="module")
def modes():
    experiment = Modes.at("quick", digit=7, count=20, components=20, generations=2)
    return experiment, experiment.run()


def test_a_set_passes_only_if_it_is_recognised_and_varied():
    assert passes(0.95, 0.45, 0.9) and passes(1, 1, 1)
    assert not passes(0.94, 0.9, 0.9) and not passes(1, 0.44, 0.9)


def test_recorded_arrays_are_consistent(modes):
    experiment, result = modes
    shape = len(MODELS), len(STARTS), 20
    assert result["predicted"].shape == result["p_cls"].shape == result["train_distance"].shape == shape
    assert ((result["coverage"] >= 0) & (result["coverage"] <= 1)).all()
    assert result["width"][1] == experiment.width and result["width"][2] in result["widths"]
    assert result["likelihoods"].argmax() == np.flatnonzero(result["widths"] == result["width"][2])[0]
    # a narrow KDE remembers; a component is a mean of several images
    assert np.median(result["train_distance"][2, 1]) < 0.1 < np.median(result["train_distance"][0, 1])
    assert (result["scores"][1] <= np.median(result["real_scores"][1])).all()  # more normal than real images
    assert result["evolved_score"] > result["lowest_mode"]


def test_figures_and_tables_read_the_record(modes):
    _, result = modes
    share = rate(result, 1, 1, 7)
    assert len(table_passing({7: result})[1]) == len(MODELS) * len(STARTS)
    assert share == (result["predicted"][1, 1] == 7).mean()
    verdict = passed(result, 1, 1, 7)
    assert verdict == (share >= 0.95 and result["coverage"][1, 1, 0] >= 0.5 * result["ceiling_coverage"][0])
    assert len(fig_modes(result, 0).axes) == 3 * 8
    [ax] = fig_passing({7: result}).axes
    assert len(ax.lines) == len(MODELS) * len(STARTS) + 2
    [ax] = fig_remembered({7: result}).axes
    assert ax.lines[0].get_ydata()[0] > ax.lines[2].get_ydata()[0]


@pytest.mark.parametrize("name", ["pixels", "sigmoid", "fourier"])
def test_coordinates_invert(name):
    images = torch.rand(3, 28, 28, generator=torch.Generator().manual_seed(0))
    x, back = coordinates(name, images)
    wanted = images if name == "pixels" else torch.sigmoid(4 * (images - 0.5))
    assert torch.allclose(back(x), wanted, atol=1e-5)
    assert back(x + 10).max() <= 1


def test_a_step_in_fourier_coordinates_is_smoother_than_one_in_pixels():
    images = torch.full((1, 28, 28), 0.5)
    x, back = coordinates("fourier", images)
    step = torch.randn(x.shape, generator=torch.Generator().manual_seed(0))
    smooth = back(x + 0.1 * step) - images
    rough = 0.1 * torch.randn(images.shape, generator=torch.Generator().manual_seed(0))

    def roughness(change):
        return float(total_variation(change) / change.abs().sum())

    assert roughness(smooth) < 0.6 * roughness(rough)


def test_blurring_keeps_a_constant_and_lowers_the_variation():
    flat = torch.full((1, 28, 28), 0.3)
    assert torch.allclose(blur(flat), flat, atol=1e-6)
    rough = torch.rand(1, 28, 28, generator=torch.Generator().manual_seed(0))
    assert total_variation(blur(rough)) < 0.5 * total_variation(rough)
    assert total_variation(torch.tensor([[[0.0, 1.0], [0.0, 0.0]]])).item() == pytest.approx(2)
