"""Make an executed notebook a page: figures numbered and captioned, provenance below, no traces of this run."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from anogen.errors import InputError

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
CONTINUED = "# the cell above goes on"
PROVENANCE = "```{{provenance}} {id}\n:records: {records}\n:command: {command}\n```"
BOOK_ONLY = "book-only"  # tag of cells that are right for the book's own parameters alone
NUMBER = re.compile(r"\{glue\}`([^`]+)`")
TAG = re.compile(r"<(?=[A-Za-z/!?])")  # the beginning of an HTML tag, as in the name of a class of a reader's own data
PARAMETERS = {"code_prompt_show": "Parameters of this chapter", "code_prompt_hide": "Parameters of this chapter"}
FRAMES = "```{{frames}} {id}\n:labels: {labels}\n:name: {name}\n:start: {start}\n```"


def finish(notebook: NotebookNode, chapter: str, command: str, changed: Mapping[str, Any]) -> NotebookNode:
    """Return the executed `notebook` as it is published: without traces, each figure numbered, with its provenance.

    Times, machine paths and random cell ids are removed, so that two executions give the same bytes. If a parameter was
    `changed`, the cells tagged `book-only` are left out.
    """
    numbers = _numbers(notebook)
    kept = (cell for cell in notebook.cells if not (changed and BOOK_ONLY in cell.metadata.get("tags", [])))
    notebook.cells = [ready for cell in kept for ready in _cells(cell, command)]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = NUMBER.sub(lambda match: TAG.sub("&lt;", numbers[match[1]]), cell.source)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"{chapter}-{number}"
    notebook.metadata = NotebookNode(
        kernelspec=KERNELSPEC,
        language_info={"name": "python"},
        anogen={"chapter": chapter, "command": command, "parameters": dict(changed)},
    )
    return notebook


def _numbers(notebook: NotebookNode) -> dict[str, str]:
    """Take the outputs of `companion.notebook.glue` out of the notebook, and return the numbers by name."""
    numbers: dict[str, str] = {}
    incomplete = False
    for cell in notebook.cells:
        kept = []
        for output in cell.get("outputs", []):
            metadata = output.get("metadata", {})
            incomplete |= metadata.pop("anogen-missing", False)
            named = metadata.get("anogen", {}).get("numbers")
            if named is None:
                kept.append(output)
                continue
            if twice := numbers.keys() & named.keys():
                raise InputError(f"numbers given twice: {', '.join(sorted(twice))}")
            numbers |= named
        if "outputs" in cell:
            cell.outputs = kept
    sources = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    used = {name for source in sources for name in NUMBER.findall(source)}
    if incomplete:  # the page says which records are missing
        return dict.fromkeys(used, "–") | numbers
    if wrong := used ^ numbers.keys():
        raise InputError(f"numbers that are only used or only given: {', '.join(sorted(wrong))}")
    return numbers


def _cells(cell: NotebookNode, command: str) -> Iterator[NotebookNode]:
    """Yield the cell, then each of its figures and tables with its provenance."""
    for trace in ("papermill", "lines_to_next_cell"):
        cell.metadata.pop(trace, None)
    if cell.cell_type != "code":
        yield cell
        return
    tags = cell.metadata.setdefault("tags", [])
    if any(tag.endswith("parameters") for tag in tags):
        tags.append("hide-input")
        cell.metadata["mystnb"] = PARAMETERS
    if not any(tag.startswith(("hide-", "remove-")) for tag in tags):
        tags.append("hide-input")  # prose and figures first; the code is one click away
    outputs, cell.outputs = cell.outputs, []
    remaining = iter(outputs)
    for output in remaining:
        said = output.get("metadata", {}).pop("anogen", None)
        if said is None:
            cell.outputs.append(output)
            continue
        if cell.outputs:  # a cell has one figure, or anything else
            yield cell
            cell = _continued()
        if "table" in said:
            if cell.source != CONTINUED:
                yield cell
            yield new_markdown_cell("".join(output.data["text/markdown"]))  # in an output it could have no name
        else:
            yield from _figure(cell, output, said, remaining)
        records = ", ".join(said["records"]) or "none"
        yield new_markdown_cell(PROVENANCE.format(id=said["id"], records=records, command=command))
        cell = _continued()
    if cell.outputs or not outputs:
        yield cell


def _continued() -> NotebookNode:
    """Return a cell for the next output of the cell above; MyST-NB would leave out one without a source."""
    return new_code_cell(CONTINUED, metadata={"tags": ["remove-input"]})


def _figure(
    cell: NotebookNode, output: NotebookNode, said: Mapping[str, Any], remaining: Iterator[NotebookNode]
) -> Iterator[NotebookNode]:
    """Yield the cell with the metadata that MyST-NB reads; for a slider, then one with all pictures but the first."""
    image = {"alt": said["alt"], "classes": "dark-light", "width": said["width"]}  # the same pixels in dark mode
    cell.outputs = [output]
    cell.metadata["mystnb"] = {"figure": {"name": said["id"], "caption": said["caption"].strip()}, "image": image}
    yield cell
    if "frames" in said:
        rest = _continued()
        rest.outputs = [next(remaining) for _ in said["frames"]["labels"][1:]]
        for picture in rest.outputs:
            picture.metadata.pop("anogen")
        rest.metadata["mystnb"] = {"image": image}
        yield rest
        labels = json.dumps(said["frames"]["labels"])
        yield new_markdown_cell(FRAMES.format(id=said["id"], **{**said["frames"], "labels": labels}))
