"""The page of chapter `gan-challenges` describes what its records hold."""

import numpy as np

from notebooks.review.gan_challenges import figures
from notebooks.review.gan_challenges.toys import METHODS


def test_alternative_texts_state_the_result(show_page, make_record):
    covered, near = np.full((len(METHODS), 2), 8), np.full((len(METHODS), 2), 0.6)
    covered[METHODS.index("wgan-gp")] = 1, 4
    modes = make_record({"covered": covered, "near": near}, iterations=10)
    authors = make_record({"covered": covered[:1], "near": near[:1]}, iterations=4_000, methods=["gan"])
    rates = make_record({"rates": np.array([[[0.1]], [[0.9]]])}, training=200)
    records = {"modes": modes, "modes-authors": authors, "subsequences": rates}
    page = show_page("gan-challenges", records, undrawn=figures)
    assert "GAN 8.0, WGAN 8.0, WGAN-GP 2.5" in page.prose and "one ends at 0.10, the other at 0.90" in page.prose


def test_classes_that_are_reconstructed_well_are_named(show_page, make_record, monkeypatch):
    numbers = {}
    monkeypatch.setattr("companion.notebook.glue", lambda **texts: numbers.update(texts))
    classes = np.repeat(np.arange(10), 4)
    errors = np.where(np.isin(classes, (4, 1, 9)), 1.0, 9.0)[None]
    arrays = {"classes": classes, "errors": errors, "sharpness": np.ones((1, 2)), "patched": np.ones((1, 2, 3))}
    show_page("gan-challenges", {"copies": make_record(arrays | {"auc": [0.9]}, labels=[4])}, undrawn=figures)
    assert numbers["copied_class"] == 4 and numbers["missed"].startswith("100% of the 1s, 100% of the 9s and 0%")
