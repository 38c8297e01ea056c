"""Claims of AnoRand 5 to 7 on its parts: joint training, labels, the weight alpha, its size, how much data it needs."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from companion.claims.base import (
    Arrays,
    Case,
    Finding,
    above,
    at_least,
    at_most,
    below,
    claim,
    difference_interval,
    mean_interval,
    true,
)
from notebooks.anorand.anorand.ablation import KINDS, Ablation, Labels, Measures
from notebooks.anorand.anorand.claims import (
    PAGE,
    SCORE,
    PerRun,
    in_every_setting,
    index,
    over_settings,
    scores,
    weight_sweeps,
)
from notebooks.anorand.anorand.variants import LAYERS
from notebooks.anorand.common import SETTINGS


class Setting(NamedTuple):
    """The ablation's arrays in one setting."""

    record: Arrays
    number: int  # of the setting

    def array(self, name: str, variant: str) -> np.ndarray:
        """Return an array of one variant, (R, ...) for R runs."""
        return np.asarray(self.record[name][self.record["variants"].tolist().index(variant)][self.number])

    def ap(self, variant: str) -> np.ndarray:
        """Return the AUC PR of a variant's score, (R,)."""
        return self.array("ap", variant)[:, SCORE]


def settings(record: Arrays) -> list[Setting]:
    """Return the ablation's arrays in every setting."""
    return [Setting(record, number) for number in range(len(SETTINGS))]


on_ablation = partial(in_every_setting, needs=lambda: [Ablation()], split=settings)


@on_ablation("anorand-c-26", both=True, pooled=Ablation.runs)
def joint_training_lowers_the_error(setting: Setting) -> PerRun:
    """Reconstruction error on normal test rows below that of encoder and decoder alone, on the same data."""
    difference = setting.array("error", "reference") - setting.array("error", "autoencoder")
    what = "reconstruction error of AnoRand, less that of the autoencoder alone"
    yield (below(what, difference.mean(), 0.0, mean_interval(difference), f"{len(difference)} trainings"),)


@on_ablation("anorand-c-27", both=True)
def a_network_learns_the_majority(setting: Setting) -> PerRun:
    """Trained on real labels, 5% of one kind: recall of that kind at 0.5 more than 0.2 below the other's."""
    recall = setting.array("recall", "supervised-mlp")
    return ((above("recall of the majority, less that of the minority", b - a, 0.2),) for a, b in recall)


@on_ablation("anorand-c-35", cause="source error")  # with the weights exchanged, the sum matches the better part
def both_outputs_are_better_than_one(setting: Setting) -> PerRun:
    """AUC PR of the score at least that of the better one of its two parts, less 0.005."""
    what = "AUC PR of the score, less that of its better part"
    ap = setting.array("ap", "reference")  # (R, 4)
    return ((at_least(what, score - max(y_mlp, y_ae), -0.005),) for score, y_mlp, y_ae, _ in ap)


@claim("anorand-c-36", page=PAGE, needs=lambda: [Ablation()])
def alpha_balances(record: Arrays) -> Finding:
    """Alpha at most 0.8, which counts as balanced.

    y_AE is never below 0.5, so alpha is above 0.8 whenever the third quartile of y_mlp is below 0.125
    (`inc-anorand-08`); the share of such runs is reported.
    """
    by_setting = settings(record)
    alpha = [setting.array("alpha", "reference") for setting in by_setting]
    q_0 = np.stack([setting.array("quartiles", "reference")[:, 0] for setting in by_setting])
    parts = [[(at_most("alpha", value, 0.8),) for value in own] for own in alpha]
    finding = over_settings(parts, both=True, cause="source error")
    return replace(finding, measured={"share of runs with Q_0 below 0.125": (q_0 < 0.125).mean()})


