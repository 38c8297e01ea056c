"""Chapter `anorand-benchmark` (AnoRand 6.1 and 6.3): which experiments it needs."""

from collections.abc import Sequence
from typing import Any

from companion.experiment import Experiment
from notebooks.anorand.anorand_benchmark.supervised import WithLabels
from notebooks.anorand.anorand_benchmark.synthetic import Synthetic
from notebooks.anorand.anorand_benchmark.unsupervised import Benchmark, Published

UNSUPERVISED = ("fast", "noise-labels", "medium", "autoencoders", "svdd", "slow")
SUPERVISED = ("anorand-labels", "classical", "boosted", "semi-supervised", "xgbod", "tabular")
TRIAL = ("quick",)


def chapter_experiments(
    scale: str = "laptop",
    methods: Sequence[str] = (),
    supervised: Sequence[str] = (),
    sets: Sequence[str] = (),
    repetitions: int = 0,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter by role.

    Parameters
    ----------
    methods, supervised
        Methods or groups of them, unsupervised and supervised; all if empty.
    sets
        Files of ADBench; all that can be had if empty.
    repetitions
        On each data set at most; 0: as many as each method has.
    """
    usual = scale == "quick"
    given: dict[str, Any] = {"seed": seed}
    given |= {"sets": tuple(sets)} if sets else {}
    given |= {"repetitions": repetitions} if repetitions else {}
    found: dict[str, Experiment] = {"published": Published.at(scale, seed=seed)}
    for group in methods or (TRIAL if usual else UNSUPERVISED):
        found[group] = Benchmark.at(scale, group=group, **given)
        found[f"synthetic-{group}"] = Synthetic.at(scale, group=group, seed=seed)
    for group in supervised or (TRIAL if usual else SUPERVISED):
        found[f"supervised-{group}"] = WithLabels.at(scale, group=group, **given)
    return found
