"""Figures on pages: what the source reports, the verdicts, where the pixels come from; sliders over many pictures."""

import json
from collections.abc import Iterable, Iterator

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from companion.claims import inventory
from companion.claims.decision import OWN_NAMES
from companion.records import Record, store
from companion.site import live, record_info
from companion.site.html_nodes import Content, download, element, facts, joined, tag
from companion.site.incremental import note_verdicts
from companion.site.pages import Standing, noted, placeholder

LOG = logging.getLogger(__name__)
Row = tuple[str, list[Content]]


class Provenance(SphinxDirective):
    """Write ``{provenance} thesis-fig-6.1`` with ``:records:`` (names, or none) and ``:command:``."""

    required_arguments = 1
    option_spec = {"records": directives.unchanged, "command": directives.unchanged}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """Return the block below the figure and note that this page shows the figure."""
        self.env.note_dependency(str(inventory.PATH))
        live.note_dependencies(self.env)
        figure, records = self.arguments[0], self._records()
        scale = record_info.unique(record.meta["scale"] for record in records)
        standing = Standing(figure, self.env.docname, tuple(record.id for record in records), scale)
        noted(self.env, self.env.docname, "figures").append(standing)
        claims = [claim.id for claim in record_info.claims_of(figure)]
        note_verdicts(self.env, claims)
        command = self.options.get("command", "")
        actions = tag(
            "div",
            placeholder(kind="code", figure=figure, records=standing.records),
            *self._data(records),
            _fold("recompute", self._commands(command, records)),
            _fold("cite", [placeholder(kind="citation", figure=figure, records=standing.records)]),
            _fold("details", self._details(figure, records)),
            class_="actions",
        )
        block = tag(
            "aside",
            *self._verdicts(claims),
            actions,
            *(live.player(self.env, figure, records) if self.config.anogen_downloads else []),
            class_="provenance",
            data_figure=figure,
            data_records=" ".join(standing.records),
            data_scale=scale,
            aria_label=f"code, data and provenance of {record_info.name(figure)}",
        )
        return [block]

    def _records(self) -> list[Record]:
        names = [name.strip() for name in self.options.get("records", "none").split(",")]
        found = []
        for name in [] if names == ["none"] else names:
            try:
                found.append(record_info.record(name))
                self.env.note_dependency(str(found[-1].path.with_suffix(".json")))
            except FileNotFoundError as error:
                LOG.warning("%s behind figure %s", error, self.arguments[0], location=self.get_location())
        return found

    def _verdicts(self, claims: list[str]) -> Iterator[nodes.Node]:
        """Yield one line: the verdict on a single claim, or how many claims have which."""
        verdicts = [found for claim in claims if (found := record_info.verdict(claim)).verdict]
        if len(verdicts) == 1:
            yield tag("p", "Verdict: ", badge(verdicts[0].claim, verdicts[0].verdict))
        elif verdicts:
            yield placeholder(kind="verdict-counts", claims=[found.claim for found in verdicts])

    def _data(self, records: list[Record]) -> Iterator[element]:
        """Yield the files of the records; a standalone page has none next to it."""
        if records and self.config.anogen_downloads:
            yield _fold("data", [tag("ul", *(tag("li", *self._files(record)) for record in records))])

    def _files(self, record: Record) -> list[Content]:
        files = (download(self.env, record.path.with_suffix(f".{kind}"), kind) for kind in ("npz", "json"))
        return [tag("code", record.id), " ", *joined(files)]

    def _commands(self, command: str, records: list[Record]) -> Iterator[element]:
        root = store.committed_folder()
        committed = [record.id for record in records if root and record.path.is_relative_to(root)]
        options: list[Content] = [
            tag("code", "-p NAME=VALUE"),
            " changes a parameter, and ",
            tag("code", "--help"),
            " lists them:",
        ]
        yield tag("p", "The chapter; ", *options)
        yield _command(command)
        if committed:
            yield tag("p", "The records, compared with those of the book:")
            yield _command(f"anogen records verify {' '.join(committed)}")

    def _details(self, figure: str, records: list[Record]) -> Iterator[nodes.Node]:
        """Yield what the source reports, the verdicts one by one, all code, and the provenance of each record."""
        yield from reports(figure)
        verdicts = [record_info.verdict(claim.id) for claim in record_info.claims_of(figure)]
        badges = [badge(one.claim, one.verdict, f"{one.claim} ") for one in verdicts if one.verdict]
        if badges:
            yield tag("p", tag("strong", "Verdicts"), " ", *joined(badges, " "), class_="verdicts-on")
        names = [record.id for record in records]
        yield placeholder(kind="all-code", figure=figure, records=tuple(names))
        metas = [record.meta for record in records]
        seconds = record_info.duration(sum(float(meta["seconds"]) for meta in metas))
        scale, seed = (record_info.unique(meta[key] for meta in metas) for key in ("scale", "seed"))
        computed = f"Scale {scale}, seed {seed}, computed in {seconds}."
        yield tag("p", computed if records else "Drawn for this book; nothing was computed.")
        yield from (facts(self._rows(record)) for record in records)

    def _rows(self, record: Record) -> Iterator[Row]:
        """Yield what is known about one record."""
        meta = record.meta
        stated = {key: value for key, value in meta["parameters"].items() if key not in ("scale", "seed")}
        texts = {key: ", ".join(map(str, v)) if isinstance(v, list) else str(v) for key, v in stated.items()}
        data = [f"{one['provenance']} (sha256 {one['sha256'][:12]})" for one in meta.get("data", {}).values()]
        seconds = record_info.duration(float(meta["seconds"]))
        yield "record", [tag("code", record.id)]
        yield "parameters", ["; ".join(f"{key} {text}" for key, text in texts.items())]
        yield "data", [" ".join(data)]
        yield "computed", [f"{meta['created'][:10]}, in {seconds} on {meta['platform']}"]
        yield "code digest", [tag("small", tag("code", meta["code"][:12]))]


