"""KDE and OCSVM: sums of Gaussian kernels on training rows or support vectors."""

from math import log, pi

import numpy as np
import torch
from pyod.models.kde import KDE
from pyod.models.ocsvm import OCSVM
from torch import Tensor

from anogen.scorers.base import Optimum, Scorer, complement
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer

KDE_STEPS, CHUNK_SIZE, N_CANDIDATES = 1_000, 512, 32
INITIAL_STEPS = 30  # mean-shift steps from every training row
OCSVM_STEPS, N_STARTS = 500, 10
EUCLIDEAN = {"euclidean", "l2", "minkowski", "p"}


class KDEScorer(Scorer):
    """score(x) = ln n + d ln(h √2π) - ln Σ_i exp(-||x - x_i||² / 2h²): the exact formula.

    scikit-learn sums over a tree of the training rows. It starts from bounds of the sum over the whole tree, and takes
    the bound of each node off again when it opens the node: exp(-r²/2h²), with r the distance to the node's box. In the
    end nothing should be left of them, but what rounding leaves is 1e-16 of the largest. With hundreds of pixels the
    box of the data holds nearly every image, at distance 0, while all rows are far: the remainder exceeds the sum, by
    tens of nats for noise. It is right where the tree is one leaf (`leaf_size` above the number of rows), as in the
    catalogue. `make_scorer` calls the detector itself where the tree has more leaves; `KDEScorer(detector)` is the
    exact value.
    """

    differentiable = True

    def __init__(self, detector: KDE) -> None:
        rows = torch.tensor(np.asarray(detector.kde_.tree_.data, dtype=np.float64))
        width = float(detector.kde_.bandwidth_)
        constant = log(len(rows)) + rows.shape[1] * log(width * (2 * pi) ** 0.5)
        self._set_rows(rows, width, constant, torch.zeros(len(rows)))

    def _set_rows(self, rows: Tensor, width: float, constant: float, fixed_squares: Tensor) -> None:
        """Take training rows (m, d), centred to lose fewer digits, and the squared distances (m,) of fixed pixels."""
        self.width, self.constant, self.fixed_squares = width, constant, fixed_squares.double()
        self.n_features_in_ = rows.shape[1]
        self.mean = rows.mean(dim=0)
        self.train = rows - self.mean
        self.norms = self.train.square().sum(dim=1) + self.fixed_squares

    def score(self, x: Tensor) -> Tensor:
        """Return the negative log densities of rows (n, d), (n,)."""
        return self.constant - self._exponents(x - self.mean).logsumexp(dim=1)

    def _exponents(self, centred: Tensor) -> Tensor:
        """Return -||x - x_i||² / 2h² of rows (n, d), taken from the mean, as (n, m)."""
        precision = 1 / self.width**2
        own = torch.linalg.vecdot(centred, centred)
        halves = (own[:, None] + self.norms) * (-precision / 2)
        return torch.addmm(halves, centred, self.train.T, alpha=precision).clamp(max=0)

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Compute the fixed pixels' part of the squared distances once."""
        fixed = complement(free, self.n_features_in_)
        rows = self.train + self.mean
        conditional = KDEScorer.__new__(KDEScorer)
        squares = (reference.double()[fixed] - rows[:, fixed]).square().sum(dim=1)
        conditional._set_rows(rows[:, free], self.width, self.constant, self.fixed_squares + squares)
        return conditional

    def optimum(self) -> Optimum:
        """Return the lowest fixed point of the mean shift x <- Σ_i K_i(x) x_i / Σ_i K_i(x), from every training row.

        A step never lowers the density. Every row takes a few; the best continue until they converge.
        """
        if not self.n_features_in_:
            return self.trivial_optimum()
        starts = torch.cat([torch.zeros_like(self.train[:1]), self.train])
        ends = torch.cat([self._shift(chunk) for chunk in starts.split(CHUNK_SIZE)])
        scores = torch.cat([self.score(chunk + self.mean) for chunk in ends.split(CHUNK_SIZE)])
        x = ends[scores.topk(min(N_CANDIDATES, len(ends)), largest=False).indices]
        for _ in range(KDE_STEPS):
            x, before = self._mean_shift(x), x
            if (x - before).abs().max() <= 1e-14:
                break
        points = x + self.mean
        scores = self.score(points)
        best = int(scores.argmin())
        certificate = f"the mean shift's lowest fixed point from the mean and all {len(self.train)} training rows"
        return Optimum(points[best][None], scores[best].item(), "numerical", certificate)

    def _mean_shift(self, centred: Tensor) -> Tensor:
        """Return the weighted means of the training rows about rows (n, d), both taken from the mean."""
        return self._exponents(centred).softmax(dim=1) @ self.train

    def _shift(self, x: Tensor) -> Tensor:
        """Return rows (n, d) after a few mean-shift steps; a row that moves less than 1e-4 stops."""
        moving = torch.arange(len(x))
        for _ in range(INITIAL_STEPS):
            after = self._mean_shift(x[moving])
            far = (after - x[moving]).abs().amax(dim=1) > 1e-4
            x = x.index_copy(0, moving, after)
            moving = moving[far]
            if not len(moving):
                break
        return x


