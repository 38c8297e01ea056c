"""Ask an anomaly detector to draw what it believes is normal."""

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Return `anogen.audit`, without loading PyOD and PyTorch before it is wanted."""
    if name != "audit":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return importlib.import_module(f"{__name__}.auditing").audit
