"""The table of chapters: the command of each, and how long it takes at each scale, from the seconds of the records."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from docutils import nodes

from anogen.datasets import DATASETS
from anogen.detectors import entry
from companion.chapters import chapter_experiments, chapters, with_required
from companion.experiment import SCALES, Experiment
from companion.records import store
from companion.site.html_nodes import Content, table, tag
from companion.site.pages import Page, placeholder
from companion.site.parameters import quick_parameters
from companion.site.record_info import duration

HEADS = ("chapter", "figures, records", *SCALES)


def chapter_table(page: Page, _place: placeholder) -> Iterator[nodes.Node]:
    """Yield the table."""
    there = [name for name in chapters() if page.has(f"book/chapters/{name}")]
    yield table(HEADS, (_row(page, name) for name in there), class_="sortable chapters")


def grid(_page: Page, _place: placeholder) -> Iterator[nodes.Node]:
    """Yield how long one image from noise and one at every k take each detector, by the work and time of its record."""
    rows: list[list[Content]] = []
    known = []
    for name, one in searches().items():
        time: Content = "no record yet"
        if meta := _meta(one):
            known.append(meta["seconds"] * replace(one, starts=1, pairs=1).work() / one.work())
            time = _sortable("", known[-1])
        rows.append([entry(name).title, time])
    rows.append([f"{len(known)} of {len(rows)} together", _sortable("", sum(known))])
    yield table(("detector", "one core"), rows)


def searches() -> dict[str, Any]:
    """Return the searches of the grid by detector, without DEAN, whose ensemble takes hours."""
    pattern = re.compile(r"guided-(?!dean)(.*)(?<!-quality)")
    roles = chapter_experiments("other-detectors")
    return {found[1]: experiment for role, experiment in roles.items() if (found := pattern.fullmatch(role))}


def _row(page: Page, name: str) -> list[Content]:
    place = f"book/chapters/{name}"
    changed = {"quick": quick_parameters(name)}
    needed = {s: _kept(chapter_experiments(name, s, **changed.get(s, {}))) for s in SCALES}
    figures = sum(one.page == place for one in page.standing.values())
    records = sum(_meta(one) is not None for one in needed["laptop"].values())
    title = tag("div", page.link(place, "", page.title(place)), tag("div", tag("code", f"anogen run {name}")))
    times = (_time(asked, needed["laptop"], scale) for scale, asked in needed.items())
    return [title, f"{figures}, {records}", *times]


def _kept(experiments: Mapping[str, Experiment]) -> dict[str, Experiment]:
    """Return the experiments of a chapter and those they require whose records are kept; others' time is in these."""
    return {id_: one for id_, one in with_required(experiments.values()).items() if one.kept()}


def _time(needed: Mapping[str, Experiment], known: Mapping[str, Experiment], scale: str) -> Content:
    """Return how long the experiments of a chapter take; another scale may use the book's records as they are."""
    metas = {id_: _meta(one) for id_, one in needed.items()}
    if not needed:
        return tag("data", "nothing to compute", value=0)
    if scale == "laptop" and all(metas.values()):
        return _sortable("", sum(meta["seconds"] for meta in metas.values() if meta))
    missing = [one for id_, one in needed.items() if scale == "laptop" or metas[id_] is None]
    seconds = predicted(missing, known.values())
    return "unknown" if seconds is None else _sortable("about ", seconds)


def _sortable(prefix: str, seconds: float) -> nodes.Node:
    return tag("data", f"{prefix}{duration(seconds)}", value=round(seconds, 1))


def predicted(asked: Sequence[Experiment], known: Iterable[Experiment]) -> float | None:
    """Return the seconds that experiments will take, by the work of records of their kinds; None if one has none."""
    spent: dict[str, float] = {}
    work: dict[str, float] = {}
    for one in known:
        if meta := _meta(one):
            spent[one.name] = spent.get(one.name, 0.0) + meta["seconds"]
            work[one.name] = work.get(one.name, 0.0) + _work(one)
    if any(one.name not in spent for one in asked):
        return None
    return sum((spent[one.name] * _work(one) / work[one.name] for one in asked), start=0.0)


def _work(one: Experiment) -> float:
    """Return the amount of work; a training takes the longer the more images there are, a search does not."""
    trains = hasattr(one, "epochs") and not hasattr(one, "generations") and not hasattr(one, "iterations")
    rows = sum(DATASETS[name].variants[0].n_train for name in one.datasets() if name in DATASETS)
    return one.work() * (rows if trains and rows else 1)


def _meta(one: Experiment) -> dict[str, float] | None:
    path = store.find_committed(one)
    return json.loads(path.with_suffix(".json").read_text(encoding="utf8")) if path else None
