"""The page of chapter `anorand` shows the source's figures only with the source's digits."""

import numpy as np
import pytest

from notebooks.anorand.anorand import figures


@pytest.fixture
def digits(make_record):
    """A record on digits."""
    values = np.full((3, 2, 3), 0.9)
    arrays = dict.fromkeys(("ap", "roc", "errors", "laplacian", "silhouette", "probe"), values)
    arrays |= {name: np.full((3, 2), 0.1) for name in ("alpha", "false_alarms", "missed")}
    return make_record(arrays, seeds=2, epochs=1)


def test_other_digits_have_no_figure_of_the_source(show_page, digits):
    page = show_page("anorand", {"digits": digits}, undrawn=figures)
    assert {"anorand-fig-6", "anorand-fig-7"} <= set(page.ids)
    page = show_page("anorand", {"digits": digits}, undrawn=figures, normal=3, anomaly=8)
    assert {"anogen-fig-anorand-latents-3-8", "anogen-fig-anorand-detection-3-8"} <= set(page.ids)
    assert not {"anorand-fig-6", "anorand-fig-7"} & set(page.ids)
    assert "held-out images of 3 with 5% of 8" in page.prose and "the digit 8 that of the sevens" in page.prose


def test_the_caption_of_generated_images_names_the_detectors_of_the_page(show_page, make_record):
    arrays = {"history": np.zeros((1, 2, 2)), "scores": np.ones((1, 2)), "test_normal_scores": np.ones((1, 2))}
    page = show_page("anorand", {"drawn-autoencoder": make_record(arrays, generations=1)}, undrawn=figures)
    (caption,) = (text for text in page.texts if text.startswith("Images of class 4 evolved"))
    assert "1 generations (Autoencoder)" in caption and "AnoRand" not in caption
