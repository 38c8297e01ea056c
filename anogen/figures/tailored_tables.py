"""Tables of the tailored paper: measured beside reported."""

from collections.abc import Mapping, Sequence

import numpy as np

from anogen.claims import inventory
from anogen.figures.tables import Table
from anogen.records import Record

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
    return "network | layer | output here | as printed", rows


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
