"""Chapter `gan-scores`: what a GAN's score is made of, and what its search may cost."""

from typing import Any

from companion.datasets import heartbeats
from companion.experiment import Experiment
from notebooks.review.gan_scores.pyod_gans import PyodGans
from notebooks.review.gan_scores.score_parts import ScoreParts
from notebooks.review.gan_scores.search_budget import LatentSizes, SearchBudget
from notebooks.review.gan_scores.times import GanTimes


def chapter_experiments(
    scale: str = "laptop",
    normal: int | str = 4,
    classes: tuple[int, ...] | list[int] = ScoreParts.classes,
    seeds: int = ScoreParts.seeds,
    iterations: int = ScoreParts.iterations,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook."""
    given: dict[str, Any] = {"seed": seed}
    if iterations != ScoreParts.iterations:
        given["iterations"] = iterations
    several = given | ({} if seeds == ScoreParts.seeds else {"seeds": seeds})
    several |= {} if tuple(classes) == ScoreParts.classes else {"classes": tuple(classes)}
    beats = (
        {}
        if scale == "quick"
        else {"budget-beats": SearchBudget.at(scale, dataset=heartbeats.NAME, normal="N", **given)}
    )
    return {
        "parts": ScoreParts.at(scale, **several),
        "budget": SearchBudget.at(scale, normal=normal, **given),
        **beats,
        "sizes": LatentSizes.at(scale, normal=normal, **given),
        "times": GanTimes.at(scale, seed=seed),
        "pyod": PyodGans.at(scale, normal=normal, **given),
    }
