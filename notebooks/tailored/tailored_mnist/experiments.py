"""Chapter `tailored-mnist` (Secs. 4.2 and 4.4 of the tailored paper): a detector trained on what a generator makes."""

from typing import Any

from companion.experiment import Experiment
from notebooks.tailored.common.detector import Detecting
from notebooks.tailored.common.scores import CriticScores, DetectorScores
from notebooks.tailored.common.wgan import Tailored
from notebooks.tailored.tailored_mnist.generated import TailoredDrawing
from notebooks.tailored.tailored_mnist.geometry import OneCoordinate
from notebooks.tailored.tailored_mnist.map import FeatureMap
from notebooks.tailored.tailored_mnist.other_classifiers import AnyClassifier
from notebooks.tailored.tailored_mnist.other_seeds import OthersScores

RATIOS = {"4:1": (16, 4), "2:1": (14, 7), "1:1": (10, 10), "1:2": (7, 14), "1:4": (4, 16)}  # fakes to near anomalies
# What else a detector is trained on. notMNIST stands in for SVHN, which is not to be had.
VARIANTS: dict[str, dict[str, Any]] = {
    "generated": {},
    "specific": {"specific": "notmnist"},
    "real": {"real": True},
    "unlabelled": {"labelled": False},
    "noise": {"specific": "uniform", "share": 1.0},
}
FEW = {"specific": 3, "real": 3, "unlabelled": 4, "noise": 3}  # trainings of a variant, at most


def chapter_experiments(
    scale: str = "laptop",
    width: int = Tailored.width,
    iterations: int = Tailored.iterations,
    stage: int = 1,
    trainings: int = Detecting.trainings,
    updates: int = Detecting.updates,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook.

    Roles are `critic`; `generated`, `specific`, `real`, `unlabelled` and `noise` for the tables of each variant,
    `ratio-4:1` and so on for the sweep; `others`, trained on digits of the wrong class; each with its `-training`;
    `geometry`, `map`, `drawn`, `any`. Quick has the first, the third and the last four.
    """
    explicit = {"width": width, "iterations": iterations, "trainings": trainings, "updates": updates}
    given: dict[str, Any] = {key: value for key, value in explicit.items() if value != getattr(Detecting, key)}
    given |= {"stage": stage, "seed": seed}
    found: dict[str, Experiment] = {"critic": CriticScores.at(scale, **given | {"trainings": 1})}
    quick = scale == "quick"  # which has no data but digits and noise
    for name in ("generated", "real") if quick else VARIANTS:
        count = {"trainings": min(FEW[name], trainings)} if name in FEW else {}
        found[name] = DetectorScores.at(scale, **given | VARIANTS[name] | count)
    for name, (normal, anomalous) in () if quick else RATIOS.items():
        one = {"normal": normal, "anomalous": anomalous, "trainings": 1}
        found[f"ratio-{name}"] = DetectorScores.at(scale, **given | one)
    if not quick:
        found["others"] = OthersScores.at(scale, **given | {"trainings": 1})
    for name, trained in list(found.items()):
        if isinstance(trained, DetectorScores):
            found[f"{name}-training"] = trained.detectors()
    of_gan = {key: value for key, value in given.items() if key not in ("trainings", "updates")}
    return found | {
        "geometry": OneCoordinate.at(scale, **given),
        "map": FeatureMap.at(scale, **of_gan),
        "drawn": TailoredDrawing.at(scale, **given),
        "any": AnyClassifier.at(scale, seed=seed),
    }
