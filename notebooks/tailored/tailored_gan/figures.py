"""Figures 1 to 6 and 14 and Tables 1 and 2 of the tailored paper: norms of seeds, generated images, the networks."""

import textwrap
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from anogen.detectors.gan import seeds
from companion.claims.base import Finding
from companion.figures import style
from companion.figures.registry import implements
from companion.figures.style import image_grid, new_figure, pictures, styled
from companion.figures.tables import Table
from companion.records import Record
from notebooks.tailored.common.claims import CLASS_ACCURACY, NEARNESS
from notebooks.tailored.common.figures import Box, add_letters, draw_diagram, over_norms, printed

COLUMNS = 16  # images in a row
LIKENESS = ("distance", "coverage", "density")
CLASSES = [str(label) for label in range(10)]
LAYERS = {"Dense": "dense", "b: Dense (y_tilde)": "class map", "Conv2D": "convolution", "Residual block": "block"}


@implements("tailored-fig-1")
def fig_1(record: Record) -> Figure:
    """Draw the densities of the seed's norm in `SeedNorms`, a panel a length: simulated, corrected and as printed."""
    lengths = record["lengths"].tolist()
    figure, axes = new_figure(len(lengths), sharey=True)
    edges = record["edges"]
    x = np.linspace(edges[0], edges[-1], 500)
    with styled():
        for ax, length, histogram in zip(axes[0], lengths, record["histogram"], strict=True):
            ax.stairs(histogram, edges, fill=True, color=style.SKY, alpha=0.6, label="simulated")
            ax.plot(x, seeds.density(x, length), color=style.BLUE, label="corrected")
            ax.plot(x, seeds.printed_density(x, length), color=style.VERMILION, linestyle="--", label="as printed")
            ax.axvline(seeds.RADIUS, color=style.GREY, linewidth=1, linestyle=":")
            ax.set(xlabel="norm of the seed")
            ax.text(0.05, 0.9, f"$N={length}$", transform=ax.transAxes, ha="left")
        add_letters(*axes[0])
        axes[0, 0].set_ylabel("density")
        figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


@implements(
    "tailored-fig-2", "tailored-fig-3", "tailored-fig-14", "anogen-fig-tailored-seeds-*", "anogen-fig-tailored-path-*"
)  # fmt: skip
def figs_2_3_14(record: Record, key: str = "shared") -> Figure:
    """Draw images of `Samples` in rows of rising norm; rows of many norms are cut into two, so that images stay large.

    `shared` are those of one seed in every class (Fig. 2), `single` of several seeds of one class (Fig. 3), `path` of
    five seeds of one class in steps of half a unit (Fig. 14).
    """
    images, norms = record[key], record["fine" if key == "path" else "norms"]
    rows = CLASSES if key == "shared" else [f"seed {i}" for i in range(1, len(images) + 1)]
    if len(norms) <= COLUMNS:
        return image_grid(pictures(images), row_labels=rows, column_labels=[f"{norm:g}" for norm in norms])
    halves = np.full((len(images), 2, COLUMNS, images.shape[-1]), np.nan)
    parts = norms[:COLUMNS], norms[COLUMNS:]
    for i, part in enumerate(parts):
        halves[:, i, : len(part)] = images[:, i * COLUMNS :][:, : len(part)] / 255
    ranges = [f"{part[0]:g} to {part[-1]:g}" for part in parts]
    return image_grid(
        pictures(halves.reshape(-1, *halves.shape[2:])), row_labels=[f"{r}\n{n}" for r in rows for n in ranges]
    )


@implements("anogen-fig-tailored-progress")
def fig_progress(records: Sequence[Record]) -> Figure:
    """Draw two fakes of each class, of the same seeds, from each `Progress`, a row each."""
    images = np.stack([record["fakes"][:, :2].reshape(2 * len(CLASSES), -1) for record in records])
    labels = [f"{record.parameter('width')}; {iterations(record):,}" for record in records]
    columns = [label if i == 0 else "" for label in CLASSES for i in range(2)]
    return image_grid(pictures(images), row_labels=labels, column_labels=columns)


