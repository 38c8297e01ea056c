"""Chapter `trainings` (thesis 6.4): what of the grid another training and another search would change."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from anogen.experiments.base import Experiment, at_least
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
        searched = {"starts": starts, "pairs": pairs}
        kinds: list[tuple[str, Any, dict[str, int]]] = [
            ("", first[f"guided-{detector}"], searched),
            ("-quality", first[f"guided-{detector}-quality"], searched),
            ("-detection", first[f"detection-{detector}"], {"trainings": 1}),  # the first of its trainings is this one
        ]
        for kind, experiment, changed in kinds:
            roles[f"{detector}-0{kind}"] = experiment
            for training in range(1, trainings):
                roles[f"{detector}-{training}{kind}"] = replace(experiment, seed=seed + training, **changed)
    return roles
