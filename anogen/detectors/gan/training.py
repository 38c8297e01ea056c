"""The training loop of all adversarial networks, and its checkpoint.

In an iteration the training steps alternate: each takes a number of Adam steps on its loss and updates its networks.
The random numbers of a step come from a generator that depends on the seed, the iteration and the step alone. So a
checkpoint consists of weights, moments and losses, and training resumes from it bit for bit.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from anogen.errors import InputError

Arrays = dict[str, np.ndarray]
LAST_RATE = 1e-9  # final learning rate of the decay
Precision = Literal["float32", "bfloat16"]


class Batch(NamedTuple):
    """The input of a loss in one step."""

    x: Tensor  # real images (b, c, h, w) in [0, 1], or signals
    y: Tensor  # their classes (b,)
    source: torch.Generator  # of all other random numbers of this step, always on the CPU

    def uniform(self) -> Tensor:
        """Return a uniform random number for each image, (b,)."""
        return torch.rand(len(self.x), generator=self.source).to(self.x.device)

    def labels(self, classes: int) -> Tensor:
        """Return a random class for each image, (b,); 0 if there are no classes."""
        return torch.randint(0, classes or 1, (len(self.x),), generator=self.source).to(self.x.device)


Adams = Mapping[str, torch.optim.Adam]
Loss = Callable[[Batch], dict[str, Tensor]]  # the first entry is minimised; all are scalars and are recorded


class TrainStep(NamedTuple):
    """The updates of some networks in one iteration."""

    moves: tuple[str, ...]  # names of the networks whose weights change
    loss: Loss
    times: int = 1  # Adam steps per iteration
    rate: float = 2e-4
    betas: tuple[float, float] = (0.9, 0.999)
    decayed: bool = True  # whether the rate falls linearly until the last iteration


class Data(NamedTuple):
    """Real images and the batch size."""

    x: Tensor  # (n, ...), uint8
    y: Tensor  # (n,), int64
    batch: int = 100

    def draw(self, source: torch.Generator, device: torch.device) -> Batch:
        """Draw a batch, with replacement."""
        chosen = torch.randint(0, len(self.x), (self.batch,), generator=source)
        return Batch((self.x[chosen].float() / 255).to(device), self.y[chosen].to(device), source)


def train(
    networks: Mapping[str, nn.Module],
    train_steps: Mapping[str, TrainStep],
    data: Data,
    *,
    iterations: int,
    seed: int,
    begin: int = 0,
    until: int | None = None,
    precision: Precision = "float32",
    device: str = "cpu",
    state: Arrays | None = None,
) -> Iterator[tuple[float, Callable[[], Arrays]] | Arrays]:
    """Train, and yield progress after each iteration.

    Of the `iterations` over which the rates fall, those from `begin` to `until` are done, by default all. With
    `precision` "bfloat16" the losses are computed under PyTorch's autocast; weights and moments remain float32.

    The steps are in the order of an iteration. Progress is the finished fraction and a function that returns a
    checkpoint, which `state` resumes. At the end follow the weights `weights.<network>.<name>` and the losses
    `losses.<step>.<name>` (iterations,), means over an iteration's steps. A loss that is not finite raises
    `InputError`; that step is not taken, and the last checkpoint remains valid.
    """
    target = torch.device(device)
    for network in networks.values():
        # Twice as fast on a CPU; only images have this order.
        network.to(target, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    adams = {}
    for name, train_step in train_steps.items():
        moved = [weight for network in train_step.moves for weight in networks[network].parameters()]
        adams[name] = torch.optim.Adam(moved, lr=train_step.rate, betas=train_step.betas)
    losses: dict[str, list[float]] = {}
    done = _restore(networks, adams, losses, state) if state else begin
    end = iterations if until is None else until
    for iteration in range(done, end):
        for number, (name, train_step) in enumerate(train_steps.items()):
            for group in adams[name].param_groups:
                left = 1 - iteration / iterations if train_step.decayed else 1.0
                group["lr"] = LAST_RATE + (train_step.rate - LAST_RATE) * left
            for key, network in networks.items():  # gradients still pass through networks that do not move
                network.requires_grad_(key in train_step.moves)
            history = []
            for step in range(train_step.times):
                batch = data.draw(source(seed, iteration, number, step), target)
                with torch.autocast(target.type, torch.bfloat16, enabled=precision == "bfloat16"):
                    loss = train_step.loss(batch)
                values = {key: value.item() for key, value in loss.items()}
                for key, value in values.items():
                    if not np.isfinite(value):
                        hint = "training diverged, try a lower rate; the last checkpoint holds the weights before"
                        raise InputError(f"{key} of {name} is {value} in iteration {iteration + 1}: {hint}")
                adams[name].zero_grad()
                next(iter(loss.values())).backward()
                adams[name].step()
                history.append(values)
            for key in history[0]:
                mean = float(np.mean([values[key] for values in history]))
                losses.setdefault(f"losses.{name}.{key}", []).append(mean)
        yield (iteration + 1 - begin) / (end - begin), partial(_state, networks, adams, losses, iteration + 1)
    for network in networks.values():
        network.eval().requires_grad_(True)
    yield weights(networks) | {key: np.array(values, dtype=np.float32) for key, values in losses.items()}


def weights(networks: Mapping[str, nn.Module]) -> Arrays:
    """Return a copy of all weights and running statistics, by `weights.<network>.<name>`."""
    return {
        f"weights.{name}.{key}": tensor.cpu().numpy().copy()
        for name, network in networks.items()
        for key, tensor in network.state_dict().items()
    }


def load(network: nn.Module, name: str, arrays: Mapping[str, np.ndarray]) -> Any:
    """Load the weights `weights.<name>.*` into a network, and return it in evaluation mode."""
    head = f"weights.{name}."
    state = {key.removeprefix(head): torch.tensor(array) for key, array in arrays.items() if key.startswith(head)}
    network.load_state_dict(state)
    return network.eval()


def source(*key: int) -> torch.Generator:
    """Return the random generator of a key, independent of all others."""
    return torch.Generator().manual_seed(int(np.random.SeedSequence(key).generate_state(1, np.uint64)[0] >> 1))


def _state(networks: Mapping[str, nn.Module], adams: Adams, losses: dict[str, list[float]], done: int) -> Arrays:
    moments = {
        f"adam.{name}.{i}.{key}": value.cpu().numpy().copy()
        for name, adam in adams.items()
        for i, weight in enumerate(adam.param_groups[0]["params"])
        for key, value in adam.state[weight].items()
    }
    kept = {key: np.array(values) for key, values in losses.items()}
    return {"done": np.array(done)} | weights(networks) | moments | kept


def _restore(networks: Mapping[str, nn.Module], adams: Adams, losses: dict[str, list[float]], state: Arrays) -> int:
    """Restore a checkpoint of `_state`, and return the number of finished iterations."""
    for name, network in networks.items():
        load(network, name, state).train()
    for name, adam in adams.items():
        for i, weight in enumerate(adam.param_groups[0]["params"]):
            head = f"adam.{name}.{i}."
            adam.state[weight] = {
                key.removeprefix(head): torch.tensor(array, device="cpu" if key == f"{head}step" else weight.device)
                for key, array in state.items()
                if key.startswith(head)
            }
    losses |= {key: list(array) for key, array in state.items() if key.startswith("losses.")}
    return int(state["done"])
