"""Claims of AnoRand 5 to 7 on its parts: joint training, labels, the weight alpha, its size, how much data it needs."""

import numpy as np

from companion.claims.base import Arrays, Finding, Number, claim, over_sweep
from companion.experiment import Experiment
from notebooks.anorand.anorand.ablation import LAYERS, Ablation
from notebooks.anorand.anorand.claims import PAGE, SCORE, Found, at, over_settings, weights
from notebooks.anorand.anorand.experiments import RUNS
from notebooks.anorand.anorand.labels import KINDS, Labels, Measures
from notebooks.anorand.anorand.sweeps import Weights
from notebooks.anorand.common import SETTINGS


def ablation() -> list[Experiment]:
    """Return the ablation."""
    return [Ablation()]


def of(record: Arrays, name: str, variant: str) -> np.ndarray:
    """Return an array of one variant, (S, R, ...)."""
    return np.asarray(record[name][record["variants"].tolist().index(variant)])


def ap(record: Arrays, variant: str) -> np.ndarray:
    """Return the mean AUC PR of a variant's score in every setting, (S,)."""
    return np.asarray(of(record, "ap", variant)[..., SCORE].mean(axis=1))


@claim("anorand-c-26", page=PAGE, needs=ablation)
def joint_training_lowers_the_error(record: Arrays) -> Finding:
    """Mean reconstruction error on normal test rows below that of encoder and decoder alone.

    Reported: the error with both blocks and w = 0, where nothing is detected but the decoder is still given both.
    """
    errors = {name: of(record, "error", name).mean(axis=1) for name in ("reference", "autoencoder", "no-detection")}
    found: Found = {}
    for s, setting in enumerate(SETTINGS):
        own = {f"error, {name}": error[s] for name, error in errors.items()}
        found[setting] = errors["reference"][s] < errors["autoencoder"][s], own
    return over_settings(found)


@claim("anorand-c-27", page=PAGE, needs=ablation)
def a_network_learns_the_majority(record: Arrays) -> Finding:
    """Trained on real labels, 5% of one kind: recall of that kind at 0.5 more than 0.2 below the other's."""
    found: Found = {}
    for s, setting in enumerate(SETTINGS):
        minority, majority = of(record, "recall", "supervised-mlp")[s].mean(axis=0)
        synthetic = of(record, "recall", "reference")[s].mean(axis=0)
        own: dict[str, Number] = {
            "recall of the minority": minority,
            "recall of the majority": majority,
            "recall of synthetic anomalies": synthetic[0],
        }
        found[setting] = minority < majority - 0.2, own
    return over_settings(found)


@claim("anorand-c-35", page=PAGE, needs=ablation)
def both_outputs_are_better_than_one(record: Arrays) -> Finding:
    """Mean AUC PR of the score at least that of the better one of its two parts, less 0.005."""
    found: Found = {}
    for s, setting in enumerate(SETTINGS):
        score, y_mlp, y_ae, swapped = of(record, "ap", "reference")[s].mean(axis=0)
        own: dict[str, Number] = {"score": score, "y_mlp": y_mlp, "y_AE": y_ae, "alpha swapped": swapped}
        found[setting] = score >= max(y_mlp, y_ae) - 0.005, own
    return over_settings(found, cause="source error")  # the weights exchanged, the sum detects as the better part does


@claim("anorand-c-36", page=PAGE, needs=ablation)
def alpha_balances(record: Arrays) -> Finding:
    """The blocks count as balanced where alpha is at most 0.8, and that in most runs.

    y_AE is never below 0.5, so alpha is above 0.8 whenever the third quartile of y_mlp is below 0.125
    (`inc-anorand-08`); the share of such runs is reported.
    """
    alpha, q_0 = of(record, "alpha", "reference"), of(record, "quartiles", "reference")[..., 0]
    measured = {
        "least alpha": alpha.min(),
        "median alpha": np.median(alpha),
        "share of runs with Q_0 below 0.125": (q_0 < 0.125).mean(),
        "share of runs with alpha above 0.8": (alpha > 0.8).mean(),
    }
    return Finding(bool((alpha > 0.8).mean() < 0.5), measured, cause="source error")


