"""DEAN: the mean deviation of its submodels from their outputs in training."""

import torch
from torch import Tensor

from anogen.detectors.dean import DEAN, combine_outputs, submodel_outputs
from anogen.detectors.stacked_training import Network
from anogen.scorers.base import Scorer, complement
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer

MAX_BATCH = 1200  # rows times submodels that are computed as one batch: intermediate results stay in the cache
MAX_OFFSET = 30  # offset over scale of a feature above which x - offset would lose digits in float32


class DEANScorer(Scorer):
    """score(x) = mean over submodels of |f_m(x) - q_m|^power; see `DEAN` for its two input ranges.

    The networks are computed in float32, deviations and their powers in float64 (input range `guard`). With the input
    range `reference` all is float32, and a score is relative to the mean score of its batch.
    """

    differentiable = True
    dtype = torch.float32

    def __init__(self, detector: DEAN, bags: Tensor, network: Network, low: Tensor, span: Tensor) -> None:
        """Take the features (M, b) that the submodels read, of d with these lowest values and ranges (d,), float64."""
        self.detector, self.bags, self.network = detector, bags, network
        self.low, self.span = low, span
        self.n_features_in_ = len(low)
        self.batch_dependence = "none" if detector.input_range == "guard" else "batch"

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,)."""
        columns = ((x - self.low.float()) / self.span.float()).T.contiguous()  # (d, n): a bag is then whole rows
        n_submodels = max(1, MAX_BATCH // max(1, len(x)))
        outputs = []
        for bags, *network in zip(*(tensor.split(n_submodels) for tensor in (self.bags, *self.network)), strict=True):
            inputs = columns.index_select(0, bags.flatten()).view(*bags.shape, len(x)).transpose(1, 2)  # (m, n, b)
            outputs.append(submodel_outputs(network, inputs))
        return combine_outputs(torch.cat(outputs), self.detector.q_, self.detector.power, self.detector.input_range)

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Compute the fixed pixels' part of the first layers once."""
        weight, bias, *rest = self.network
        fixed = complement(free, self.n_features_in_)
        scaled = ((reference.double() - self.low) / self.span).index_fill(0, free, 0.0)
        bias = bias + torch.bmm(scaled[self.bags][:, None, :].float(), weight)
        # The free pixels of each bag, first; bags with fewer of them are filled up with weights of 0.
        is_free = ~torch.isin(self.bags, fixed)
        width = int(is_free.sum(dim=1).max())
        order = is_free.int().argsort(dim=1, descending=True, stable=True)[:, :width]
        kept = is_free.gather(1, order)
        position = torch.zeros(self.n_features_in_, dtype=torch.int64).index_put((free,), torch.arange(len(free)))
        bags = position[self.bags.gather(1, order)] * kept
        weight = weight.gather(1, order[:, :, None].expand(-1, -1, weight.shape[2])) * kept[:, :, None]
        return DEANScorer(self.detector, bags, [weight, bias, *rest], self.low[free], self.span[free])


@register_scorer(DEAN, fitted="network_")
def make_dean_scorer(detector: DEAN) -> Scorer:
    """Return the exact scorer, or the fallback where single precision would lose digits."""
    low, span = torch.from_numpy(detector.low_), torch.from_numpy(detector.span_)
    if (low.abs() > MAX_OFFSET * span.clamp(min=1e-6)).any() and detector.input_range == "guard":
        return FallbackScorer(detector, detector.n_features_in_)
    return DEANScorer(detector, detector.bags_, detector.network_, low, span)
