"""Chapter `sample-quality` (first open point of thesis 7): what each detector draws, as a set beside real images."""

from collections.abc import Sequence
from typing import Any

from companion.experiment import Experiment
from notebooks.beyond.sample_quality.fidelity import ENOUGH, Fidelity
from notebooks.thesis.other_detectors.experiments import DETECTORS, THESIS, drawn

MANY = ("cblof", "hbos", "iforest", "deep-svdd")  # whose searches are short enough for 64 starts
QUICK = {"generations": 200, "detectors": ["copod", "hbos", "cblof"], "many": []}


def chapter_experiments(
    scale: str = "laptop",
    digit: int = 4,
    detectors: Sequence[str] = DETECTORS,
    many: Sequence[str] = MANY,
    generations: int = THESIS,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook.

    Roles are the detectors, whose sets are the images of Fig. 6.17 without fixed pixels; and `many-cblof`, ..., of 64
    starts.
    """
    roles: dict[str, Experiment] = {}
    for name, of in drawn(scale, list(dict.fromkeys(detectors)), digit, generations, seed).items():
        if name.startswith("guided-") and not name.endswith("-quality"):
            roles[name.removeprefix("guided-")] = Fidelity(**of.parameters)
    for detector in dict.fromkeys(many):
        given: dict[str, Any] = {"detector": detector, "normal": digit, "seed": seed, "generations": generations}
        roles[f"many-{detector}"] = Fidelity.at(scale, **given, starts=ENOUGH, pairs=0)
    return roles
