"""The tables of the benchmark page, from the latest file of `anogen bench --record`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from anogen.bench.benchmark import IMAGE
from anogen.detectors import entry
from companion.benchmark.files import AUDITS, PAGE, newest
from companion.site.html_nodes import Content, download, element, facts, table, tag

PARTS = ("machine", "scorers", "engine", "runs", "audits", "page")
NO_PAGE = "No times have been kept yet: python -m companion.live speed measures them."
NO_AUDITS = "No times have been kept yet: python -m companion.benchmark.audits measures them."
NONE_YET = "No times have been kept yet: anogen bench --record measures them."
AUDIT = (
    "rows", "columns", "detector", "audit, s", "with start, s", "processor, s", "memory, MB", "calls", "undecided",
)  # fmt: skip
SCORERS = ("detector", "arithmetic", "PyOD, ms", "ours, ms", "ratio", "difference")
RUNS = (
    "detector", "made by", "threads", "ms a generation", f"{IMAGE:,} generations", "times ours", "score reached",
)  # fmt: skip
Rows = dict[str, Any]


class Benchmark(SphinxDirective):
    """Write ``{benchmark} scorers`` for one of the parts: machine, scorers, engine, runs, audits or page."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the part; only `machine`, `audits` and `page` say so where there are no times."""
        part = directives.choice(self.arguments[0], PARTS)
        if part == "page":
            return [self._page()]
        if part == "audits":
            return list(self._audits())
        latest = newest()
        if latest is None:
            return [tag("p", NONE_YET)] if part == "machine" else []
        path, result = latest
        self.env.note_dependency(str(path))
        if part == "machine":
            return [self._machine(result, path)]
        if part == "engine":
            engine = result["engine"]
            return [facts([("a generation", [_spread(engine["ms_per_generation"], engine["spread_ms"]), " ms"])])]
        if part == "runs":
            return [table(RUNS, map(_run, result["end_to_end"]), class_="sortable")]
        return list(_scorers(result["scorers"]))

    def _page(self) -> element:
        latest = newest(PAGE)
        if latest is None:
            return tag("p", NO_PAGE)
        path, _ = latest
        self.env.note_dependency(str(path))
        rows: dict[str, Content] = {**page_times(latest), "file": download(self.env, path, path.name)}
        return facts((name, [content]) for name, content in rows.items())

    def _audits(self) -> Iterator[nodes.Node]:
        latest = newest(AUDITS)
        if latest is None:
            yield tag("p", NO_AUDITS)
            return
        path, result = latest
        self.env.note_dependency(str(path))
        yield table(AUDIT, audit_rows(result), class_="sortable")
        load = f"{number(result['load_before'])} processes ran or waited for a processor before"
        told: Rows = {"machine": result["machine"], "date": result["date"], "load": load}
        told["file"] = download(self.env, path, path.name)
        yield facts((name, [content]) for name, content in told.items())

    def _machine(self, result: Rows, path: Path) -> element:
        told = result["conditions"]
        versions = ", ".join(f"{name} {version}" for name, version in told["versions"].items())
        data = f"{told['data']} Detectors are fitted to the {told['train_rows']} training images of a 4."
        rows = {"machine": result["machine"], "date": result["date"], "data": data}
        rows["scored"] = f"{told['rows']} images of a population half-way from noise to an image"
        rows |= {"versions": versions, "file": download(self.env, path, path.name)}
        return facts((name, [content]) for name, content in rows.items())


def audit_rows(result: Rows) -> list[list[Content]]:
    """Return the time and memory of audits as rows of `AUDIT`."""
    keys = ("seconds", "seconds_with_start", "processor_seconds", "peak_mb", "calls", "undecided")
    names = [(f"{row['rows']:,}", f"{row['columns']:,}", row["detector"].partition(":")[2]) for row in result["audits"]]
    return [[*name, *(f"{row[key]:g}" for key in keys)] for name, row in zip(names, result["audits"], strict=True)]


def page_times(latest: tuple[Path, Rows] | None) -> dict[str, str]:
    """Return the times of the page's own engine in words, by their names; none if they were not measured."""
    if latest is None:
        return {}
    _, result = latest
    rows = {name: str(result[name]) for name in ("machine", "date", "browser")}
    rows["run"] = f"start 1 of {result['record']}"
    times = zip(result["generations"], result["page_seconds"], result["python_seconds"], strict=True)
    for generations, page, python in times:
        words = f"{number(page)} s in the page, {number(python)} s in Python on one thread"
        rows[f"{generations:,} generations"] = words
    rows["end"] = "identical to the record, bit for bit" if result["identical"] else "differs from the record"
    rows["first picture"] = f"{number(result['first_picture_ms'])} ms after play is pressed, with four starts at once"
    longest, watched = result["longest_task_ms"], result["watched_seconds"]
    seen = f"{number(longest)} ms" if longest else "none above 50 ms"
    rows["longest task"] = f"{seen}, of those that keep the page from answering, in {watched} s"
    fixed, free = number(result["fixed_order_ms"], 2), number(result["any_order_ms"], 2)
    rows["CBLOF in Python"] = f"{fixed} ms a population with sums in a fixed order, {free} ms in any order"
    return rows


def _scorers(rows: list[Rows]) -> Iterator[nodes.Node]:
    for count in dict.fromkeys(row["threads"] for row in rows):
        yield tag("p", tag("strong", f"{count} thread{'s' * (count > 1)}"))
        yield table(SCORERS, (_scorer(row) for row in rows if row["threads"] == count), class_="sortable")


def _scorer(row: Rows) -> list[Content]:
    times = [_spread(row[f"{which}_ms"], row[f"{which}_spread_ms"]) for which in ("pyod", "anogen")]
    return [entry(row["detector"]).title, row["dtype"], *times, number(row["ratio"]), f"{row['max_rel_diff']:.0e}"]


def _run(row: Rows) -> list[Content]:
    what = [entry(row["detector"]).title, row["alternative"], str(row["threads"])]
    if row["ratio"] is None:
        return [*what, tag("span", "not installed: ", tag("code", row["remedy"])), "", "", ""]
    times = [number(row["ms_per_generation"]), f"{number(row['seconds_for_30000'])} s", number(row["ratio"])]
    return [*what, *times, number(row["score"], 4)]


def _spread(ms: float, ends: list[float]) -> element:
    """Return a time with its quartiles."""
    return tag("span", number(ms), " ", tag("small", "–".join(map(number, ends))))


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with `digits` significant digits, or a dash for None."""
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 10**digits else f"{value:.{digits}g}"
