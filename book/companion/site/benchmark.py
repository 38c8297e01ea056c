"""The tables of the benchmark page, from the latest file of `anogen bench --record`."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from anogen.bench.benchmark import IMAGE
from anogen.bench.report import newest
from anogen.detectors import entry
from companion.site.html_nodes import element, facts, table, tag

PARTS = ("machine", "scorers", "engine", "runs")
NONE_YET = "No times have been kept yet: anogen bench --record measures them."
Cells = Iterator[nodes.Node | str]
Rows = dict[str, Any]


class Benchmark(SphinxDirective):
    """Write ``{benchmark} scorers`` for one of the parts: machine, scorers, engine or runs."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the part; only `machine` says so where there are no times."""
        part = directives.choice(self.arguments[0], PARTS)
        latest = newest()
        if latest is None:
            return [tag("p", NONE_YET)] if part == "machine" else []
        path, result = latest
        self.env.note_dependency(str(path))
        return list(getattr(self, part)(result, path))

    def machine(self, result: Rows, path: Path) -> Iterator[nodes.Node]:
        """Yield where and when the times were taken, with the file."""
        told = result["conditions"]
        versions = ", ".join(f"{name} {version}" for name, version in told["versions"].items())
        yield facts(
            [
                ("machine", [result["machine"]]),
                ("date", [result["date"]]),
                ("data", [f"{told['data']} Detectors are fitted to the {told['train_rows']} training images of a 4."]),
                ("scored", [f"{told['rows']} images of a population half-way from noise to an image"]),
                ("versions", [versions]),
                ("file", [self._download(path)]),
            ]
        )

    def scorers(self, result: Rows, _path: Path) -> Iterator[nodes.Node]:
        """Yield a table for each number of threads."""
        heads = ("detector", "arithmetic", "PyOD, ms", "ours, ms", "ratio", "difference")
        for count in dict.fromkeys(row["threads"] for row in result["scorers"]):
            yield tag("p", tag("strong", f"{count} thread{'s' * (count > 1)}"))
            rows = [self._scorer(row) for row in result["scorers"] if row["threads"] == count]
            yield table(heads, rows, class_="sortable")

    def _scorer(self, row: Rows) -> Cells:
        yield entry(row["detector"]).title
        yield row["dtype"]
        yield _spread(row["pyod_ms"], row["pyod_spread_ms"])
        yield _spread(row["anogen_ms"], row["anogen_spread_ms"])
        yield number(row["ratio"])
        yield f"{row['max_rel_diff']:.0e}"

    def engine(self, result: Rows, _path: Path) -> Iterator[nodes.Node]:
        """Yield the time of a generation."""
        engine = result["engine"]
        yield facts([("a generation", [_spread(engine["ms_per_generation"], engine["spread_ms"]), " ms"])])

    def runs(self, result: Rows, _path: Path) -> Iterator[nodes.Node]:
        """Yield the end-to-end runs."""
        heads = ("detector", "made by", "threads", "ms a generation", f"{IMAGE:,} generations", "times ours")
        yield table((*heads, "score reached"), map(self._run, result["end_to_end"]), class_="sortable")

    def _run(self, row: Rows) -> Cells:
        yield entry(row["detector"]).title
        yield row["alternative"]
        yield str(row["threads"])
        if row["ratio"] is None:
            yield tag("span", "not installed: ", tag("code", row["remedy"]))
            yield from ("", "", "")
            return
        yield number(row["ms_per_generation"])
        yield f"{number(row['seconds_for_30000'])} s"
        yield number(row["ratio"])
        yield number(row["score"], 4)

    def _download(self, path: Path) -> nodes.Node:
        link = addnodes.download_reference("", "", tag("span", path.name), refdomain="", reftype="download")
        link.attributes |= {"refdoc": self.env.docname, "reftarget": "/" + os.path.relpath(path, self.env.srcdir)}
        return link


def _spread(ms: float, ends: list[float]) -> element:
    """Return a time with its quartiles."""
    return tag("span", number(ms), " ", tag("small", "–".join(map(number, ends))))


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with `digits` significant digits, or a dash for None."""
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 10**digits else f"{value:.{digits}g}"
