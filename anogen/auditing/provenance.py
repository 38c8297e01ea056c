"""Where an audited detector is defined, and the versions of what it is made of."""

import inspect
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import platform, python_version
from typing import Any

import anogen


def source_of(name: str, detector: Any) -> dict[str, Any]:
    """Return the file of the module of a detector MODULE:NAME, relative to the current folder or its package."""
    module = name.partition(":")[0]
    file = getattr(sys.modules.get(module), "__file__", None)
    if not file or not file.endswith(".py"):
        return {}
    path, root = Path(file).resolve(), Path.cwd()
    if not path.is_relative_to(root):
        root = path.parents[min(module.count("."), len(path.parents) - 1)]
    named = detector if isinstance(detector, type) or inspect.isroutine(detector) else type(detector)
    try:
        line = inspect.getsourcelines(named)[1] if named.__module__ == module else 1
    except (OSError, TypeError):
        line = 1
    return {"source": path.relative_to(root).as_posix(), "line": max(1, line)}


def versions_of(detector: Any) -> dict[str, str]:
    """Return the versions of Python, anogen, NumPy and the detector's library, and the platform."""
    library = type(getattr(detector, "model", detector)).__module__.partition(".")[0]
    names = {"numpy": "numpy", "scikit-learn": "scikit-learn", "pyod": "pyod", "torch": "torch", library: library}
    known = {}
    for name in names:
        try:
            known[name] = version(name)
        except (PackageNotFoundError, ValueError):
            continue
    return {"python": python_version(), "anogen": anogen.__version__, **known, "platform": platform()}
