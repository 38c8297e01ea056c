"""PCA: weighted distances to the tips of the principal axes."""

from math import sqrt

import numpy as np
import torch
from pyod.models.pca import PCA
from torch import Tensor

from anogen.scorers.base import Optimum, Scorer, complement
from anogen.scorers.registry import FallbackScorer, register_scorer

# Squared distance, relative to the row's squared norm, below which rounding could reach 1e-12 of the distance.
CLOSE = 1e-4
STEPS, GAP = 10_000, 1e-9


class PCAScorer(Scorer):
    """score(x) = Σ_i ||z - v_i|| / w_i, with z = (x - m) / s and unit vectors v_i along the principal axes.

    PyOD takes the distance to the *point* v_i, one step from the mean along an axis, not to the axis; the sign that the
    decomposition happened to give an axis decides on which side. w_i is the axis's share of the variance, which for
    pixels that never change is rounding: 1e-33 to 1e-37. These few axes make up the score, of size 1e33 and more, and
    as a row is far from all their tips alike, it is little else than ||z||.
    """

    differentiable = True

    def __init__(
        self, tips: Tensor, weights: Tensor, mean: Tensor, scale: Tensor, beyond: Tensor | None = None
    ) -> None:
        """Take tips (m, d), 1 / w (m,), m and s (d,) and, of pixels that are fixed, their squared distances (m,)."""
        self.tips, self.weights, self.mean, self.scale = tips, weights, mean, scale
        self.beyond = torch.zeros(len(tips), dtype=torch.float64) if beyond is None else beyond
        self.squares = tips.square().sum(dim=1) + self.beyond
        self.n_features_in_ = tips.shape[1]

    def score(self, x: Tensor) -> Tensor:
        """Return the weighted sums of distances of rows (n, d), (n,)."""
        return self._distances((x - self.mean) / self.scale) @ self.weights

    def _distances(self, z: Tensor) -> Tensor:
        """Return the distances of scaled rows (n, d) to all tips, (n, m)."""
        norms = torch.linalg.vecdot(z, z)[:, None]
        squares = torch.addmm(norms + self.squares, z, self.tips.T, alpha=-2)
        row, tip = (squares < CLOSE * norms.clamp(min=1)).nonzero(as_tuple=True)
        distances = squares.clamp(min=torch.finfo(z.dtype).tiny).sqrt()  # a root's slope at 0 would make gradients NaN
        if len(row):  # the expanded square has lost its digits: take the differences
            apart = torch.cat([z[row] - self.tips[tip], self.beyond[tip, None].sqrt()], dim=1)
            distances = distances.index_put((row, tip), torch.linalg.vector_norm(apart, dim=1))
        return distances

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Compute the fixed pixels' part of the squared distances once."""
        fixed = complement(free, self.n_features_in_)
        z = (reference.double()[fixed] - self.mean[fixed]) / self.scale[fixed]
        apart = (z - self.tips[:, fixed]).square().sum(dim=1)
        return PCAScorer(self.tips[:, free], self.weights, self.mean[free], self.scale[free], self.beyond + apart)

    def optimum(self) -> Optimum:
        """Return the weighted geometric median of the tips: the best tip, or where Weiszfeld's iteration ends.

        The score is convex, and its minimum lies among the weighted means of the tips, so no farther from z than the
        farthest tip: f(z) - min f <= ||f'(z)|| max_i ||z - v_i||. At a tip, f' is 0 if the pull of the others does not
        exceed the tip's own weight.
        """
        z = self.tips[self._distances(self.tips).mv(self.weights).argmin()][None]
        slope = self._slope(z)
        for _ in range(STEPS):
            if self._gap(z, slope) <= GAP * (self._distances(z) @ self.weights).item():
                break
            shares = self.weights / self._distances(z)[0].clamp(min=1e-12)
            z = (shares / shares.sum()) @ self.tips[None]
            slope = self._slope(z)
        x = self.mean + z * self.scale
        score = self.score(x).item()
        least = (self._distances(z) @ self.weights).item() - self._gap(z, slope)
        proved = score - least <= GAP * score
        why = f"the score is convex: from its slope here, no row scores less than {least:.12g}"
        if not proved:
            why += "; the median itself is nearer to that than its rounding to float64, or was not reached"
        return Optimum(x, score, "proved" if proved else "numerical", why)

    def _slope(self, z: Tensor) -> float:
        """Return the norm of the smallest subgradient of the score at z (1, d), in units of z."""
        distances = self._distances(z)[0]
        at = distances <= 0  # tips that z is on pull in any direction, with up to their weight
        pulls = torch.where(at, 0.0, self.weights / distances)
        pull = torch.linalg.vector_norm(pulls.sum() * z[0] - pulls @ self.tips).item()
        return max(0.0, pull - self.weights[at].sum().item())

    def _gap(self, z: Tensor, slope: float) -> float:
        """Return how much less than at z the score can be at most."""
        return slope * sqrt((z - self.tips).square().sum(dim=1).max().item())


@register_scorer(PCA)
def _(detector: PCA) -> Scorer:
    tips = torch.tensor(np.asarray(detector.selected_components_, dtype=np.float64))
    shares = torch.tensor(np.asarray(detector.selected_w_components_, dtype=np.float64))
    if not (shares > 0).all():
        return FallbackScorer(detector, tips.shape[1])
    mean, scale = torch.zeros(tips.shape[1]).double(), torch.ones(tips.shape[1]).double()
    if detector.standardization:
        mean, scale = (torch.tensor(np.asarray(getattr(detector.scaler_, name))) for name in ("mean_", "scale_"))
    return PCAScorer(tips, 1 / shares, mean, scale)
