"""Make an executed notebook a page: figures numbered and captioned, provenance below, no traces of this run."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
PROVENANCE = """```{{provenance}} {id}
:records: {records}
:command: {command}
```"""

FRAMES = """```{{frames}} {id}
:labels: {labels}
:name: {name}
:start: {start}
```"""


def finish(notebook: NotebookNode, chapter: str, command: str, changed: Mapping[str, Any]) -> NotebookNode:
    """Return the executed `notebook` as it is published.

    Times, machine paths and random cell ids are removed, so that two executions give the same bytes. Each figure
    displayed by ``show`` gets a cell with the metadata that makes it a numbered figure, followed by its provenance.
    """
    notebook.cells = [ready for cell in notebook.cells for ready in _cells(cell, command)]
    for number, cell in enumerate(notebook.cells):
        cell.id = f"{chapter}-{number}"
    notebook.metadata = NotebookNode(
        kernelspec=KERNELSPEC,
        language_info={"name": "python"},
        anogen={"chapter": chapter, "command": command, "parameters": dict(changed)},
    )
    return notebook


def _cells(cell: NotebookNode, command: str) -> Iterator[NotebookNode]:
    """Yield the cell, then each of its figures and tables with its provenance."""
    for trace in ("papermill", "lines_to_next_cell"):
        cell.metadata.pop(trace, None)
    if cell.cell_type != "code":
        yield cell
        return
    tags = cell.metadata.setdefault("tags", [])
    if not any(tag.startswith(("hide-", "remove-")) or tag.endswith("parameters") for tag in tags):
        tags.append("hide-input")  # prose and figures first; the code is one click away
    outputs, cell.outputs = cell.outputs, []
    remaining = iter(outputs)
    for output in remaining:
        is_figure = "anogen" in output.get("metadata", {})
        if cell.outputs and is_figure:  # a cell has one figure, or anything else
            yield cell
            cell = _continued()
        cell.outputs.append(output)
        if is_figure:
            said = output.metadata.pop("anogen")
            if "table" in said:
                yield from _table(cell, output)
            else:
                yield _figure(cell, said)
            if "frames" in said:
                yield from _frames(said, [next(remaining) for _ in said["frames"]["labels"][1:]])
            yield _provenance(said, command)
            cell = _continued()
    if cell.outputs or not outputs:
        yield cell


def _continued() -> NotebookNode:
    """Return a cell for the next output of the cell above; MyST-NB would leave out one without a source."""
    return new_code_cell("# the cell above goes on", metadata={"tags": ["remove-input"]})


def _figure(cell: NotebookNode, said: Mapping[str, Any]) -> NotebookNode:
    """Return the cell with the metadata that MyST-NB reads; `dark-light` keeps the pixels as they are in dark mode."""
    image = {"alt": said["alt"], "classes": "dark-light", "width": said["width"]}
    caption = f"{said['caption'].strip()}\n\n{said['origin']}"  # the second paragraph becomes the figure's legend
    cell.metadata["mystnb"] = {"figure": {"name": said["id"], "caption": caption}, "image": image}
    return cell


def _table(cell: NotebookNode, output: NotebookNode) -> Iterator[NotebookNode]:
    """Yield the cell without its output, and the table as text of the page: in an output it could have no name."""
    cell.outputs = []
    if cell.source != _continued().source:
        yield cell
    yield new_markdown_cell("".join(output.data["text/markdown"]))


def _frames(said: Mapping[str, Any], rest: list[NotebookNode]) -> Iterator[NotebookNode]:
    """Yield a cell with all pictures of a figure but the first, and what puts them together."""
    cell = _continued()
    for output in rest:
        output.metadata.pop("anogen")
    cell.outputs = rest
    cell.metadata["mystnb"] = {"image": {"alt": said["alt"], "classes": "dark-light", "width": said["width"]}}
    yield cell
    stated = dict(said["frames"])
    yield new_markdown_cell(FRAMES.format(id=said["id"], **stated | {"labels": json.dumps(stated["labels"])}))


def _provenance(said: Mapping[str, Any], command: str) -> NotebookNode:
    text = PROVENANCE.format(id=said["id"], records=", ".join(said["records"]) or "none", command=command)
    return new_markdown_cell(text)
