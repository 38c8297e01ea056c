"""The page of chapter `gan-review` has the source's figures for the book's class and data only."""

import numpy as np

from companion.datasets import heartbeats
from notebooks.review.gan_review import figures
from notebooks.review.gan_review.experiments import BANDS
from notebooks.review.gan_review.inference import ROWS


def test_another_class_has_no_figure_of_the_source(show_page, make_record):
    arrays = {"losses": np.ones((2, 2, 2)), "band_other": np.full(len(BANDS) - 1, 0.4), "sampled_other": 0.4}
    plane = make_record(arrays, iterations=1200)
    page = show_page("gan-review", {"plane": plane}, undrawn=figures)
    assert {"review-fig-3", "review-fig-4"} <= set(page.ids)
    page = show_page("gan-review", {"plane": plane}, undrawn=figures, normal=7)
    assert page.ids == ["review-fig-1", "review-fig-2", "anogen-fig-review-plane-7", "anogen-fig-review-search-7"]


def test_heartbeats_have_the_number_of_the_sources_table(show_page, make_record):
    record = make_record(
        times() | {"processor_seconds": np.ones((2, len(ROWS), 20))}, dataset=heartbeats.NAME, tested=512
    )
    page = show_page("gan-review", {"times": record}, undrawn=figures)
    assert "review-table-1" in page.ids and "512 heartbeats" in page.prose


def test_digits_are_not_called_heartbeats(show_page, make_record):
    record = make_record(times(), dataset="mnist-5k", tested=20)
    page = show_page("gan-review", {"times": record}, undrawn=figures)
    assert "anogen-table-search" in page.ids and "review-table-1" not in page.ids
    assert "20 images" in page.prose and "heartbeats" not in page.prose


def times():
    return {"steps": np.ones((2, len(ROWS), 3)), "all_auc": 0.9, "measures": np.ones((2, len(ROWS), 3))}
