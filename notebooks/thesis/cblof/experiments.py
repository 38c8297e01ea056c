"""Chapter `cblof`: a detector is re-trained, and images are evolved again (thesis Figs. 6.18 and 6.19)."""

from typing import Any

from companion.experiment import Experiment
from companion.studies.retraining import UNSTATED, Retraining, RetrainingQuality

QUICK = {"generations": 200, "trainings": 2, "starts": 2}


def chapter_experiments(
    scale: str = "laptop",
    digit: int = 4,
    detector: str = "cblof",
    generations: int = 30_000,
    population: int = 150,
    k: float = 0.0,
    trainings: int = 5,
    starts: int = 8,
    seed: int = 0,
    dataset: str = "",
    selection: str = Retraining.selection,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook."""
    chosen = {
        "normal": digit, "detector": detector, "generations": generations, "population": population, "k": k,
        "trainings": trainings, "starts": starts, "seed": seed, "selection": selection,
    }  # fmt: skip
    if dataset:
        chosen["dataset"] = dataset  # else that of the scale
    searches: dict[str, dict[str, Any]] = {"retraining": {}}
    searches |= {f"retraining-{name}": choice for name, choice in UNSTATED.items()}
    roles: dict[str, Experiment] = {}
    for role, choice in searches.items():
        roles |= RetrainingQuality.with_search(role, scale, **chosen | choice)
    return roles
