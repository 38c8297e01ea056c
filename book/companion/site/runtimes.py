"""The table of chapters: the command of each, and how long it takes at each scale, from the seconds of the records."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from docutils import nodes

from anogen.datasets import DATASETS
from anogen.detectors import entry
from companion.chapters import chapter_experiments, chapters
from companion.experiment import SCALES, Experiment
from companion.records import store
from companion.site import record_info as facts
from companion.site.html_nodes import table, tag
from companion.site.pages import Page, fills, placeholder
from companion.site.provenance import overview

HEADS = ("chapter", "figures, records", *SCALES)

Grid = placeholder(
    "grid-time", "Write ``{grid-time}`` for what one seed of the grid of thesis-fig-6.17 takes, without DEAN."
)
Chapters = placeholder("chapters", "Write ``{chapters}`` for the table of chapters with their commands and times.")


@fills("chapters")
def chapter_table(page: Page, _place: overview) -> Iterator[nodes.Node]:
    """Yield the table."""
    there = [name for name in chapters() if page.has(f"book/chapters/{name}")]
    yield table(HEADS, (_row(page, name) for name in there), class_="sortable chapters")


@fills("grid-time")
def grid(_page: Page, _place: overview) -> Iterator[nodes.Node]:
    """Yield how long one image from noise and one at every k take each detector, by the work and time of its record."""
    times = {name: _single(one) for name, one in searches().items()}
    known = {name: seconds for name, seconds in times.items() if seconds is not None}
    rows: list[list[nodes.Node | str]] = [
        [entry(name).title, "no record yet" if seconds is None else _sortable(facts.duration(seconds), seconds)]
        for name, seconds in times.items()
    ]
    total = sum(known.values())
    rows.append([f"{len(known)} of {len(times)} together", _sortable(facts.duration(total), total)])
    yield table(("detector", "one core"), rows)


def searches() -> dict[str, Any]:
    """Return the searches of the grid by detector, without DEAN, whose ensemble takes hours."""
    roles = chapter_experiments("other-detectors")
    names = (role.removeprefix("guided-") for role in roles if re.fullmatch(r"guided-(?!dean).*(?<!-quality)", role))
    return {name: roles[f"guided-{name}"] for name in names}


def _single(one: Any) -> float | None:
    """Return the seconds of one start and one pair at every k, out of those of a record."""
    meta = _meta(one)
    return None if meta is None else meta["seconds"] * replace(one, starts=1, pairs=1).work() / one.work()


def _row(page: Page, name: str) -> Iterator[nodes.Node | str]:
    place = f"book/chapters/{name}"
    needed = {scale: experiments(name, scale) for scale in SCALES}
    figures = sum(one.page == place for one in page.standing.values())
    records = sum(_meta(one) is not None for one in needed["laptop"].values())
    yield tag("div", page.link(place, "", page.title(place)), tag("div", tag("code", f"anogen run {name}")))
    yield f"{figures}, {records}"
    for scale, asked in needed.items():
        yield _time(asked, needed["laptop"], scale)


def _time(needed: Mapping[str, Experiment], known: Mapping[str, Experiment], scale: str) -> nodes.Node | str:
    """Return how long the experiments of a chapter take; another scale may use the book's records as they are."""
    metas = {id_: _meta(one) for id_, one in needed.items()}
    if not needed:
        return _sortable("nothing to compute", 0)
    if scale == "laptop" and all(metas.values()):
        spent = sum(meta["seconds"] for meta in metas.values() if meta)
        return _sortable(facts.duration(spent), spent)
    missing = [one for id_, one in needed.items() if scale == "laptop" or metas[id_] is None]
    seconds = predicted(missing, known.values())
    return "unknown" if seconds is None else _sortable(f"about {facts.duration(seconds)}", seconds)


def _sortable(words: str, seconds: float) -> nodes.Node:
    return tag("data", words, value=round(seconds, 1))


def experiments(chapter: str, scale: str) -> dict[str, Experiment]:
    """Return the experiments of a chapter at a scale, by id, with those that they require."""
    quick = getattr(chapters()[chapter].experiments(), "QUICK", {}) if scale == "quick" else {}
    found: dict[str, Experiment] = {}
    waiting = list(chapter_experiments(chapter, scale, **quick).values())
    while waiting:
        one = waiting.pop()
        if one.id not in found:
            found[one.id] = one
            waiting += one.requires().values()
    return found


def predicted(asked: Iterable[Experiment], known: Iterable[Experiment]) -> float | None:
    """Return the seconds that experiments will take, by the ratio of work to that of records of the same kind.

    None if there is a kind without a record.
    """
    spent: dict[str, float] = {}
    work: dict[str, float] = {}
    for one in known:
        if meta := _meta(one):
            spent[one.name] = spent.get(one.name, 0.0) + meta["seconds"]
            work[one.name] = work.get(one.name, 0.0) + _work(one)
    total = 0.0
    for one in asked:
        if one.name not in spent:
            return None
        total += spent[one.name] * _work(one) / work[one.name]
    return total


def _work(one: Experiment) -> float:
    """Return the amount of work; a training takes the longer the more images there are, a search does not."""
    trains = hasattr(one, "epochs") and not hasattr(one, "generations") and not hasattr(one, "iterations")
    rows = sum(DATASETS[name].variants[0].n_train for name in one.datasets() if name in DATASETS)
    return one.work() * (rows if trains and rows else 1)


def _meta(one: Experiment) -> dict[str, float] | None:
    """Return what is known about the book's own record of an experiment."""
    path = store.find_committed(one)
    return json.loads(path.with_suffix(".json").read_text(encoding="utf8")) if path else None
