"""Claims of thesis, appendix A: quality by the share of fixed pixels."""

from collections.abc import Mapping

import numpy as np
from scipy.stats import spearmanr

from anogen.metrics.images import mean_pairwise
from companion.claims.base import Arrays, Finding, claim, over_trainings
from notebooks.thesis.appendix.experiments import DETECTORS
from notebooks.thesis.common.groups import Drawn
from notebooks.thesis.other_detectors.claims_grid import QUALITY, each_training, needs_trainings

PAGE = "appendix"
ALIKE = ("cblof", "ocsvm")


@claim("thesis-c-80", page=PAGE, needs=needs_trainings(ALIKE, ("guided-{}", QUALITY)))
def four_generations_look_alike(*records: Arrays) -> Finding:
    """The div_ratio of the first four images from noise is below 0.1, for OCSVM and every training of CBLOF."""
    cblof, svm, quality, svm_quality, *later = records

    def ratio(search: Arrays, measures: Arrays) -> float:
        return mean_pairwise(search["images"][:4].astype(float)) / float(measures["pairwise"])

    findings = []
    for pair in [(cblof, quality), *zip(later[::2], later[1::2], strict=True)]:
        measured = {"div_ratio of cblof": ratio(*pair), "div_ratio of ocsvm": ratio(svm, svm_quality)}
        # OCSVM has one most normal image, CBLOF several.
        cause = "detector" if measured["div_ratio of cblof"] >= 0.1 else "optimiser"
        findings.append(Finding(max(measured.values()) < 0.1, measured, cause=cause))
    return over_trainings(findings)


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


@claim("thesis-c-81", page=PAGE, needs=needs_trainings(DETECTORS))
def quality_grows_with_k(*qualities: Arrays) -> Finding:
    """Rank correlation of quality with k >= 0.9 for all six; areas CBLOF, OCSVM > COPOD, GMM > HBOS, IForest."""
    findings = []
    for by in each_training(qualities, DETECTORS):
        measured, holds = _growth(by)
        best, best_holds = _growth({name: drawn.optima_or_images() for name, drawn in by.items()})
        measured |= {f"at the optima, {key}": value for key, value in best.items()}
        findings.append(Finding(holds, measured, cause="optimiser" if best_holds else "detector"))
    return over_trainings(findings)


def _growth(by: Mapping[str, Drawn]) -> tuple[dict[str, float], bool]:
    """Measure the growth of quality with k, and whether it meets the criterion."""
    ranks = {name: rank_correlation(drawn) for name, drawn in by.items()}
    areas = {name: area(drawn) for name, drawn in by.items()}
    ordered = min(areas["cblof"], areas["ocsvm"]) > max(areas["copod"], areas["gmm"])
    ordered &= min(areas["copod"], areas["gmm"]) > max(areas["hbos"], areas["iforest"])
    measured = {f"rank correlation of {n}": v for n, v in ranks.items()} | {f"area of {n}": v for n, v in areas.items()}
    return measured, bool(ordered and min(ranks.values()) >= 0.9)