@implements("anogen-fig-tailored-stages")
def fig_stages(records: Sequence[Record], criteria: Mapping[str, Callable[[Record], Finding]]) -> Figure:
    """Draw the first number of each criterion on `Samples` over the stages of one training, a panel a criterion.

    Lines are the thresholds on that number. A point is filled if the whole criterion is met at that stage.
    """
    figure, axes = new_figure(2, -(-len(criteria) // 2), height=8.5, sharex=True)
    at = [iterations(record) for record in records]
    with styled():
        for ax, (id_, criterion) in zip(axes.flat, criteria.items(), strict=False):
            findings = [criterion(record) for record in records]
            parts = findings[0].cases[0].parts
            ax.plot(at, [finding.cases[0].parts[0].value for finding in findings], color=style.BLUE)
            for end, finding in zip(at, findings, strict=True):
                face = style.BLUE if finding.holds else "white"
                ax.plot(end, finding.cases[0].parts[0].value, "o", color=style.BLUE, markerfacecolor=face)
            for part in parts:
                if part.quantity == parts[0].quantity:
                    ax.axhline(part.threshold, color=style.VERMILION, linewidth=1, linestyle="--")
            ax.set_ylabel(textwrap.fill(parts[0].quantity, 26), fontsize=8)
            ax.text(0.98, 0.9, id_.removeprefix("tailored-"), transform=ax.transAxes, ha="right", fontsize=8)
            ax.set(xlim=(0, None), xticks=at)
            ax.margins(y=0.25)
        for ax in axes[-1]:
            ax.set_xlabel("iterations")
            ax.set_xticks(at, [f"{end:,}" for end in at], fontsize=8)
    return figure


def table_progress(records: Sequence[Record]) -> Table:
    """Return the measures of each `Progress`, and those of real images."""
    head = ("iterations", "filters, batch", "fakes with their label", "Fréchet distance", "coverage", "density")
    rows = [
        [
            f"{iterations(record):,}", f"{record.parameter('width')}, {record.parameter('batch')}",
            f"{record['labelled'].mean():.1%}", *(f"{float(record[key]):.2f}" for key in LIKENESS),
        ]
        for record in records
    ]  # fmt: skip
    real_values = {key: float(records[0][f"ceiling_{key}"]) for key in LIKENESS}
    bars = {key: f"at least {NEARNESS * real_values[key]:.2f}" for key in ("coverage", "density")}
    required = ["required", "", f"at least {CLASS_ACCURACY['MNIST']:g}%", *(bars.get(key, "") for key in LIKENESS)]
    real = ["real images", "", "", *(f"{value:.2f}" for value in real_values.values())]
    return Table(head, [*rows, required, real])


def iterations(record: Record) -> int:
    """Return the number of iterations after which a GAN was measured."""
    return int(record.parameter("until") or record.parameter("iterations"))


@implements("anogen-fig-tailored-fakes")
def fig_fakes(record: Record) -> Figure:
    """Draw eight fakes of each class, of natural seeds, from `Samples`."""
    return image_grid(pictures(record["fakes"][:, :8].swapaxes(0, 1)), column_labels=CLASSES)


@implements("tailored-fig-4")
def fig_4() -> Figure:
    """Draw the WGAN-GP whose critic and generator receive the classifier's decision."""
    boxes: Sequence[Box] = (
        ("seed $n_F$, $\\Vert n_F\\Vert<5$\nclass $\\tilde{y}$", (0.9, 2.1), 1.4, "white"),
        ("generator $G$", (2.55, 2.1), 1.1, style.SKY),
        ("classifier $C$\n(trained before)", (3.9, 1.1), 1.3, style.GREEN),
        ("critic $D$", (5.5, 2.1), 0.9, style.ORANGE),
        ("real image $x$, class $y$", (3.9, 3.0), 1.8, "white"),
    )
    arrows = (
        ((1.62, 2.1), (1.98, 2.1), ""),
        ((3.12, 2.1), (5.03, 2.1), "fake $G_F$"),
        ((2.7, 1.83), (3.23, 1.15), ""),
        ((4.57, 1.15), (5.4, 1.83), "decision"),
        ((4.82, 2.95), (5.4, 2.37), ""),
    )
    return draw_diagram(boxes, arrows, "adversarial loss and cross-entropy train $G$; $F-R+\\lambda\\,GP$ trains $D$")


@implements("tailored-fig-5")
def fig_5(record: Record) -> Figure:
    """Draw the classifier's confidence and the critic's score over the norm, from `Samples`."""
    return over_norms(record["confidence"], record["critic"], record["fine"], "mean score of the critic")


@implements("anogen-fig-tailored-distances")
def fig_distances(record: Record) -> Figure:
    """Draw distances of images in `Samples`: of ten classes from one seed, of seeds in one class, to real images."""
    figure, [(left, right)] = new_figure(2, height=3.0)
    with styled():
        each = record["class_distance"]
        left.plot(record["norms"], each.mean(axis=0), color=style.BLUE, label="ten classes, one seed")
        left.plot(record["norms"], record["seed_distance"], color=style.VERMILION, label="many seeds, one class")
        left.set(xlabel="norm of the seed", ylabel="mean distance", ylim=(0, None))
        left.legend(fontsize=9)
        right.scatter(record["nearest_norms"].ravel(), record["nearest"].ravel(), s=6, color=style.BLUE, alpha=0.4)
        right.axvline(seeds.RADIUS, color=style.GREY, linewidth=1, linestyle=":")
        right.set(xlabel="norm of the seed", ylabel="distance to a real image", ylim=(0, None))
    return figure


@implements("tailored-fig-6")
def fig_6(record: Record, threshold: float) -> Figure:
    """Draw two distributions of scores with a threshold, and both rates as it moves (`Binormal`)."""
    figure, [(left, right)] = new_figure(2)
    grid, apart = record["thresholds"], record.parameter("separation")
    with styled():
        for mean, colour, name in ((0.0, style.VERMILION, "anomalies"), (apart, style.BLUE, "normal")):
            density = np.exp(-((grid - mean) ** 2) / 2) / np.sqrt(2 * np.pi)
            left.plot(grid, density, color=colour)
            for side, alpha in ((grid > threshold, 0.4), (grid <= threshold, 0.15)):
                left.fill_between(grid[side], density[side], color=colour, alpha=alpha)
            left.text(mean, density.max() * 1.02, name, ha="right" if mean == 0 else "left", color=colour)
        left.axvline(threshold, color=style.BLACK, linewidth=1.2)
        inside = {
            "TN": (-0.4, 0.12),
            "FN": (threshold - 0.75, 0.015),
            "FP": (threshold + 0.8, 0.015),
            "TP": (apart + 0.4, 0.12),
        }
        for word, place in inside.items():
            left.text(*place, word, color=style.VERMILION if word in ("TN", "FP") else style.BLUE, ha="center")
        left.set(xlabel="score", ylabel="density", ylim=(0, 0.47))
        right.plot(grid, record["tpr"], color=style.BLUE, label="TPR")
        right.plot(grid, record["fpr"], color=style.VERMILION, label="FPR")
        right.axvline(threshold, color=style.BLACK, linewidth=1.2)
        right.set(xlabel="threshold", ylabel="rate")
        right.legend()
    return figure


@implements("anogen-fig-tailored-alpha")
def fig_alphas(record: Record) -> Figure:
    """Draw fakes of every class from the same seeds in `AlphaSweep`: before, then a row for each α and training."""
    shown, rows = [record["start_fakes"]], ["before"]
    for alpha, of_alpha in zip(record["alphas"], record["fakes"], strict=True):
        shown += list(of_alpha)
        rows += [f"α = {alpha:g}, {number}" for number in range(1, len(of_alpha) + 1)]
    images = pictures(np.stack([fakes[:, 0] for fakes in shown]))
    return image_grid(images, row_labels=rows, column_labels=CLASSES)


def table_alphas(record: Record) -> Table:
    """Return agreement of the two classifiers and feature distance before and for each α: mean, and each training."""
    head = ("α", "classifier in the loop agrees", "independent classifier agrees", "feature distance of the fakes")
    keys = {"agreement": ".1%", "independent": ".1%", "distance": ".1f"}
    rows = [["before", *(f"**{float(record[f'start_{key}']):{form}}**" for key, form in keys.items())]]
    for i, alpha in enumerate(record["alphas"]):
        cells = [f"{alpha:g}"]
        for key, form in keys.items():
            each = ", ".join(f"{value:{form}}" for value in record[key][i])
            cells.append(f"**{record[key][i].mean():{form}}** ({each})")
        rows.append(cells)
    return Table(head, rows)


@implements("tailored-table-1", "tailored-table-2")
def tables_1_2(record: Record, number: int = 1) -> Table:
    """Return Table 1 or 2, the networks for MNIST or CIFAR-10: every layer's output in `Architecture` and as printed.

    Reshaping and joining are not layers here.
    """
    key, table, rows = ("mnist", "cifar10")[number - 1], printed(f"tailored-table-{number}"), []
    for name, theirs in (("generator", "generator"), ("critic", "discriminator")):
        layers, shapes = record[f"{key}.{name}.layers"].tolist(), record[f"{key}.{name}.shapes"]
        ends = _ends(layers, shapes, [shape for layer, _, _, shape in table.rows[theirs] if layer == "Residual block"])
        seen = dict.fromkeys(LAYERS, 0)
        for layer, _, _, shape in table.rows[theirs]:
            if layer not in LAYERS:
                continue
            place = ends[seen[layer]] if layer == "Residual block" else layers.index(LAYERS[layer])
            seen[layer] += 1
            rows.append([name, layer.replace("y_tilde", "ỹ"), size(shapes[place]), shape.replace(" x ", "×")])
    return Table(("network", "layer", "output here", "as printed"), rows)


def _ends(layers: Sequence[str], shapes: np.ndarray, stages: Sequence[str]) -> list[int]:
    """Return the place of the last block of each stage: the last of the printed size, or in turn where two share it."""
    blocks = [i for i, layer in enumerate(layers) if layer.startswith("block")]
    found = []
    for number, stage in enumerate(stages):
        same = [i for i in blocks if size(shapes[i]).replace("×", " x ") == stage and i not in found]
        later = sum(other == stage for other in stages[number + 1 :])
        found.append(same[-1] if not later else same[0])
    return found


def size(shape: np.ndarray) -> str:
    """Write a shape (c, h, w) as the paper does, channels last; a vector as its length."""
    channels, *rest = (int(n) for n in shape)
    return str(channels) if rest == [1, 1] else "×".join(map(str, [*rest, channels]))
