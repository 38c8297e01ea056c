"""The live playground: a record's numbers inside the page, for the site's scripts to draw."""

import json
from typing import Any, Protocol

import numpy as np
from IPython.display import display

from notebooks.beyond.playground.experiments import ENTRIES

FORMS = {"pyod-autoencoder": "autoencoder", "deep-svdd": "sphere", "deep-svdd-untrained": "sphere"}


class Arrays(Protocol):
    """A record's arrays by name."""

    @property
    def arrays(self) -> Any:
        """All of them."""


def play(record: Arrays) -> None:
    """Put the playground on the page. It stays hidden without scripts and in print, where a figure says the same."""
    text = json.dumps(data(record), separators=(",", ":")).replace("</", r"<\/")  # nothing in it may end the script
    html = f'<div class="playground" hidden><script type="application/json">{text}</script></div>'
    display({"text/html": html, "text/plain": ""}, raw=True)


def data(record: Arrays) -> dict[str, Any]:
    """Return what `playground-scores.js` takes: the training points, and each detector's form, words and numbers."""
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
    """Return an array as lists; a number in single precision is written with the digits that it has."""
    if array.dtype == np.float32:
        return np.vectorize(lambda v: float(str(v)), otypes=[float])(array).tolist()
    return array.tolist()
