"""Figures of chapter `autoencoder` over architectures and trainings (thesis Figs. 6.1 and 6.2)."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from companion.figures.registry import implements
from companion.figures.style import image_grid, pictures
from companion.figures.tables import Table, percent
from companion.records import Record
from notebooks.thesis.autoencoder.architectures import ADMISSIBLE
from notebooks.thesis.common.groups import median_training
from notebooks.thesis.common.image_figures import image_rows

BLACK = 1  # of 255 grey values: the brightest that is not seen
Place = tuple[int, int, int]  # digit, training and way in the arrays of `Architecture`


def find_median(quality: Record, digit: int, way: int) -> Place:
    """Return the place of the images that a figure of a digit shows: those of the median training in this way."""
    number = list(quality.parameter("normals")).index(digit)
    shares, means = (quality[key][number, :, way].mean(axis=-1).tolist() for key in ("normal_looking", "quality"))
    return number, median_training(shares, means), way


def shares_by_training(qualities: Mapping[str, Record], place: Place) -> np.ndarray:
    """Return the share of normal-looking images of every architecture and training, (A, T), of one digit and way."""
    digit, _, way = place
    return np.stack([quality["normal_looking"][digit, :, way].mean(axis=-1) for quality in qualities.values()])


@implements("thesis-fig-6.1", "thesis-fig-6.2")
def figs_6_1_6_2(record: Record, place: Place) -> Figure:
    """Draw the images of one training, eight a row, their scores above them."""
    return image_rows({"": (record["images"][place], record["scores"][place])})


@implements("anogen-fig-autoencoder-architectures")
def fig_architectures(records: Mapping[str, Record], way: int) -> Figure:
    """Draw the first image of every training in one way: a row for each architecture, a column for each training."""
    first = next(iter(records.values()))
    digits, trainings = first.parameter("normals"), range(1, first.parameter("trainings") + 1)
    images = [pictures(record["images"][:, :, way, 0]).reshape(-1, 28, 28) for record in records.values()]
    scores = [record["scores"][:, :, way, 0].ravel() for record in records.values()]
    columns = [f"{digit}\n{training}" for digit in digits for training in trainings]
    return image_grid(np.stack(images), np.stack(scores), list(records), columns)


def all_black(record: Record) -> np.ndarray:
    """Tell which trainings, (D, T), generate black images only: their network puts out black whatever its input is."""
    return np.asarray(record["images"].max(axis=(2, 3, 4)) <= BLACK)


def table_choice(records: Mapping[str, Record], qualities: Mapping[str, Record]) -> Table:
    """Compare the architectures on the digits of the choice: normal-looking images by way, ROC AUC, error."""
    ways = [f"{way.rule}, {way.reduction}" for way in ADMISSIBLE]
    rows = []
    for network, record in records.items():
        looks, quality = (qualities[network][key] for key in ("normal_looking", "quality"))
        shares = [percent(share) for share in (*looks.mean(axis=(0, 1, 3)), looks.mean())]
        numbers = f"{quality.mean():.3f}", f"{record['auc'].mean():.3f}", f"{record['error'].mean():.4f}"
        rows.append([network, *shares, *numbers])
    return Table(("architecture", *ways, "all ways", "mean quality", "ROC AUC", "error of held-out images"), rows)


def table_trainings(records: Mapping[str, Record], qualities: Mapping[str, Record]) -> Table:
    """Compare the trainings of each architecture: normal-looking images over all ways, in brackets the ROC AUC."""
    rows = []
    for network, record in records.items():
        for number, digit in enumerate(record.parameter("normals")):
            shares, aucs = qualities[network]["normal_looking"][number].mean(axis=(1, 2)), record["auc"][number]
            cells = [f"{percent(share)} ({auc:.3f})" for share, auc in zip(shares, aucs, strict=True)]
            rows.append([network, str(digit), *cells, percent(shares.mean())])
    return Table(("architecture", "digit", *(f"training {i}" for i in range(1, len(rows[0]) - 2)), "mean"), rows)
