"""Agreement of the two judges, and the figures of the ensemble's validation and judgements."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from companion.studies.ensemble_training import AT_LEAST, AT_MOST
from notebooks.beyond.sample_quality import figures_judging, judging
from notebooks.beyond.sample_quality.judging import Judgements

N = 40


class Fake(SimpleNamespace):
    """A record with these arrays."""

    def __getitem__(self, name):
        return self.arrays[name]


def validation(accepted):
    """Return a validation in which digits, and images without one, are accepted with these shares."""
    groups = np.array([*AT_LEAST, *AT_MOST])
    own = np.arange(N) < N * accepted
    truth = np.where(np.isin(groups, [*AT_LEAST, "other class"])[:, None], np.arange(N) % 10, 10)
    flags = np.tile(own, (len(groups), 1))
    arrays = {"group": groups, "truth": truth, "decision": truth, "confidence": np.ones(truth.shape)}
    arrays |= dict.fromkeys(("normal_looking", "as_any_digit", "recognisable", "noise_like"), flags)
    return Fake(arrays=arrays | {"p_cls": np.ones(truth.shape)})


@pytest.mark.parametrize(
    ("accepted", "missed"), [(1.0, set(AT_MOST)), (0.0, set(AT_LEAST)), (0.5, {*AT_LEAST, *AT_MOST})]
)
def test_bars_are_missed_on_either_side(accepted, missed):
    assert set(judging.missed_bars(validation(accepted))) == missed


def test_the_validation_has_a_table_a_figure_and_calibration_errors():
    record = validation(0.5)
    head, rows = figures_judging.table_ensemble(record)
    assert {len(row) for row in rows} == {len(head)}
    assert rows[0][:3] == ["digits", "50%", "at least 98%"]
    assert isinstance(figures_judging.fig_ensemble(record), Figure)
    assert figures_judging.calibration(record) == {"digits": 0, "all kinds": 0}


def test_kappa_is_that_of_known_cases():
    a = np.array([True, True, False, False])
    assert judging.kappa(a, a) == 1
    assert judging.kappa(a, ~a) == -1
    assert judging.kappa(a, np.array([True, False, True, False])) == 0
    assert np.isnan(judging.kappa(a | True, a | True))


def pair():
    """Return a search of images, one of them missing, and judgements of them."""
    images = np.random.default_rng(0).random((N, 784)).astype(np.float16)
    points = np.stack([images[0], np.full(784, np.nan)])
    names = ("intended", "decision", "probability", "normal_looking", "noise_like", "recognisable")
    names += ("old_p_cls", "old_normal_looking", "old_noise_like", "old_morans_i")
    values = {name: np.arange(N) % 2 == 0 for name in names} | {"old_morans_i": np.linspace(0, 1, N)}
    values |= {"intended": np.full(N, 4), "probability": np.linspace(0, 1, N), "old_p_cls": np.linspace(1, 0, N)}
    judged = values | {f"optimum_{name}": value[:2] for name, value in values.items()}
    return Fake(id="guided/a", arrays={"images": images, "optimum_points": points}), Fake(id="judged/a", arrays=judged)


def test_all_images_but_missing_ones_are_gathered():
    judgements = judging.gather([pair(), pair()])
    assert len(judgements.images) == 2 * (N + 1)
    assert {len(value) for value in judgements.values.values()} == {2 * (N + 1)}


def test_the_sample_is_of_all_strata_without_repetition():
    judgements = judging.gather([pair()] * 4)
    chosen = judging.stratified(judgements)
    old = judgements.values["old_normal_looking"][chosen]
    assert len(set(chosen.tolist())) == len(chosen) == sum(judging.STRATA)
    assert old.sum() == judging.STRATA[0]
    assert (judging.stratified(judgements) == chosen).all()


def test_images_are_shown_with_both_judgements():
    judgements: Judgements = judging.gather([pair()])
    figure = figures_judging.fig_judged_images(judgements, [0, 1, 2])
    assert [ax.get_title() for ax in figure.axes[:2]] == ["4: 1.00✓\n0.00✓", "4: 0.97–\n0.03–"]


def test_the_agreement_has_a_row_for_each_search_and_for_all():
    head, rows = figures_judging.table_agreement([pair()])
    assert [row[0] for row in rows] == ["guided", "**all**"]
    assert rows[0][1:] == rows[1][1:]
    assert rows[0][head.index("kappa")] == "1.00"
