"""The independent classifier behind `p_cls`: a small CNN for grey images, a small residual network for colour images.

Weights are plain arrays, with batch normalisation folded into the convolutions, well below 1.5 MB: float32, and float16
for colour images. Images are rows (n, d) in [0, 1] of a given shape, (h, w) or (h, w, 3).
"""

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from math import cos, pi
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from anogen.errors import InputError
from anogen.metrics.images import checked

Weights = dict[str, NDArray[np.floating]]
State = dict[str, np.ndarray]
BATCH_SIZE = 128  # images per step
MAX_SHIFT, MAX_SHIFT_COLOUR = 2, 4  # pixels
N_VIEWS = 3  # randomly shifted and mirrored copies of each colour image in an epoch
MAX_RATE, WARMUP = 0.1, 0.3  # the highest learning rate for colour images, and the share of steps until it is reached


def training(
    x: ArrayLike, y: ArrayLike, seed: int, epochs: int = 3, width: int = 16, state: State | None = None
) -> Iterator[tuple[float, Callable[[], State]] | Weights]:
    """Train on uint8 images (n, h, w[, 3]) of classes y (n,), and yield the weights last: the same bits per seed.

    Before them it yields what `_optimise_colour` yields; a training on grey images, of a few minutes, yields nothing.
    """
    images, labels = np.asarray(x), np.asarray(y)
    if images.dtype != np.uint8 or images.ndim not in (3, 4) or labels.shape != (len(images),) or not len(images):
        described = f"images {images.dtype} {images.shape} with labels {labels.shape}"
        raise InputError(f"{described}: give uint8 images, one label each")
    data = _channels_first(torch.tensor(images))
    target = torch.tensor(labels.astype(np.int64))
    grey = data.shape[1] == 1
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = _model(data, int(target.max()) + 1, width)
        if grey:
            _optimise_grey(model, data, target, epochs)
    if not grey:
        yield from _optimise_colour(model, data, target, seed, epochs, state)
    yield {name: array if grey else array.astype(np.float16) for name, array in _folded(model).items()}


def untrained(shape: tuple[int, ...], seed: int, width: int = 16) -> Weights:
    """Return the weights of the same network without training, for images of a shape: an unbiased classifier."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = _model(_channels_first(torch.zeros(1, *shape)), 10, width)
    return _folded(model.eval())


def p_cls(x: ArrayLike, label: int, weights: Weights, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the probability (n,) of one class for images x (n, d)."""
    return predict(weights, checked(x, shape), shape)[:, label].astype(np.float64)


