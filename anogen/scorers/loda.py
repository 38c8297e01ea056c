"""LODA: the mean of negative log histogram heights along random directions."""

import numpy as np
import torch
from pyod.models.loda import LODA
from scipy.optimize import linprog
from scipy.sparse import csr_array
from torch import Tensor

from anogen.scorers.base import Optimum, Scorer
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer

EDGE_TOL = 1e-9  # bin widths from an edge within which a value's bin is left to PyOD's own product
EPS = np.finfo(np.float64).eps


class LODAScorer(Scorer):
    """score(x) = -(1/K²) Σ_k ln h_k(bin of p_k'x), over K cuts of √d pixels each: PyOD divides by K twice.

    PyOD takes for the bin the number of edges below p_k'x among the lowest b - 1 of b + 1. That is one more than the
    bin that the value was counted in: a value has the height of the next bin, the lowest bin's height is used at and
    below the lowest edge only, and all values above the last edge but two have the height of the last bin. So no value
    is out of range, and one far outside may be scored as frequent.

    The training row with the least p_k'x *is* the lowest edge, so its bin depends on the last bit of a product, which
    BLAS rounds differently from batch to batch. Where a value is that near to an edge, the batch is multiplied as in
    PyOD.
    """

    def __init__(self, detector: LODA, free: np.ndarray, image: np.ndarray) -> None:
        """Take the indices (f,) of the pixels that rows hold, and the image (d,) that completes them."""
        self.projections, self.edges = detector.projections_, detector.limits_[:, : detector.n_bins - 1]
        self.terms = -detector.weights[:, None] / detector.n_random_cuts * np.log(detector.histograms_)
        self.detector, self.free, self.image, self.n_features_in_ = detector, free, image, len(free)
        fixed = image.copy()
        fixed[free] = 0
        projection = self.projections[:, free]
        self.sparse = csr_array(projection)
        self.low, width = detector.limits_[:, 0], detector.limits_[:, -1] - detector.limits_[:, 0]
        self.per_unit = detector.n_bins / width
        self.offset = self.projections @ fixed - self.low
        lengths = np.abs(projection).sum(axis=1), np.abs(self.projections) @ np.abs(fixed) + np.abs(self.low)
        self.rounding = np.stack(lengths) * (4 * (len(image) ** 0.5 + 4) * EPS)  # of a product: a share of x, and fixed

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,)."""
        rows = x.detach().numpy().astype(np.float64)
        finite = np.isfinite(rows).all(axis=1)
        rows[~finite] = 0
        last = self.terms.shape[1] - 1
        tolerance = EDGE_TOL + (self.rounding[0] * np.abs(rows).max(initial=0) + self.rounding[1]) * self.per_unit
        position = ((self.sparse @ rows.T + self.offset[:, None]) * self.per_unit[:, None]).clip(-1, last)  # in bins
        bins, edge = np.ceil(position).clip(0).astype(int), np.rint(position)
        near = (np.abs(position - edge) <= tolerance[:, None]) & (edge >= 0) & (edge < last)
        if near.any():
            images = np.tile(self.image, (len(rows), 1))
            images[:, self.free] = rows
            for k in np.flatnonzero(near.any(axis=1)):
                bins[k] = np.searchsorted(self.edges[k], self.projections[k, :].dot(images.T), side="left")
        scores = np.take_along_axis(self.terms, bins, axis=1).sum(axis=0)
        return torch.from_numpy(np.where(finite, scores, np.nan))

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Compute the fixed pixels' part of the projections once."""
        image = self.image.copy()
        image[self.free] = reference.double().numpy()
        return LODAScorer(self.detector, self.free[free.numpy()], image)

    def optimum(self) -> Optimum | None:
        """Return a row that is in the highest bin of every cut, if there is one; in [0, 1] where possible.

        Bins are slabs p_k'x in (e, e']: a linear program finds the row that is farthest inside of the best ones.
        """
        cuts, b = self.terms.shape
        best = self.terms.argmin(axis=1)
        projection = self.projections[:, self.free]
        width = 1 / self.per_unit
        offset = self.offset + self.low
        upper, lower = np.flatnonzero(best < b - 1), np.flatnonzero(best > 0)
        sides = np.vstack([np.c_[projection[upper], width[upper]], np.c_[-projection[lower], width[lower]]])
        above, below = self.edges[upper, best[upper]], self.edges[lower, best[lower] - 1]
        limits = np.concatenate([above - offset[upper], offset[lower] - below])
        inside = np.append(np.zeros(self.n_features_in_), -1.0)
        for bounds in ((0, 1), (None, None)):
            solution = linprog(inside, sides, limits, bounds=[bounds] * self.n_features_in_ + [(1e-6, 0.5)])
            if solution.success:
                point = torch.from_numpy(solution.x[:-1])[None]
                least = self.terms.min(axis=1).sum()
                score = self.score(point).item()
                if abs(score - least) <= 1e-12 * max(1, abs(least)):
                    reason = f"the score is a sum of one term a cut, and each of the {cuts} is the least of its bins"
                    return Optimum(point, score, "proved", reason)
        return None


@register_scorer(LODA)
def make_loda_scorer(detector: LODA) -> Scorer:
    """Return the exact scorer of a fixed number of bins, or the fallback."""
    d = detector.projections_.shape[1]
    if isinstance(detector.n_bins, str):  # 'auto': each cut then has its own number of bins
        return FallbackScorer(detector, d)
    return LODAScorer(detector, np.arange(d), np.zeros(d))
