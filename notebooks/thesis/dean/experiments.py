"""Chapter `dean` (thesis 6.3 and 5.2.3): images evolved on ensembles of small networks, by their size."""

from collections.abc import Sequence
from typing import Any

from companion.experiment import Experiment, at_least
from notebooks.thesis.common.detection import Detection, RealImages
from notebooks.thesis.common.guided import GuidedQuality, HalfNormalQuality
from notebooks.thesis.dean.ensembles import InputRanges, SizesQuality, TrainingCost
from notebooks.thesis.dean.submodels import Bagging, Submodels
from notebooks.thesis.deep_svdd.experiments import PYOD, dataset_and_class

KS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9)
FIRST = 100  # submodels of Fig. 6.13, as the thesis; it continues with 1,500
SUBMODELS, GENERATIONS, STARTS, PAIRS = 250, 1_000, 16, 5
SHARE = 8  # colour on more submodels and each size of the ensemble have one of 8 starts: each takes minutes
SIZES = (30, 100, 250, 500)
LARGE, LARGE_STARTS = (1_000, 1_500, 1_750), 1  # of the book's own digit, in records of their own: they take hours
THESIS = (*SIZES, *LARGE)  # the sizes of Fig. 6.14
CONTINUED = 1_500  # the thesis's submodels from there on
STOPS = (1_000, 15_000)
QUICK = {
    "first": 4, "submodels": 6, "sizes": [2, 4, 6], "generations": 60, "stops": [20, 60], "starts": 2, "classes": [],
}  # fmt: skip


def dean_spec(submodels: int) -> str:
    """Return the catalogue spec of DEAN with a number of submodels."""
    return f"dean:n_submodels={submodels}"


def chapter_experiments(
    scale: str = "laptop",
    digit: int = 4,
    classes: Sequence[str] = ("frog",),
    first: int = FIRST,
    submodels: int = SUBMODELS,
    sizes: Sequence[int] = SIZES,
    generations: int = GENERATIONS,
    stops: Sequence[int] = STOPS,
    starts: int = STARTS,
    pairs: int = PAIRS,
    seed: int = 0,
    dataset: str = "",
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook.

    Roles are `drawn-4`, `drawn-frog`, each with `-quality` and `-detection`, and `real-...`; the same as `first-4`, ...
    on the `first` submodels, never with fixed pixels; `half` and `half-quality`; `sizes`, `sizes-quality` and
    `submodels`, of one ensemble; `bagging`, `ranges`, `cost`. With the book's own parameters also the ensembles with
    `-large` (`sizes-large-quality`), and `rival-...`, Deep SVDD searched for as many generations as DEAN, in
    `rival-further` on four more trainings of the untrained form. `dataset` replaces that of the digit. At `paper`,
    parameters with the laptop's default have the thesis's value.
    """
    at_least(1, pairs=pairs)  # the page shows one
    full = scale == "paper"
    if full:
        submodels = CONTINUED if submodels == SUBMODELS else submodels
        sizes = THESIS if tuple(sizes) == SIZES else sizes
    share, runs = 1 if full else SHARE, {} if full else {"runs": 1}
    roles: dict[str, Experiment] = {}
    all_classes: list[int | str] = [digit, *dict.fromkeys(classes)]
    for normal in all_classes:
        real: dict[str, Any] = {"seed": seed, **dataset_and_class(normal, dataset)}
        unguided: dict[str, Any] = {"generations": generations, "starts": starts, "pairs": 0}
        continued: dict[str, Any] = {"pairs": pairs} | ({} if scale == "quick" else {"ks": KS})
        if isinstance(normal, str):
            continued = {"starts": max(1, starts // share)}
        searches = {"first": unguided, "drawn": unguided | continued}
        roles[f"real-{normal}"] = RealImages.at(scale, **real)
        for kind, count in (("first", first), ("drawn", submodels)):
            trained = real | {"detector": dean_spec(count)}
            roles |= GuidedQuality.with_search(f"{kind}-{normal}", scale, **trained, **searches[kind])
            roles[f"{kind}-{normal}-detection"] = Detection.at(scale, **trained, trainings=1)
    four: dict[str, Any] = {"seed": seed, **dataset_and_class(digit, dataset)}
    half = four | {"detector": dean_spec(submodels), "stops": tuple(stops), **runs}
    nested = four | {"sizes": tuple(sizes)}
    by_size = nested | {"generations": generations, "starts": max(1, starts // share)}
    own = (4, SIZES, GENERATIONS, 0, "")
    if scale == "laptop" and (digit, tuple(sizes), generations, seed, dataset) == own:
        large = four | {"sizes": LARGE}
        roles["submodels-large"] = Submodels.at(scale, **large)
        roles |= SizesQuality.with_search("sizes-large", scale, **large, generations=generations, starts=LARGE_STARTS)
        for form in PYOD:
            rival = four | {"detector": form, "generations": generations, "starts": starts, "pairs": pairs}
            roles |= GuidedQuality.with_search(f"rival-{form}", scale, **rival)
        from notebooks.thesis.deep_svdd.further import FurtherTrainings

        roles["rival-further"] = FurtherTrainings(seed=1, generations=generations, starts=4, pairs=2, trainings=4)
    return roles | {
        **HalfNormalQuality.with_search("half", scale, **half),
        "submodels": Submodels.at(scale, **nested),
        **SizesQuality.with_search("sizes", scale, **by_size),
        "bagging": Bagging.at(scale, **four),
        "ranges": InputRanges.at(scale, **four),
        "cost": TrainingCost.at(scale, **four),
    }
