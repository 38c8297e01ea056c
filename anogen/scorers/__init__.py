"""Scorers: the exact anomaly score of a fitted detector as a function of tensors, and its optimum where known."""

from anogen.scorers.base import Optimum, Scorer
from anogen.scorers.registry import find_optimum, make_scorer, register_scorer

__all__ = ["Optimum", "Scorer", "find_optimum", "make_scorer", "register_scorer"]
