"""Several pictures in one figure: a slider where there are scripts, a strip of all of them in print and without."""

import json

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from companion.site.html_nodes import element, tag


class frames(nodes.General, nodes.Element):
    """Stands below a figure and the cell with the rest of its pictures, until they are put together."""


class Frames(SphinxDirective):
    """Write ``{frames} thesis-fig-6.9`` with ``:labels:`` (a JSON list), ``:name:`` and ``:start:``.

    The figure of that name holds the first picture; the cell right above holds the others.
    """

    required_arguments = 1
    option_spec = {  # noqa: RUF012
        "labels": directives.unchanged_required,
        "name": directives.unchanged,
        "start": directives.nonnegative_int,
    }

    def run(self) -> list[nodes.Node]:
        """Return a placeholder."""
        stated = {"name": self.options.get("name", ""), "start": self.options.get("start", 0)}
        return [frames(figure=self.arguments[0], labels=json.loads(self.options["labels"]), **stated)]


def assemble(_app: Sphinx, doctree: nodes.document) -> None:
    """Move the pictures of each placeholder into their figure."""
    for place in list(doctree.findall(frames)):
        figure = next(one for one in doctree.findall(nodes.figure) if place["figure"].lower() in one["names"])
        rest = place.parent[place.parent.index(place) - 1]
        images = [*figure.findall(nodes.image), *rest.findall(nodes.image)]
        if len(images) != len(place["labels"]):
            raise ValueError(f"figure {place['figure']} has {len(images)} pictures and {len(place['labels'])} labels")
        first = figure.children[0]
        rest.parent.remove(rest)
        figure.replace(first, strip(images, place["labels"], place["name"], place["start"]))
        place.parent.remove(place)


def strip(images: list[nodes.image], labels: list[str], name: str, start: int) -> element:
    """Return the pictures side by side, each with its label; the site's script makes a slider of it."""
    shown = []
    for image, label in zip(images, labels, strict=True):
        words = f"{name} = {label}" if name else label
        image["alt"] = f"{image['alt']} ({words})"
        shown.append(tag("div", image, tag("p", words), class_="frame", data_label=label))
    return tag("div", *shown, class_="frames", data_name=name, data_start=start)
