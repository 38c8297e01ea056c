"""Figures and tables of chapter `deep-svdd` (thesis 6.2): the forms of the detector side by side."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from companion.claims import inventory
from companion.claims.base import Verdict
from companion.figures.registry import implements
from companion.figures.style import PALETTE, image_grid, new_figure, panel, pictures
from companion.figures.tables import Table, percent
from companion.records import Record
from notebooks.thesis.common.guided import masks
from notebooks.thesis.common.image_figures import COLUMNS, against_k, guided, percents, relative

ByForm = Mapping[str, Record]
ByClass = Mapping[int | str, ByForm]


@implements("thesis-fig-6.7", "thesis-fig-6.8", "thesis-fig-6.9", "thesis-fig-6.10", "anogen-fig-deep-svdd-[0-9]")
def figs_6_7_to_6_10(records: ByForm, starts: int = 16) -> Figure:
    """Draw one image for each start from noise, its relative score above it; rows of eight, form by form."""
    columns = min(COLUMNS, max(len(record["images"]) for record in records.values()))
    images, scores, labels = [], [], []
    for name, record in records.items():
        pixels = record["images"][:starts].astype(float)
        empty = -len(pixels) % columns
        images += [*pixels, *np.full((empty, pixels.shape[1]), np.nan)]
        scores += [*relative(record, record["scores"][:starts]), *[np.nan] * empty]
        labels += [name, *[""] * ((len(pixels) - 1) // columns)]
    grid = pictures(np.reshape(images, (len(labels), columns, -1)))
    return image_grid(grid, np.reshape(scores, (len(labels), columns)), labels)


@implements("thesis-fig-6.11", "anogen-fig-deep-svdd-k-[0-9]-*")
def fig_6_11(record: Record) -> Figure:
    """Draw the fixed pixels (white) and next to them the image, for every k."""
    return guided(record)


@implements("anogen-fig-deep-svdd-k")
def fig_k(records: ByForm, chosen: Sequence[float] = (), pair: int = 0) -> Figure:
    """Draw the masks in the first row, with fixed pixels in white, and below them a row for each form."""
    first = next(iter(records.values()))
    ks, levels = first.parameter("ks"), percents(first, chosen)
    rows, columns = 1 + len(records), len(levels)
    figure, axes = new_figure(
        columns, rows, width=0.82 * columns + 0.1 * max(map(len, records)) + 0.3, height=1.1 * rows
    )
    for column, level in enumerate(levels):
        panel(axes[0, column], pictures(masks(first.arrays, ks[level])[pair].astype(float)))
        for row, record in zip(axes[1:], records.values(), strict=True):
            image, scores = record["guided_images"][level, pair], relative(record, record["guided_scores"])
            panel(row[column], pictures(image), scores[level, pair])
        axes[-1, column].set_xlabel(f"{ks[level]:.0%}")
    for row, name in zip(axes, ("fixed", *records), strict=True):
        row[0].set_ylabel(name, rotation=0, ha="right", va="center")
    return figure


@implements("anogen-fig-deep-svdd-free-error")
def free_error(qualities: Mapping[str, Record]) -> Figure:
    """Plot the error of the free pixels by k, relative to a random guess's (1): one line a form."""
    figure = against_k(qualities, "free_err_rel")
    figure.axes[0].axhline(1, color="black", linestyle="--", linewidth=1.5)
    figure.axes[0].set_ylabel("error of free pixels / random guess")
    return figure


@implements("anogen-fig-deep-svdd-half-*-slider")
def fig_half_normal_runs(records: ByForm, stop: int) -> Figure:
    """Draw a row for each form, a column for each run, after one number of generations; a slider's frame."""
    images = np.stack([record["images"][:, stop] for record in records.values()])
    scores = np.stack([relative(record, record["scores"])[:, stop] for record in records.values()])
    return image_grid(pictures(images), scores, list(records))


@implements("thesis-fig-6.12", "anogen-fig-deep-svdd-half-*")
def fig_6_12(records: ByForm, run: int = 0) -> Figure:
    """Draw a row for each form, a column for each number of generations, of one normal-seeded population."""
    stops = [f"{stop:,}" for stop in next(iter(records.values())).parameter("stops")]
    images = np.stack([record["images"][run] for record in records.values()])
    scores = np.stack([relative(record, record["scores"])[run] for record in records.values()])
    return image_grid(pictures(images), scores, list(records), stops)


@implements("anogen-fig-deep-svdd-optima")
def fig_optima(records: Mapping[str, Mapping[str, Record]]) -> Figure:
    """Draw one optimum of each form that has known optima (rows), for each class where all of these have one."""
    known = {
        form: {label: record for label, record in by_class.items() if "optimum_points" in record.arrays}
        for form, by_class in records.items()
    }
    forms = [form for form, by_class in known.items() if by_class]
    classes = [label for label in known[forms[0]] if all(label in known[form] for form in forms)]
    images = np.stack([[known[form][label]["optimum_points"][0] for label in classes] for form in forms])
    scores = np.array([[float(known[form][label]["optimum_score"]) for label in classes] for form in forms])
    return image_grid(pictures(images), scores, forms)