@register_scorer(KDE)
def make_kde_scorer(detector: KDE) -> Scorer:
    """Return the exact scorer of a Euclidean tree with one leaf, or the fallback."""
    tree = detector.kde_.tree_
    one_leaf = len(tree.get_arrays()[2]) == 1
    if one_leaf and detector.metric in EUCLIDEAN and not detector.metric_params:
        return KDEScorer(detector)
    return FallbackScorer(detector, tree.data.shape[1])


class OCSVMScorer(Scorer):
    """score(x) = -Σ_i a_i exp(-γ ||x - s_i||²) - b, over the support vectors s_i.

    Distances come from one matrix product, with rows and support vectors taken from the support vectors' mean: what is
    subtracted is then small. The sum is that of a_i (exp(...) - 1), and Σ a_i is added in float64: with γ = 1/d all
    kernels are near 1, and their sum would round away the differences in float32.

    Fixed pixels are in every kernel a factor: they scale a_i. In float32 it is faster, and equal to 1e-5 only.
    """

    differentiable = True

    def __init__(
        self, support: Tensor, log_weights: Tensor, gamma: float, offset: float, dtype: torch.dtype = torch.float64
    ) -> None:
        """Take the s_i (m, d) and ln a_i (m,), both float64, γ, -b, and the type of the product and the kernels."""
        self.vectors, self.log_weights, self.gamma, self.offset, self.dtype = support, log_weights, gamma, offset, dtype
        self.n_features_in_ = support.shape[1]
        mean = support.mean(dim=0)
        self.mean, self.support = mean.to(dtype), (support - mean).to(dtype)
        self.varying = (support != support[0]).any(dim=0).nonzero().squeeze(1)  # elsewhere a product with them is 0
        self.products = self.support[:, self.varying].T.contiguous()
        self.squares = (-gamma * (support - mean).square().sum(dim=1)).to(dtype)
        self.weights, self.all_near = log_weights.exp().to(dtype), offset - log_weights.exp().sum().item()

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,)."""
        return self.all_near - (torch.expm1(self._exponents(x - self.mean)) @ self.weights).double()

    def _exponents(self, centred: Tensor) -> Tensor:
        """Return -γ ||x - s_i||² of rows (n, d), taken from the mean, as (n, m)."""
        norms = -self.gamma * torch.linalg.vecdot(centred, centred)
        varying = centred.index_select(1, self.varying)
        product = torch.addmm(norms[:, None] + self.squares, varying, self.products, alpha=2 * self.gamma)
        return product.clamp(max=0)

    def optimum(self) -> Optimum:
        """Return the best fixed point of x <- Σ a_i K_i(x) s_i / Σ a_i K_i(x), from the mean and the best vectors."""
        if not self.n_features_in_:
            return self.trivial_optimum()
        best = self.score(self.support + self.mean).topk(min(N_STARTS, len(self.support)), largest=False).indices
        x = torch.cat([torch.zeros_like(self.support[:1]), self.support[best]])
        for _ in range(OCSVM_STEPS):
            share = torch.softmax(self._exponents(x) + self.log_weights.to(x), dim=1)
            x, before = share @ self.support, x
            if (x - before).abs().max() <= 8 * torch.finfo(x.dtype).eps:
                break
        scores = self.score(x + self.mean)
        lowest = int(scores.argmin())
        certificate = f"the mean shift's lowest fixed point from {len(x)} starts; another may be lower"
        return Optimum((x[lowest] + self.mean).double()[None], scores[lowest].item(), "numerical", certificate)

    def _to_float32(self) -> Scorer:
        return OCSVMScorer(self.vectors, self.log_weights, self.gamma, self.offset, torch.float32)

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Scale the weights by the kernels of the fixed pixels."""
        fixed = complement(free, self.n_features_in_)
        squares = (reference.double()[fixed] - self.vectors[:, fixed]).square().sum(dim=1)
        log_weights = self.log_weights - self.gamma * squares
        return OCSVMScorer(self.vectors[:, free], log_weights, self.gamma, self.offset, self.dtype)


@register_scorer(OCSVM)
def make_ocsvm_scorer(detector: OCSVM) -> Scorer:
    """Return the exact scorer of an RBF kernel, or the fallback."""
    if detector.kernel != "rbf":
        return FallbackScorer(detector, detector.support_vectors_.shape[1])
    svm = detector.detector_
    support, weights = (torch.tensor(np.asarray(a)) for a in (svm.support_vectors_, svm.dual_coef_[0]))
    return OCSVMScorer(support, weights.log(), float(svm._gamma), -float(svm.intercept_[0]))
