"""Chapter `anorand`: the detector, its two weights, its latent space, and what its parts do (AnoRand 4 to 6.2)."""

from typing import Any

from companion.experiment import Experiment
from companion.studies.evaluation_data import generations_of
from companion.studies.retraining import Retraining, RetrainingQuality
from notebooks.anorand.anorand.ablation import Ablation, Signs
from notebooks.anorand.anorand.digits import Digits
from notebooks.anorand.anorand.labels import Labels, Measures
from notebooks.anorand.anorand.sweeps import Noise, Weights
from notebooks.anorand.common import SETTINGS

# Fewer than the source's 20,000 rows and ten runs, for time; with four runs, no paired p is below 0.05.
RUNS: dict[str, dict[str, Any]] = {"informative": {"rows": 10_000, "runs": 5}}
DRAWN = ("anorand", "autoencoder")  # whose images stand beside each other


def chapter_experiments(
    scale: str = "laptop",
    seed: int = 0,
    settings: Any = tuple(SETTINGS),
    normal: int = 1,
    anomaly: int = 7,
    digit: int = 4,
    generations: int | None = None,
    drawn: Any = DRAWN,
) -> dict[str, Experiment]:
    """Return the chapter's experiments.

    `weights-…` (Fig. 3) and `noise-…` (Fig. 4) for each of the settings that the source's data admit, `digits` (Figs. 6
    and 7), `labels` (Fig. 2), `ablation`, `signs`, `measures`; for each detector that is drawn from, `drawn-…`, images
    evolved with the thesis's number of generations unless another is given, and `drawn-…-quality`, their measures.
    """
    given = [settings] if isinstance(settings, str) else settings
    found: dict[str, Experiment] = {}
    for setting in given:
        one = {"setting": setting, "seed": seed, **({} if scale == "quick" else RUNS.get(setting, {}))}
        found[f"weights-{setting}"] = Weights.at(scale, **one)
        found[f"noise-{setting}"] = Noise.at(scale, **one)
    for detector in [drawn] if isinstance(drawn, str) else drawn:
        searched = (
            {} if scale == "quick" and generations is None else {"generations": generations or generations_of(detector)}
        )
        one = {"detector": detector, "normal": digit, "trainings": 2, "starts": 3, "seed": seed, **searched}
        found[f"drawn-{detector}"] = Retraining.at(scale, **one)
        found[f"drawn-{detector}-quality"] = RetrainingQuality.at(scale, **one)
    return found | {
        "digits": Digits.at(scale, seed=seed, normal=normal, anomaly=anomaly),
        "labels": Labels.at(scale, seed=seed),
        "ablation": Ablation.at(scale, seed=seed),
        "signs": Signs.at(scale, seed=seed),
        "measures": Measures.at(scale, seed=seed),
    }
