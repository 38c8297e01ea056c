"""From a fitted detector to an exact scorer on tensors."""

from anogen.scorers.base import Optimum, Scorer
from anogen.scorers.registry import make_scorer

__all__ = ["Optimum", "Scorer", "make_scorer"]
