"""From a fitted detector to an exact scorer on tensors."""

from anogen.scoring.base import Optimum, Scorer
from anogen.scoring.registry import scorer

__all__ = ["Optimum", "Scorer", "scorer"]
