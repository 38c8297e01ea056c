"""What a notebook says to the page: figures with a caption, an alternative text and their records; sentences."""

import io
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from IPython.display import Markdown, display
from matplotlib.figure import Figure

from anogen.errors import InputError

ON_PAGE = 110  # CSS pixels that an inch of the figure takes on the page: its text is then as large as the page's
DPI = 165  # half as many again, for screens with finer pixels; a figure of 60 panels stays under 300 kB


class Recorded(Protocol):
    """A record, as far as a caption is concerned."""

    @property
    def id(self) -> str:
        """Name of the record."""

    @property
    def meta(self) -> Mapping[str, Any]:
        """What is known about it; ``scale`` and ``seed`` are read."""


def png(figure: Figure) -> bytes:
    """Return `figure` as PNG bytes: opaque, tightly cropped, without the date and the drawing library's version."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, bbox_inches="tight", facecolor="white", metadata={"Software": None})
    return buffer.getvalue()


def origin(records: Sequence[Recorded]) -> str:
    """Return the line of a caption that says at which scale, from which seed and as which record it was computed."""
    if not records:
        return "Drawn; nothing was computed."
    scales = dict.fromkeys(str(record.meta["scale"]) for record in records)
    seeds = dict.fromkeys(str(record.meta["seed"]) for record in records)
    names = ", ".join(f"`{record.id}`" for record in records)
    return f"Scale {', '.join(scales)}; seed {', '.join(seeds)}; record {names}."


def show(
    figure: Figure,
    *,
    id: str,  # noqa: A002
    caption: str,
    alt: str,
    records: Sequence[Recorded] = (),
    width: str = "",
) -> None:
    """Put `figure` on the page as the figure `id` of the inventory.

    Publishing turns the display into a numbered figure with `caption` and `alt`, followed by its provenance. Figures
    without a record are drawings: nothing was computed for them.

    Parameters
    ----------
    figure
        A figure that belongs to no pyplot state.
    id
        The name in the inventory, such as ``thesis-fig-6.1``; the label to refer to it with ``{numref}``.
    caption
        Markdown; numbers in it are read from the records.
    alt
        What a person who does not see the picture needs to know.
    records
        The records that the figure was drawn from.
    width
        Width on the page, such as ``"60%"``; the natural width if empty.

    Raises
    ------
    InputError
        If the caption or the alternative text is empty.
    """
    for name, text in (("caption", caption), ("alternative text", alt)):
        if not text.strip():
            raise InputError(f"figure {id} has no {name}: say what it shows")
    said = {
        "id": id,
        "caption": caption,
        "alt": alt,
        "records": [record.id for record in records],
        "origin": origin(records),
    }
    image = png(figure)
    inches = int.from_bytes(image[16:20]) / DPI  # the width stands in the header
    said["width"] = width or f"{inches * ON_PAGE:.0f}px"
    display({"image/png": image}, raw=True, metadata={"anogen": said})


def say(markdown: str) -> None:
    """Put a paragraph of Markdown on the page, to read out a result with numbers taken from a record."""
    display(Markdown(markdown))
