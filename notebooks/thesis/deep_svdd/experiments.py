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
FURTHER: tuple[int, ...] = (5, 6, 7)  # seeds, from 5 on, of records of five more trainings each; one takes six minutes
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
    dataset: str = "",
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook.

    Roles are `deep-svdd-4`, ... for every form and class, each with its `-quality` and `-detection`; `deep-svdd-half`
    with its `-quality`, from half-normal populations; `real-4`, ...; `further-5`, ...; `releases`. The original form
    has the last digit only. `dataset` replaces that of the digits; the classes with a name are those of CIFAR-10.
    """
    digits = [digit] if isinstance(digit, int) else list(digit)
    all_classes: list[int | str] = [*digits, *classes]
    roles: dict[str, Experiment] = {
        f"real-{name}": RealImages.at(scale, seed=seed, **dataset_and_class(name, dataset)) for name in all_classes
    }
    for detector in detectors:
        original = detector.partition(":")[0] == ORIGINAL
        trained_once = {"trainings": 1} if original else {}
        for normal in digits[-1:] if original else all_classes:
            length = max(1, generations // SHORTER) if original else generations
            n_pairs = pairs if normal == digits[-1] else 0
            trained: dict[str, Any] = {"detector": detector, "seed": seed, **dataset_and_class(normal, dataset)}
            effort = {"generations": length, "starts": starts, "pairs": n_pairs}
            roles |= GuidedQuality.with_search(f"{detector}-{normal}", scale, **trained, **effort)
            roles[f"{detector}-{normal}-detection"] = Detection.at(scale, **trained, **trained_once)
        if not original:
            seeded: dict[str, Any] = {"seed": seed, "stops": tuple(stops), **dataset_and_class(digits[-1], dataset)}
            roles |= HalfNormalQuality.with_search(f"{detector}-half", scale, detector=detector, **seeded)
    if scale != "quick":
        from notebooks.thesis.deep_svdd.further import FurtherTrainings
        from notebooks.thesis.deep_svdd.releases import Releases

        # The claims' further trainings do not depend on a reader's parameters.
        roles |= {f"further-{number}": FurtherTrainings(seed=number) for number in FURTHER}
        roles["releases"] = Releases()  # of the embedded digits, whatever the parameters
    return roles


def dataset_and_class(normal: int | str, dataset: str = "") -> dict[str, Any]:
    """Return the parameters that name the class: a name is one of CIFAR-10, a number of `dataset` or the scale's."""
    chosen = "cifar10" if isinstance(normal, str) else dataset
    return {"normal": normal} | ({"dataset": chosen} if chosen else {})
