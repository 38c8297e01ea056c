"""PCA: weighted distances to the endpoints of the principal axes."""

from math import sqrt

import numpy as np
import torch
from pyod.models.pca import PCA
from torch import Tensor

from anogen.scorers.base import Optimum, Scorer, complement
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer

# Squared distance, relative to the row's squared norm, below which rounding could reach 1e-12 of the distance.
CANCELLATION_TOL = 1e-4
N_STEPS, RELATIVE_GAP = 10_000, 1e-9


class PCAScorer(Scorer):
    """score(x) = Σ_i ||z - v_i|| / w_i, with z = (x - m) / s and unit vectors v_i along the principal axes.

    PyOD takes the distance to the *point* v_i, one step from the mean along an axis, not to the axis; the sign that the
    decomposition happened to give an axis decides on which side. w_i is the axis's share of the variance, which for
    pixels that never change is rounding: 1e-33 to 1e-37. These few axes make up the score, of size 1e33 and more, and
    as a row is far from all their endpoints alike, it is little else than ||z||.
    """

    differentiable = True

    def __init__(
        self, endpoints: Tensor, weights: Tensor, mean: Tensor, scale: Tensor, fixed_squares: Tensor | None = None
    ) -> None:
        """Take endpoints (m, d), 1 / w (m,), m and s (d,), and the fixed pixels' squared distances (m,)."""
        self.endpoints, self.weights, self.mean, self.scale = endpoints, weights, mean, scale
        self.fixed_squares = torch.zeros(len(endpoints)).double() if fixed_squares is None else fixed_squares
        self.squares = endpoints.square().sum(dim=1) + self.fixed_squares
        self.n_features_in_ = endpoints.shape[1]

    def score(self, x: Tensor) -> Tensor:
        """Return the weighted sums of distances of rows (n, d), (n,)."""
        return self._distances((x - self.mean) / self.scale) @ self.weights

    def _distances(self, z: Tensor) -> Tensor:
        """Return the distances of scaled rows (n, d) to all endpoints, (n, m)."""
        norms = torch.linalg.vecdot(z, z)[:, None]
        squares = torch.addmm(norms + self.squares, z, self.endpoints.T, alpha=-2)
        row, endpoint = (squares < CANCELLATION_TOL * norms.clamp(min=1)).nonzero(as_tuple=True)
        distances = squares.clamp(min=torch.finfo(z.dtype).tiny).sqrt()  # a root's slope at 0 would make gradients NaN
        if len(row):  # the expanded square has lost its digits: take the differences
            residual = torch.cat([z[row] - self.endpoints[endpoint], self.fixed_squares[endpoint, None].sqrt()], dim=1)
            distances = distances.index_put((row, endpoint), torch.linalg.vector_norm(residual, dim=1))
        return distances

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Compute the fixed pixels' part of the squared distances once."""
        fixed = complement(free, self.n_features_in_)
        z = (reference.double()[fixed] - self.mean[fixed]) / self.scale[fixed]
        squares = (z - self.endpoints[:, fixed]).square().sum(dim=1)
        endpoints = self.endpoints[:, free]
        return PCAScorer(endpoints, self.weights, self.mean[free], self.scale[free], self.fixed_squares + squares)

    def optimum(self) -> Optimum:
        """Return the weighted geometric median: the best endpoint, or the end of Weiszfeld's iteration.

        The score is convex, and its minimum lies among the weighted means of the endpoints, so no farther from z than
        the farthest endpoint: f(z) - min f <= ||f'(z)|| max_i ||z - v_i||. At an endpoint, f' is 0 if the pull of the
        others does not exceed the endpoint's own weight.
        """
        z = self.endpoints[self._distances(self.endpoints).mv(self.weights).argmin()][None]
        slope = self._slope(z)
        for _ in range(N_STEPS):
            if self._gap(z, slope) <= RELATIVE_GAP * (self._distances(z) @ self.weights).item():
                break
            shares = self.weights / self._distances(z)[0].clamp(min=1e-12)
            z = (shares / shares.sum()) @ self.endpoints[None]
            slope = self._slope(z)
        x = self.mean + z * self.scale
        score = self.score(x).item()
        lower_bound = (self._distances(z) @ self.weights).item() - self._gap(z, slope)
        proved = score - lower_bound <= RELATIVE_GAP * score
        certificate = f"the score is convex: from its slope here, no row scores less than {lower_bound:.12g}"
        if not proved:
            certificate += "; the median itself is nearer to that than its rounding to float64, or was not reached"
        return Optimum(x, score, "proved" if proved else "numerical", certificate)

    def optimum_in_box(self, low: float = 0.0, high: float = 1.0) -> Optimum:
        """Return the minimum over rows with all values in [low, high], by Weiszfeld's iteration with clipped steps.

        Each step minimises a sum of weighted squares above the score, which touches it at z; in a box it is the clipped
        one. The score is convex: f(z) - min f <= max f'(z)(z - y) over the y of the box, a maximum in each coordinate.
        """
        first, last = ((bound - self.mean) / self.scale for bound in (low, high))
        z = (self.weights / self.weights.sum() @ self.endpoints)[None].clamp(first, last)
        for _ in range(N_STEPS):
            distances = self._distances(z)
            shares = self.weights / distances[0].clamp(min=1e-12)
            slope = shares.sum() * z[0] - shares @ self.endpoints
            gap = torch.maximum(slope * (z[0] - first), slope * (z[0] - last)).sum().item()
            score = (distances @ self.weights).item()
            if gap <= RELATIVE_GAP * score:
                break
            z = (shares / shares.sum() @ self.endpoints)[None].clamp(first, last)
        x = (self.mean + z * self.scale).clamp(low, high)
        score, bound = self.score(x).item(), score - gap
        box = f"[{low:g}, {high:g}]"
        certificate = f"the score is convex: from its slope here, no row in {box} scores less than {bound:.12g}"
        return Optimum(x, score, "proved" if score - bound <= RELATIVE_GAP * score else "numerical", certificate)

    def _slope(self, z: Tensor) -> float:
        """Return the norm of the smallest subgradient of the score at z (1, d), in units of z."""
        distances = self._distances(z)[0]
        at = distances <= 0  # endpoints that z is on pull in any direction, with up to their weight
        pulls = torch.where(at, 0.0, self.weights / distances)
        pull = torch.linalg.vector_norm(pulls.sum() * z[0] - pulls @ self.endpoints).item()
        return max(0.0, pull - self.weights[at].sum().item())

    def _gap(self, z: Tensor, slope: float) -> float:
        """Return how much less than at z the score can be at most."""
        return slope * sqrt((z - self.endpoints).square().sum(dim=1).max().item())


@register_scorer(PCA)
def make_pca_scorer(detector: PCA) -> Scorer:
    """Return the exact scorer, or the fallback where an axis has no variance."""
    endpoints = torch.tensor(np.asarray(detector.selected_components_, dtype=np.float64))
    shares = torch.tensor(np.asarray(detector.selected_w_components_, dtype=np.float64))
    if not (shares > 0).all():
        return FallbackScorer(detector, endpoints.shape[1])
    mean, scale = torch.zeros(endpoints.shape[1]).double(), torch.ones(endpoints.shape[1]).double()
    if detector.standardization:
        mean, scale = (torch.tensor(np.asarray(getattr(detector.scaler_, name))) for name in ("mean_", "scale_"))
    return PCAScorer(endpoints, 1 / shares, mean, scale)