@claim("anorand-c-37", page=PAGE, needs=ablation)
def any_layers_will_do(record: Arrays) -> Finding:
    """The mean AUC PR of six other sizes within 5 points."""
    sizes = {name: ap(record, f"layers-{name}") for name in LAYERS}
    found: Found = {}
    for s, setting in enumerate(SETTINGS):
        own = {f"layers {name}": mean[s] for name, mean in sizes.items()}
        found[setting] = np.ptp(list(own.values())) < 0.05, own
    return over_settings(found)


@claim("anorand-c-39", page=PAGE, needs=ablation)
def any_labels_will_do(record: Arrays) -> Finding:
    """The mean AUC PR with SMOTE and noise, with noise alone and with permuted features within 5 points."""
    found: Found = {}
    for s, setting in enumerate(SETTINGS):
        own = {name: ap(record, name)[s] for name in ("reference", "noise-only", "permuted")}
        found[setting] = np.ptp(list(own.values())) < 0.05, own
    return over_settings(found)


@claim("anorand-c-40", page=PAGE, needs=lambda: [*ablation(), *weights()])
def needs_many_rows(few: Arrays, *many: Arrays) -> Finding:
    """Mean AUC PR with 20,000 training rows, or as many as the setting has, more than 5 points above that with 500."""
    found: Found = {}
    for s, (setting, record) in enumerate(zip(SETTINGS, many, strict=True)):
        most = record["ap"][:, at(record, 0.2), SCORE].mean()
        rows = Weights(setting=setting, **RUNS.get(setting, {})).rows
        own: dict[str, Number] = {name: ap(few, f"rows-{name}")[s] for name in ("500", "2000")} | {str(rows): most}
        found[setting] = most > ap(few, "rows-500")[s] + 0.05, own
    return over_settings(found)


@claim("anorand-c-30", page=PAGE, needs=lambda: [Labels()])
def not_overly_distinct(record: Arrays) -> Finding:
    """At every noise, anomalies by SMOTE and noise nearer to a normal row than by noise alone; over the two orders."""
    distance = record["distance"].mean(axis=1)  # (S, V, kinds)
    measured: dict[str, Number] = {}
    flags = []
    for s, setting in enumerate(SETTINGS):
        measured |= {f"{kind}, {setting}, most noise": distance[s, -1, k] for k, kind in enumerate(KINDS)}
        flags += [bool((distance[s, :, k] < distance[s, :, -1]).all()) for k in (1, 2)]
    return over_sweep(flags, measured, cause="source error")


@claim("anorand-c-31", page=PAGE, needs=lambda: [Labels()])
def a_twentieth_is_synthetic(record: Arrays) -> Finding:
    """The share of synthetic anomalies 0.05 within 0.001, always."""
    share = record["share"]
    measured = {"least share": share.min(), "largest share": share.max()}
    return Finding(bool((np.abs(share - 0.05) <= 0.001).all()), measured, cause="implementation")


@claim("anorand-c-33", page=PAGE, needs=lambda: [Measures()])
def the_area_under_the_curve_misleads(record: Arrays) -> Finding:
    """At 1% anomalies, two detectors of ROC AUC 0.95 within 0.01, whose AUC PR differs by more than 0.3."""
    rare = int(record["prevalence"].argmin())
    roc, pr = record["roc"][rare], record["ap"][rare]
    measured = {"ROC AUC, first": roc[0], "ROC AUC, second": roc[1], "AUC PR, first": pr[0], "AUC PR, second": pr[1]}
    equal = bool((np.abs(roc - 0.95) <= 0.01).all()) and np.isclose(record["prevalence"][rare], 0.01)
    return Finding(bool(equal and abs(pr[0] - pr[1]) > 0.3), measured, cause="data")
