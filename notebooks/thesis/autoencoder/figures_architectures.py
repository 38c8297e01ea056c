"""Figures of chapter `autoencoder` over architectures and trainings (thesis Figs. 6.1 and 6.2)."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from anogen.generators import GradientConfig
from companion.figures.registry import implements
from companion.figures.style import image_grid, pictures
from companion.figures.tables import Table, percent
from companion.records import Record
from notebooks.thesis.autoencoder.architectures import ADMISSIBLE
from notebooks.thesis.autoencoder.figures import thousandths
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
    """Draw the images of one training, eight a row, with their scores in thousandths of the median real image's."""
    return image_rows({"": (record["images"][place], thousandths(record["scores"][place], record["error"][place[:2]]))})


@implements("anogen-fig-autoencoder-architectures")
def fig_architectures(records: Mapping[str, Record], way: int) -> Figure:
    """Draw the first image of every training in one way: a row for each architecture, a column for each training."""
    first = next(iter(records.values()))
    digits, trainings = first.parameter("normals"), range(1, first.parameter("trainings") + 1)
    images = [pictures(record["images"][:, :, way, 0]).reshape(-1, 28, 28) for record in records.values()]
    scores = [thousandths(r["scores"][:, :, way, 0], r["error"]).ravel() for r in records.values()]
    columns = [f"{digit}\n{training}" for digit in digits for training in trainings]
    return image_grid(np.stack(images), np.stack(scores), list(records), columns)


def all_black(record: Record) -> np.ndarray:
    """Tell which trainings, (D, T), generate black images only: their network puts out black whatever its input is."""
    return np.asarray(record["images"].max(axis=(2, 3, 4)) <= BLACK)


def describe(way: GradientConfig) -> str:
    """Return a way to descend in words, such as `Adam on the sum`."""
    return f"{'Adam' if way.rule == 'adam' else 'plain steps'} on the {way.reduction}"


def table_choice(records: Mapping[str, Record], qualities: Mapping[str, Record]) -> Table:
    """Compare the architectures on the digits of the choice: normal-looking images by way, ROC AUC."""
    rows = []
    for network, record in records.items():
        looks = qualities[network]["normal_looking"]
        shares = [percent(share) for share in (*looks.mean(axis=(0, 1, 3)), looks.mean())]
        rows.append([network, *shares, f"{record['auc'].mean():.2f}"])
    return Table(("architecture", *map(describe, ADMISSIBLE), "all three", "ROC AUC"), rows)


def table_trainings(records: Mapping[str, Record], qualities: Mapping[str, Record]) -> Table:
    """Compare the trainings of each architecture and digit: normal-looking images over all ways, ROC AUC."""
    columns = {}
    for network, record in records.items():
        for number, digit in enumerate(record.parameter("normals")):
            shares, aucs = qualities[network]["normal_looking"][number].mean(axis=(1, 2)), record["auc"][number]
            cells = [f"{percent(share)} ({auc:.2f})" for share, auc in zip(shares, aucs, strict=True)]
            columns[f"{network}, {digit}"] = [*cells, percent(shares.mean())]
    names = [*map(str, range(1, len(next(iter(columns.values()))))), "mean"]
    return Table(("training", *columns), [list(row) for row in zip(names, *columns.values(), strict=True)])
