"""The kernel that executes a chapter: ipykernel, which also lists the files that the chapter reads.

The environment variable ``ANOGEN_INPUTS`` names the list. Each line has the state of a file (see `state`) when it was
read, and its path; a module of which Python read the compiled file is listed as its source.
"""

import os
import sys
from importlib.util import source_from_cache
from pathlib import Path
from typing import Any

LOOKUP = "companion.lookup"  # audit event: a record was looked up, whether or not it exists
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def state(path: str) -> str:
    """Return the time of change and the size of a file, or "missing"."""
    try:
        found = Path(path).stat()
    except OSError:
        return "missing"
    return f"{found.st_mtime_ns}-{found.st_size}"


def list_inputs(target: Path) -> None:
    """Append every file that this process reads from now on to the list `target`."""
    listing = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    seen = set()

    def listen(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, int) or flags & WRITING:
                return
        elif event == LOOKUP:
            (path,) = arguments
        else:
            return
        path = str(Path(os.fsdecode(path)).absolute())
        if path.endswith(".pyc") and "__pycache__" in path:
            path = source_from_cache(path)
        if path not in seen:
            seen.add(path)
            os.write(listing, f"{state(path)} {path}\n".encode())

    sys.addaudithook(listen)


if __name__ == "__main__":
    list_inputs(Path(os.environ["ANOGEN_INPUTS"]))
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()
