"""Figure 17 and Tables 4, 6, 8 and 10 of the tailored paper, and figures of the generator of colour images."""

import numpy as np
from matplotlib.figure import Figure

from anogen.detectors.gan import seeds
from companion.figures.registry import implements
from companion.figures.style import BLACK, GREY, PALETTE, image_grid, new_figure, pictures, styled
from companion.figures.tables import Table
from companion.records import Record
from notebooks.tailored.common.figures import over_norms, roc_and_scores, training_losses
from notebooks.tailored.common.tables import results

SHORT = {"airplane": "plane", "automobile": "car"}  # names that are wider than a small image


@implements("tailored-table-4")
def table_4(record: Record) -> Table:
    """Return Table 4, of `CriticScores`: the critic, not trained for anomalies, in percent."""
    return results(record, "tailored-table-4")


@implements("tailored-table-6")
def table_6(record: Record) -> Table:
    """Return Table 6, of `DetectorScores`: trained on fakes and near anomalies."""
    return results(record, "tailored-table-6")


@implements("tailored-table-8")
def table_8(record: Record) -> Table:
    """Return Table 8, of `DetectorScores`: with real anomalies of one set in training."""
    return results(record, "tailored-table-8")


@implements("tailored-table-10")
def table_10(record: Record) -> Table:
    """Return Table 10, of `DetectorScores`: with real images in place of fakes."""
    return results(record, "tailored-table-10")


@implements("anogen-fig-tailored-cifar-losses", "anogen-fig-tailored-cifar-unscaled-losses")
def fig_losses(record: Record) -> Figure:
    """Draw the losses of `TailoredGAN`'s training."""
    return training_losses(record)


@implements("anogen-fig-tailored-cifar-critic", "anogen-fig-tailored-cifar-trained")
def fig_scores(record: Record) -> Figure:
    """Draw ROC curves and scores of every set: `CriticScores`, `DetectorScores`."""
    return roc_and_scores(record)


@implements("anogen-fig-tailored-cifar-over-norms")
def fig_over_norms(record: Record) -> Figure:
    """Draw the classifier's confidence and the detectors' mean score over the norm, from `DetectorScores`."""
    score = record["curve"].mean(axis=0)
    return over_norms(record["confidence_curve"], score, record["fine"], "mean score of the detector")


@implements("anogen-fig-tailored-cifar-norms")
def fig_norms(record: Record, classes: list[str]) -> Figure:
    """Draw one seed in every second class, a row each, its norm rising from left to right."""
    norms = [f"{norm:g}" for norm in record["norms"]]
    return image_grid(pictures(record["shared"][::2]), row_labels=classes[::2], column_labels=norms)


@implements("anogen-fig-tailored-cifar-fakes", "anogen-fig-tailored-cifar-unscaled-fakes")
def fig_fakes(record: Record, classes: list[str]) -> Figure:
    """Draw fakes of natural seeds, a column for each class."""
    return image_grid(pictures(record["fakes"].swapaxes(0, 1)[:4]), column_labels=[SHORT.get(c, c) for c in classes])


@implements("tailored-fig-17")
def fig_17(record: Record, classes: list[str]) -> Figure:
    """Draw the mean score of `CrossedGenerator`'s detectors of digits for each colour class, over the norm."""
    figure, axes = new_figure(1, height=3.6)
    ax, curve = axes[0, 0], record["curve"].mean(axis=0)
    with styled():
        for y, (name, line) in enumerate(zip(classes, curve, strict=True)):
            ax.plot(
                record["fine"], line, color=PALETTE[y % len(PALETTE)], linewidth=1.4, label=name,
                linestyle="-" if y < len(PALETTE) else "--",
            )  # fmt: skip
        ax.axhline(np.mean(record["threshold"][:, 0]), color=BLACK, linewidth=1.2, linestyle=":")
        ax.axvline(seeds.RADIUS, color=GREY, linewidth=1, linestyle=":")
        ax.set(xlabel="norm of the seed", ylabel="mean score by the detectors of digits")
        ax.legend(ncols=2, fontsize=9)
    return figure
