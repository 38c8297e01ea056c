"""Verdicts of chapter `gan-review` follow from the records, in both directions."""

import numpy as np
import pytest

from companion.claims.decision import decide
from notebooks.review.gan_review import claims
from notebooks.review.gan_review.inference import ROWS


def timed(*seconds, auc=0.9):
    """Return a record of Table 1 with the given time of each row, the same from either start."""
    measures = np.full((2, len(ROWS), 3), 0.9)
    measures[:, -1, 0] = auc
    return {
        "processor_seconds": np.array(seconds)[None, :, None].repeat(2, axis=0).repeat(3, axis=2),
        "measures": measures,
    }


def plane(bands=(0, 0.1, 0.2), normal=1.0, other=5.0, spread=0.5):
    ends = np.repeat([normal, other], 5)[:, None] * (1 + spread * np.array([0, 1, 2]))
    losses = np.stack((ends + 9, ends), axis=2)
    return {"band_other": np.array(bands), "sampled_other": np.array(0.1), "losses": losses}


PAPER = [row.reported for row in ROWS]


@pytest.mark.parametrize(
    ("function", "record", "holds"),
    [
        (claims.iterations_and_tolerance_set_the_time, timed(*PAPER), True),
        (claims.iterations_and_tolerance_set_the_time, timed(10, 1, 10, 10, 5, 1, 1), False),
        (claims.batches_search_faster, timed(*PAPER), True),
        (claims.batches_search_faster, timed(9, 1, 18, 5, 2, 1, 1), False),
        (claims.an_encoder_is_faster, timed(*PAPER), True),
        (claims.an_encoder_is_faster, timed(99, 1, 99, 9, 9, 1, 1), False),
        (claims.encoders_like_batches, timed(*PAPER), True),
        (claims.encoders_like_batches, timed(*PAPER, auc=0.89), False),
    ],
)
def test_criterion(function, record, holds):
    finding = function(record)
    assert finding.holds is holds
    assert decide(finding) == ("reproduced" if holds else "not reproduced")


@pytest.mark.parametrize(
    ("function", "bad"),
    [
        (claims.generators_make_other_things, plane(bands=(0.2, 0.1, 0))),
        (claims.a_residual_remains, plane(other=1.0)),
    ],
)
def test_criterion_on_planes(function, bad):
    assert decide(function(*[plane()] * 5)) == "reproduced"
    assert decide(function(*[bad] * 5)) == "not reproduced"
    assert decide(function(*[plane()] * 4)) == "inconclusive"


def test_equal_shares_have_no_correlation_with_the_norm():
    correlation = claims.generators_make_other_things(plane(bands=(0.1, 0.1, 0.1))).cases[0].parts[-1]
    assert correlation.value == 0 and not correlation.met()


def test_a_plane_says_nothing_of_a_space_of_many_dimensions():
    different, same = (claims.searches_end_in_different_places(*[plane(spread=s)] * 5) for s in (0.5, 0.0))
    assert different.holds is True and same.holds is False
    assert decide(different) == decide(same) == "inconclusive"


def test_noisy_times_leave_a_ratio_of_two_open():
    record = timed(*PAPER)
    record["processor_seconds"] = record["processor_seconds"] * np.array([1, 1.3, 1.8])
    assert decide(claims.iterations_and_tolerance_set_the_time(record)) == "inconclusive"
