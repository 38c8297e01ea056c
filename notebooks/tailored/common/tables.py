"""Tables of the tailored paper: measured beside reported."""

from collections.abc import Mapping, Sequence

import numpy as np

from companion.claims import inventory
from companion.figures.tables import Table
from companion.records import Record

LAYERS = {"Dense": "dense", "b: Dense (y_tilde)": "class map", "Conv2D": "convolution", "Residual block": "block"}


def printed(id_: str) -> inventory.Table:
    """Return a table of the inventory."""
    [table] = [one for one in inventory.tables() if one.id == id_]
    return table


def architecture(record: Record, key: str, table: inventory.Table) -> Table:
    """Every layer's output here and as printed; what merely reshapes or joins has no layer of its own here."""
    rows = []
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
    return Table("network | layer | output here | as printed", rows)


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


NAMES: Mapping[str, str] = {
    "FashionMNIST": "fashion", "Omniglot": "omniglot", "notMNIST": "notmnist", "Uniform": "uniform",
    "Gaussian": "gaussian", "CIFAR-10-bw": "cifar10", "CIFAR-100": "cifar100", "MNIST-resized": "mnist",
}  # fmt: skip
BESIDE = {"LSUN": ("scenes", "scenes, where the paper has LSUN")}  # a real set that stands next to one of the paper's
REASONS = {"SVHN-bw": "not to be had", "SVHN": "not to be had", "LSUN": "not to be had"}
METRICS = (
    ("auroc", None, "AUROC"),
    ("fpr95", None, "FPR95TPR"),
    ("accuracy", 0, "accuracy_0.95"),
    ("accuracy", 1, "accuracy_0.99"),
)


def results(record: Record, table: inventory.Table) -> Table:
    """Every row of a table of results: measured, in percent, and as reported with the difference.

    A set that is not to be had has no measured number; what stands in for it has a row of its own, below, and nothing
    reported. The last two rows are of fakes and of near anomalies.
    """
    columns, rows = list(table.columns), []
    for line in table.rows:
        name, row = line[0], [line[0]]
        for key, level, column in METRICS:
            reported = line[columns.index(column)]
            row.append(_beside(_measured(record, name, key, level), reported))
        rows.append([f"{name} ({REASONS[name]})" if name in REASONS else name, *row[1:]])
        if name in BESIDE:
            other, text = BESIDE[name]
            rows.append([text, *(_beside(_values(record, other, key, level), None) for key, level, _ in METRICS)])
    return Table("set | AUROC | FPR at 95% TPR | accuracy (0.95) | accuracy (0.99)", rows)


def _measured(record: Record, name: str, key: str, level: int | None) -> np.ndarray | None:
    """Return a cell's values over the detectors, in percent, (T,); None where there is nothing to measure."""
    real = name in ("MNIST", "CIFAR-10")
    if name in REASONS or (real and level is None):
        return None
    if real:
        return 100 * np.asarray(record["accepted"][:, level])
    known = "fakes" if name.startswith("Fakes") else "near" if name.startswith("Anomalies") else NAMES[name]
    return _values(record, known, key, level)


def _values(record: Record, wanted: str, key: str, level: int | None) -> np.ndarray | None:
    """Return a measure of a set of the record, as `_measured` does."""
    names = record["names"].tolist()
    if wanted not in names:
        return None
    values = record[key][:, names.index(wanted)]
    return 100 * np.asarray(values if level is None else values[:, level])


def _beside(values: np.ndarray | None, reported: float | None) -> str:
    """Write mean and deviation over the detectors, then what is reported and the difference to it."""
    theirs = "" if reported is None else f"; {reported:.2f}"
    if values is None:
        return f"-{theirs}"
    spread = f" ({values.std(ddof=1):.2f})" if len(values) > 1 else ""
    apart = "" if reported is None else f", {values.mean() - reported:+.2f}"
    return f"**{values.mean():.2f}**{spread}{theirs}{apart}"


def literature(record: Record, table: inventory.Table) -> Table:
    """Table 11 with both numbers of ours: the accuracy that the paper enters, and the AUROC that its title promises."""
    others = table.columns[2:]
    head = " | ".join(["anomalies", "ours, accuracy (0.95)", "ours, AUROC", "reported", *others])
    rows = []
    for name, reported, *theirs in table.rows:
        real = name == "MNIST accuracy"
        accuracy = _measured(record, "MNIST" if real else name, "accuracy", 0)
        area = None if real else _measured(record, name, "auroc", None)
        ours = ["-" if value is None else f"{value.mean():.2f}" for value in (accuracy, area)]
        rows.append([name, *ours, f"{reported}", *("-" if value is None else f"{value}" for value in theirs)])
    return Table(head, rows)
