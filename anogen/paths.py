"""Project paths: the clone of the project and the user's cache."""

import os
from pathlib import Path

import platformdirs

from anogen.errors import InputError

NEEDS_CLONE = "this command needs the book: clone the project and run it from the clone (pip install -e .)"


def checkout() -> Path | None:
    """Return the root of the clone that contains this package, or None if it was installed without one."""
    root = Path(__file__).resolve().parent.parent
    return root if (root / "_config.yml").is_file() and (root / "book").is_dir() else None


def require_checkout() -> Path:
    """Return the root of the clone; raise `InputError` if the package was installed without the book."""
    if (root := checkout()) is None:
        raise InputError(NEEDS_CLONE)
    return root


def cache() -> Path:
    """Return the folder for downloaded data and for records computed here; ``ANOGEN_CACHE`` overrides it."""
    return Path(os.environ.get("ANOGEN_CACHE") or platformdirs.user_cache_dir("anogen"))
