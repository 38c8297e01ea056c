"""Chapter `dean` (thesis 6.3): an ensemble of small networks, its size, and what guidance adds."""

from collections.abc import Sequence

from anogen.experiments.base import Experiment
from anogen.experiments.detection import Detection
from anogen.experiments.guided import Guided, HalfNormal
from anogen.experiments.guided_quality import GuidedQuality, HalfNormalQuality

SIZES = (30, 100, 250, 500)  # of the ensembles; the thesis goes on to 1,000, 1,500 and 1,750
KS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9)
QUICK = {"generations": 20, "starts": 2, "stops": (5, 20), "classes": (), "submodels": (3, 6), "guided": 6}


def named(submodels: int) -> str:
    """Return DEAN with a number of submodels, as the catalogue reads it."""
    return f"dean:n_submodels={submodels}"


def wanted(
    scale: str = "laptop",
    digit: int = 4,
    classes: Sequence[str] = ("frog",),
    submodels: Sequence[int] = SIZES,
    guided: int = 250,
    generations: int = 1_000,
    stops: Sequence[int] = (1_000, 15_000),
    starts: int = 16,
    pairs: int = 2,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook."""
    roles: dict[str, Experiment] = {}

    def add(role: str, **given: object) -> None:
        given |= {"generations": generations, "seed": seed}
        roles[role], roles[f"{role}-quality"] = Guided.at(scale, **given), GuidedQuality.at(scale, **given)

    hundred = 100 if 100 in submodels else submodels[-1]
    add(f"{digit}", detector=named(hundred), normal=digit, starts=starts, pairs=0)
    for name in classes:
        add(name, detector=named(hundred), dataset="cifar10", normal=name, starts=starts, pairs=0)
    for count in submodels:
        if count != hundred:
            add(f"size-{count}", detector=named(count), normal=digit, starts=2, pairs=0)
        given = {"detector": named(count), "normal": digit, "seed": seed, "trainings": 1}
        roles[f"size-{count}-detection"] = Detection.at(scale, **given)
    add("guided", detector=named(guided), normal=digit, starts=2, pairs=pairs, ks=KS)
    half = {"detector": named(guided), "normal": digit, "stops": tuple(stops), "runs": 1, "seed": seed}
    roles["half"], roles["half-quality"] = HalfNormal.at(scale, **half), HalfNormalQuality.at(scale, **half)
    return roles
