"""Below each figure: what its source reports, the verdicts that rest on it, and where the pixels come from."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from companion.site import record_info as facts
from companion.site.html_nodes import element, joined, tag
from companion.site.html_nodes import facts as described

LOG = logging.getLogger(__name__)


class overview(nodes.General, nodes.Element):
    """Stands for content that depends on other pages, until all have been read."""


class Standing(NamedTuple):
    """A figure that stands on a page."""

    figure: str
    page: str
    records: tuple[str, ...]
    scale: str


class Provenance(SphinxDirective):
    """Write ``{provenance} thesis-fig-6.1`` with ``:records:`` (names, or none) and ``:command:``."""

    required_arguments = 1
    option_spec = {"records": directives.unchanged, "command": directives.unchanged}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """Return the block below the figure and note that the figure stands on this page."""
        figure, records = self.arguments[0], self._records()
        scale = facts.unique([record.meta["scale"] for record in records])
        standing = Standing(figure, self.env.docname, tuple(record.id for record in records), scale)
        standings(self.env).setdefault(self.env.docname, []).append(standing)
        block = tag(
            "aside",
            *reports(figure),
            *self._verdicts(figure),
            overview(kind="code", figure=figure, records=standing.records),
            self._origin(records),
            class_="provenance",
            data_figure=figure,
            data_records=" ".join(standing.records),
            data_scale=scale,
            aria_label=f"source and provenance of {figure}",
        )
        return [block]

    def _records(self) -> list[facts.Source]:
        names = [name.strip() for name in self.options.get("records", "none").split(",")]
        found = []
        for name in names:
            if name and name != "none":
                try:
                    found.append(facts.record(name))
                except FileNotFoundError as error:
                    LOG.warning("%s behind figure %s", error, self.arguments[0], location=self.get_location())
        for record in found:
            self.env.note_dependency(str(record.path))
        return found

    def _verdicts(self, figure: str) -> Iterator[element]:
        """Yield a line with a badge for each claim on this figure that has a verdict."""
        judged = [facts.verdict(claim.id) for claim in facts.claims_of(figure)]
        badges = [badge(verdict.claim, verdict.verdict) for verdict in judged if verdict.verdict]
        if badges:
            yield tag("p", tag("strong", "Verdicts"), " ", *joined(badges), class_="verdicts-on")

    def _origin(self, records: list[facts.Source]) -> element:
        """Return the fold with the records, the commands and the conditions of the computation."""
        command = tag("code", self.options.get("command", ""))
        if not records:
            drawn = tag("summary", "Drawn for this book; nothing was computed")
            return tag("details", drawn, described([("this chapter again", [command])]))
        seconds = facts.duration(sum(float(record.meta["seconds"]) for record in records))
        metas = [record.meta for record in records]
        summary = [
            f"scale {facts.unique([m['scale'] for m in metas])}",
            f"seed {facts.unique([m['seed'] for m in metas])}",
        ]
        rows: list[tuple[str, list[nodes.Node | str]]] = [("this chapter again", [command])]
        for record in records:
            rows += list(self._rows(record))
        head = tag("summary", "Provenance: ", " · ".join([*summary, f"computed in {seconds}"]))
        return tag("details", head, described(rows))

    def _rows(self, record: facts.Source) -> Iterator[tuple[str, list[nodes.Node | str]]]:
        """Yield what is known about one record."""
        meta = record.meta
        stated = [f"{key} {_plain(value)}" for key, value in meta["parameters"].items() if key not in ("scale", "seed")]
        data = [f"{one['provenance']} (sha256 {one['sha256'][:12]})" for one in meta.get("data", {}).values()]
        yield "record", [tag("code", record.id), *self._downloads(record)]
        if record.committed:
            yield "this record again", [tag("code", f"anogen records verify {record.id}")]
        yield "parameters", ["; ".join(stated)]
        yield "data", [" ".join(data)]
        yield "computed", [f"{meta['created'][:10]}, in {facts.duration(float(meta['seconds']))} on {meta['platform']}"]
        yield "code digest", [tag("small", tag("code", meta["code"][:12]))]

    def _downloads(self, record: facts.Source) -> list[nodes.Node | str]:
        """Return links to the record's two files; a page that stands alone has no files beside it."""
        if not self.config.anogen_downloads:
            return []
        links = [
            self._download(record.path.with_name(f"{record.path.name[:-3]}{kind}"), kind) for kind in ("npz", "json")
        ]
        return [" · download ", *joined(links, ", ")]

    def _download(self, path: Path, text: str) -> nodes.Node:
        link = addnodes.download_reference("", "", tag("span", text), refdomain="", reftype="download", refwarn=True)
        link.attributes |= {"refdoc": self.env.docname, "reftarget": "/" + os.path.relpath(path, self.env.srcdir)}
        return link


class SourceReports(SphinxDirective):
    """Write ``{source} thesis-fig-6.1`` for what the source shows and reports, for text that discusses it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the block that also stands below the figure."""
        return [tag("aside", *reports(self.arguments[0]), class_="provenance")]


def reports(figure: str) -> list[element]:
    """Return what the source shows in this figure and what it says can be seen."""
    stated = facts.entry(figure)
    if stated is None:
        return []
    seen = str(getattr(stated, "expected_observation", "") or getattr(stated, "what", ""))
    where = facts.name(figure)
    head = tag("strong", f"{where[:1].upper()}{where[1:]}, reports")
    return [tag("div", tag("p", head), tag("p", seen), class_="source-reports")]


def badge(claim: str, verdict: str | None, *, named: bool = True) -> nodes.Node:
    """Return a claim's verdict as a badge, which leads to the scorecard once that page is known."""
    word = facts.word(verdict)
    name = [f"{claim} "] if named else []
    return overview("", tag("span", *name, tag("b", word), class_=f"badge {word}"), kind="badge", claim=claim)


def standings(env: Any) -> dict[str, list[Standing]]:
    """Return the figures that stand on each page, as noted in the environment of the build."""
    if not hasattr(env, "anogen_figures"):
        env.anogen_figures = {}
    noted: dict[str, list[Standing]] = env.anogen_figures
    return noted


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
