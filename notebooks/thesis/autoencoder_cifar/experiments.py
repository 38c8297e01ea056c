"""Chapter `autoencoder-cifar` (thesis 5.1, 5.2.1 and the colour images of 6.1): data, detection, images."""

from collections.abc import Sequence
from typing import Any

from companion.experiment import Experiment, at_least
from notebooks.thesis.common.descent import DescentsQuality
from notebooks.thesis.common.detection import Counts, Detection, Reconstruction
from notebooks.thesis.common.guided import GuidedQuality

CLASSES = ("frog", "airplane")
LATENTS = (64, 16)  # chosen beforehand, the first for the panels: colour images vary more than digits
DIGIT_LATENTS = (2, 4, 8, 16)  # of the claims of chapter `autoencoder`
COMPARED = (4, 64)  # widths for comparing the two data sets: the default of each
QUICK = {"dataset": "mnist-5k", "classes": ["3", "4"], "latents": [4], "steps": 30, "generations": 60, "starts": 3}


def spec(latent: int) -> str:
    """Return the catalogue spec of the autoencoder of a latent width; the default width is not stated."""
    return "autoencoder" if latent == 4 else f"autoencoder:latent={latent}"


def chapter_experiments(
    scale: str = "laptop",
    dataset: str = "cifar10",
    classes: Sequence[str] = CLASSES,
    latents: Sequence[int] = LATENTS,
    steps: int = 500,
    generations: int = 5_000,
    starts: int = 16,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the chapter's experiments, by class and latent width; detection also for digit 4."""
    at_least(1, latent=min(latents))
    roles: dict[str, Experiment] = {}
    for name in dict.fromkeys(classes):
        for latent in dict.fromkeys(latents):
            normal = int(name) if name.isdecimal() else name
            shared: dict[str, Any] = {"dataset": dataset, "normal": normal, "detector": spec(latent), "seed": seed}
            in_panels = latent == latents[0]  # the others need fewer starts
            descent = {"stops": (steps, 4 * steps), "starts": starts if in_panels else max(2, starts // 2)}
            search = {"generations": generations, "starts": starts if in_panels else max(2, starts // 4), "pairs": 0}
            roles |= DescentsQuality.with_search(f"descent-{name}-{latent}", scale, **shared, **descent)
            roles |= GuidedQuality.with_search(f"evolution-{name}-{latent}", scale, **shared, **search)
            roles[f"detection-{name}-{latent}"] = Detection.at(scale, trainings=1, **shared)
    quick = scale == "quick"  # which has digits only
    for latent in (COMPARED[0],) if quick else DIGIT_LATENTS:
        roles[f"detection-4-{latent}"] = Detection.at(scale, detector=spec(latent))
    compared: dict[str, int | str] = {"mnist": 4} if quick else {"mnist": 4, "cifar10": "frog"}
    for source, normal in compared.items():
        data: dict[str, Any] = {} if quick else {"dataset": source}
        roles[f"counts-{source}"] = Counts.at(scale, **data)
        for latent in (COMPARED[0],) if quick else COMPARED:
            trained = {"detector": spec(latent), "normal": normal, **data}
            roles[f"reconstruction-{source}-{latent}"] = Reconstruction.at(scale, **trained)
    if quick:
        return roles
    from notebooks.thesis.autoencoder_cifar.retrained import retrained

    return roles | retrained()
