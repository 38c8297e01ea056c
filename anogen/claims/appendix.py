"""Claims of thesis, appendix A: quality by the share of fixed pixels."""

from collections.abc import Mapping

import numpy as np
from scipy.stats import spearmanr

from anogen.claims.base import Arrays, Finding, claim
from anogen.claims.grid import QUALITY, named, needs
from anogen.claims.groups import Drawn
from anogen.evaluation.quality import mean_pairwise
from anogen.experiments.appendix import DETECTORS

PAGE = "appendix"
ALIKE = ("cblof", "ocsvm")


@claim("thesis-c-80", page=PAGE, needs=needs("guided-{}", QUALITY, of=ALIKE))
def four_generations_look_alike(*records: Arrays) -> Finding:
    """The div_ratio of the first four images from noise is below 0.1, for CBLOF and OCSVM."""
    measured = {
        f"div_ratio of {name}": mean_pairwise(search["images"][:4].astype(float)) / float(quality["pairwise"])
        for name, search, quality in zip(ALIKE, records[:2], records[2:], strict=True)
    }
    # OCSVM has one most normal image, CBLOF several.
    cause = "detector" if measured["div_ratio of cblof"] >= 0.1 else "optimiser"
    return Finding(max(measured.values()) < 0.1, measured, cause=cause)


def curve(drawn: Drawn) -> tuple[np.ndarray, np.ndarray]:
    """Return all k, 0 first, and the mean quality at each."""
    ks = np.array([0.0, *drawn.ks])
    return ks, np.array([drawn.at("quality", float(k)).mean() for k in ks])


def rank_correlation(drawn: Drawn) -> float:
    """Return Spearman's correlation of quality with k; 0 where the quality never changes."""
    ks, quality = curve(drawn)
    return 0.0 if np.ptp(quality) == 0 else float(spearmanr(ks, quality).statistic)


def area(drawn: Drawn) -> float:
    """Return the area under the curve of quality over k, by the trapezoidal rule."""
    ks, quality = curve(drawn)
    return float((np.diff(ks) * (quality[1:] + quality[:-1]) / 2).sum())


@claim("thesis-c-81", page=PAGE, needs=needs(QUALITY, of=DETECTORS))
def quality_grows_with_k(*qualities: Arrays) -> Finding:
    """Rank correlation of quality with k >= 0.9 for all six; areas CBLOF, OCSVM > COPOD, GMM > HBOS, IForest."""
    by = named(qualities, DETECTORS)
    measured, holds = _growth(by)
    best, best_holds = _growth({name: drawn.best() for name, drawn in by.items()})
    measured |= {f"at the optima, {key}": value for key, value in best.items()}
    return Finding(holds, measured, cause="optimiser" if best_holds else "detector")


def _growth(by: Mapping[str, Drawn]) -> tuple[dict[str, float], bool]:
    """Measure how the quality grows, and whether as the criterion says."""
    ranks = {name: rank_correlation(drawn) for name, drawn in by.items()}
    areas = {name: area(drawn) for name, drawn in by.items()}
    ordered = min(areas["cblof"], areas["ocsvm"]) > max(areas["copod"], areas["gmm"])
    ordered &= min(areas["copod"], areas["gmm"]) > max(areas["hbos"], areas["iforest"])
    measured = {f"rank correlation of {n}": v for n, v in ranks.items()} | {f"area of {n}": v for n, v in areas.items()}
    return measured, bool(ordered and min(ranks.values()) >= 0.9)
