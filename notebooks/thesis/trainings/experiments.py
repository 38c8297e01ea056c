"""Chapter `trainings` (thesis 6.4): the grid of Fig. 6.17 with other trainings and other searches."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from anogen.errors import require
from companion.experiment import Experiment, at_least
from notebooks.thesis.common.guided import Guided
from notebooks.thesis.deep_svdd import experiments as deep_svdd
from notebooks.thesis.deep_svdd.experiments import PYOD, STOPS
from notebooks.thesis.other_detectors.experiments import THESIS, grid_experiments

# Whose training is random. That of COPOD, HBOS, OCSVM and one Gaussian is not; DEAN's takes a quarter of an hour.
RANDOM = ("autoencoder", "deep-svdd-untrained", "deep-svdd", "iforest", "cblof")
TRAININGS, STARTS, PAIRS = 5, 4, 2
MAX_TRAININGS = 1_000  # each has a record of its own
DIGITS, CLASSES = (3,), ("frog", "airplane")  # of Deep SVDD's images, too (Figs. 6.7, 6.9 and 6.10)
QUICK = {
    "generations": 200, "stops": [50, 200], "classes": [], "detectors": ["deep-svdd-untrained", "cblof"],
    "trainings": 2, "starts": 2, "pairs": 1,
}  # fmt: skip


def chapter_experiments(
    scale: str = "laptop",
    digit: int = 4,
    digits: Sequence[int] = DIGITS,
    classes: Sequence[str] = CLASSES,
    detectors: Sequence[str] = RANDOM,
    generations: int = THESIS,
    trainings: int = TRAININGS,
    starts: int = STARTS,
    pairs: int = PAIRS,
    stops: Sequence[int] = STOPS,
    seed: int = 0,
    dataset: str = "",
    population: int = Guided.population,
    selection: str = Guided.selection,
) -> dict[str, Experiment]:
    """Return the chapter's experiments, by detector and training, of which the first, `cblof-0`, is that of Fig. 6.17.

    Each later one has another seed for the training, the search, the real images and masks. Deep SVDD has also
    half-normal populations (`deep-svdd-half-0`, Fig. 6.12), other digits and colour (`deep-svdd-frog-0`).
    """
    at_least(2, trainings=trainings)
    require(trainings <= MAX_TRAININGS, f"trainings = {trainings} is too large: give at most {MAX_TRAININGS}")
    at_least(1, pairs=pairs)
    roles: dict[str, Experiment] = {}
    own: dict[str, Any] = {"population": population, "selection": selection}
    for detector in dict.fromkeys(detectors):
        first = grid_experiments(scale, [detector], digit, generations, seed, dataset)
        searched = {"starts": starts, "pairs": pairs}
        kinds: list[tuple[str, str, Any, dict[str, int]]] = [
            (detector, "", first[f"guided-{detector}"], searched),
            (detector, "-quality", first[f"guided-{detector}-quality"], searched),
            (detector, "-detection", first[f"detection-{detector}"], {"trainings": 1}),  # of the figure's, the first
        ]
        if detector.partition(":")[0] in PYOD:
            others = [other for other in digits if other != digit]
            lengths: dict[str, Any] = {"generations": generations, "stops": stops, "pairs": 0}
            lengths |= {"seed": seed, "dataset": dataset}
            svdd = deep_svdd.chapter_experiments(scale, [*others, digit], classes, [detector], **lengths)
            fewer = {"half": {"runs": 1}} | {str(normal): {"starts": starts} for normal in [*others, *classes]}
            for normal, changed in fewer.items():
                name = f"{detector}-{normal}"
                kinds += [(name, kind, svdd[name + kind], changed) for kind in ("", "-quality")]
            names = [f"{detector}-{other}" for other in others]
            kinds += [(name, "-detection", svdd[f"{name}-detection"], {"trainings": 1}) for name in names]
        for name, kind, first_training, changed in kinds:
            fits = {key: value for key, value in own.items() if hasattr(first_training, key)}
            experiment = roles[f"{name}-0{kind}"] = replace(first_training, **fits)
            for training in range(1, trainings):
                roles[f"{name}-{training}{kind}"] = replace(experiment, seed=seed + training, **changed)
    return roles
