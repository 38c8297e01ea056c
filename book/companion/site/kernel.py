"""The kernel that executes a chapter: this interpreter, untouched by what a user has configured for Jupyter."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

ARGV = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a kernel whose settings are the defaults and whose files lie in `folder`.

    A reader's startup files, plot styles and Jupyter settings would change the pictures; an unwritable home would stop
    the kernel. Sets are iterated in one order, so that two runs give the same bytes. Matplotlib's list of fonts is made
    here, once: made in a kernel on a new machine it would leave a warning on the page.
    """
    import matplotlib.font_manager

    style = folder / "matplotlibrc"
    style.touch()
    own = {"IPYTHONDIR": folder, "JUPYTER_CONFIG_DIR": folder, "JUPYTER_RUNTIME_DIR": folder, "MATPLOTLIBRC": style}
    own["MPLCONFIGDIR"] = Path(matplotlib.get_cachedir())
    fixed = {
        "ANOGEN_PAGE": "1",  # read by companion.notebook
        "JUPYTER_NO_CONFIG": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONWARNINGS": "ignore:IProgress not found",  # libraries that draw progress bars look for widgets
    }
    return {**os.environ, **{name: str(path) for name, path in own.items()}, **fixed}


@contextmanager
def kernel(cwd: Path) -> Iterator[type[AsyncKernelManager]]:
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
                    await super().start_kernel(
                        **options | {"cwd": str(cwd), "env": environment(folder), "stdout": stderr, "stderr": stderr}
                    )
                process = getattr(self.provisioner, "process", None)
                if process:
                    started.append(process)

        try:
            yield Manager
        finally:
            for process in started:
                if process.poll() is None:  # only if the run was interrupted
                    process.kill()
