"""GMM, MCD and PCA: distances to a mean in units of a covariance, or to the endpoints of the principal axes."""

from math import log, pi, sqrt

import numpy as np
import torch
from pyod.models.gmm import GMM
from pyod.models.mcd import MCD
from pyod.models.pca import PCA
from scipy.linalg.blas import dtrmm
from torch import Tensor

from anogen.scorers.base import Optimum, Scorer, complement
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer

# Squared distance, relative to the row's squared norm, below which rounding could reach 1e-12 of the distance.
CANCELLATION_TOL = 1e-4
N_STEPS, RELATIVE_GAP = 10_000, 1e-9


class _CentredScorer(Scorer):
    """A constant plus the square of a norm of x - μ."""

    differentiable = True
    certificate: str

    def __init__(self, mean: Tensor, matrix: Tensor, constant: float = 0.0) -> None:
        """Take μ (d,), the matrix (d, d) of the norm, and the score at μ."""
        self.mean, self.matrix, self.constant = mean, matrix, constant
        self.n_features_in_ = len(mean)

    def optimum(self) -> Optimum:
        """Return the mean, or the conditional mean of the free pixels."""
        return Optimum(self.mean[None], self.constant, "proved", self.certificate)


class GMMScorer(_CentredScorer):
    """score(x) = (d log 2π + ||(x - μ) P||²) / 2 - log det P, with P P' the precision matrix and P upper triangular.

    BLAS has a product with a triangular matrix that leaves out the half that is 0; with a gradient, or on a GPU, it is
    torch's. The residual is taken before the product, where scikit-learn subtracts μ P from x P: P has entries up to
    1,000 (the pixels that never change), and float32 would lose the score.
    """

    accepts_float32 = True
    certificate = "the score is a constant plus the square of a norm, which is 0 at the mean and nowhere else"

    def __init__(self, mean: Tensor, factor: Tensor, constant: float) -> None:
        super().__init__(mean, factor, constant)
        self.triangle = np.asfortranarray(factor.numpy())

    def score(self, x: Tensor) -> Tensor:
        """Return the negative log densities of rows (n, d), (n,)."""
        if self.device.type != "cpu" or x.requires_grad or not x.numel():
            return ((x - self.mean) @ self.matrix).square().sum(dim=1) / 2 + self.constant
        # NumPy and BLAS only: PyTorch's threads stay awake for a moment after each loop and would slow BLAS down.
        residual = x.numpy() - self.mean.numpy()
        product = dtrmm(1.0, self.triangle, residual.T, trans_a=1, overwrite_b=1)
        return torch.from_numpy(np.einsum("ij,ij->j", product, product) / 2 + self.constant)

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Return the same with the conditional mean and a smaller factor.

        With y the free pixels' and c = (r - μ) P the fixed pixels' residual, and the free pixels' rows of P split into
        an upper triangular U and orthonormal columns Q, ||y P + c||² = ||y U + c Q||² + ||c - c Q Q'||².
        """
        fixed = complement(free, self.n_features_in_)
        projected = (reference.double()[fixed] - self.mean[fixed]) @ self.matrix[fixed]
        q, r = torch.linalg.qr(self.matrix[free].flip(0).T)  # rows in reverse order make U upper triangular
        q, upper = q.flip(1), r.T.flip(0, 1)
        along = projected @ q
        mean = self.mean[free] - torch.linalg.solve_triangular(upper, along[None], upper=True, left=False)[0]
        remainder = (projected - q @ along).square().sum().item() / 2
        return GMMScorer(mean, upper, self.constant + remainder)


@register_scorer(GMM)
def make_gmm_scorer(detector: GMM) -> Scorer:
    """Return the exact scorer of one component with a full covariance, or the fallback."""
    if detector.n_components != 1 or detector.covariance_type != "full":
        return FallbackScorer(detector, detector.means_.shape[1])
    mean, factor = torch.tensor(detector.means_[0]), torch.tensor(detector.precisions_cholesky_[0])
    return GMMScorer(mean, factor, len(mean) * log(2 * pi) / 2 - factor.diagonal().log().sum().item())


class MCDScorer(_CentredScorer):
    """score(x) = (x - μ)' V (x - μ), with V the precision of the most concentrated half of the training rows."""

    certificate = "a square is at least 0, and is 0 at the robust mean, or at the one given the fixed pixels"

    def score(self, x: Tensor) -> Tensor:
        """Return the squared Mahalanobis distances of rows (n, d), (n,)."""
        residual = x - self.mean
        return torch.linalg.vecdot(residual @ self.matrix, residual).clamp(min=0) + self.constant

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Complete the square of the free pixels: with y and c the free and the fixed pixels' residuals.

        y' V_ff y + 2 y' V_fr c + c' V_rr c = (y - m)' V_ff (y - m) + c' V_rr c - m' V_ff m, where V_ff m = -V_fr c.
        """
        fixed = complement(free, self.n_features_in_)
        residual = reference.double()[fixed] - self.mean[fixed]
        rows = self.matrix[free]
        inner, slope = rows[:, free], rows[:, fixed] @ residual
        shift = -torch.linalg.pinv(inner, hermitian=True) @ slope
        remainder = residual @ self.matrix[fixed][:, fixed] @ residual + slope @ shift
        return MCDScorer(self.mean[free] + shift, inner, self.constant + remainder.clamp(min=0).item())


@register_scorer(MCD)
def make_mcd_scorer(detector: MCD) -> MCDScorer:
    """Return the exact scorer."""
    mean, precision = np.asarray(detector.location_), np.asarray(detector.detector_.get_precision())
    return MCDScorer(torch.tensor(mean, dtype=torch.float64), torch.tensor(precision, dtype=torch.float64))


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
