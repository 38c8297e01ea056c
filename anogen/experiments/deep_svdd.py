"""Chapter `deep-svdd` (thesis 6.2): three things that are called Deep SVDD, and what each draws."""

from collections.abc import Sequence

from anogen.experiments.base import Experiment
from anogen.experiments.detection import Detection
from anogen.experiments.guided import Guided, HalfNormal
from anogen.experiments.guided_quality import GuidedQuality, HalfNormalQuality
from anogen.experiments.real import RealImages

# As PyOD was from 2.0.1 to 3.6.2, untrained; PyOD's since, which trains; the original method, a convolutional network.
FORMS = ("deep-svdd-untrained", "deep-svdd", "deep-svdd-lenet")
STOPS = (1_000, 15_000, 30_000, 100_000, 250_000)
QUICK = {"generations": 200, "starts": 2, "pairs": 2, "stops": [50, 200], "classes": []}


def wanted(
    scale: str = "laptop",
    digit: int | Sequence[int] = (3, 4),
    classes: Sequence[str] = ("frog", "airplane"),
    detectors: Sequence[str] = FORMS,
    generations: int = 30_000,
    stops: Sequence[int] = STOPS,
    starts: int = 16,
    pairs: int = 5,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook."""
    digits = [digit] if isinstance(digit, int) else list(digit)
    roles: dict[str, Experiment] = {}
    for normal in [*digits, *classes]:
        real = {"normal": normal, "seed": seed} | ({"dataset": "cifar10"} if isinstance(normal, str) else {})
        roles[f"real-{normal}"] = RealImages.at(scale, **real)
    for detector in detectors:
        for normal in [*digits, *classes]:
            given = {"detector": detector, "normal": normal, "seed": seed}
            if isinstance(normal, str):
                given["dataset"] = "cifar10"
            guided = given | {
                "generations": generations,
                "starts": starts,
                "pairs": pairs if normal == digits[-1] else 0,
            }
            roles[f"{detector}-{normal}"] = Guided.at(scale, **guided)
            roles[f"{detector}-{normal}-quality"] = GuidedQuality.at(scale, **guided)
            roles[f"{detector}-{normal}-detection"] = Detection.at(scale, **given)
        half = {"detector": detector, "normal": digits[-1], "stops": tuple(stops), "seed": seed}
        roles[f"{detector}-half"] = HalfNormal.at(scale, **half)
        roles[f"{detector}-half-quality"] = HalfNormalQuality.at(scale, **half)
    return roles