def predict(weights: Weights, x: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return class probabilities (n, classes) of images x (n, d); of a colour image, the mean with its mirror image."""

    def probabilities(w: dict[str, Tensor], v: Tensor) -> Tensor:
        views = (v,) if v.shape[1] == 1 else (v, v.flip(3))
        logits = [F.linear(_features(w, view), w["linear"], w["bias"]) for view in views]
        return F.softmax(torch.stack(logits), dim=2).mean(dim=0)

    return _in_parts(probabilities, weights, x, shape)


def features(weights: Weights, x: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return the inputs of the last linear layer, (n, f), of images x (n, d)."""
    return _in_parts(_features, weights, x, shape)


def _in_parts(
    network: Callable[[dict[str, Tensor], Tensor], Tensor], weights: Weights, x: ArrayLike, shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """Apply a network to images (n, d), shifted to [-0.5, 0.5], 500 at a time."""
    w = {name: torch.tensor(array).float() for name, array in weights.items()}
    rows = np.asarray(x, dtype=np.float32)
    with torch.no_grad():
        images = (torch.tensor(rows[i : i + 500].reshape(-1, *shape)) for i in range(0, len(rows), 500))
        parts = [network(w, _channels_first(part) - 0.5) for part in images]
    return np.asarray(torch.cat(parts).numpy(), dtype=np.float32)


def _features(w: dict[str, Tensor], v: Tensor) -> Tensor:
    """Return the inputs of the linear layer, (n, f), for images (n, 1 or 3, h, w) in [-0.5, 0.5]."""

    def layer(number: int, v: Tensor) -> Tensor:
        return F.relu(F.conv2d(v, w[f"conv{number}"], w[f"bias{number}"], padding=1))

    if v.shape[1] == 1:
        for number in (1, 2, 3):
            v = F.max_pool2d(layer(number, v), 2)
        return v.flatten(1)
    v = F.max_pool2d(layer(2, layer(1, v)), 2)
    v = v + layer(4, layer(3, v))
    v = F.max_pool2d(layer(6, F.max_pool2d(layer(5, v), 2)), 2)
    v = v + layer(8, layer(7, v))
    return v.amax(dim=(2, 3))


def _channels_first(images: Tensor) -> Tensor:
    return images.unsqueeze(1) if images.ndim == 3 else images.permute(0, 3, 1, 2).contiguous()


def _model(data: Tensor, classes: int, width: int) -> nn.Sequential:
    """Return the network for images like data (n, 1 or 3, h, w), h and w at least 8."""
    if data.shape[1] == 3:
        return _residual_network(classes, width)
    channels, (h, w) = (data.shape[1], width, 2 * width, 4 * width), data.shape[2:]
    layers: list[nn.Module] = []
    for c_in, c_out in itertools.pairwise(channels):
        layers += [*_block(c_in, c_out), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels[-1] * (h // 8) * (w // 8), classes))


class _Residual(nn.Sequential):
    """Layers whose output is added to their input."""

    def forward(self, x: Tensor) -> Tensor:
        return x + super().forward(x)


def _residual_network(classes: int, w: int) -> nn.Sequential:
    return nn.Sequential(
        *_block(3, w),
        *_block(w, 2 * w), nn.MaxPool2d(2), _Residual(*_block(2 * w, 2 * w), *_block(2 * w, 2 * w)),
        *_block(2 * w, 4 * w), nn.MaxPool2d(2),
        *_block(4 * w, 8 * w), nn.MaxPool2d(2), _Residual(*_block(8 * w, 8 * w), *_block(8 * w, 8 * w)),
        nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(8 * w, classes),
    )  # fmt: skip


def _block(before: int, after: int) -> list[nn.Module]:
    return [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU()]


def _optimise_grey(model: nn.Sequential, data: Tensor, target: Tensor, epochs: int) -> None:
    """Train by Adam with a one-cycle learning rate; each batch is shifted by up to two pixels."""
    steps = -(-len(data) // BATCH_SIZE)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=5e-3, total_steps=epochs * steps)
    h, w = data.shape[2:]
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(data)).split(BATCH_SIZE):
            if len(batch) == 1:  # batch normalisation needs two images for a variance
                continue
            optimiser.zero_grad()
            dy, dx = torch.randint(0, 2 * MAX_SHIFT + 1, (2,)).tolist()
            images = F.pad(data[batch].float() / 255, (MAX_SHIFT,) * 4)[:, :, dy : dy + h, dx : dx + w] - 0.5
            F.cross_entropy(model(images), target[batch]).backward()
            optimiser.step()
            schedule.step()
    model.eval()


def _optimise_colour(
    network: nn.Sequential, data: Tensor, target: Tensor, seed: int, epochs: int, state: State | None = None
) -> Iterator[tuple[float, Callable[[], State]]]:
    """Train by SGD with a one-cycle learning rate and classes weighted equally.

    After each step, yields the finished fraction and a function that returns a copy of the training state; passed as
    `state`, it resumes the training, bit for bit.
    """
    each = len(data) // BATCH_SIZE or 1  # steps per view; an incomplete batch is dropped
    optimiser = torch.optim.SGD(network.parameters(), lr=MAX_RATE, momentum=0.9, nesterov=True, weight_decay=5e-4)
    done = _restore(network, optimiser, state) if state else 0
    network.train()
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # a third faster on a CPU
    counts = torch.bincount(target)
    weight = torch.where(counts > 0, len(target) / (counts.clamp(min=1) * (counts > 0).sum()), 0.0)
    total = each * N_VIEWS * epochs
    for step in range(done, total):
        order = torch.randperm(len(data), generator=_generator(seed, 0, step // each))
        chosen = order[step % each * BATCH_SIZE :][:BATCH_SIZE]
        optimiser.param_groups[0]["lr"] = MAX_RATE * _cycle((step + 1) / total)
        optimiser.zero_grad()
        images = _augmented(data[chosen], _generator(seed, 1, step))
        F.cross_entropy(network(images), target[chosen], weight=weight).backward()
        optimiser.step()
        yield (step + 1) / total, partial(_state, network, optimiser, step + 1)
    network.eval()


def _augmented(images: Tensor, generator: torch.Generator) -> Tensor:
    """Return the uint8 batch in [-0.5, 0.5], shifted as a whole, every image mirrored or not."""
    shift = MAX_SHIFT_COLOUR
    dy, dx = torch.randint(0, 2 * shift + 1, (2,), generator=generator).tolist()
    h, w = images.shape[2:]
    v = F.pad(images.float() / 255 - 0.5, (shift,) * 4, mode="reflect")[:, :, dy : dy + h, dx : dx + w]
    mirrored = torch.rand(len(v), 1, 1, 1, generator=generator) < 0.5
    return torch.where(mirrored, v.flip(3), v).contiguous(memory_format=torch.channels_last)


def _cycle(done: float) -> float:
    """Return the learning rate as a fraction of the highest: linear warm-up, then a cosine to 0."""
    return done / WARMUP if done < WARMUP else (1 + cos(pi * (done - WARMUP) / (1 - WARMUP))) / 2


def _generator(*key: int) -> torch.Generator:
    return torch.Generator().manual_seed(int(np.random.SeedSequence(key).generate_state(1, np.uint64)[0] >> 1))


def _state(network: nn.Sequential, optimiser: torch.optim.SGD, step: int) -> State:
    tensors = dict(network.state_dict())
    tensors |= {f"momentum.{i}": optimiser.state[p]["momentum_buffer"] for i, p in enumerate(network.parameters())}
    return {"step": np.array(step)} | {name: tensor.numpy().copy() for name, tensor in tensors.items()}


def _restore(network: nn.Sequential, optimiser: torch.optim.SGD, state: State) -> int:
    """Restore a state of `_state`; return the number of finished steps."""
    tensors: dict[str, Any] = {name: torch.tensor(array) for name, array in state.items()}
    network.load_state_dict({name: tensors[name] for name in network.state_dict()})
    for i, p in enumerate(network.parameters()):
        optimiser.state[p]["momentum_buffer"] = tensors[f"momentum.{i}"]
    return int(state["step"])


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
