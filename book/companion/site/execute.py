"""Execute a chapter: text notebook and parameters in, executed notebook out, the same bytes every time."""

import logging
import os
import shlex
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event
from typing import Any

import jupytext
import nbformat
import papermill
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from nbformat import NotebookNode

from anogen.errors import InputError
from anogen.paths import require_checkout
from companion.chapters import chapter as find_chapter
from companion.site import postprocess as finish
from companion.site.kernel import kernel
from companion.site.parameters import check, parameters

__all__ = ["check", "command", "execute", "parameters", "writable"]


def execute(
    chapter: str, given: Mapping[str, Any], target: Path, stop: Event | None = None, said: str | None = None
) -> Path:
    """Execute `chapter` with the parameters `given` (see `check`) and write the notebook to `target`.

    The notebook is moved into place when it is complete: a failing cell leaves what was there before.

    Parameters
    ----------
    chapter
        Name of the chapter.
    given
        Its parameters; those that equal their default are not mentioned in the notebook.
    target
        Where to write the executed notebook.
    stop
        Ends the execution when it is set, as Ctrl-C does in the main thread.
    said
        The command that the page names, if it is another than `anogen run`.

    Raises
    ------
    InputError
        If a cell refused its parameters, or `target` cannot be written.
    RuntimeError
        If a cell failed for another reason; the message names the error and the cell's first line.
    """
    changed = {name: value for name, value in given.items() if value != parameters(chapter)[name]}
    writable(target)
    blank = jupytext.read(find_chapter(chapter).notebook)
    blank.metadata["kernelspec"] = finish.KERNELSPEC
    with tempfile.TemporaryDirectory(prefix="anogen-") as folder:
        done = _run(blank, changed, Path(folder), stop or Event())
    nbformat.write(finish.finish(done, chapter, said or command(chapter, changed), changed), _partial(target))
    _partial(target).replace(target)
    return target


def command(chapter: str, changed: Mapping[str, Any]) -> str:
    """Return the command that executes `chapter` with the parameters that were `changed`."""
    scale = [f"--scale {changed['scale']}"] if "scale" in changed else []
    texts = {name: _text(value) for name, value in changed.items() if name != "scale"}
    return " ".join(["anogen run", chapter, *(f"-p {shlex.quote(f'{n}={v}')}" for n, v in texts.items()), *scale])


def _text(value: Any) -> str:
    """Return a value as one types it: a list of one value is that value."""
    if isinstance(value, list):
        return _text(value[0]) if len(value) == 1 else f"[{','.join(map(_text, value))}]"
    return str(value)


def _run(blank: NotebookNode, changed: Mapping[str, Any], folder: Path, stop: Event) -> NotebookNode:
    """Execute the notebook in a kernel of its own; a thread keeps the caller open to Ctrl-C meanwhile.

    The kernel is ended first, so that the thread ends too.
    """
    logging.getLogger("papermill").setLevel(logging.CRITICAL + 1)  # whatever goes wrong is raised here, in one line
    jupytext.write(blank, folder / "blank.ipynb")
    with ThreadPoolExecutor(1) as thread, kernel(require_checkout()) as manager:
        running = thread.submit(_papermill, folder, dict(changed), manager)
        try:
            while not wait([running], timeout=0.2).done:
                if stop.is_set():
                    raise KeyboardInterrupt
            return running.result()
        except papermill.PapermillExecutionError as error:
            raise _reason(error) from None


def _papermill(folder: Path, changed: dict[str, Any], manager: type[AsyncKernelManager]) -> NotebookNode:
    """Execute the blank notebook in `folder` with papermill, and close the thread's event loop."""
    try:
        return papermill.execute_notebook(
            folder / "blank.ipynb",
            folder / "done.ipynb",
            changed,
            kernel_name="python3",
            kernel_manager_class=manager,
            progress_bar=False,
            record_timing=False,
        )
    finally:
        ensure_event_loop().close()


def _reason(error: papermill.PapermillExecutionError) -> Exception:
    """Return a one-line error for a cell that failed; bad input stays bad input."""
    if error.ename == InputError.__name__:
        return InputError(error.evalue)
    line = next((line for line in error.source.splitlines() if line.strip()), "")
    return RuntimeError(f"{error.ename}: {error.evalue} (in the cell that begins with {line!r})")


def _partial(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}.tmp")


def writable(target: Path) -> None:
    """Raise `InputError` now rather than after minutes of execution if `target` cannot be written."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _partial(target).touch()
        _partial(target).unlink()
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror}; choose another place with -o") from None
    if target.is_dir():
        raise InputError(f"cannot write {target}: it is a folder; add a file name")
