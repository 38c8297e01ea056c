"""Figures and tables of chapter `passing`: local minima of density models, and other coordinates of the image."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from companion.figures.registry import implements
from companion.figures.style import BLUE, GREY, PALETTE, image_grid, new_figure, pictures
from companion.figures.tables import Table, percent
from companion.records import Record
from notebooks.beyond.passing.experiments import MIN_COVERAGE, MIN_RATE, MODELS, STARTS, passes
from notebooks.beyond.passing.parametrised import PARAMETRISATIONS

TITLES = {"mixture": "mixture", "kde": "KDE", "kde-likelihood": "KDE (likelihood)"}
SHOWN = 8
COPY = 0.1  # distance to the nearest training image, in units of held-out real images', below which an image is a copy


@implements("anogen-fig-modes-*")
def fig_modes(record: Record, start: int) -> Figure:
    """Draw the first local minima from the starts of one distribution, a row for each model."""
    rows = [record["images"][model, start, :SHOWN] for model in range(len(MODELS))]
    return image_grid(pictures(np.stack(rows)) / 255, row_labels=[TITLES[name].replace(" ", "\n") for name in MODELS])


def rate(record: Record, model: int, start: int, digit: int) -> float:
    """Return the share of the images that the classifier recognises as the digit."""
    return float((record["predicted"][model, start] == digit).mean())


def passed(record: Record, model: int, start: int, digit: int) -> bool:
    """Return whether a set passes, with its coverage in the classifier's features."""
    return passes(rate(record, model, start, digit), record["coverage"][model, start, 0], record["ceiling_coverage"][0])


def count_passed(records: Mapping[int, Record], model: int, start: int) -> int:
    """Return the number of digits on which a model passes."""
    return sum(passed(record, model, start, digit) for digit, record in records.items())


@implements("anogen-fig-passing")
def fig_passing(records: Mapping[int, Record]) -> Figure:
    """Plot coverage against the rate of recognised images: a mark for each digit, model and kind of starts."""
    figure, [[ax]] = new_figure(1, 1, height=4.2)
    for model, name in enumerate(MODELS):
        for start, marker in enumerate("xo"):
            x = [rate(r, model, start, digit) for digit, r in records.items()]
            y = [r["coverage"][model, start, 0] / r["ceiling_coverage"][0] for r in records.values()]
            label = f"{TITLES[name]}, {STARTS[start]}"
            ax.plot(x, y, marker, color=PALETTE[model], label=label, clip_on=False, alpha=0.8)
    ax.axvline(MIN_RATE, color=GREY, linewidth=1, linestyle=":")
    ax.axhline(MIN_COVERAGE, color=GREY, linewidth=1, linestyle=":")
    ax.set(xlabel="share of images recognised as the digit", ylabel="coverage, real images = 1")
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1.2, handletextpad=0.3)
    return figure


@implements("anogen-fig-remembered")
def fig_remembered(records: Mapping[int, Record]) -> Figure:
    """Plot the median distance to the nearest training image, in units of held-out real images' median, by digit."""
    figure, [[ax]] = new_figure(1, 1, height=3.2)
    for model, name in enumerate(MODELS):
        y = [np.median(r["train_distance"][model, 1]) / np.median(r["real_train_distance"]) for r in records.values()]
        ax.plot(list(map(str, records)), y, "o", color=PALETTE[model], label=TITLES[name], clip_on=False)
    ax.axhline(1, color=BLUE, linewidth=1, linestyle=":")
    ax.set(xlabel="digit", ylabel="distance, real images = 1", ylim=(0, None))
    ax.legend()
    return figure


@implements("anogen-fig-mixture-evolved")
def fig_evolved(records: Mapping[int, Record]) -> Figure:
    """Draw the image evolved on the mixture of each digit, above it how far it is from the lowest mode (`gaps`)."""
    images = np.stack([r["evolved"] for r in records.values()])[None]
    return image_grid(pictures(images), np.array([gaps(records)]), column_labels=list(map(str, records)))


