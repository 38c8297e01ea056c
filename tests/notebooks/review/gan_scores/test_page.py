"""The page of chapter `gan-scores` shows the classes of its record, not those that the notebook states."""

import numpy as np

from notebooks.review.gan_scores import figures
from notebooks.review.gan_scores.score_parts import LAMBDAS, SETS, WAYS, ScoreParts


def test_scale_quick_has_fewer_classes_than_the_notebook_states(show_page, make_record):
    classes = ScoreParts.at("quick").classes
    assert len(classes) < len(ScoreParts.classes)
    arrays = {"validated": np.zeros((1, 1, 2, 2, len(LAMBDAS))), "marks": [1, 2], "outside": np.zeros((1, 1, 2))}
    arrays |= {"near": np.ones((1, 1)), "jumps": np.ones((1, 1, 2)), "inversion": np.ones((1, 1, len(WAYS), 2))}
    arrays |= {"full": np.ones((1, 1, 1 + len(WAYS)))} | dict.fromkeys(
        ("linear", "machine"), np.ones((1, 1, len(SETS)))
    )
    record = make_record(arrays, classes=list(classes), seeds=1, limit=3, latent=16)
    page = show_page("gan-scores", {"parts": record}, undrawn=figures, drawn=["fig_weights"])
    assert [ax.get_xlabel() for ax in page.figures["anogen-fig-gan-weights"].axes] == ["", "$\\lambda$, class 4"]
