"""The least time that a scorer's work takes on this machine."""

from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn

from anogen.bench.rates import Rates
from anogen.scorers import Scorer
from anogen.scorers.auto_encoder import ReconstructionScorer
from anogen.scorers.cblof import CBLOFScorer
from anogen.scorers.copod_ecod import TailScorer
from anogen.scorers.deep_svdd import CentredScorer
from anogen.scorers.gmm import GMMScorer
from anogen.scorers.hbos import HBOSScorer
from anogen.scorers.iforest import IForestScorer
from anogen.scorers.inne import INNEScorer
from anogen.scorers.kde import KDEScorer
from anogen.scorers.knn_lof import KNNScorer, LOFScorer
from anogen.scorers.loda import LODAScorer
from anogen.scorers.ocsvm import OCSVMScorer
from anogen.scorers.pca import PCAScorer
from anogen.scorers.squared_distance import SphereScorer


class Bound(NamedTuple):
    """A lower bound of the milliseconds of a call, and where it comes from."""

    ms: float
    why: str
    product_ms: float | None = None  # of the bare products of the same shapes, where the scorer is bound by them


def bound(scorer: Scorer, rows: Tensor, rates: Rates) -> Bound | None:
    """Return the bound of scoring rows (n, d) with the rates of this machine; None for a scorer without one here."""
    if isinstance(scorer, CentredScorer):
        return bound(scorer.whole, rows, rates)
    return _of_products(scorer, len(rows), rates) or _of_passes(scorer, rows, rates)


def _of_products(scorer: Scorer, n: int, rates: Rates) -> Bound | None:
    """Return the bound of a scorer that multiplies n rows by matrices."""
    d = scorer.n_features_in_
    match scorer:
        case GMMScorer():
            whole = rates.product(n, d, d, scorer.dtype)
            return Bound(whole * (d + 1) / (2 * d), f"half a product {d} x {d}: the factor is triangular", whole)
        case OCSVMScorer():
            seen, m = scorer.products.shape
            needed, whole = (rates.product(n, k, m, scorer.dtype) for k in (seen, d))
            return Bound(needed, f"a product {seen} x {m}: the other pixels never vary", whole)
        case KDEScorer() | KNNScorer() | LOFScorer():
            return _one_after_another([d, len(scorer.train)], n, scorer.dtype, rates)
        case PCAScorer():
            return _one_after_another([d, len(scorer.tips)], n, scorer.dtype, rates)
        case INNEScorer():
            return _one_after_another([d, len(scorer.squares)], n, torch.float32, rates)
        case SphereScorer():
            return _one_after_another([d, scorer.weight.shape[1], *_widths(scorer.rest)], n, scorer.dtype, rates)
        case ReconstructionScorer():
            return _one_after_another([d, *_widths(scorer.layers)], n, scorer.dtype, rates)
    return None


def _of_passes(scorer: Scorer, rows: Tensor, rates: Rates) -> Bound | None:
    """Return the bound of a scorer that passes over the pixels of rows (n, d)."""
    n, d = rows.shape
    match scorer:
        case CBLOFScorer():
            work = 2 * n * d * len(scorer.centres)
            why = f"a difference and a square for each pixel and each of {len(scorer.centres)} centres"
            return Bound(rates.multiplications(work, torch.float64), why)
        case HBOSScorer():
            return Bound(rates.lookups(n * d), "a look-up a pixel")
        case IForestScorer():
            steps = int(scorer.trees.levels.sum())
            return Bound(rates.lookups(n * steps), f"a look-up for each of {steps} levels of the trees")
        case TailScorer():
            sorting = rates.sorting(rows.numpy())
            return Bound(sorting + rates.lookups(2 * n * d), "sorting the columns, and two look-ups a pixel")
        case LODAScorer():
            terms = len(scorer.values)
            ms = rates.multiplications(n * terms, torch.float64) + rates.lookups(n * len(scorer.terms))
            return Bound(ms, f"{terms} products a row, and a look-up for each of {len(scorer.terms)} cuts")
    return None


def _one_after_another(widths: list[int], n: int, dtype: torch.dtype, rates: Rates) -> Bound:
    """Return the bound of products of n rows that lead from one width to the next."""
    shapes = list(pairwise(widths))
    ms = sum(rates.product(n, k, m, dtype) for k, m in shapes)
    return Bound(ms, "a product " + ", ".join(f"{k} x {m}" for k, m in shapes), ms)


def _widths(layers: nn.Module) -> list[int]:
    """Return the widths of a network's linear layers."""
    return [layer.out_features for layer in layers.modules() if isinstance(layer, nn.Linear)]