def within_five_points(setting: Setting, variants: Sequence[str]) -> PerRun:
    """Yield whether the mean AUC PR of the best and of the worst variant differs by less than 5 points."""
    ap = sorted((setting.ap(name) for name in variants), key=lambda runs: float(runs.mean()))
    apart = ap[-1] - ap[0]
    what = "mean AUC PR of the best variant, less that of the worst"
    yield (below(what, apart.mean(), 0.05, mean_interval(apart), f"{len(apart)} trainings"),)


@on_ablation("anorand-c-37", pooled=Ablation.runs)
def any_layers_will_do(setting: Setting) -> PerRun:
    """The mean AUC PR of six other sizes within 5 points."""
    return within_five_points(setting, [f"layers-{name}" for name in LAYERS])


@on_ablation("anorand-c-39", pooled=Ablation.runs)
def any_labels_will_do(setting: Setting) -> PerRun:
    """The mean AUC PR with SMOTE and noise, with noise alone and with permuted features within 5 points."""
    return within_five_points(setting, ("reference", "noise-only", "permuted"))


@claim("anorand-c-40", page=PAGE, needs=lambda: [Ablation(), *weight_sweeps()])
def needs_many_rows(few: Arrays, *many: Arrays) -> Finding:
    """Mean AUC PR with the setting's number of training rows, 20,000 or less, over 5 points above that with 500."""
    parts = []
    for setting, sweep, experiment in zip(settings(few), many, weight_sweeps(), strict=True):
        fewest, most = setting.ap("rows-500"), scores(sweep)[:, index(sweep, 0.2)]
        interval = difference_interval(most, fewest)
        what = f"mean AUC PR with {experiment.rows:,} rows, less that with 500"
        over = f"{len(most)} and {len(fewest)} trainings"
        parts.append([(above(what, most.mean() - fewest.mean(), 0.05, interval, over),)])
    return over_settings(parts, both=False, pooled=Ablation.runs)


@claim("anorand-c-30", page=PAGE, needs=lambda: [Labels()])
def not_overly_distinct(record: Arrays) -> Finding:
    """At every noise, anomalies by SMOTE and noise nearer to a normal row than by noise alone; over both orders."""
    cases = []
    for s, setting in enumerate(SETTINGS):
        for k in (1, 2):
            farther = (record["distance"][s, ..., -1] - record["distance"][s, ..., k]).min(axis=1)  # (R,)
            what = "distance to a normal row with noise alone, less that with SMOTE, the smallest over the noise"
            cases += [Case((above(what, f, 0.0),), f"{KINDS[k]}, {setting}", i) for i, f in enumerate(farther)]
    return Finding(cases=tuple(cases), random=True, cause="source error")


@claim(
    "anorand-c-31", page=PAGE, needs=lambda: [Labels()],
    identity="the synthetic rows are added until they are 5% of the training set",
)  # fmt: skip
def a_twentieth_is_synthetic(record: Arrays) -> Finding:
    """The share of synthetic anomalies 0.05 within 0.001, always."""
    apart = float(np.abs(record["share"] - 0.05).max())
    part = at_most("largest distance of the share of synthetic rows from 0.05", apart, 0.001)
    return Finding(cases=(Case((part,)),), random=False, cause="implementation")


@claim(
    "anorand-c-33", page=PAGE, needs=lambda: [Measures()],
    identity="two distributions of scores are constructed to have one ROC AUC and different AUC PR",
)  # fmt: skip
def roc_auc_misleads(record: Arrays) -> Finding:
    """At 1% anomalies, two detectors of ROC AUC 0.95 within 0.01, whose AUC PR differs by more than 0.3."""
    rare = int(record["prevalence"].argmin())
    apart = float(np.abs(record["roc"][rare] - 0.95).max())
    parts = (
        above("difference of the AUC PR", float(np.ptp(record["ap"][rare])), 0.3),
        at_most("largest distance of the ROC AUC from 0.95", apart, 0.01),
        true("1% of the rows are anomalies", bool(np.isclose(record["prevalence"][rare], 0.01))),
    )
    return Finding(cases=(Case(parts),), random=False, cause="data")
