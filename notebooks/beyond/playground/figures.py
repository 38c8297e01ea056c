"""Figure and table of chapter `playground`, and the live playground: a record's numbers for the site's scripts."""

import json
from typing import Any

import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from scipy.stats import rankdata

from companion.figures.registry import implements
from companion.figures.style import FIELD_COLOURS, VERMILION, WIDTH, new_figure
from companion.figures.tables import Table
from companion.records import Record
from notebooks.beyond.playground.experiments import ENTRIES

COLUMNS = 5
FORMS = {"pyod-autoencoder": "autoencoder", "deep-svdd": "sphere", "deep-svdd-untrained": "sphere"}


@implements("anogen-fig-playground")
def fig_score_fields(record: Record) -> Figure:
    """Draw a panel for each detector, shaded by the rank of a score among all of its field."""
    keys = [str(key) for key in record["entries"]]
    rows = -(-len(keys) // COLUMNS)
    figure, axes = new_figure(COLUMNS, rows, width=WIDTH, height=1.55 * rows)
    for ax in axes.flat[len(keys) :]:
        ax.axis("off")
    for place, (key, ax) in enumerate(zip(keys, axes.flat, strict=False)):
        field = record["fields"][place]
        ranks = rankdata(field, method="min").reshape(field.shape)
        ax.imshow(ranks, origin="lower", extent=(0, 1, 0, 1), cmap=FIELD_COLOURS, interpolation="nearest")
        ax.plot(*record["points"].T, ".", color="white", markersize=1.5, alpha=0.7)
        ax.plot(*np.clip(record["lowest"][place], 0, 1), "o", color="white", markersize=9, fillstyle="none")
        ax.plot(*record["ends"][place].T, "X", color=VERMILION, markersize=6, markeredgecolor="white", clip_on=False)
        ax.set(xticks=[], yticks=[], xlim=(0, 1), ylim=(0, 1))
        ax.spines[:].set_visible(False)
        ax.set_xlabel(ENTRIES[key].title, fontsize=10, labelpad=3)
    return figure


def table_ends(record: Record) -> Table:
    """Compare the ends of evolutions with the lowest scores, in interquartile ranges of the training scores."""
    head = ("detector", "lowest score", "best end", "worst end", "lowest point to the data")
    rows = []
    for i, key in enumerate(map(str, record["entries"])):
        iqr = np.subtract(*np.percentile(record["train_scores"][i], [75, 25]))
        above = np.maximum((record["end_scores"][i] - record["lowest_scores"][i]) / iqr, 0)
        lowest = f"{record['lowest_scores'][i]:.3f}" + ("" if record["known"][i] else " (grid)")
        ends = (f"{above.min():.2f}", f"{above.max():.2f}")
        rows.append([ENTRIES[key].title, lowest, *ends, f"{distance_to_data(record, key):.3f}"])
    return Table(head, rows)


def distance_to_data(record: Record, key: str) -> float:
    """Return the distance of a detector's lowest point from the nearest training point."""
    lowest = record["lowest"][list(map(str, record["entries"])).index(key)]
    return float(np.linalg.norm(record["points"] - lowest, axis=1).min())


def show_playground(record: Record) -> None:
    """Put the playground on the page; it is hidden without scripts and in print, where a figure shows the same."""
    text = json.dumps(playground_data(record), separators=(",", ":"))
    text = text.replace("</", r"<\/")  # nothing in it may end the script
    html = f'<div class="playground" hidden><script type="application/json">{text}</script></div>'
    display({"text/html": html, "text/plain": ""}, raw=True)


def playground_data(record: Record) -> dict[str, Any]:
    """Return the input of `playground-scores.js`: the training points, and each detector's form, words and numbers."""
    arrays = record.arrays
    detectors = {}
    for place, key in enumerate(map(str, arrays["entries"])):
        entry = ENTRIES[key]
        own = {name.removeprefix(f"{key}."): a for name, a in arrays.items() if name.startswith(f"{key}.")}
        detectors[key] = {
            "title": entry.title,
            "note": entry.note,
            "form": FORMS.get(entry.name, entry.name),
            "differentiable": bool(arrays["differentiable"][place]),
            "lowest": arrays["lowest"][place].tolist(),
            "lowestScore": float(arrays["lowest_scores"][place]),
            "known": bool(arrays["known"][place]),
            "numbers": _numbers(own),
        }
    return {"points": arrays["points"].tolist(), "detectors": detectors}


def _numbers(own: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return plain numbers and lists; the layers of a network as a list of layers."""
    plain = {name: _plain(a) for name, a in own.items() if not name.startswith(("weight", "bias")) or name == "weights"}
    if then := plain.pop("activations", None):
        plain["layers"] = [
            {"weight": _plain(own[f"weight{i}"]), "bias": _plain(own[f"bias{i}"]), "then": word}
            for i, word in enumerate(then)
        ]
    return plain


def _plain(array: np.ndarray) -> Any:
    """Return an array as lists; numbers in single precision keep only their own digits."""
    if array.dtype == np.float32:
        return np.vectorize(lambda v: float(str(v)), otypes=[float])(array).tolist()
    return array.tolist()
