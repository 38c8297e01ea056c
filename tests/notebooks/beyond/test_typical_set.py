"""Chapter `typical-set`: its verdicts on made-up records, its figure and its table."""

import numpy as np
import pytest

from companion.claims import base
from companion.claims.decision import decide
from notebooks.beyond.typical_set import claims
from notebooks.beyond.typical_set.experiments import DETECTORS, FIXED, KINDS, TypicalSet
from notebooks.beyond.typical_set.figures import (
    COLUMNS,
    arrived,
    below_all,
    fig_typical_set,
    gaps,
    table_typical_set,
)

YES, NO, OPEN = "reproduced", "not reproduced", "inconclusive"


def made_up(**means):
    """Return a record of all detectors: scores, and the measures of kinds given as `typical_accepted=0.2`."""
    d, k = len(DETECTORS), len(KINDS)
    record = {name: np.full((d, k), 0.9) for name in ("accepted", "recognised", "coverage")}
    for key, value in means.items():
        kind, _, name = key.partition("_")
        record[name][:, KINDS.index(kind)] = value
    scores = np.tile([5.0, -9.0, 0.0, 0.5, 0.0, 50.0], (d, 1))
    without = np.array([name not in claims.EXACT for name in DETECTORS])
    for array in (scores, *record.values()):
        array[without, KINDS.index("exact")] = np.nan
    return record | {
        "detectors": np.array(DETECTORS),
        "count": np.array(64),
        "scores": scores,
        "shown_scores": np.repeat(scores[..., None], 4, axis=2),
        "images": np.zeros((d, k, 4, 784), np.uint8),
        "real_scores": np.tile(np.linspace(-2, 2, 101), (d, 1)),
        "kinds": np.array(["proved"] * (d - 1) + ["found"]),
        "targets": np.append(np.zeros(d - 1), np.nan),
        "statuses": np.array(["mixed"] + ["not mixed"] * (d - 2) + ["no temperature"]),
        "r_hat": np.full(d, 1.5),
    }


def low_only_for(count):
    """Return shares of 0.1 for the first detectors, and of 0.9 for the others."""
    return np.where(np.arange(len(DETECTORS)) < count, 0.1, 0.9)


@pytest.mark.parametrize(
    ("function", "record", "word"),
    [
        (claims.modes_are_below_all_images, made_up(), YES),
        (claims.modes_are_below_all_images, made_up() | {"real_scores": np.full((len(DETECTORS), 9), -10.0)}, NO),
        (claims.samples_are_no_digits, made_up(typical_accepted=low_only_for(4)), YES),
        (claims.samples_are_no_digits, made_up(typical_accepted=low_only_for(3)), NO),
        (claims.samples_are_no_digits, made_up(typical_accepted=0.1) | {"targets": np.full(9, 3.0)}, OPEN),
        (claims.samples_are_no_digits, made_up(typical_accepted=0.1) | {"targets": np.full(9, np.nan)}, OPEN),
        (claims.exact_draws_are_no_digits, made_up(exact_accepted=0.1), YES),
        (claims.exact_draws_are_no_digits, made_up(exact_accepted=low_only_for(1)), NO),
        (claims.exact_draws_are_no_digits, made_up(exact_accepted=0.47), OPEN),
        (claims.samples_do_not_vary, made_up(typical_coverage=low_only_for(4)), YES),
        (claims.samples_do_not_vary, made_up(typical_coverage=low_only_for(3)), NO),
    ],
)
def test_findings(function, record, word):
    found = function(record, record)
    assert decide(found) == word and len(found.cases) == 2 and found.random is False


def test_own_claims_are_confirmed_or_refuted(monkeypatch):
    monkeypatch.setattr(base, "is_stale", lambda *_: False)

    class Loaded(dict):
        id = "typical-set/made-up"

    good, bad = (Loaded(made_up(typical_accepted=share)) for share in (0.1, 0.9))
    assert base.verdict("anogen-c-02", lambda _: good).verdict == "confirmed"
    found = base.verdict("anogen-c-02", lambda _: bad)
    assert (found.verdict, found.cause, found.page) == ("refuted", "detector", "typical-set")
    mixed = base.verdict("anogen-c-02", lambda experiment: good if experiment.digit == 3 else bad)
    assert mixed.verdict == "confirmed in part" and set(base.OWN_VERDICTS) >= {mixed.verdict, found.verdict}


def test_the_figure_and_the_table_name_what_is_missing():
    record = made_up(typical_accepted=low_only_for(1))
    record["shown_scores"][-1, KINDS.index("typical")] = np.nan
    figure = fig_typical_set(record)
    axes = np.array(figure.axes).reshape(len(DETECTORS), len(COLUMNS))
    assert [ax.get_xlabel() for ax in axes[0]] == ["2.5", "−4.5", "0", "0.25", "0"]  # interquartile ranges of 2
    assert "no\ntemperature" in [text.get_text() for text in axes[-1, 2].texts]
    assert "not\nknown" in [text.get_text() for text in axes[-1, 3].texts]
    rows = table_typical_set({"digit-3": record, "digit-4": record}).rows
    assert rows[0][-1] == "mixed, 1.50, 0" and rows[-1][-2:] == ["not known", "no temperature"]
    assert rows[0][3] == "10%, 90%; 0.90" and rows[-1][2] == rows[-1][4] == "–"
    assert gaps(record)[0, 0] == pytest.approx(2.5)
    assert below_all({"digit-4": record}) == list(DETECTORS[:-1])  # the last is unknown
    assert arrived({"digit-4": record}) == list(DETECTORS[:-1])
    assert arrived({"digit-3": record, "digit-4": record | {"targets": np.full(len(DETECTORS), 3.0)}}) == []


def test_draws_of_a_gaussian_are_exact():
    experiment = TypicalSet.at("quick", count=400)
    detector, _ = experiment.fit("gmm")
    draws = experiment.draw_exactly(detector)
    assert draws.shape == (400, 784)
    white = (draws - detector.means_[0]) @ detector.precisions_cholesky_[0]
    assert white.mean() == pytest.approx(0, abs=0.01) and white.var() == pytest.approx(1, abs=0.02)
    assert set(FIXED) < set(DETECTORS)
