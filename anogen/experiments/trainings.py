"""Chapter `trainings` (thesis 6.4): what of the grid another training and another search would change."""

from collections.abc import Sequence
from typing import Any

from anogen.experiments.base import Experiment, at_least
from anogen.experiments.detection import Detection
from anogen.experiments.drawing import generations_of
from anogen.experiments.guided import Guided
from anogen.experiments.guided_quality import GuidedQuality
from anogen.experiments.other_detectors import THESIS, drawn

# Whose training is random. That of COPOD, HBOS, OCSVM and one Gaussian is not; DEAN's takes a quarter of an hour.
RANDOM = ("autoencoder", "deep-svdd-untrained", "deep-svdd", "iforest", "cblof")
TRAININGS, STARTS, PAIRS = 5, 4, 2
QUICK = {"generations": 200, "detectors": ["iforest", "cblof"], "trainings": 2, "starts": 2, "pairs": 1}


def wanted(
    scale: str = "laptop",
    digit: int = 4,
    detectors: Sequence[str] = RANDOM,
    generations: int = THESIS,
    trainings: int = TRAININGS,
    starts: int = STARTS,
    pairs: int = PAIRS,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook.

    Roles are `cblof-0`, `cblof-1`, ... for every detector and training, each with its `-quality` and `-detection`. The
    first is that of Fig. 6.17; each later one has another seed for the training, the search, the real images and masks.
    """
    at_least(2, trainings=trainings)
    at_least(1, pairs=pairs)
    roles: dict[str, Experiment] = {}
    for detector in dict.fromkeys(detectors):
        first = drawn(scale, [detector], digit, generations, seed)
        roles |= {f"{detector}-0{kind}": first[f"guided-{detector}{kind}"] for kind in ("", "-quality")}
        roles[f"{detector}-0-detection"] = first[f"detection-{detector}"]  # of several trainings, this is the first
        searched = {"generations": max(1, generations_of(detector) * generations // THESIS)}
        searched |= {"starts": starts, "pairs": pairs}
        for training in range(1, trainings):
            given: dict[str, Any] = {"detector": detector, "normal": digit, "seed": seed + training}
            roles[f"{detector}-{training}"] = Guided.at(scale, **given, **searched)
            roles[f"{detector}-{training}-quality"] = GuidedQuality.at(scale, **given, **searched)
            roles[f"{detector}-{training}-detection"] = Detection.at(scale, **given, trainings=1)
    return roles
