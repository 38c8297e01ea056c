"""The page of chapter `gan-review` states only what its records show, and names the data that they are of."""

import numpy as np
import pytest

from companion.datasets import heartbeats
from notebooks.review.gan_review import figures
from notebooks.review.gan_review.experiments import BANDS
from notebooks.review.gan_review.inference import ROWS


@pytest.fixture
def plane(make_record):
    """A function from the share of samples of another class to a record of a latent plane."""

    def make(share):
        arrays = {"losses": np.ones((2, 2, 3)), "band_other": np.full(len(BANDS) - 1, share), "sampled_other": share}
        return make_record(arrays)

    return make


@pytest.mark.parametrize("share", [0.4, 0.0])
def test_the_plane_holds_other_classes_only_if_the_classifier_says_so(show_page, plane, share):
    page = show_page("gan-review", {"plane": plane(share)}, undrawn=figures)
    assert ("something else" in page.prose) == (share > 0)
    assert {"review-fig-3", "review-fig-4"} <= set(page.ids)


def test_another_class_does_not_stand_under_the_verdicts_of_the_books_own(show_page, plane):
    page = show_page("gan-review", {"plane": plane(0.4)}, undrawn=figures, normal=7)
    assert page.ids == ["review-fig-1", "review-fig-2", "anogen-fig-review-plane-7", "anogen-fig-review-search-7"]


@pytest.mark.parametrize("slowest", [2.0, 1.1])
def test_equal_times_are_what_a_ratio_is_compared_with(show_page, make_record, slowest):
    seconds = np.ones((2, len(ROWS), 20))
    seconds[..., 15:] = slowest
    arrays = {"processor_seconds": seconds, "steps": np.ones((2, len(ROWS), 3)), "all_auc": 0.9}
    record = make_record(arrays, dataset=heartbeats.NAME, tested=512)
    page = show_page("gan-review", {"times": record}, undrawn=figures)
    assert "review-table-1" in page.ids and "512 heartbeats" in page.prose
    assert ("doubled limit is inconclusive" in page.prose) == (slowest == 2.0)


def test_digits_are_not_called_heartbeats(show_page, make_record):
    record = make_record({"steps": np.ones((2, len(ROWS), 3)), "all_auc": 0.9}, dataset="mnist-5k", tested=20)
    page = show_page("gan-review", {"times": record}, undrawn=figures)
    assert "anogen-table-search" in page.ids and "review-table-1" not in page.ids
    assert "20 images" in page.prose and "heartbeats" not in page.prose
