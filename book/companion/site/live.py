"""Live figures: the searches that a page runs itself, in the reader's browser, with the scripts in `_static/live`."""

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from anogen.detectors import CATALOGUE, parse_spec
from companion.live import FOLDER
from companion.records import Record
from companion.site.html_nodes import element, tag

Exported = dict[str, dict[str, frozenset[str]]]
TRAINED = ("dataset", "detector", "normal", "digit", "seed", "precision")  # a record's detector depends on these


def player(env: BuildEnvironment, figure: str, records: Iterable[Record], first: str = "") -> list[element]:
    """Return the place of the player below a figure; nothing if the page can recompute none of its records.

    The detectors are in the order of the records, with that of the name `first` in front.
    """
    exported = _exported(env)
    offers: dict[str, dict[str, Any]] = {}
    for record in records:
        if offer := _offer(exported, record, figure):
            offers.setdefault(offer["name"], offer)["records"].append(record.id)
    ordered = sorted(offers.values(), key=lambda offer: offer["experiment"].get("detector") != first)
    return [_place("live-figure", ordered, figure)] if offers else []


class Laboratory(SphinxDirective):
    """Write ``{laboratory}`` for the place where all exported detectors of MNIST score a reader's drawing."""

    def run(self) -> list[nodes.Node]:
        """Return the place; the script puts a button in front of it."""
        note_dependencies(self.env)
        exported = _exported(self.env)
        offers = [
            {"name": name, "title": entry.title, "digits": list(exported[name])}
            for detector, entry in CATALOGUE.items()
            if (name := f"{detector}-mnist") in exported
        ]
        return [_place("live-figure laboratory", offers, "laboratory")]


def _place(class_: str, offers: Iterable[dict[str, Any]], figure: str) -> element:
    content = json.dumps(list(offers), separators=(",", ":"), ensure_ascii=False)
    return tag("div", class_=class_, hidden="", data_figure=figure, data_live=content)


def note_dependencies(env: BuildEnvironment) -> None:
    """Read a page with figures again after another export."""
    for path in (Path(env.srcdir) / FOLDER).glob("*.js"):
        env.note_dependency(str(path))


def _exported(env: BuildEnvironment) -> Exported:
    """Return the records of which the page can recompute runs, and a figure, by DETECTOR-DATASET and class."""
    exported: Exported = {}
    for path in sorted((Path(env.srcdir) / FOLDER).glob("*.js")):  # DETECTOR-DATASET-CLASS.js
        name, _, label = path.stem.rpartition("-")
        exported.setdefault(name, {})[label] = _records(path, path.stat().st_mtime_ns)
    return exported


@cache
def _records(path: Path, _changed: int) -> frozenset[str]:
    return frozenset(re.findall(r'"(?:record|figure)": ?"([^"]+)"', path.read_text(encoding="utf8")))


def _offer(exported: Exported, record: Record, figure: str) -> dict[str, Any] | None:
    """Return a record's detector and the classes for which it was exported, without records; None if it was not.

    Of several classes the first is that of the figure.
    """
    stated = record.meta["parameters"]
    found = [
        (figure not in ids, name, label)
        for name, labels in exported.items()
        for label, ids in labels.items()
        if record.id in ids
    ]
    _, name, label = min(found, default=(False, "", ""))
    if not name:
        return None
    detector = parse_spec(stated["detector"])[0] if "detector" in stated else name.split("-")[0]
    return {
        "name": name,
        "title": CATALOGUE[detector].title,
        "digits": list(exported[name]),
        "digit": label,
        "records": [],
        "experiment": {key: stated[key] for key in TRAINED if key in stated},
    }
