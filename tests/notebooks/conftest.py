"""A chapter's page without its computation: the notebook's code, executed on records that a test makes."""

import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import jupytext
import numpy as np
import pytest
from matplotlib.figure import Figure

from companion import notebook as publishing
from companion.chapters import chapters
from companion.records import Record

sys.path.insert(0, str(Path(__file__).parent))  # for `small_pages` and `image_kinds`


class Page(NamedTuple):
    """What the code of a notebook puts on its page: ids of figures and tables, the figures by id, and all texts."""

    ids: list[str]
    figures: dict[str, Any]
    texts: list[str]

    @property
    def prose(self) -> str:
        """The texts as one."""
        return "\n".join(self.texts)


@pytest.fixture
def make_record() -> Callable[..., Record]:
    """Return a function from arrays by name, and parameters, to a record of them."""
    numbers = count()

    def make(arrays: Mapping[str, Any], **parameters: Any) -> Record:
        meta = {"parameters": parameters, "scale": "laptop", "seed": 0}
        return Record(
            f"made/{next(numbers)}", {name: np.asarray(values) for name, values in arrays.items()}, meta, Path()
        )

    return make


@pytest.fixture
def show_page(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Page]:
    """Return a function that executes a chapter's notebook on records by role, with its parameters changed.

    The functions of the module `undrawn`, but those in `drawn`, return empty figures and tables: the records need not
    have the arrays that only these read.
    """

    def show(
        chapter: str, records: Mapping[str, Record], *, undrawn: ModuleType, drawn: Sequence[str] = (), **changed: Any
    ) -> Page:
        page = Page([], {}, [])

        def put(picture: Any, *_labels: Any, id: str, caption: str, alt: str = "", **_options: Any) -> None:  # noqa: A002
            page.ids.append(id)
            page.figures[id] = picture
            page.texts.extend((caption, alt))

        def put_table(_head: Any, _rows: Any, *, id: str = "", caption: str = "", **_options: Any) -> None:  # noqa: A002
            page.ids.extend([id] if id else [])
            page.texts.append(caption)

        monkeypatch.setattr(publishing, "figure", put)
        monkeypatch.setattr(publishing, "slider", put)
        monkeypatch.setattr(publishing, "table", put_table)
        monkeypatch.setattr(publishing, "markdown", page.texts.append)
        monkeypatch.setattr(publishing, "load_records", lambda *_names, **_parameters: dict(records))
        for name in vars(undrawn).keys() - set(drawn):
            if name.startswith("fig_"):
                monkeypatch.setattr(undrawn, name, lambda *_arguments, **_options: Figure())
            elif name.startswith("table_") or name.endswith("_table"):
                monkeypatch.setattr(undrawn, name, lambda *_arguments, **_options: ([], []))
        names: dict[str, Any] = {}
        for cell in jupytext.read(chapters()[chapter].notebook).cells:
            if cell.cell_type == "code":
                exec(cell.source, names)
                if "parameters" in cell.metadata.get("tags", []):
                    names.update(changed)
        return page

    return show
