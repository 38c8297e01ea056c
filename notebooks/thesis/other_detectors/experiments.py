"""Chapter `other-detectors` (thesis 6.4): nine detectors by ten shares of fixed pixels; detectors re-trained."""

from collections.abc import Sequence
from typing import Any

from companion.experiment import Experiment
from companion.studies.evaluation_data import generations_of
from companion.studies.judged import judged
from companion.studies.retraining import UNSTATED, Retraining, RetrainingQuality
from notebooks.thesis.common.detection import Detection
from notebooks.thesis.common.guided import GuidedQuality
from notebooks.thesis.dean import experiments as dean

DETECTORS = ("autoencoder", "deep-svdd", "dean", "copod", "hbos", "iforest", "gmm", "cblof", "ocsvm")  # as Fig. 6.17
SUBMODELS = {"quick": 6, "paper": dean.CONTINUED}  # of DEAN; at laptop, the number of its own chapter
# Changes for detectors on which a search takes long.
BUDGET: dict[str, dict[str, Any]] = {
    "dean": {"starts": dean.STARTS, "pairs": dean.PAIRS, "ks": dean.KS},
    "ocsvm": {"precision": "single"},
}
THESIS = 30_000  # generations of most detectors
QUICK = {"generations": 200, "trainings": 2, "starts": 2, "detectors": ["copod", "hbos", "cblof"]}


def grid_experiments(
    scale: str, detectors: Sequence[str], digit: int, generations: int, seed: int, dataset: str = ""
) -> dict[str, Experiment]:
    """Return the experiments of each detector in Fig. 6.17: the images, their measures, the ROC AUC.

    `generations` are those of a detector to which the thesis gave 30,000; the others get their share of it.
    """
    images = {"dataset": dataset} if dataset else {}  # else those of the scale
    ensemble = dean.dean_spec(SUBMODELS.get(scale, dean.SUBMODELS))
    roles: dict[str, Experiment] = {}
    for detector in detectors:
        spec = ensemble if detector == "dean" else detector
        trained: dict[str, Any] = {"detector": spec, "normal": digit, "seed": seed, **images}
        name = detector.partition(":")[0]
        trained_once = {"trainings": 1} if name == "dean" else {}
        searched = {"generations": max(1, generations_of(name) * generations // THESIS)}
        searched |= {} if scale == "quick" else BUDGET.get(name, {})
        roles |= GuidedQuality.with_search(f"guided-{detector}", scale, **trained, **searched)
        roles[f"detection-{detector}"] = Detection.at(scale, **trained, **trained_once)
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
    dataset: str = "",
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook.

    The grid takes `detectors`, `digit`, `generations`, `seed` and `dataset`. `detector` and OCSVM are re-trained, with
    the remaining parameters as well.
    """
    names = [detectors] if isinstance(detectors, str) else list(detectors)
    searched: dict[str, Any] = {"dataset": dataset} if dataset else {}  # else that of the scale
    searched |= {"normal": digit, "generations": generations, "population": population, "k": k, "seed": seed}
    cblof = searched | {"detector": detector, "trainings": trainings, "starts": starts}
    ocsvm = searched | {"detector": "ocsvm", "trainings": min(2, trainings), "starts": min(2, starts)}
    ocsvm["precision"] = "single"  # equal to 1e-5, and twice as fast
    # The ensemble's judgements of the book's own searches on CBLOF, for the claims on it.
    judgements = {f"retraining-{n}-judged": judged(Retraining(**choice)) for n, choice in UNSTATED.items()}
    return {
        **RetrainingQuality.with_search("retraining", scale, **cblof),
        **RetrainingQuality.with_search("retraining-ocsvm", scale, **ocsvm),
        **(judgements if scale != "quick" else {}),
        **grid_experiments(scale, list(dict.fromkeys(names)), digit, generations, seed, dataset),
    }