def gaps(records: Mapping[int, Record]) -> list[float]:
    """Return by how many interquartile ranges of real images' scores the evolved images score above the lowest mode."""
    spreads = [np.subtract(*np.percentile(r["real_scores"][0], [75, 25])) for r in records.values()]
    above = [r["evolved_score"] - r["lowest_mode"] for r in records.values()]
    return [float(gap / spread) for gap, spread in zip(above, spreads, strict=True)]


def copied(records: Mapping[int, Record], model: int) -> float:
    """Return the share of a model's minima, from starts about the mean, that are copies of training images."""
    unit = [np.median(r["real_train_distance"]) for r in records.values()]
    distances = [r["train_distance"][model, 1] for r in records.values()]
    return float((np.concatenate(list(map(np.divide, distances, unit))) < COPY).mean())


@implements("anogen-fig-coordinates")
def fig_coordinates(record: Record) -> Figure:
    """Draw images of the autoencoder with each parametrisation, their scores above them."""
    images, scores = (record[key][:, :4] for key in ("images", "scores"))
    labels = [coordinates_name(i).replace(", total", ",\ntotal") for i in range(len(images))]
    return image_grid(pictures(images), scores, row_labels=labels)


def coordinates_name(index: int) -> str:
    """Return the printed name of a parametrisation."""
    return str(PARAMETRISATIONS[index]).replace("fourier", "Fourier").replace("1e-05", "0.00001")


def table_passing(records: Mapping[int, Record]) -> Table:
    """Compare models and starts: means over digits."""
    measures = ("recognised", "coverage, features", "coverage, pixels", "different images", "digits passed")
    rows = []
    for model, name in enumerate(MODELS):
        for start, kind in enumerate(STARTS):
            rates = np.array([rate(r, model, start, digit) for digit, r in records.items()])
            covered = np.array([r["coverage"][model, start] / r["ceiling_coverage"] for r in records.values()])
            distinct = [float(r["distinct"][model, start]) / r["scores"].shape[-1] for r in records.values()]
            shares = [percent(values.mean()) for values in (rates, covered[:, 0], covered[:, 1])]
            count = f"{count_passed(records, model, start)} of {len(records)}"
            rows.append([f"{TITLES[name]}, {kind}", *shares, percent(float(np.mean(distinct))), count])
    return Table(("detector, starts", *measures), rows)


def table_remembered(records: Mapping[int, Record]) -> Table:
    """Compare the distances to training and held-out images, from starts about the mean."""
    measures = ("distance to training images", f"copies (below {COPY})", "relative to held-out images")
    rows = []
    for model, name in enumerate(MODELS):
        near, held = ([r[key][model, 1] for r in records.values()] for key in ("train_distance", "held_distance"))
        usual = [np.median(r["real_train_distance"]) for r in records.values()]
        train, ratio = (np.concatenate(list(map(np.divide, near, unit))) for unit in (usual, held))
        numbers = (f"{np.median(train):.2f}", percent(copied(records, model)), f"{np.median(ratio):.2f}")
        rows.append([TITLES[name], *numbers])
    real = np.concatenate([r["real_train_distance"] / r["real_held_distance"] for r in records.values()])
    return Table(("detector", *measures), [*rows, ["held-out real images", "1.00", "–", f"{np.median(real):.2f}"]])


def table_coordinates(record: Record, quality: Record) -> Table:
    """Measure the images of each parametrisation."""
    rows = []
    for i in range(len(PARAMETRISATIONS)):
        measures = [f"{quality[key][i].mean():.2f}" for key in ("p_cls", "nn_ratio")]
        score = f"{np.median(record['scores'][i]):.5f}"
        rows.append([coordinates_name(i), score, *measures, percent(float(quality["normal_looking"][i].mean()))])
    head = ("coordinates", "median score", "class probability", "distance to real images", "normal-looking")
    return Table(head, rows)
