"""Ask an anomaly detector to draw what it believes is normal.

Five verbs: `make_scorer` reads a fitted detector, `generate` searches for the samples that it scores as most normal,
`find_optimum` returns them where they are known, `audit` checks a detector, and `register_scorer` adds an exact scorer.

Examples
--------
>>> import anogen
>>> from sklearn.datasets import load_digits
>>> from pyod.models.cblof import CBLOF
>>> scorer = anogen.make_scorer(CBLOF(random_state=0).fit(load_digits().data / 16))
>>> result = anogen.generate(scorer, n_samples=2, n_generations=20)
>>> result.gap(anogen.find_optimum(scorer)).shape
(2,)
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anogen import datasets, detectors, generators, metrics
    from anogen.auditing import AuditReport
    from anogen.auditing.audit import audit
    from anogen.errors import InputError
    from anogen.generators import GenerationResult, generate
    from anogen.scorers import Optimum, Scorer, find_optimum, make_scorer, register_scorer

__version__ = "0.1.0"

# Loaded when first used: PyOD and PyTorch take seconds.
_EXPORTS = {
    "auditing": ("AuditReport", "audit"),
    "errors": ("InputError",),
    "generators": ("GenerationResult", "generate"),
    "scorers": ("Optimum", "Scorer", "find_optimum", "make_scorer", "register_scorer"),
}
_MODULES = ("datasets", "detectors", "generators", "metrics")

__all__ = [
    "AuditReport",
    "GenerationResult",
    "InputError",
    "Optimum",
    "Scorer",
    "audit",
    "datasets",
    "detectors",
    "find_optimum",
    "generate",
    "generators",
    "make_scorer",
    "metrics",
    "register_scorer",
]


def __getattr__(name: str) -> object:
    """Import an exported name when it is first used."""
    home = next((module for module, names in _EXPORTS.items() if name in names), None)
    if home is None and name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"anogen.{home}"), name) if home else import_module(f"anogen.{name}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*__all__, "__version__"])
