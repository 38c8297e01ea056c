"""Chapter `theory`: its record, its figures, and the numbers of its proofs."""

import numpy as np
import pytest

from anogen.generators import EvolutionConfig
from notebooks.beyond.theory.experiments import TypicalPoints
from notebooks.beyond.theory.figures import fig_typical_points, fig_typical_scores, mode_shortfall, table_typical


@pytest.fixture(scope="module")
def result():
    return TypicalPoints.at("quick").run()


def test_recorded_arrays_are_consistent(result):
    assert result["drawn"].shape == (2, 2, 60, 2)
    assert (result["lowest_scores"] <= result["held_out_scores"].min(axis=1) + 1e-9).all()
    assert not result["mixed"].any()  # 100 draws of two chains are too few to show it
    spread = result["held_out_scores"].std(axis=1)
    assert (np.abs(result["mean_scores"] - result["targets"]) < spread).all()
    assert np.allclose(result["targets"], result["held_out_scores"].mean(axis=1))
    assert result["entries"].tolist() == ["gmm", "hbos"]


def test_figures_say_which_chains_have_not_mixed(result):
    labels = [ax.get_xlabel() for ax in fig_typical_points(result).axes[:2]]
    assert labels == ["GMM (not mixed)", "HBOS (not mixed)"]
    assert all(row[-1].endswith("(not mixed)") for row in table_typical(result).rows)
    assert len(fig_typical_scores().axes[0].lines) == 5


def test_the_mode_of_many_features_is_never_drawn():
    rng = np.random.default_rng(0)
    share = (rng.chisquare(10, 200_000) < 5).mean()
    assert mode_shortfall(10) == pytest.approx(np.log10(share), abs=0.02)
    assert mode_shortfall(784) < -10


def test_linear_ranks_have_the_weights_of_the_drift():
    weights = np.diff(EvolutionConfig(population_size=1_000).selection_cdf().numpy(), prepend=0)
    assert 1_000 * (weights**2).sum() == pytest.approx(4 / 3, rel=0.01)
