"""Chapter `campaign`: what detectors of adbench/campaign generate."""

from companion.experiment import Experiment
from notebooks.beyond.applications.experiments import QUICK, application

__all__ = ["QUICK", "chapter_experiments"]


def chapter_experiments(
    scale: str = "laptop", data: str = "adbench/campaign", generations: int = 3_000, seed: int = 0
) -> dict[str, Experiment]:
    """Return the experiment of the chapter for the parameters of its notebook."""
    return application(data, scale, generations, seed)
