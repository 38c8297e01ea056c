"""What a notebook puts on its page: records, figures with caption and alternative text, tables, sentences."""

import os
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from IPython import get_ipython
from IPython.display import Markdown, display
from matplotlib.figure import Figure

from anogen.errors import InputError
from anogen.progress import Bar
from companion.chapters import chapter_experiments
from companion.claims import inventory
from companion.figures.export import mime_bundle
from companion.figures.tables import Table
from companion.records import Record, load_available
from companion.site.parameters import parameters as stated_parameters
from companion.site.parameters import quick_parameters


def _export(figure: Figure, name: str) -> None:
    """Save a figure also in the format and folder that `anogen run --format` asks for, for a paper."""
    format_, _, folder = os.environ.get("ANOGEN_EXPORT", "").partition(":")
    if folder:
        metadata = {"CreationDate" if format_ == "pdf" else "Date": None, "Creator": "anogen"}
        figure.savefig(Path(folder) / f"{name}.{format_}", bbox_inches="tight", metadata=metadata)


def figure(
    drawn: Figure, *, id: str, caption: str, alt: str, records: Sequence[Record] = (), width: str = "",  # noqa: A002
) -> None:  # fmt: skip
    """Put a figure on the page as the figure `id` of the inventory, such as ``thesis-fig-6.1``.

    Publishing turns it into a numbered figure with `caption` (Markdown) and `alt`, the text for readers who do not see
    it, and adds the provenance of its `records`; a drawing has none. `width` is that on the page, such as ``"60%"``.
    """
    said = _said(id, caption, alt, records)
    _export(drawn, id)
    pictures, natural = mime_bundle(drawn)
    display(pictures, raw=True, metadata={"anogen": said | {"width": width or f"{natural:.0f}px"}})
    _show_caption(caption)


def slider(
    pictures: Sequence[Figure | np.ndarray], labels: Sequence[object], *, id: str, caption: str, alt: str,  # noqa: A002
    records: Sequence[Record] = (), name: str = "", start: int = 0, width: str = "",
) -> None:  # fmt: skip
    """Put several pictures, figures of equal size or images with values in [0, 1], on the page as one figure.

    A slider shows one for each label, at first that of index `start`; `name` says what the labels are values of, such
    as ``"generation"``. Without scripts and in print the figure is a strip of all pictures.
    """
    if len(pictures) < 2 or len(pictures) != len(labels):
        raise InputError(f"figure {id} has {len(pictures)} pictures and {len(labels)} labels: give two or more of each")
    if not 0 <= start < len(pictures):
        raise InputError(f"figure {id} cannot start with picture {start}: it has {len(pictures)}, counted from 0")
    said = _said(id, caption, alt, records)
    said["frames"] = {"labels": [str(label) for label in labels], "name": name, "start": start}
    for number, picture in enumerate(pictures):
        drawn = picture if isinstance(picture, Figure) else _drawn(picture)
        _export(drawn, f"{id}-{number}")
        formats, natural = mime_bundle(drawn, cropped=False)
        about = {"frame": number} if number else said | {"width": width or f"{natural:.0f}px"}
        display(formats, raw=True, metadata={"anogen": about})
    _show_caption(caption)


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, id: str = "", caption: str = "",  # noqa: A002
    records: Sequence[Record] = (),
) -> None:  # fmt: skip
    """Put a table of Markdown cells on the page; with an `id`, as that table of the inventory, with its provenance."""
    text = Table(head, rows).markdown()
    if not id:
        markdown(text)
        return
    said = _said(id, caption, "a table", records) | {"table": True}
    text = f":::{{table}} {said['caption'].strip()}\n:name: {id}\n\n{text}\n:::"
    display({"text/markdown": text}, raw=True, metadata={"anogen": said})


def _said(id_: str, caption: str, alt: str, records: Sequence[Record]) -> dict[str, Any]:
    for name, text in (("caption", caption), ("alternative text", alt)):
        if not text.strip():
            raise InputError(f"figure {id_} has no {name}: say what it shows")
    names = [record.id for record in records]
    if number := inventory.number(id_):  # the site writes this book's own number next to it
        caption = f"**{inventory.TITLES[id_.split('-', maxsplit=1)[0]]} {number}** {caption.strip()}"
    return {"id": id_, "caption": caption, "alt": alt, "records": names}


def _drawn(image: np.ndarray) -> Figure:
    """Return an image as a figure of its own, every pixel a square."""
    figure = Figure(figsize=(2.0, 2.0 * image.shape[0] / image.shape[1]))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest", aspect="auto")
    axes.set_axis_off()
    return figure


def fold(title: str, content: Table) -> None:
    """Put a table on the page behind a title that opens it."""
    markdown(f":::{{dropdown}} {title}\n{content.markdown()}\n:::")


def markdown(text: str) -> None:
    """Put a paragraph of Markdown on the page, with numbers taken from a record."""
    display(Markdown(text))


def glue(**texts: object) -> None:
    """Name numbers that the sentences of the page insert: after ``glue(auc="0.93")``, write ``{glue}`auc```.

    The names hold for the whole page, also for cells above. Publishing refuses a name that is unknown, given twice or
    not used, so that every sentence says what its record holds.
    """
    display({"text/plain": ""}, raw=True, metadata={"anogen": {"numbers": {k: str(v) for k, v in texts.items()}}})


def _is_interactive() -> bool:
    """Return whether a reader runs the notebook, as in JupyterLab, rather than the build of a page."""
    return get_ipython() is not None and "ANOGEN_PAGE" not in os.environ


def _show_caption(caption: str) -> None:
    if _is_interactive():
        markdown(f"*{caption.strip()}*")


def has_book_parameters(chapter: str, names: Mapping[str, Any]) -> bool:
    """Return whether the parameters of `chapter` in a notebook's `names` are those of the book's own page."""
    return all(names[name] == default for name, default in stated_parameters(chapter).items())


def load_records(chapter: str, scale: str = "laptop", **parameters: Any) -> dict[str, Record]:
    """Return the records of a chapter by role (see `load_available`); a note on the page names the missing ones."""
    if scale == "quick":  # its own values replace the defaults that the notebook states
        quick, defaults = quick_parameters(chapter), stated_parameters(chapter)
        parameters |= {key: value for key, value in quick.items() if parameters.get(key) == defaults.get(key)}
    wanted = chapter_experiments(chapter, scale, **parameters)
    with Bar() if _is_interactive() else nullcontext() as bar:
        records = load_available(chapter, wanted, bar)
    if missing := [role for role in wanted if role not in records and not role.endswith("-quality")]:
        note = (
            f"```{{note}}\nNot yet on this page, because their records are missing: {', '.join(missing)}. "
            f"`anogen records compute --chapter {chapter}` computes them.\n```"
        )
        display(Markdown(note), metadata={"anogen-missing": True})
    return records