def _fold(name: str, content: Iterable[nodes.Node]) -> element:
    """Return one of the actions below a figure, which unfolds its content."""
    return tag("details", tag("summary", name), tag("div", *content, tabindex="0"))


def _command(line: str) -> element:
    """Return a command, to which the site's script adds a button that copies it."""
    return tag("div", tag("pre", line, tabindex="0"), class_="copied")


class SourceReports(SphinxDirective):
    """Write ``{source} thesis-fig-6.1`` for what the source shows and reports, for text that discusses it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the block that is also shown below the figure."""
        self.env.note_dependency(str(inventory.PATH))
        return [tag("aside", *reports(self.arguments[0]), class_="source-says")]


def reports(figure: str) -> list[element]:
    """Return what the source shows in this figure and what it says can be seen."""
    stated = record_info.entry(figure)
    if stated is None:
        return []
    seen = str(getattr(stated, "expected_observation", "") or getattr(stated, "what", ""))
    where = record_info.name(figure)
    head = tag("strong", f"{where[:1].upper()}{where[1:]}, reports")
    return [tag("div", tag("p", head), tag("p", seen), class_="source-reports")]


def badge(claim: str, verdict: str | None, name: str = "") -> nodes.Node:
    """Return a claim's verdict as a badge, which leads to the scorecard once that page is known."""
    return placeholder("", plain_badge(verdict or "open", name), kind="badge", claim=claim)


def plain_badge(word: str, name: str = "") -> element:
    """Return a verdict or state as a badge without a link."""
    return tag("span", *([name] if name else []), tag("b", word), class_=f"badge {look(word)}")


def look(word: str) -> str:
    """Return the class that colours a verdict or state; one of this book has the colour of the sources' word for it."""
    return {own: other for other, own in OWN_NAMES.items()}.get(word, word).replace(" ", "-")


class frames(nodes.General, nodes.Element):
    """Stands below a figure and the cell with the rest of its pictures, until they are put together."""


class Frames(SphinxDirective):
    """Write ``{frames} thesis-fig-6.9`` with ``:labels:`` (JSON) below the cells of its first and other pictures."""

    required_arguments = 1
    option_spec = {  # noqa: RUF012
        "labels": directives.unchanged_required,
        "name": directives.unchanged,
        "start": directives.nonnegative_int,
    }

    def run(self) -> list[nodes.Node]:
        """Return a placeholder."""
        stated = {"name": "", "start": 0, **self.options, "labels": json.loads(self.options["labels"])}
        return [frames(figure=self.arguments[0], **stated)]


def assemble(_app: Sphinx, doctree: nodes.document) -> None:
    """Move the pictures of each slider into their figure, each with its label; the site's script makes the slider."""
    for place in list(doctree.findall(frames)):
        figure = next(one for one in doctree.findall(nodes.figure) if place["figure"].lower() in one["names"])
        rest = place.parent[place.parent.index(place) - 1]
        images = [*figure.findall(nodes.image), *rest.findall(nodes.image)]
        if len(images) != len(place["labels"]):
            raise ValueError(f"figure {place['figure']} has {len(images)} pictures and {len(place['labels'])} labels")
        shown = []
        for image, label in zip(images, place["labels"], strict=True):
            words = f"{place['name']} = {label}" if place["name"] else label
            image["alt"] = f"{image['alt']} ({words})"
            shown.append(tag("div", image, tag("p", words), class_="frame", data_label=label))
        first = figure.children[0]
        rest.parent.remove(rest)
        figure.replace(first, tag("div", *shown, class_="frames", data_name=place["name"], data_start=place["start"]))
        place.parent.remove(place)
