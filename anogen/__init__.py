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
    "AuditReport": "anogen.auditing:AuditReport",
    "GenerationResult": "anogen.generators:GenerationResult",
    "InputError": "anogen.errors:InputError",
    "Optimum": "anogen.scorers:Optimum",
    "Scorer": "anogen.scorers:Scorer",
    "audit": "anogen.auditing:audit",
    "datasets": "anogen.datasets",
    "detectors": "anogen.detectors",
    "find_optimum": "anogen.scorers:find_optimum",
    "generate": "anogen.generators:generate",
    "generators": "anogen.generators",
    "make_scorer": "anogen.scorers:make_scorer",
    "metrics": "anogen.metrics",
    "register_scorer": "anogen.scorers:register_scorer",
}

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
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = _EXPORTS[name].partition(":")
    value = getattr(import_module(module), attribute) if attribute else import_module(module)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*__all__, "__version__"])
