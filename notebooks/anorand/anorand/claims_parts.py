"""Claims of AnoRand 5 to 7 on its parts: joint training, labels, the weight alpha, its size, how much data it needs."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy import stats

from companion.claims.base import Arrays, Finding, Number, claim, over_sweep
from notebooks.anorand.anorand.ablation import KINDS, Ablation, Labels, Measures
from notebooks.anorand.anorand.claims import PAGE, SCORE, Check, in_every_setting, index, over_settings, weight_sweeps
from notebooks.anorand.anorand.variants import LAYERS
from notebooks.anorand.common import SETTINGS


class Setting(NamedTuple):
    """The ablation's arrays in one setting."""

    record: Arrays
    number: int  # of the setting

    def array(self, name: str, variant: str) -> np.ndarray:
        """Return an array of one variant, (R, ...) for R runs."""
        return np.asarray(self.record[name][self.record["variants"].tolist().index(variant)][self.number])

    def ap(self, variant: str) -> float:
        """Return the mean AUC PR of a variant's score."""
        return float(self.array("ap", variant)[:, SCORE].mean())


def settings(record: Arrays) -> list[Setting]:
    """Return the ablation's arrays in every setting."""
    return [Setting(record, number) for number in range(len(SETTINGS))]


on_ablation = partial(in_every_setting, needs=lambda: [Ablation()], split=settings)


@claim("anorand-c-26", page=PAGE, needs=lambda: [Ablation()])
def joint_training_lowers_the_error(record: Arrays) -> Finding:
    """Reconstruction error on normal test rows below that of encoder and decoder alone, with the same data at a seed.

    In a setting the error is lower if the 95% interval of the mean difference over the seeds is below 0, and is not if
    that interval begins at or above 0. An interval around 0 decides nothing. Reported: the error with both blocks and
    w = 0, without detection, but with both inputs of the decoder.
    """
    measured: dict[str, Number] = {}
    lower: list[bool | None] = []
    for name, setting in zip(SETTINGS, settings(record), strict=True):
        error = {variant: setting.array("error", variant) for variant in ("reference", "autoencoder", "no-detection")}
        measured |= {f"error, {variant}, {name}": values.mean() for variant, values in error.items()}
        difference = error["reference"] - error["autoencoder"]
        low, high = mean_interval(difference)
        lower.append(True if high < 0 else False if low >= 0 else None)
        measured[f"seeds with a lower error, {name}"] = f"{(difference < 0).sum()} of {len(difference)}"
        measured[f"95% interval of the difference, {name}"] = f"{low:.3g} to {high:.3g}"
    measured["seeds in the criterion"] = 10
    if None in lower:
        return Finding(None, measured, cause="scale")
    return over_sweep(map(bool, lower), measured, cause="detector")


