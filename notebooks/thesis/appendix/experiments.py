"""Chapter `appendix` (thesis, appendix A): six detectors, mask and image for every k."""

from collections.abc import Sequence

from companion.experiment import Experiment
from notebooks.thesis.other_detectors.experiments import THESIS, grid_experiments

DETECTORS = ("cblof", "copod", "gmm", "hbos", "iforest", "ocsvm")  # in the order of Figs. A.1 to A.8
QUICK = {"generations": 200, "detectors": ["cblof", "copod", "hbos"]}


def chapter_experiments(
    scale: str = "laptop",
    digit: int = 4,
    detectors: str | Sequence[str] = DETECTORS,
    generations: int = THESIS,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook; they are those of `other-detectors`."""
    names = [detectors] if isinstance(detectors, str) else list(detectors)
    grid = grid_experiments(scale, list(dict.fromkeys(names)), digit, generations, seed)
    return {role: experiment for role, experiment in grid.items() if role.startswith("guided-")}
