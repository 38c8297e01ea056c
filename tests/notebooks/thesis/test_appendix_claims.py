"""The verdict on the appendix's independent generations follows from the records, in both directions."""

import numpy as np
import pytest

from companion.claims import base
from companion.claims.decision import decide
from notebooks.thesis.appendix import claims as appendix

MEASURES = {"pairwise": np.array(4.0)}


def generated(spread: float) -> dict[str, np.ndarray]:
    """Return a record of five images, `spread` apart."""
    return {"images": 0.5 + spread * np.random.default_rng(0).normal(size=(5, 9))}


def records(cblof: list[float], ocsvm: float = 0.01) -> list[dict[str, np.ndarray]]:
    """Return the records as the claim takes them, for several trainings of CBLOF."""
    first, *later = map(generated, cblof)
    further = [record for search in later for record in (search, MEASURES)]
    return [first, generated(ocsvm), MEASURES, MEASURES, *further]


@pytest.mark.parametrize(
    ("cblof", "ocsvm", "verdict"),
    [
        ([0.01] * 5, 0.01, "reproduced"),
        ([1.0] * 5, 0.01, "not reproduced"),  # noise
        ([0.01] * 5, 1.0, "not reproduced"),
        ([0.01] * 3 + [1.0] * 2, 0.01, "inconclusive"),
        ([0.01] * 4, 0.01, "inconclusive"),
    ],
)
def test_verdict_on_independent_generations(cblof, ocsvm, verdict):
    assert decide(appendix.four_generations_look_alike(*records(cblof, ocsvm))) == verdict


def test_order_of_needed_records():
    needed = base.claim_checks()["thesis-c-80"].needs()
    assert [(e.name, e.detector, e.seed) for e in needed[2:6]] == [
        ("guided-quality", "cblof", 0), ("guided-quality", "ocsvm", 0),
        ("guided", "cblof", 1), ("guided-quality", "cblof", 1),
    ]  # fmt: skip


def test_growth_with_k_is_not_a_statement_of_the_source():
    verdict = base.verdict("thesis-c-81")
    assert (verdict.verdict, verdict.records) == ("not tested", ())
    assert "Appendix A" in verdict.cause