@implements("anogen-fig-deep-svdd-falling")
def fig_falling(records: ByForm) -> Figure:
    """Plot the lowest score by generation over the median of real images: the runs' median, in a band of them all."""
    figure, axes = new_figure(1, 1, height=3.2)
    ax = axes[0, 0]
    for colour, (name, record) in zip(PALETTE, records.items(), strict=False):
        runs = record["history"] / np.median(record["test_normal_scores"])
        positive = (runs > 0).any(axis=0)
        x, runs = record["history_generations"][positive], np.where(runs > 0, runs, np.nan)[:, positive]
        ax.fill_between(x, np.nanmin(runs, axis=0), np.nanmax(runs, axis=0), color=colour, alpha=0.2)
        ax.plot(x, np.nanmedian(runs, axis=0), color=colour, label=name, marker=".", markersize=4)
    ax.axhline(1, color="black", linestyle="--", linewidth=1.5)
    ax.set(xlabel="generation", ylabel="lowest score / median real image", xscale="log", yscale="log")
    figure.legend(loc="outside right upper")
    return figure


def two_digits(number: float) -> str:
    """Write a number with two significant digits, without an exponent where it is large."""
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"


def table_detection(by_class: ByClass) -> Table:
    """Return the ROC AUC of each form and class, and the shares of rows that it labels normal."""
    head = ("variant", "class", "ROC AUC: mean (range)", "of normal images", "of anomalies", "of uniform noise")
    rows = []
    for number, detections in by_class.items():
        for form, record in detections.items():
            auc, threshold = record["auc"], record["threshold"]
            within, normal = record["test_scores"] <= threshold[:, None], record["test_labels"] == 0
            noise = (record["noise_scores"] <= threshold[:, None]).mean()
            shares = map(percent, (within[:, normal].mean(), within[:, ~normal].mean(), noise))
            spread = f"{auc.mean():.2f}" + (f" ({auc.min():.2f} to {auc.max():.2f})" if auc.size > 1 else "")
            rows.append([form, str(number), spread, *shares])
    return Table(head, rows)


def table_from_noise(by_class: ByClass, qualities: ByClass) -> Table:
    """Return the measures of the images from noise, by form and class."""
    head = ("variant", "class", "noise-like", "normal-looking", "score / real", "better than 95% of real")
    rows = []
    for number, forms in by_class.items():
        for form, search in forms.items():
            quality = qualities[number][form]
            shares = [percent(quality[key].mean()) for key in ("noise_like", "normal_looking")]
            score = two_digits(np.median(search["scores"]) / np.median(search["test_normal_scores"]))
            rows.append([form, str(number), *shares, score, percent((quality["score_rank"] < 0.05).mean())])
    return Table(head, rows)


def statements_met(verdicts: Iterable[Verdict], variant: str) -> list[str]:
    """Return the claims that hold in every training of a variant."""
    return [v.claim for v in verdicts if any(c.holds for c in v.conditions if c.setting.startswith(variant))]


def table_statements(met: Mapping[str, Sequence[str]]) -> Table:
    """Return the statements that hold in every training of some variants only; `met` lists them by variant."""
    rows = []
    for claim in inventory.claims():
        holds = [claim.id in ids for ids in met.values()]
        if any(holds) and not all(holds):
            rows.append([claim.statement, *("yes" if one else "no" for one in holds)])
    return Table(("statement of the thesis", *met), rows)


def table_fixed_pixels(searches: ByForm, qualities: ByForm) -> Table:
    """Compare the smallest and the largest share of fixed pixels: means over the real images."""
    ks = next(iter(searches.values())).parameter("ks")
    ends = [
        f"{measure}, {percent(k)} fixed"
        for measure in ("error of free pixels", "score / real")
        for k in (ks[0], ks[-1])
    ]
    rows = []
    for form, search in searches.items():
        error = qualities[form]["free_err_rel"].mean(axis=1)
        scores = search["guided_scores"].mean(axis=1) / search["reference_scores"].mean()
        rows.append([form, *map(two_digits, (error[0], error[-1], scores[0], scores[-1]))])
    return Table(("variant", *ends), rows)


def table_half_normal(runs: ByForm, qualities: ByForm) -> Table:
    """Follow normal-seeded populations, means over the runs; `blind drift` is that of one without selection."""
    head = ("variant", "generations", "labelled normal", "recognised", "moved", "blind drift")
    rows = []
    for form, run in runs.items():
        recognised, images, stops = qualities[form]["p_cls"], run["images"].astype(float), run.parameter("stops")
        moved = np.sqrt(((images - images[:, :1]) ** 2).mean(axis=(0, 2)))
        for i, stop in enumerate(stops):
            drift = run.parameter("sigma") * np.sqrt(4 / 3 * (stop - stops[0]) / run.parameter("population"))
            below = percent((run["scores"][:, i] < run["threshold"]).mean())
            rows.append([form, f"{stop:,}", below, f"{recognised[:, i].mean():.2f}", f"{moved[i]:.2f}", f"{drift:.2f}"])
    return Table(head, rows)
