"""Ask an anomaly detector to draw what it believes is normal."""

import importlib
from typing import Any

__version__ = "0.1.0"
_LATER = {"audit": "auditing"}  # functions by the package that has them, which is imported when it is asked for


def __getattr__(name: str) -> Any:
    """Return `anogen.audit`, without loading PyOD and PyTorch before it is wanted."""
    if name in _LATER:
        return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
