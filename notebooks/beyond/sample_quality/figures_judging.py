"""Figures and tables of the ensemble that judges digits: its validation, and 60 generated images with judgements."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from companion.figures.registry import implements
from companion.figures.style import BLUE, GREY, VERMILION, new_figure
from companion.figures.tables import Table, percent
from companion.records import Record
from companion.studies.ensemble import calibration_error
from companion.studies.ensemble_training import AT_LEAST, AT_MOST
from companion.studies.known_images import NONE
from notebooks.beyond.sample_quality.judging import Judgements, gather, kappa, shares

BINS = 10


@implements("anogen-fig-ensemble")
def fig_ensemble(validation: Record) -> Figure:
    """Plot the confusion matrix of the ensemble over all kinds, and its calibration curve."""
    figure, [[left, right]] = new_figure(2, 1, height=3.3)
    truth, decision, confidence, _ = known_cases(validation)
    counts = np.zeros((NONE + 1, NONE + 1))
    np.add.at(counts, (truth, decision), 1)
    names = [*map(str, range(NONE)), "none"]
    shares_of_class = counts / counts.sum(axis=1, keepdims=True).clip(min=1)
    left.imshow(shares_of_class, cmap="Greys", norm=PowerNorm(0.5, 0, 1))  # so that a share of 1% is visible
    left.set_title("(a)", loc="left")
    right.set_title("(b)", loc="left")
    left.set(xlabel="decision", ylabel="true class", xticks=range(NONE + 1), yticks=range(NONE + 1))
    left.set_xticklabels(names, fontsize=9, rotation=90)
    left.set_yticklabels(names, fontsize=9)
    right.plot([0, 1], [0, 1], color=GREY, linewidth=1)
    index = np.minimum((confidence * BINS).astype(int), BINS - 1)
    filled = [i for i in range(BINS) if (index == i).sum() >= 20]
    accuracy = [(truth == decision)[index == i].mean() for i in filled]
    right.plot([confidence[index == i].mean() for i in filled], accuracy, marker="o", color=BLUE)
    right.set(xlabel="probability of the decision", ylabel="share right", xlim=(0, 1.03), ylim=(0, 1.03))
    return figure


def known_cases(validation: Record) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return truth, decision, confidence and group of all validation images, each once."""
    once = validation["group"] != "other class"  # the same images as the undegraded digits
    group = np.repeat(validation["group"][once], validation["truth"].shape[1])
    return (*(validation[key][once].ravel() for key in ("truth", "decision", "confidence")), group)


def calibration(validation: Record) -> dict[str, float]:
    """Return the expected calibration error on undegraded digits, and over all kinds."""
    truth, decision, confidence, group = known_cases(validation)
    clean = group == "digits"
    return {
        "digits": calibration_error(confidence[clean], (truth == decision)[clean]),
        "all kinds": calibration_error(confidence, truth == decision),
    }


def table_ensemble(validation: Record) -> Table:
    """Return for each kind of image the accepted share and its bar, and what the other measures say."""
    rows = []
    for group, share in shares(validation).items():
        chosen = validation["group"] == group
        bar = f"at least {percent(AT_LEAST[group])}" if group in AT_LEAST else f"at most {percent(AT_MOST[group])}"
        single = validation["p_cls"][chosen] >= 0.9
        rows.append(
            [group, percent(share), bar, *map(percent, [validation["noise_like"][chosen].mean(), single.mean()])]
        )
    return Table(("images", "accepted", "bar", "noise-like", "accepted by one network"), rows)


@implements("anogen-fig-judged-images")
def fig_judged_images(judgements: Judgements, chosen: Sequence[int]) -> Figure:
    """Show images, under each the intended digit, then the single network's and the ensemble's judgement.

    Blue: both agree; red: they disagree about normal looking.
    """
    columns = 10
    rows = -(-len(chosen) // columns)
    figure, axes = new_figure(columns, rows, height=0.97 * rows)
    for ax in axes.flat:
        ax.axis("off")
    v = judgements.values
    for ax, i in zip(axes.flat, chosen, strict=False):
        side = round(judgements.images.shape[1] ** 0.5)
        ax.imshow(judgements.images[i].reshape(side, side), cmap="gray", vmin=0, vmax=1)
        marks = ["✓" if flag else "–" for flag in (v["old_normal_looking"][i], v["normal_looking"][i])]
        text = f"{v['intended'][i]}: {v['old_p_cls'][i]:.2f}{marks[0]}\n{v['probability'][i]:.2f}{marks[1]}"
        ax.set_title(text, fontsize=7, y=-0.55, color=BLUE if marks[0] == marks[1] else VERMILION)
    return figure


def table_agreement(pairs: Sequence[tuple[Record, Record]]) -> Table:
    """Return by experiment the images, the shares that look normal to either judge, and their agreement."""
    by_name: dict[str, list[tuple[Record, Record]]] = {}
    for search, judgement in pairs:
        by_name.setdefault(search.id.partition("/")[0], []).append((search, judgement))
    rows = [_agreement(name, gather(own)) for name, own in sorted(by_name.items())]
    head = ("search", "images", "single network", "ensemble", "noise-like", "kappa")
    return Table(head, [*rows, _agreement("**all**", gather(pairs))])


def _agreement(name: str, judgements: Judgements) -> list[str]:
    v: Mapping[str, np.ndarray] = judgements.values
    keys = ("old_normal_looking", "normal_looking", "noise_like")
    agreement = kappa(v["old_normal_looking"], v["normal_looking"])
    return [
        name.replace("-", " "),
        str(len(judgements.images)),
        *(percent(v[key].mean()) for key in keys),
        "–" if np.isnan(agreement) else f"{agreement:.2f}",
    ]
