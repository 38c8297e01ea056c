"""Claims of thesis, appendix A: quality by the share of fixed pixels."""

import numpy as np
from scipy.stats import spearmanr

from anogen.metrics.images import mean_pairwise
from companion.claims.base import Arrays, Case, Finding, below, claim, untested
from notebooks.thesis.common.groups import Drawn
from notebooks.thesis.common.readings import over_readings
from notebooks.thesis.other_detectors.claims_grid import QUALITY, needs_trainings

PAGE = "appendix"
ALIKE = ("cblof", "ocsvm")


@claim("thesis-c-80", page=PAGE, needs=needs_trainings(ALIKE, ("guided-{}", QUALITY)))
def four_generations_look_alike(*records: Arrays) -> Finding:
    """The div_ratio of the first four images from noise is below 0.1, for OCSVM and every training of CBLOF."""
    cblof, svm, quality, svm_quality, *later = records

    def ratio(search: Arrays, measures: Arrays) -> float:
        return mean_pairwise(search["images"][:4].astype(float)) / float(measures["pairwise"])

    pairs = [(cblof, quality), *zip(later[::2], later[1::2], strict=True)]
    cases = []
    for training, pair in enumerate(pairs):
        parts = (
            below("diversity relative to real images, CBLOF", ratio(*pair), 0.1),
            below("diversity relative to real images, OCSVM", ratio(svm, svm_quality), 0.1),
        )
        cases.append(Case(parts, training=training))
    return over_readings(cases, "detector")  # OCSVM has one most normal image, CBLOF several


def curve(drawn: Drawn) -> tuple[np.ndarray, np.ndarray]:
    """Return all k, 0 first, and the mean quality at each."""
    ks = np.array([0.0, *drawn.ks])
    return ks, np.array([drawn.values("quality", float(k)).mean() for k in ks])


def rank_correlation(drawn: Drawn) -> float:
    """Return Spearman's correlation of quality with k; 0 where the quality never changes."""
    ks, quality = curve(drawn)
    return 0.0 if np.ptp(quality) == 0 else float(spearmanr(ks, quality).statistic)


def area(drawn: Drawn) -> float:
    """Return the area under the curve of quality over k, by the trapezoidal rule."""
    ks, quality = curve(drawn)
    return float((np.diff(ks) * (quality[1:] + quality[:-1]) / 2).sum())


untested(
    "thesis-c-81",
    page=PAGE,
    why="Appendix A shows the images and says how they were made. It does not state that their quality grows with k.",
)
