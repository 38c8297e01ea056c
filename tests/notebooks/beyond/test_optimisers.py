"""Chapter `optimisers`: budgets, every optimiser on a score with a known optimum, figures and verdicts."""

import numpy as np
import pytest
import torch

from anogen.errors import InputError
from anogen.scorers import Scorer
from companion.claims.decision import decide
from notebooks.beyond.optimisers import claims
from notebooks.beyond.optimisers.budget import BudgetedScorer, BudgetSpent
from notebooks.beyond.optimisers.experiments import DETECTORS, SEEDED, Optimisation, chapter_experiments
from notebooks.beyond.optimisers.figures import (
    best,
    closest_without_gradient,
    fig_images,
    fig_optimisers,
    median_gaps,
    table_conclusions,
    table_costs,
    table_gaps,
    table_longer,
)
from notebooks.beyond.optimisers.searches import FIRST, OPTIMISERS, library, run

SHORT = {
    "evolution": 3,
    "annealed": 3,
    "elitist": 3,
    "random": 1,
}  # factors by which these must improve on the first image
WITHOUT_GRADIENT = [name for name, one in OPTIMISERS.items() if not one.gradient]


class Bowl(Scorer):
    """The squared distance to an image in [0, 1]^16."""

    n_features_in_, differentiable = 16, True
    centre = torch.linspace(0.2, 0.8, 16, dtype=torch.float64)

    def score(self, x):
        return (x - self.centre).square().sum(dim=1)


class Alone(Bowl):
    batch_dependence = "batch"

    def score(self, x):
        assert len(x) == 1
        return super().score(x)


def test_a_budget_is_spent_to_the_last_evaluation():
    score = BudgetedScorer(Bowl(), np.array([2, 5]))
    rows = np.stack([np.full(16, value) for value in (9.0, 0.4, 0.5, 0.45)])
    values = score(rows)
    assert values[0] == Bowl()(np.ones((1, 16)))[0]  # clipped
    assert score.lowest[0] == values[1] and np.isnan(score.lowest[1]) and score.left == 1
    with pytest.raises(BudgetSpent):
        score(rows[::-1].copy())
    assert score.evaluations == 5 and score.left == 0
    assert score.lowest.tolist() == [values[1], values[2]] and np.array_equal(score.image, rows[2])
    assert score.in_time.evaluations == 5
    assert BudgetedScorer(Bowl(), np.array([5]), limit=-1).in_time.best == np.inf


def test_rows_are_scored_alone_where_the_batch_matters():
    assert len(BudgetedScorer(Alone(), np.array([9]))(np.zeros((3, 16)))) == 3


@pytest.mark.parametrize("name", OPTIMISERS)
def test_every_optimiser_minimises_and_repeats_its_bits(name):
    if OPTIMISERS[name].library:
        pytest.importorskip(OPTIMISERS[name].library)
    first, again, other = (
        run(name, BudgetedScorer(Bowl(), np.array([1, 1500])), np.random.default_rng(seed)) for seed in (0, 0, 1)
    )
    assert first.lowest[1] < first.lowest[0] / SHORT.get(name, 10)
    assert np.array_equal(first.lowest, again.lowest) and not np.array_equal(first.lowest, other.lowest)
    assert first.evaluations == 1500 and first.image.min() >= 0 and first.image.max() <= 1
    assert Bowl()(first.image[None]).item() == pytest.approx(first.best)


def test_a_missing_library_and_an_unknown_optimiser_are_one_line():
    with pytest.raises(InputError, match="no_such_library is not installed: `pip install"):
        library("no_such_library.part")
    with pytest.raises(InputError, match="unknown optimiser 'newton': choose from random"):
        Optimisation(optimisers=("newton",))


