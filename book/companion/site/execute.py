"""Execute a chapter: text notebook and parameters in, executed notebook out, the same bytes every time."""

import logging
import os
import shlex
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from threading import Event
from typing import Any

import jupytext
import nbformat
import papermill
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from nbformat import NotebookNode

from anogen.errors import InputError
from anogen.outputs import check_output, printable, write_output
from anogen.paths import require_checkout
from companion.chapters import chapter as find_chapter
from companion.site.parameters import parameters
from companion.site.postprocess import KERNELSPEC, finish

ARGV = [sys.executable, "-m", "companion.site.kernel", "-f", "{connection_file}"]


def execute(
    chapter: str, values: Mapping[str, Any], target: Path, stop: Event | None = None, *, inputs: Path | None = None
) -> Path:
    """Execute `chapter` with the parameters `values` (see `check`) and write the notebook to `target`.

    A failing cell leaves what was there before, and so does an execution with the same result. Setting `stop` ends the
    execution, as Ctrl-C does in the main thread. `inputs` names the list of read files to write (see `kernel`).
    Raises InputError if a cell refused its parameters or `target` cannot be written, and RuntimeError if a cell failed.
    """
    defaults = parameters(chapter)
    changed = {name: value for name, value in values.items() if value != defaults[name]}
    writable(target)
    blank = jupytext.read(find_chapter(chapter).notebook)
    blank.metadata["kernelspec"] = KERNELSPEC
    with tempfile.TemporaryDirectory(prefix="anogen-") as folder:
        jupytext.write(blank, Path(folder) / "blank.ipynb")
        done = _run(Path(folder), changed, stop or Event(), inputs or Path(folder) / "inputs")
    text = nbformat.writes(finish(done, chapter, command(chapter, changed), changed))
    content = f"{text.rstrip()}\n".encode()
    if target.is_file() and target.read_bytes() == content:
        return target  # a new time of change would make Sphinx read the page again
    return write_output(target, content)


def command(chapter: str, changed: Mapping[str, Any]) -> str:
    """Return the command that executes `chapter` with the parameters that were `changed`."""
    pairs = [f"-p {shlex.quote(f'{name}={_text(value)}')}" for name, value in changed.items() if name != "scale"]
    scale = [f"--scale {changed['scale']}"] if "scale" in changed else []
    return " ".join(["anogen run", chapter, *pairs, *scale])


def _text(value: Any) -> str:
    """Return a value as one types it: a list of one value is that value."""
    if isinstance(value, list):
        return _text(value[0]) if len(value) == 1 else f"[{','.join(map(_text, value))}]"
    return printable(str(value))  # a line break in a file name would end the directive that states the command


def _run(folder: Path, changed: dict[str, Any], stop: Event, inputs: Path) -> NotebookNode:
    """Execute the notebook in a kernel of its own, ended before its thread, which keeps the caller open to Ctrl-C."""
    logging.getLogger("papermill").setLevel(logging.CRITICAL + 1)  # whatever goes wrong is raised here, in one line
    with ThreadPoolExecutor(1) as thread, _kernel(require_checkout(), inputs) as manager:
        running = thread.submit(_papermill, folder, changed, manager)
        try:
            while not wait([running], timeout=0.2).done:
                if stop.is_set():
                    raise KeyboardInterrupt
            return running.result()
        except papermill.PapermillExecutionError as error:
            if error.ename == InputError.__name__:
                raise InputError(error.evalue) from None
            line = next((line for line in error.source.splitlines() if line.strip()), "")
            raise RuntimeError(f"{error.ename}: {error.evalue} (in the cell that begins with {line!r})") from None


def _papermill(folder: Path, changed: dict[str, Any], manager: type[AsyncKernelManager]) -> NotebookNode:
    """Execute the blank notebook in `folder` with papermill, and close the thread's event loop."""
    options = {"kernel_name": "python3", "kernel_manager_class": manager, "progress_bar": False, "record_timing": False}
    try:
        return papermill.execute_notebook(folder / "blank.ipynb", folder / "done.ipynb", changed, **options)
    finally:
        ensure_event_loop().close()


@contextmanager
def _kernel(cwd: Path, inputs: Path) -> Iterator[type[AsyncKernelManager]]:
    """Yield a class of kernel managers whose kernels run this interpreter in `cwd`; end what they left running."""
    with tempfile.TemporaryDirectory(prefix="anogen-kernel-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        started: list[Popen[bytes]] = []

        class Manager(AsyncKernelManager):
            """Ignores the kernels that are installed on the machine, which may belong to other projects."""

            @property
            def kernel_spec(self) -> KernelSpec:
                return KernelSpec(argv=ARGV, display_name="Python 3", language="python")

            async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
                self.connection_file = str(folder / f"kernel-{len(started)}.json")
                # What the kernel itself says is about its sockets; errors of a cell arrive as messages, not here.
                with (folder / "stderr").open("ab") as stderr:
                    own = {"cwd": str(cwd), "env": _environment(folder, inputs), "stdout": stderr, "stderr": stderr}
                    await super().start_kernel(**options | own)
                if process := getattr(self.provisioner, "process", None):
                    started.append(process)

        try:
            yield Manager
        finally:
            for process in started:
                if process.poll() is None:  # only if the run was interrupted
                    process.kill()


def _environment(folder: Path, inputs: Path) -> dict[str, str]:
    """Return the environment of a kernel with default settings, for the same pictures, and with files in `folder`."""
    import matplotlib.font_manager  # makes the list of fonts; made in a kernel it would leave a warning on the page

    style = folder / "matplotlibrc"
    style.touch()
    return os.environ | {
        "ANOGEN_INPUTS": str(inputs),  # read by companion.site.kernel
        "ANOGEN_PAGE": "1",  # read by companion.notebook
        "IPYTHONDIR": str(folder),
        "JUPYTER_CONFIG_DIR": str(folder),
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_RUNTIME_DIR": str(folder),
        "MATPLOTLIBRC": str(style),
        "MPLCONFIGDIR": str(matplotlib.get_cachedir()),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONHASHSEED": "0",  # sets are iterated in one order
        "PYTHONWARNINGS": "ignore:IProgress not found",  # libraries that draw progress bars look for widgets
    }


def writable(target: Path) -> None:
    """Raise `InputError` now rather than after minutes of execution if `target` cannot be written or replaced."""
    make_folder(target.parent)
    check_output(target)


def make_folder(folder: Path) -> None:
    """Make a folder unless it exists; raise `InputError` if that is impossible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot write into {folder}: {error.strerror}; choose another place with -o") from None
