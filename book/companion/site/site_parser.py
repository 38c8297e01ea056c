"""What stands in the built site: read from its pages, so that nothing counts which a reader would not find."""

from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote


class Built(NamedTuple):
    """Where a figure stands, and what it was made from."""

    page: str  # path of the page below the site's folder
    records: tuple[str, ...]  # none for a drawing
    scale: str | None


def built_figures(site: Path) -> dict[str, Built]:
    """Return the figures and tables of the built site by their id in the inventory.

    A figure counts if its page holds both the numbered figure with an image that exists and has an alternative text,
    and its provenance; a table, if its page holds it and its provenance. A site that is not there has neither.
    """
    found: dict[str, Built] = {}
    for path in sorted(site.glob("book/**/*.html")):
        page = _Page()
        page.feed(path.read_text(encoding="utf8"))
        for id_, records, scale in page.provenances:
            name = id_.lower().replace(".", "-")
            image = page.images.get(name)
            if name in page.tables or (image and (path.parent / unquote(image)).is_file()):
                found.setdefault(id_, Built(path.relative_to(site).as_posix(), tuple(records.split()), scale or None))
    return found


class _Page(HTMLParser):
    """Collects the image in each figure, the tables with a name, and the provenance blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.images: dict[str, str] = {}
        self.tables: set[str] = set()
        self.provenances: list[tuple[str, str, str]] = []
        self._figure: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where a figure begins, which image it holds, and what a provenance block says."""
        stated = {name: value or "" for name, value in attrs}
        if tag == "figure":
            self._figure = stated.get("id")
        elif tag == "table":
            self.tables.add(stated.get("id", ""))
        elif tag == "img" and self._figure and stated.get("alt"):
            self.images.setdefault(self._figure, stated.get("src", ""))
        elif "data-figure" in stated:
            self.provenances.append(
                (stated["data-figure"], stated.get("data-records", ""), stated.get("data-scale", ""))
            )

    def handle_endtag(self, tag: str) -> None:
        """Note where a figure ends."""
        if tag == "figure":
            self._figure = None
