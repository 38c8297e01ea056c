"""PyOD's AutoEncoder and VAE: the distance of a standardised row to its reconstruction."""

from collections.abc import Iterator
from copy import deepcopy

import numpy as np
import torch
from pyod.models.auto_encoder import AutoEncoder
from pyod.models.base_dl import BaseDeepLearningDetector
from pyod.models.vae import VAE
from pyod.utils.torch_utility import LinearBlock
from torch import Tensor, nn
from torch.nn.utils import fuse_linear_bn_eval

from anogen.detectors.dense import MeanVAE
from anogen.scorers.base import Scorer, complement, without_dust
from anogen.scorers.registry import FallbackScorer, register_scorer

FAR = 30  # mean over scale of a pixel above which x - mean would lose digits in float32
NEAR = 1e-8  # what PyOD adds to a standard deviation


class ReconstructionScorer(Scorer):
    """score(x) = ||z - x̂(z)|| with z = (x - m) / (s + 1e-8), and batch normalisation folded into the layers.

    The network may have more outputs than there are pixels: the surplus is part of the distance as it is, and stands
    for pixels that are fixed.
    """

    differentiable = True
    dtype = torch.float32

    def __init__(self, scale: Tensor, shift: Tensor, layers: nn.Sequential) -> None:
        """Take z = scale · x + shift, both (d,), and the layers from z to its reconstruction, without gradients."""
        self.scale, self.shift, self.layers = scale, shift, layers
        self.n_features_in_ = len(scale)
        self.surplus = layers[-1].out_features - self.n_features_in_ if isinstance(layers[-1], nn.Linear) else 0

    def score(self, x: Tensor) -> Tensor:
        """Return the distances of rows (n, d) to their reconstructions, (n,)."""
        z = torch.addcmul(self.shift, x, self.scale)
        target = nn.functional.pad(z, (0, self.surplus)) if self.surplus else z
        return torch.linalg.vector_norm(target - self.layers(z), dim=1)

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Make the fixed pixels a bias of the first layer, and as few outputs as the last layer has inputs.

        The fixed pixels' part of the squared distance is ||r - Vh||², h being the last hidden layer. With V = QR it is
        ||Q'r - Rh||² + ||r - QQ'r||²: h has far fewer components than an image has pixels.
        """
        first, *between, last = self.layers
        if not (isinstance(first, nn.Linear) and isinstance(last, nn.Linear)) or self.surplus:
            return super().condition_on(free, reference)
        fixed = complement(free, self.n_features_in_)
        z = (reference.to(self.dtype) * self.scale + self.shift)[fixed].double()
        weight, bias = last.weight.double(), last.bias.double()
        q, r = torch.linalg.qr(weight[fixed])
        aim = z - bias[fixed]
        beyond = (aim - q @ (q.T @ aim)).norm()
        outputs = torch.cat([weight[free], r, torch.zeros_like(weight[:1])])
        offsets = torch.cat([bias[free], -(q.T @ aim), beyond[None]])
        inputs = first.weight.double()
        layers = _linear(inputs[:, free], first.bias.double() + inputs[:, fixed] @ z), *between
        return ReconstructionScorer(
            self.scale[free], self.shift[free], nn.Sequential(*layers, _linear(outputs, offsets))
        )


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    """Return a layer of float32 with these weights (outputs, inputs)."""
    layer = nn.utils.skip_init(nn.Linear, 1, 1)  # of the right size it would warn where no pixel is free
    layer.out_features, layer.in_features = weight.shape
    layer.weight, layer.bias = (nn.Parameter(value.float(), requires_grad=False) for value in (weight, bias))
    return layer


def _layers(detector: AutoEncoder | MeanVAE) -> Iterator[nn.Module]:
    """Return the layers from a row to its reconstruction, in float64, without what does nothing in scoring."""
    model = deepcopy(detector.model).cpu().double().eval()
    latent = [model.encoder_mu] if isinstance(detector, VAE) else []
    for block in (*model.encoder, *latent, *model.decoder):
        if not isinstance(block, LinearBlock):
            yield block
            continue
        yield fuse_linear_bn_eval(block.linear, block.bn) if block.batch_norm else block.linear
        if block.has_act and not isinstance(block.activation, nn.Identity):
            yield block.activation


def _scorer(detector: AutoEncoder | MeanVAE, kind: type[BaseDeepLearningDetector]) -> Scorer:
    """Return the exact scorer of a class, or the fallback for a subclass or data that it would not be exact for."""
    d = detector.feature_size
    mean, scale = np.zeros(d), np.ones(d)
    if detector.preprocessing:
        mean, scale = detector.X_mean, detector.X_std + NEAR
    unaltered = all(
        getattr(type(detector), name) is getattr(kind, name)
        for name in ("evaluating_forward", "decision_function_update")
    )
    if not unaltered or detector.use_compile or (np.abs(mean) / scale).max() > FAR:
        return FallbackScorer(detector, d)
    layers = nn.Sequential(*_layers(detector)).float().requires_grad_(requires_grad=False)
    for weight in layers.parameters():
        weight.copy_(without_dust(weight))
    return ReconstructionScorer(torch.tensor(1 / scale).float(), torch.tensor(-mean / scale).float(), layers)


@register_scorer(AutoEncoder)
def _(detector: AutoEncoder) -> Scorer:
    return _scorer(detector, AutoEncoder)


@register_scorer(MeanVAE)
def _(detector: MeanVAE) -> Scorer:
    return _scorer(detector, MeanVAE)


@register_scorer(VAE)
def _(detector: VAE) -> Scorer:
    """PyOD's own VAE draws its latent vectors, so each call gives other scores: `MeanVAE` is not what was asked for."""
    slow = FallbackScorer(detector, detector.feature_size)
    slow.batch_dependence = "stochastic"
    return slow
