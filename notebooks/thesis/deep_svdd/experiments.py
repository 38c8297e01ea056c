"""Chapter `deep-svdd` (thesis 6.2): three implementations of Deep SVDD, and the images of each."""

from collections.abc import Sequence
from typing import Any

from companion.experiment import Experiment
from notebooks.thesis.common.detection import Detection, RealImages
from notebooks.thesis.common.guided import GuidedQuality, HalfNormalQuality

# PyOD from 2.0.1 to 3.6.2, which did not train, and PyOD since, which does: the thesis ran one of the two.
PYOD = ("deep-svdd-untrained", "deep-svdd")
ORIGINAL = "deep-svdd-lenet"  # the method as published, a convolutional network, for comparison
FORMS = (*PYOD, ORIGINAL)
STOPS = (1_000, 15_000, 30_000, 100_000, 250_000)
STARTS = 16
SHORTER = 6  # divides the generations of the original form, because each of them takes longer by this factor
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
    all_classes: list[int | str] = [*digits, *classes]
    roles: dict[str, Experiment] = {
        f"real-{normal}": RealImages.at(scale, seed=seed, **dataset_and_class(normal)) for normal in all_classes
    }
    for detector in detectors:
        original = detector.partition(":")[0] == ORIGINAL
        trained_once = {"trainings": 1} if original else {}
        for normal in digits[-1:] if original else all_classes:
            length = max(1, generations // SHORTER) if original else generations
            n_pairs = pairs if normal == digits[-1] else 0
            searches = guided_experiments(scale, detector, normal, length, starts, n_pairs, seed)
            roles |= {f"{detector}-{normal}{kind}": experiment for kind, experiment in searches.items()}
            trained: dict[str, Any] = {"detector": detector, "seed": seed, **dataset_and_class(normal), **trained_once}
            roles[f"{detector}-{normal}-detection"] = Detection.at(scale, **trained)
        if not original:
            half = normal_seeded_experiments(scale, detector, digits[-1], stops, seed)
            roles |= {f"{detector}-half{kind}": experiment for kind, experiment in half.items()}
    return roles


def dataset_and_class(normal: int | str) -> dict[str, Any]:
    """Return the parameters that name the class; a class with a name is one of CIFAR-10."""
    return {"normal": normal, "dataset": "cifar10"} if isinstance(normal, str) else {"normal": normal}


def guided_experiments(
    scale: str, detector: str, normal: int | str, generations: int, starts: int, pairs: int, seed: int
) -> dict[str, Experiment]:
    """Return the search from noise and with fixed pixels, as kind "", and its measures, as kind "-quality"."""
    effort = {"generations": generations, "starts": starts, "pairs": pairs}
    return GuidedQuality.with_search("", scale, detector=detector, seed=seed, **dataset_and_class(normal), **effort)


def normal_seeded_experiments(
    scale: str, detector: str, digit: int, stops: Sequence[int], seed: int
) -> dict[str, Experiment]:
    """Return the search from half-normal populations, as kind "", and its measures, as kind "-quality"."""
    return HalfNormalQuality.with_search("", scale, detector=detector, normal=digit, seed=seed, stops=tuple(stops))
