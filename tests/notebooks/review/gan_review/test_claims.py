"""Verdicts of chapter `gan-review` follow from the records, in both directions."""

import numpy as np
import pytest

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
    return {
        "band_other": np.array(bands),
        "sampled_other": np.array(0.1),
        "losses": losses,
        "targets": np.zeros((10, 4)),
    }


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
        (claims.generators_make_other_things, plane(), True),
        (claims.generators_make_other_things, plane(bands=(0.2, 0.1, 0)), False),
        (claims.searches_end_in_different_places, plane(), True),
        (claims.searches_end_in_different_places, plane(spread=0.0), False),
        (claims.a_residual_remains, plane(), True),
        (claims.a_residual_remains, plane(other=1.0), False),
    ],
)
def test_criterion(function, record, holds):
    finding = function(record)
    assert finding.holds is holds
    assert finding.measured


def test_noisy_times_leave_a_ratio_of_two_open():
    record = timed(*PAPER)
    record["processor_seconds"] = record["processor_seconds"] * np.array([1, 1.3, 1.8])
    assert claims.iterations_and_tolerance_set_the_time(record).holds is None