def mean_interval(values: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of Student's t around the mean of values (n,)."""
    half = stats.t.ppf((1 + level) / 2, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean() - half), float(values.mean() + half)


@on_ablation("anorand-c-27")
def a_network_learns_the_majority(setting: Setting) -> Check:
    """Trained on real labels, 5% of one kind: recall of that kind at 0.5 more than 0.2 below the other's."""
    minority, majority = setting.array("recall", "supervised-mlp").mean(axis=0)
    synthetic = setting.array("recall", "reference").mean(axis=0)[0]
    numbers = {"of the minority": minority, "of the majority": majority, "of synthetic anomalies": synthetic}
    return minority < majority - 0.2, {f"recall {name}": recall for name, recall in numbers.items()}


@on_ablation("anorand-c-35", cause="source error")  # with the weights exchanged, the sum matches the better part
def both_outputs_are_better_than_one(setting: Setting) -> Check:
    """Mean AUC PR of the score at least that of the better one of its two parts, less 0.005."""
    score, y_mlp, y_ae, swapped = setting.array("ap", "reference").mean(axis=0)
    numbers = {"score": score, "y_mlp": y_mlp, "y_AE": y_ae, "alpha swapped": swapped}
    return score >= max(y_mlp, y_ae) - 0.005, numbers


@claim("anorand-c-36", page=PAGE, needs=lambda: [Ablation()])
def alpha_balances(record: Arrays) -> Finding:
    """Alpha at most 0.8, which counts as balanced, in most runs.

    y_AE is never below 0.5, so alpha is above 0.8 whenever the third quartile of y_mlp is below 0.125
    (`inc-anorand-08`); the share of such runs is reported.
    """
    alpha = np.stack([setting.array("alpha", "reference") for setting in settings(record)])
    q_0 = np.stack([setting.array("quartiles", "reference")[:, 0] for setting in settings(record)])
    measured = {
        "least alpha": alpha.min(),
        "median alpha": np.median(alpha),
        "share of runs with Q_0 below 0.125": (q_0 < 0.125).mean(),
        "share of runs with alpha above 0.8": (alpha > 0.8).mean(),
    }
    return Finding((alpha > 0.8).mean() < 0.5, measured, cause="source error")


def within_five_points(setting: Setting, variants: Sequence[str]) -> Check:
    """Return whether the mean AUC PR of variants differs by less than 5 points."""
    means = {name.replace("layers-", "layers "): setting.ap(name) for name in variants}
    return np.ptp(list(means.values())) < 0.05, means


@on_ablation("anorand-c-37")
def any_layers_will_do(setting: Setting) -> Check:
    """The mean AUC PR of six other sizes within 5 points."""
    return within_five_points(setting, [f"layers-{name}" for name in LAYERS])


@on_ablation("anorand-c-39")
def any_labels_will_do(setting: Setting) -> Check:
    """The mean AUC PR with SMOTE and noise, with noise alone and with permuted features within 5 points."""
    return within_five_points(setting, ("reference", "noise-only", "permuted"))


@claim("anorand-c-40", page=PAGE, needs=lambda: [Ablation(), *weight_sweeps()])
def needs_many_rows(few: Arrays, *many: Arrays) -> Finding:
    """Mean AUC PR with the setting's number of training rows, 20,000 or less, over 5 points above that with 500."""
    checks: list[Check] = []
    for setting, sweep, experiment in zip(settings(few), many, weight_sweeps(), strict=True):
        ap = {"500": setting.ap("rows-500"), "2000": setting.ap("rows-2000")}
        all_rows = sweep["ap"][:, index(sweep, 0.2), SCORE].mean()
        checks.append((all_rows > ap["500"] + 0.05, ap | {str(experiment.rows): all_rows}))
    return over_settings(checks)


@claim("anorand-c-30", page=PAGE, needs=lambda: [Labels()])
def not_overly_distinct(record: Arrays) -> Finding:
    """At every noise, anomalies by SMOTE and noise nearer to a normal row than by noise alone; over both orders."""
    distance = record["distance"].mean(axis=1)  # (S, V, kinds)
    measured: dict[str, Number] = {}
    flags = []
    for s, setting in enumerate(SETTINGS):
        measured |= {f"{kind}, {setting}, most noise": distance[s, -1, k] for k, kind in enumerate(KINDS)}
        flags += [(distance[s, :, k] < distance[s, :, -1]).all() for k in (1, 2)]
    return over_sweep(flags, measured, cause="source error")


@claim("anorand-c-31", page=PAGE, needs=lambda: [Labels()])
def a_twentieth_is_synthetic(record: Arrays) -> Finding:
    """The share of synthetic anomalies 0.05 within 0.001, always."""
    share = record["share"]
    measured = {"least share": share.min(), "largest share": share.max()}
    return Finding(bool((np.abs(share - 0.05) <= 0.001).all()), measured, cause="implementation")


@claim("anorand-c-33", page=PAGE, needs=lambda: [Measures()])
def roc_auc_misleads(record: Arrays) -> Finding:
    """At 1% anomalies, two detectors of ROC AUC 0.95 within 0.01, whose AUC PR differs by more than 0.3."""
    rare = int(record["prevalence"].argmin())
    roc, pr = record["roc"][rare], record["ap"][rare]
    measured = {"ROC AUC, first": roc[0], "ROC AUC, second": roc[1], "AUC PR, first": pr[0], "AUC PR, second": pr[1]}
    equal = (np.abs(roc - 0.95) <= 0.01).all() and np.isclose(record["prevalence"][rare], 0.01)
    return Finding(equal and abs(pr[0] - pr[1]) > 0.3, measured, cause="data")