def made_up(better="sep-cma", gradient=True, looks=(0, 0)):
    """Return a record in which one optimiser has the gap 0.1, evolution 2 and all others 3."""
    names = [name for name, one in OPTIMISERS.items() if gradient or not one.gradient]
    lowest = np.array([{better: 0.1, "evolution": 2.0}.get(name, 3.0) for name in names])[:, None] * np.ones(5)
    judged = np.zeros((len(names), 5), bool)
    judged[names.index("evolution"), : looks[0]] = judged[names.index(better), : looks[1]] = True
    return {
        "optimisers": np.array(names),
        "evaluations": np.array([100, 200]),
        "lowest": np.repeat(lowest[:, :, None], 2, axis=2),
        "optimum": np.array(0.0),
        "real_scores": np.array([1.5, 2.0, 2.5]) * 2,
        "normal_looking": judged,
        "optimum_normal_looking": np.array(False),
        "timed_lowest": lowest,
        "timed_normal_looking": judged,
        "timed_images": np.zeros((len(names), 784), np.uint8),
        "optimum_image": np.zeros(784, np.uint8),
        "evaluation_seconds": np.full((len(names), 5), 1e-5),
    }


@pytest.mark.parametrize(
    ("function", "met", "missed"),
    [
        (claims.sep_cma_is_closer, made_up(), made_up("snes")),
        (claims.others_are_closer, made_up("hill"), made_up("adam")),
        (claims.l_bfgs_b_is_closest, made_up("l-bfgs-b"), made_up("adam")),
        (claims.conclusions_agree, made_up(looks=(3, 5)), made_up(looks=(2, 3))),
    ],
)
def test_verdicts_follow_from_the_records(function, met, missed):
    assert decide(function(*[met] * 6, *[missed] * 2)) == (
        "reproduced" if "l_bfgs" not in function.__name__ else "not reproduced"
    )
    assert decide(function(*[met] * 8)) == "reproduced"
    assert decide(function(*[met] * 5, *[missed] * 3)) == "not reproduced"


def test_scores_without_gradient_do_not_count_for_l_bfgs_b():
    records = [made_up("l-bfgs-b")] * 5 + [made_up(gradient=False)] * 3
    finding = claims.l_bfgs_b_is_closest(*records)
    assert finding.cases[0].parts[0].value == 5 and decide(finding) == "reproduced"


def test_figures_and_tables_of_all_detectors():
    records = {name: made_up(gradient=name != "hbos") for name in DETECTORS}
    assert median_gaps(records["cblof"], timed=True)["sep-cma"] == pytest.approx(0.1)
    assert best(records["cblof"], timed=False) == "sep-cma"
    assert closest_without_gradient({"hbos": records["hbos"]}, timed=True) == "sep-CMA-ES on HBOS"
    assert len(fig_optimisers(records).axes) == len(DETECTORS)
    assert len(fig_images(records).axes) == len(DETECTORS) * (len(OPTIMISERS) + 1)
    gaps = {row[0]: row[1:] for row in table_gaps(records, timed=True).rows}
    assert gaps["sep-CMA-ES"] == ["**0.1**"] * len(DETECTORS)
    assert gaps["L-BFGS-B"][DETECTORS.index("hbos")] == "–"
    assert table_conclusions(records, timed=True).rows[0][1:] == ["0 of 5", "0 of 5", "0 of 5 (sep-CMA-ES)", "no"]
    assert len(table_costs(records).rows) == len(OPTIMISERS)
    thesis = {"cblof": {"best_scores": np.array([0.2, 0.4, 0.9])}}
    assert table_longer(records, thesis).rows[-1][:3] == ["evolution, thesis", "0.4", "–"]
    assert len(table_longer(records, {}).rows) == len(OPTIMISERS)


def test_the_first_comparison_keeps_its_seeds_and_more_evaluations_have_another_record():
    roles = chapter_experiments(detectors=["cblof", "pca"])
    assert list(roles) == ["cblof", "pca", "cblof-longer", "pca-longer", "cblof-thesis"]
    assert SEEDED[: len(FIRST)] == FIRST and set(SEEDED) == set(OPTIMISERS)
    assert roles["cblof-longer"].optimisers == tuple(OPTIMISERS) and roles["cblof"].optimisers == FIRST
