"""Chapter `other-detectors` (thesis 6.4): nine detectors by ten k, and what training anew changes."""

from collections.abc import Sequence
from typing import Any

from companion.experiment import Experiment
from companion.studies.evaluation_data import generations_of
from companion.studies.retraining import UNSTATED, Retraining, RetrainingQuality
from notebooks.thesis.common.detection import Detection
from notebooks.thesis.common.guided import Guided, GuidedQuality
from notebooks.thesis.dean import experiments as dean

__all__ = ["DETECTORS", "UNSTATED", "Retraining", "RetrainingQuality", "chapter_experiments", "drawn", "spec"]

DETECTORS = ("autoencoder", "deep-svdd", "dean", "copod", "hbos", "iforest", "gmm", "cblof", "ocsvm")  # as Fig. 6.17
SUBMODELS = {"quick": 6, "paper": dean.CONTINUED}  # of DEAN's ensemble; else as many as its own chapter guides
# Where a run takes long: how much less than 16 starts and 5 pairs of image and mask is drawn, or how fast.
BUDGET: dict[str, dict[str, Any]] = {
    "dean": {"starts": dean.STARTS, "pairs": dean.PAIRS, "ks": dean.KS},
    "ocsvm": {"precision": "single"},
}
THESIS = 30_000  # generations of most detectors
QUICK = {"generations": 200, "trainings": 2, "starts": 2, "detectors": ["copod", "hbos", "cblof"]}


def spec(detector: str, scale: str = "laptop") -> str:
    """Return a detector as the grid trains it: DEAN with the number of submodels that its own chapter guides."""
    return dean.named(SUBMODELS.get(scale, dean.SUBMODELS)) if detector == "dean" else detector


def drawn(scale: str, detectors: Sequence[str], digit: int, generations: int, seed: int) -> dict[str, Experiment]:
    """Return what the grid of Fig. 6.17 shows of each detector: the images, their measures, how well it detects.

    Parameters
    ----------
    generations
        Of a detector to which the thesis gave 30,000; the others get their share of it (see `generations_of`).
    """
    roles: dict[str, Experiment] = {}
    for detector in detectors:
        given: dict[str, Any] = {"detector": spec(detector, scale), "normal": digit, "seed": seed}
        name = detector.partition(":")[0]
        trained_once = {"trainings": 1} if name == "dean" else {}
        searched = {"generations": max(1, generations_of(name) * generations // THESIS)}
        searched |= {} if scale == "quick" else BUDGET.get(name, {})
        roles[f"guided-{detector}"] = Guided.at(scale, **given, **searched)
        roles[f"guided-{detector}-quality"] = GuidedQuality.at(scale, **given, **searched)
        roles[f"detection-{detector}"] = Detection.at(scale, **given, **trained_once)
    return roles


def chapter_experiments(
    scale: str = "laptop",
    digit: int = 4,
    detectors: str | Sequence[str] = DETECTORS,
    detector: str = "cblof",
    generations: int = THESIS,
    population: int = 150,
    k: float = 0.0,
    trainings: int = 5,
    starts: int = 8,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook.

    The grid takes `detectors`, `digit`, `generations` and `seed`. What is trained anew is `detector`, and OCSVM
    beside it, with the remaining parameters.
    """
    several = [detectors] if isinstance(detectors, str) else list(detectors)
    given = {"normal": digit, "generations": generations, "population": population, "k": k, "seed": seed}
    cblof = given | {"detector": detector, "trainings": trainings, "starts": starts}
    ocsvm = given | {"detector": "ocsvm", "trainings": min(2, trainings), "starts": min(2, starts)}
    ocsvm["precision"] = "single"  # equal to 1e-5, and twice as fast
    return {
        "retraining": Retraining.at(scale, **cblof),
        "retraining-quality": RetrainingQuality.at(scale, **cblof),
        "retraining-ocsvm": Retraining.at(scale, **ocsvm),
        "retraining-ocsvm-quality": RetrainingQuality.at(scale, **ocsvm),
        **drawn(scale, list(dict.fromkeys(several)), digit, generations, seed),
    }
