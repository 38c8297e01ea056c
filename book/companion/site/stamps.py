"""Execute only chapters that changed: a stamp keeps the digests of everything that a chapter was executed from."""

import ast
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from threading import Event
from typing import Any

from anogen.paths import cache as user_cache
from anogen.paths import require_checkout
from companion.chapters import chapter as find_chapter
from companion.site import kernel
from companion.site.execute import execute

MACHINERY = ("execute.py", "kernel.py", "postprocess.py", "stamps.py")  # they change the notebook, outside the kernel
OUTPUTS = ("_build", "book/chapters")


def update(chapter: str, values: Mapping[str, Any], target: Path, stop: Event | None = None) -> bool:
    """Execute `chapter` with the parameters `values` unless `target` is up to date; return whether it was executed.

    It is up to date if the text notebook, the parameters, the installed packages, and all files that its execution read
    are the same: modules of the project (without comments and docstrings), records, data.
    """
    stamp = require_checkout() / "_build" / "executed" / f"{chapter}.json"
    settings = _settings(values)
    if _is_current(stamp, target, settings):
        return False
    notebook = find_chapter(chapter).notebook
    with tempfile.TemporaryDirectory(prefix="anogen-inputs-") as folder:
        listing = Path(folder) / "inputs"
        states = {str(notebook): kernel.state(str(notebook))}
        execute(chapter, values, target, stop, inputs=listing)
        lines = listing.read_text(encoding="utf8").splitlines()
    states |= {path: state for state, _, path in (line.partition(" ") for line in lines) if _is_tracked(Path(path))}
    if all(kernel.state(path) == state for path, state in states.items()):  # else it was edited meanwhile
        inputs = {path: digest(path, state) for path, state in sorted(states.items())}
        stamp.parent.mkdir(parents=True, exist_ok=True)
        written = {"settings": settings, "notebook": _sha256(target.read_bytes()), "inputs": inputs}
        stamp.write_text(json.dumps(written, indent=1), encoding="utf8")
    return True


def _is_current(stamp: Path, target: Path, settings: str) -> bool:
    """Return whether `target` is what was written with the stamp, and nothing that it was made from has changed."""
    try:
        written = json.loads(stamp.read_text(encoding="utf8"))
        notebook = target.read_bytes()
    except (OSError, ValueError):
        return False
    if (written["settings"], written["notebook"]) != (settings, _sha256(notebook)):
        return False
    return all(digest(path, kernel.state(path)) == known for path, known in written["inputs"].items())


def _settings(values: Mapping[str, Any]) -> str:
    """Return the digest of whatever determines a page and is no file that its kernel reads."""
    machinery = [(Path(__file__).parent / name).read_text(encoding="utf8") for name in MACHINERY]
    return _sha256(json.dumps([dict(values), os.environ.get("ANOGEN_DATA"), installed_packages(), machinery]).encode())


@cache
def installed_packages() -> list[str]:
    """Return the versions of Python and of every installed package."""
    return [sys.version, *sorted(f"{one.name} {one.version}" for one in distributions())]


def _is_tracked(path: Path) -> bool:
    """Return whether a file is part of the project, data or a computed record, and not an installed package."""
    root = require_checkout()
    roots = [root, Path(__file__).parents[3], user_cache(), Path(os.environ.get("ANOGEN_DATA") or root)]
    left_out = [Path(sys.prefix), *(root / name for name in OUTPUTS)]
    inside = any(path.is_relative_to(folder.absolute()) for folder in roots)
    return inside and "__pycache__" not in path.parts and not any(map(path.is_relative_to, left_out))


@cache
def digest(path: str, state: str) -> str:
    """Return the sha256 of a file, of a module without comments and docstrings; `state` is the key of the cache."""
    if state == "missing":
        return state
    content = Path(path).read_bytes()
    if path.endswith(".py") and Path(path).name != "notebook.py":  # a notebook's comments are its text
        content = _code(content.decode("utf8")).encode()
    return _sha256(content)


def _code(text: str) -> str:
    """Return a module's syntax tree without docstrings."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            match node.body:
                case [ast.Expr(ast.Constant(str())), *rest]:
                    node.body = rest
    return ast.dump(tree)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
