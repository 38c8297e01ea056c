"""The independent classifier behind `p_cls`: a small CNN for grey images; for colour images see `resnet`."""

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from anogen.errors import InputError
from anogen.metrics import resnet

Weights = dict[str, NDArray[np.floating]]
BATCH_SIZE, MAX_SHIFT = 128, 2  # images per step; pixels


def train(x: ArrayLike, y: ArrayLike, seed: int, epochs: int = 3, width: int = 16) -> Weights:
    """Train the classifier; the same bits for the same seed on the same number of threads.

    Grey images: three blocks of 3x3 convolution, batch normalisation, ReLU and 2x2 max-pooling, then one linear layer;
    Adam under a one-cycle learning rate; batches are shifted by up to two pixels. Colour images: `resnet.model`.

    Parameters
    ----------
    x : uint8 (n, h, w) or (n, h, w, 3).
    y : integer (n,), class of each image.
    width : channels of the first block, doubled by each further one.

    Returns
    -------
    dict of arrays, with batch normalisation already folded into the convolutions; well below 1.5 MB: float32, and
    float16 for colour images.

    Raises
    ------
    InputError
        If the images are not uint8, or there is not one class for each of them.
    """
    *_, weights = training(x, y, seed, epochs, width)
    assert isinstance(weights, dict), "the weights come last"
    return weights


def training(
    x: ArrayLike, y: ArrayLike, seed: int, epochs: int = 3, width: int = 16, state: resnet.State | None = None
) -> Iterator[tuple[float, Callable[[], resnet.State]] | Weights]:
    """Train as `train` does, yielding its weights last, and before them what `resnet.optimise` yields.

    A training on grey images takes a few minutes and yields nothing before it ends.
    """
    images, labels = np.asarray(x), np.asarray(y)
    if images.dtype != np.uint8 or images.ndim not in (3, 4) or labels.shape != (len(images),) or not len(images):
        raise InputError(
            f"images {images.dtype} {images.shape} with labels {labels.shape}: give uint8 images, one label each"
        )
    data = _channels_first(torch.tensor(images))
    target = torch.tensor(labels.astype(np.int64))
    grey = data.shape[1] == 1
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = _model(data, int(target.max()) + 1, width)
        if grey:
            _optimise(model, data, target, epochs)
    if not grey:
        yield from resnet.optimise(model, data, target, seed, epochs, state)
    yield {name: array if grey else array.astype(np.float16) for name, array in _folded(model).items()}


def predict(weights: Weights, x: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return class probabilities (n, classes) of images x (n, d) in [0, 1] of the given shape."""
    return _in_parts(_probabilities, weights, x, shape)


def features(weights: Weights, x: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return the inputs of the last linear layer, (n, f), of images x (n, d) in [0, 1] of the given shape."""
    return _in_parts(_features, weights, x, shape)


def _in_parts(
    network: Callable[[dict[str, Tensor], Tensor], Tensor], weights: Weights, x: ArrayLike, shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """Apply a network to images (n, d), 500 at a time."""
    w = {name: torch.tensor(array).float() for name, array in weights.items()}
    rows = np.asarray(x, dtype=np.float32)
    with torch.no_grad():
        parts = [network(w, torch.tensor(rows[i : i + 500].reshape(-1, *shape))) for i in range(0, len(rows), 500)]
    return np.asarray(torch.cat(parts).numpy(), dtype=np.float32)


def _probabilities(w: dict[str, Tensor], images: Tensor) -> Tensor:
    """Images (n, h, w[, 3]) in [0, 1] -> probabilities (n, classes)."""
    v = _channels_first(images) - 0.5
    if v.shape[1] == 3:
        return resnet.probabilities(w, v)
    return F.softmax(F.linear(_features(w, images), w["linear"], w["bias"]), dim=1)


def _features(w: dict[str, Tensor], images: Tensor) -> Tensor:
    """Images (n, h, w[, 3]) in [0, 1] -> inputs of the linear layer, (n, f)."""
    v = _channels_first(images) - 0.5
    if v.shape[1] == 3:
        return resnet.features(w, v)
    for block in ("1", "2", "3"):
        v = F.max_pool2d(F.relu(F.conv2d(v, w[f"conv{block}"], w[f"bias{block}"], padding=1)), 2)
    return v.flatten(1)


def _channels_first(images: Tensor) -> Tensor:
    return images.unsqueeze(1) if images.ndim == 3 else images.permute(0, 3, 1, 2).contiguous()


def untrained(shape: tuple[int, ...], seed: int, width: int = 16) -> Weights:
    """Return the weights of the same network without training, for images of a shape: an unbiased classifier."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = _model(_channels_first(torch.zeros(1, *shape)), 10, width)
    return _folded(model.eval())


def _model(data: Tensor, classes: int, width: int) -> nn.Sequential:
    if data.shape[1] == 3:
        return resnet.model(classes, width)
    channels, (h, w) = (data.shape[1], width, 2 * width, 4 * width), data.shape[2:]
    layers: list[nn.Module] = []
    for c_in, c_out in itertools.pairwise(channels):
        layers += [nn.Conv2d(c_in, c_out, 3, padding=1), nn.BatchNorm2d(c_out), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels[-1] * (h // 8) * (w // 8), classes))


def _optimise(model: nn.Sequential, data: Tensor, target: Tensor, epochs: int) -> None:
    steps = -(-len(data) // BATCH_SIZE)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=5e-3, total_steps=epochs * steps)
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(data)).split(BATCH_SIZE):
            if len(batch) == 1:  # batch normalisation needs two images for a variance
                continue
            optimiser.zero_grad()
            F.cross_entropy(model(_augmented(data[batch])), target[batch]).backward()
            optimiser.step()
            schedule.step()
    model.eval()


def _augmented(images: Tensor) -> Tensor:
    """Return the uint8 batch in [-0.5, 0.5], shifted as a whole."""
    dy, dx = (int(k) for k in torch.randint(0, 2 * MAX_SHIFT + 1, (2,)))
    h, w = images.shape[2:]
    return F.pad(images.float() / 255, (MAX_SHIFT,) * 4)[:, :, dy : dy + h, dx : dx + w] - 0.5


def _folded(model: nn.Sequential) -> Weights:
    """Return the weights with scale and offset of each batch normalisation folded into its convolution."""
    weights: dict[str, Tensor] = {}
    convolutions = [layer for layer in model.modules() if isinstance(layer, nn.Conv2d)]
    norms = [layer for layer in model.modules() if isinstance(layer, nn.BatchNorm2d)]
    for i, (conv, norm) in enumerate(zip(convolutions, norms, strict=True), 1):
        assert norm.running_mean is not None and norm.running_var is not None and conv.bias is not None
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weights[f"conv{i}"] = conv.weight * scale[:, None, None, None]
        weights[f"bias{i}"] = (conv.bias - norm.running_mean) * scale + norm.bias
    last = model[-1]
    assert isinstance(last, nn.Linear)
    weights |= {"linear": last.weight, "bias": last.bias}
    return {name: np.array(tensor.detach().numpy(), dtype=np.float32) for name, tensor in weights.items()}
