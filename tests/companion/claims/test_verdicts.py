"""Verdicts follow from the arrays by the fixed criteria, in both directions."""

from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
import pytest

from anogen.errors import InputError
from companion.claims import base, inventory
from companion.claims.base import CAUSES, Finding, over_sweep
from companion.records import MissingRecord, store
from notebooks.thesis.background.claims import areas_under_the_curve, f1_is_a_harmonic_mean


def roc(**changed):
    holds = {
        "good_auc": 0.9532, "random_auc": 0.489, "perfect_auc": 1.0, "f1_to_harmonic_mean": 3e-16, "f1_to_library": 0.0,
        "rare_share": 0.01, "rare_never": [0, 0, 0, 0.99, 0],
    }  # fmt: skip
    return {key: np.array(value) for key, value in (holds | changed).items()}


@pytest.mark.parametrize(
    ("function", "record", "holds", "cause"),
    [
        (areas_under_the_curve, roc(), True, ""),
        (areas_under_the_curve, roc(good_auc=0.9551), False, "implementation"),
        (areas_under_the_curve, roc(good_auc=0.9449), False, "implementation"),
        (areas_under_the_curve, roc(random_auc=0.521), False, "implementation"),
        (areas_under_the_curve, roc(perfect_auc=1 - 1e-9), False, "implementation"),
        (f1_is_a_harmonic_mean, roc(), True, ""),
        (f1_is_a_harmonic_mean, roc(f1_to_harmonic_mean=2e-12), False, "implementation"),
        (f1_is_a_harmonic_mean, roc(f1_to_library=2e-12), False, "implementation"),
        (f1_is_a_harmonic_mean, roc(rare_never=[0, 0, 0.01, 0.99, 0]), False, "implementation"),
        (f1_is_a_harmonic_mean, roc(rare_never=[0, 0, 0, 0.98, 0]), False, "implementation"),
        (f1_is_a_harmonic_mean, roc(rare_share=0.02), False, "implementation"),
    ],
)
def test_a_criterion_decides_both_ways(function, record, holds, cause):
    finding = function(record)
    assert finding.holds is holds
    assert holds or finding.cause == cause
    assert finding.measured


def test_a_sweep_over_nothing_decides_nothing():
    with pytest.raises(ValueError, match="at least one setting"):
        over_sweep([], cause="data")


@pytest.mark.parametrize("holds", [False, None])
def test_a_failure_names_one_of_the_causes(holds):
    with pytest.raises(ValueError, match="needs a cause"):
        Finding(holds)
    with pytest.raises(ValueError, match="unknown cause 'bad luck'"):
        Finding(holds, cause="bad luck")
    assert Finding(holds, cause=CAUSES[0]).holds is holds


def test_measured_values_are_plain_numbers():
    measured = Finding(np.True_, {"a": np.float64(0.5), "b": np.array(3), "c": "none"}).measured
    assert [type(value) for value in measured.values()] == [float, int, str]


class Fake(SimpleNamespace):
    """A record by hand: arrays, id and the digest of the code that computed it."""

    def __getitem__(self, name):
        return self.arrays[name]


def loading(arrays: Mapping, *, code: str | None = None):
    def load(experiment):
        return Fake(id=experiment.id, arrays=arrays, meta={"code": code or store.code_digest(experiment)})

    return load


def test_a_verdict_states_what_was_measured_and_on_what():
    found = base.verdict("thesis-c-02", loading(roc()))
    assert (found.verdict, found.cause, found.page) == ("identity", "", "background")
    assert found.records == ("roc-curve/default",)
    assert found.measured == {"AUC, good": 0.9532, "AUC, random": 0.489, "AUC, perfect": 1.0}
    assert found.criterion == inventory.claim("thesis-c-02").criterion
    failed = base.verdict("thesis-c-02", loading(roc(good_auc=0.5)))
    assert (failed.verdict, failed.cause) == ("not reproduced", "implementation")


def test_without_a_record_or_with_a_stale_one_there_is_no_verdict():
    def missing(experiment):
        raise MissingRecord(f"no record {experiment.id}")

    for load in (missing, loading(roc(), code="other code")):
        found = base.verdict("thesis-c-02", load)
        assert (found.verdict, found.cause, dict(found.measured)) == (None, "", {})
        assert found.page == "background"


def test_every_claim_of_the_sources_has_somebody_to_judge_it():
    assert {claim.id for claim in inventory.all_claims()} == set(base.claim_checks())


def test_an_unknown_claim_is_refused():
    with pytest.raises(InputError, match="did you mean 'thesis-c-0"):
        base.verdict("thesis-c-002")


@pytest.fixture
def registry(monkeypatch):
    """An empty registry that takes the place of the book's."""
    checks: dict[str, base.ClaimCheck] = {}
    monkeypatch.setattr(base, "_checks", checks)
    monkeypatch.setattr(base, "claim_checks", lambda: checks)
    return checks


@pytest.mark.usefixtures("registry")
def test_a_claim_nobody_has_written_yet_has_no_verdict_and_no_page():
    found = base.verdict("thesis-c-07")
    assert (found.verdict, found.page, found.records) == (None, None, ())


@pytest.mark.usefixtures("registry")
def test_untested_says_why():
    base.untested("thesis-c-07", page="background", why="CIFAR-10 cannot be had here")
    found = base.verdict("thesis-c-07")
    assert (found.verdict, found.cause, found.records) == ("not tested", "CIFAR-10 cannot be had here", ())


def test_a_claim_is_judged_once_and_only_if_it_exists(registry):
    judge = base.claim("thesis-c-02", page="background", needs=list)
    judge(lambda: Finding(True))
    with pytest.raises(ValueError, match="has two checks"):
        judge(lambda: Finding(True))
    with pytest.raises(InputError, match="no entry 'thesis-c-999'"):
        base.claim("thesis-c-999", page="background", needs=list)(lambda: Finding(True))
    assert list(registry) == ["thesis-c-02"]


def test_all_judged_claims_name_a_chapter_and_experiments_that_can_be_made():
    from companion.chapters import chapters
    from companion.experiment import Experiment

    for judge in base.claim_checks().values():
        assert judge.page in chapters(), judge.claim
        assert judge.why or all(isinstance(e, Experiment) for e in judge.needs()), judge.claim


def test_settings_are_named_and_excluded_ones_are_only_shown():
    good, bad = (base.all_of(base.above("share", share, 0.5), random=False) for share in (0.7, 0.3))
    both = base.over_settings({"as printed": good, "as coded": bad})
    assert (both.holds, both.cause, base.decide(both)) == (None, "unstated choice", "reproduced in part")
    shown = base.over_settings({"as printed": good, "as coded": bad}, ["as coded"])
    assert (shown.holds, base.decide(shown)) == (True, "reproduced")
    assert [c.setting for c in base.conditions(base.over_settings({"a": both}))] == ["a, as printed", "a, as coded"]
    assert base.over_settings({"a": bad, "b": bad}).cause == "detector"
