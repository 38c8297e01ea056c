"""The page of chapter `gan-scores` shows the classes of its record, and states only what the record shows."""

import numpy as np
import pytest

from notebooks.review.gan_scores import figures
from notebooks.review.gan_scores.experiments import METHODS
from notebooks.review.gan_scores.score_parts import LAMBDAS, ScoreParts


def test_scale_quick_has_fewer_classes_than_the_notebook_states(show_page, make_record):
    classes = ScoreParts.at("quick").classes
    assert len(classes) < len(ScoreParts.classes)
    arrays = {"validated": np.zeros((1, 1, 2, 2, len(LAMBDAS))), "marks": [1, 2], "outside": np.zeros((1, 1, 2))}
    arrays |= {"near": np.ones((1, 1)), "jumps": np.ones((1, 1, 2))}
    record = make_record(arrays, classes=list(classes), seeds=1, limit=3, latent=16)
    page = show_page("gan-scores", {"parts": record}, undrawn=figures, drawn=["fig_weights"])
    assert [ax.get_xlabel() for ax in page.figures["anogen-fig-gan-weights"].axes] == ["", "$\\lambda$, class 4"]


@pytest.mark.parametrize("as_in_the_book", [True, False])
def test_conclusions_on_pyod_follow_the_record(show_page, make_record, as_in_the_book):
    unlike = np.zeros((1, len(METHODS)))
    unlike[0, METHODS.index("ALAD (PyOD)")] = 0.5 * as_in_the_book
    arrays = {"unlike": unlike, "varied": np.ones((1, len(METHODS))), "divergence": [[2.0, 3.0]], "mean_auc": [0.8]}
    arrays |= {"penalty": [0.0 if as_in_the_book else 1.5], "template": [0.0 if as_in_the_book else 0.3]}
    page = show_page("gan-scores", {"pyod": make_record(arrays, training=10)}, undrawn=figures)
    for sentence in ("compares every row with that one image", "keeps its dropout", "is cut to nothing"):
        assert (sentence in page.prose) == as_in_the_book
