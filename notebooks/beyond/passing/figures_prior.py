"""Figure and table of chapter `passing` on the prior of a descent."""

import numpy as np
from matplotlib.figure import Figure

from anogen.detectors import CATALOGUE
from companion.figures.registry import implements
from companion.figures.style import image_grid, pictures
from companion.figures.tables import Table, percent
from companion.records import Record
from notebooks.beyond.passing.prior import PRIORS, STATES


def prior_name(index: int) -> str:
    """Return the printed name of a prior."""
    name = PRIORS[index].coordinates.replace("fourier", "Fourier")
    return name + (", smooth" if PRIORS[index].variation else "")


@implements("anogen-fig-prior")
def fig_prior(record: Record, digit: int) -> Figure:
    """Draw the images of one digit by each prior: of the detectors, trained and untrained, and of a constant score."""
    place = list(record.parameter("digits")).index(digit)
    names = [CATALOGUE[name].title for name in record.parameter("detectors")]
    rows = [images for by_digit in record["images"] for images in by_digit[place]]
    labels = [f"{name},\n{state}" for name in names for state in STATES]
    columns = [prior_name(i).replace(", ", ",\n") for i in range(len(PRIORS))]
    images = np.stack([*rows, record["constant_images"]])
    return image_grid(pictures(images) / 255, row_labels=[*labels, "constant score"], column_labels=columns)


def table_prior(record: Record) -> Table:
    """Return for each detector and prior who looks normal, and how much of the picture is shared: means."""
    rows = []
    for d, name in enumerate(record.parameter("detectors")):
        for p in range(len(PRIORS)):
            normal = record["normal"][d, :, :, :, p].mean(axis=(0, 1, 3))
            shared = (record[key][d, ..., p].mean() for key in ("shared", "constant", "trainings"))
            rows.append([f"{CATALOGUE[name].title}, {prior_name(p)}", *map(percent, normal), *map(percent, shared)])
    head = ("detector, prior", "normal", "normal, untrained", "shared: untrained", "constant", "training")
    return Table(head, rows)
