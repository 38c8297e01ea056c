"""Chapter `deep-svdd` (thesis 6.2): three things that are called Deep SVDD, and what each draws."""

from collections.abc import Sequence
from typing import Any

from companion.experiment import Experiment
from notebooks.thesis.common.detection import Detection, RealImages
from notebooks.thesis.common.guided import Guided, GuidedQuality, HalfNormal, HalfNormalQuality

# As PyOD was from 2.0.1 to 3.6.2, untrained, and PyOD since, which trains: the thesis ran one of the two.
PYOD = ("deep-svdd-untrained", "deep-svdd")
ORIGINAL = "deep-svdd-lenet"  # the method as published, a convolutional network: shown beside them
FORMS = (*PYOD, ORIGINAL)
STOPS = (1_000, 15_000, 30_000, 100_000, 250_000)
STARTS = 16
SHORTER = 6  # the generations of the original form are divided by it: one takes that much longer
QUICK = {"generations": 200, "starts": 2, "pairs": 2, "stops": [50, 200], "classes": []}


def chapter_experiments(
    scale: str = "laptop",
    digit: int | Sequence[int] = (3, 4),
    classes: Sequence[str] = ("frog", "airplane"),
    detectors: Sequence[str] = FORMS,
    generations: int = 30_000,
    stops: Sequence[int] = STOPS,
    starts: int = STARTS,
    pairs: int = 5,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook.

    Roles are `deep-svdd-4`, ... for every form and class, each with its `-quality` and `-detection`; `deep-svdd-half`
    with its `-quality`, from half-normal populations; `real-4`, ... The original form has the last digit only.
    """
    digits = [digit] if isinstance(digit, int) else list(digit)
    roles: dict[str, Experiment] = {}
    every: list[int | str] = [*digits, *classes]
    for normal in every:
        real = {"normal": normal, "seed": seed} | ({"dataset": "cifar10"} if isinstance(normal, str) else {})
        roles[f"real-{normal}"] = RealImages.at(scale, **real)
    for detector in detectors:
        original = detector.partition(":")[0] == ORIGINAL
        for normal in digits[-1:] if original else every:
            length = max(1, generations // SHORTER) if original else generations
            searched = guided(scale, detector, normal, length, starts, pairs if normal == digits[-1] else 0, seed)
            roles |= {f"{detector}-{normal}{kind}": experiment for kind, experiment in searched.items()}
            trained_once = {"trainings": 1} if original else {}
            roles[f"{detector}-{normal}-detection"] = Detection.at(scale, **of(detector, normal, seed), **trained_once)
        if not original:
            half = normal_seeded_experiments(scale, detector, digits[-1], stops, seed)
            roles |= {f"{detector}-half{kind}": experiment for kind, experiment in half.items()}
    return roles


def of(detector: str, normal: int | str, seed: int) -> dict[str, Any]:
    """Return what says which detector is trained on which class: colours are those of CIFAR-10."""
    given: dict[str, Any] = {"detector": detector, "normal": normal, "seed": seed}
    return given | ({"dataset": "cifar10"} if isinstance(normal, str) else {})


def guided(
    scale: str, detector: str, normal: int | str, generations: int, starts: int, pairs: int, seed: int
) -> dict[str, Any]:
    """Return the search from noise and beside fixed pixels, as kind "", and its measures, as kind "-quality"."""
    given = of(detector, normal, seed) | {"generations": generations, "starts": starts, "pairs": pairs}
    return {"": Guided.at(scale, **given), "-quality": GuidedQuality.at(scale, **given)}


def normal_seeded_experiments(scale: str, detector: str, digit: int, stops: Sequence[int], seed: int) -> dict[str, Any]:
    """Return the search from half-normal populations, as kind "", and its measures, as kind "-quality"."""
    given = of(detector, digit, seed) | {"stops": tuple(stops)}
    return {"": HalfNormal.at(scale, **given), "-quality": HalfNormalQuality.at(scale, **given)}
