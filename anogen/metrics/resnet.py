"""The classifier of colour images: a small residual network, which `classifier` trains and evaluates."""

from collections.abc import Callable, Iterator
from functools import partial
from math import cos, pi
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

BATCH_SIZE, MAX_SHIFT = 128, 4  # images per step; pixels
N_VIEWS = 3  # randomly shifted and mirrored copies of each image in an epoch
MAX_RATE, WARMUP = 0.1, 0.3  # the highest learning rate, and the share of steps until it is reached

State = dict[str, np.ndarray]


class Residual(nn.Sequential):
    """Layers whose output is added to their input."""

    def forward(self, x: Tensor) -> Tensor:
        """Return input plus output of the layers."""
        return x + super().forward(x)


def model(classes: int, width: int) -> nn.Sequential:
    """Return the network for images (n, 3, h, w), h and w at least 8: eight convolutions and a linear layer."""
    w = width
    return nn.Sequential(
        *block(3, w),
        *block(w, 2 * w), nn.MaxPool2d(2), Residual(*block(2 * w, 2 * w), *block(2 * w, 2 * w)),
        *block(2 * w, 4 * w), nn.MaxPool2d(2),
        *block(4 * w, 8 * w), nn.MaxPool2d(2), Residual(*block(8 * w, 8 * w), *block(8 * w, 8 * w)),
        nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(8 * w, classes),
    )  # fmt: skip


def block(before: int, after: int) -> list[nn.Module]:
    """Return a 3x3 convolution, batch normalisation and ReLU."""
    return [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU()]


def probabilities(w: dict[str, Tensor], v: Tensor) -> Tensor:
    """Return class probabilities (n, classes) of images (n, 3, h, w) in [-0.5, 0.5], the mean with the mirror image."""
    both = [F.softmax(F.linear(features(w, u), w["linear"], w["bias"]), dim=1) for u in (v, v.flip(3))]
    return (both[0] + both[1]) / 2


def features(w: dict[str, Tensor], v: Tensor) -> Tensor:
    """Return the inputs of the linear layer, (n, f), for images (n, 3, h, w) in [-0.5, 0.5]."""

    def layer(number: int, v: Tensor) -> Tensor:
        return F.relu(F.conv2d(v, w[f"conv{number}"], w[f"bias{number}"], padding=1))

    v = F.max_pool2d(layer(2, layer(1, v)), 2)
    v = v + layer(4, layer(3, v))
    v = F.max_pool2d(layer(6, F.max_pool2d(layer(5, v), 2)), 2)
    v = v + layer(8, layer(7, v))
    return v.amax(dim=(2, 3))


def optimise(
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
        images = augmented(data[chosen], _generator(seed, 1, step))
        F.cross_entropy(network(images), target[chosen], weight=weight).backward()
        optimiser.step()
        yield (step + 1) / total, partial(_state, network, optimiser, step + 1)
    network.eval()


def augmented(images: Tensor, generator: torch.Generator) -> Tensor:
    """Return the uint8 batch in [-0.5, 0.5], shifted as a whole, every image mirrored or not."""
    dy, dx = torch.randint(0, 2 * MAX_SHIFT + 1, (2,), generator=generator).tolist()
    h, w = images.shape[2:]
    v = F.pad(images.float() / 255 - 0.5, (MAX_SHIFT,) * 4, mode="reflect")[:, :, dy : dy + h, dx : dx + w]
    mirrored = torch.rand(len(v), 1, 1, 1, generator=generator) < 0.5
    return torch.where(mirrored, v.flip(3), v).contiguous(memory_format=torch.channels_last)


def _cycle(done: float) -> float:
    """Return the learning rate as a fraction of the highest: linear warm-up, then a cosine to 0."""
    return done / WARMUP if done < WARMUP else (1 + cos(pi * (done - WARMUP) / (1 - WARMUP))) / 2


def _generator(*key: int) -> torch.Generator:
    """Return the generator of one step or one order, independent of all others."""
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
