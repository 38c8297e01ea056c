"""The training loop of every adversarial network here, and its checkpoint.

An iteration lets the players move in turn: each takes a number of Adam steps down its loss, in the networks that it
moves. All that is random in a step comes from a generator of its own, which depends on the seed, the iteration and the
step alone, so that a checkpoint is weights, moments and losses, and a training goes on from it bit for bit.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from anogen.errors import InputError

Arrays = dict[str, np.ndarray]
LAST_RATE = 1e-9  # to which a learning rate decays


class Batch(NamedTuple):
    """What a loss is given for one step."""

    x: Tensor  # real images (b, c, h, w) in [0, 1], or signals
    y: Tensor  # their classes (b,)
    source: torch.Generator  # of all other random numbers of this step; it lives on the CPU on every device

    def uniform(self) -> Tensor:
        """Return a uniform random number for each image, (b,)."""
        return torch.rand(len(self.x), generator=self.source).to(self.x.device)

    def labels(self, classes: int) -> Tensor:
        """Return a random class for each image, (b,); 0 where there are no classes."""
        return torch.randint(0, classes or 1, (len(self.x),), generator=self.source).to(self.x.device)


Loss = Callable[[Batch], dict[str, Tensor]]  # the first entry is minimised; all are numbers, and kept


class Player(NamedTuple):
    """One side of a game."""

    moves: tuple[str, ...]  # the networks whose weights it changes
    loss: Loss
    times: int = 1  # steps an iteration
    rate: float = 2e-4
    betas: tuple[float, float] = (0.9, 0.999)
    decayed: bool = True  # the rate, linearly, until the last iteration


class Data(NamedTuple):
    """Real images, and how many of them a step sees."""

    x: Tensor  # (n, ...), uint8
    y: Tensor  # (n,), int64
    batch: int = 100

    def draw(self, source: torch.Generator, device: torch.device) -> Batch:
        """Draw a batch, with replacement."""
        chosen = torch.randint(0, len(self.x), (self.batch,), generator=source)
        return Batch((self.x[chosen].float() / 255).to(device), self.y[chosen].to(device), source)


def train(
    networks: Mapping[str, nn.Module],
    players: Mapping[str, Player],
    data: Data,
    *,
    iterations: int,
    seed: int,
    device: str = "cpu",
    state: Arrays | None = None,
) -> Iterator[tuple[float, Callable[[], Arrays]] | Arrays]:
    """Train.

    After each iteration, yields the finished fraction and a function that returns a copy of all that the next one
    depends on: given as `state`, the training goes on from there. Yields last the weights, `weights.<network>.<name>`,
    and the losses, `losses.<player>.<name>` (iterations,), each the mean over the steps of an iteration.

    Raises
    ------
    InputError
        If a loss is no number; that step is not taken, and the last checkpoint is still good.
    """
    there = torch.device(device)
    for network in networks.values():
        # Twice as fast on a processor; only images have this order.
        network.to(there, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    adams = {name: _adam(player, networks) for name, player in players.items()}
    losses: dict[str, list[float]] = {}
    done = _restore(networks, adams, losses, state) if state else 0
    for iteration in range(done, iterations):
        for number, (name, player) in enumerate(players.items()):
            for group in adams[name].param_groups:
                left = 1 - iteration / iterations if player.decayed else 1.0
                group["lr"] = LAST_RATE + (player.rate - LAST_RATE) * left
            _freeze(networks, player.moves)
            steps = []
            for step in range(player.times):
                found = player.loss(data.draw(source(seed, iteration, number, step), there))
                values = {key: value.item() for key, value in found.items()}
                _check(values, name, iteration)
                adams[name].zero_grad()
                next(iter(found.values())).backward()
                adams[name].step()
                steps.append(values)
            for key in steps[0]:
                losses.setdefault(f"losses.{name}.{key}", []).append(float(np.mean([one[key] for one in steps])))
        yield (iteration + 1) / iterations, partial(_state, networks, adams, losses, iteration + 1)
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
    """Put the weights that `weights` took of the network of this name into a network, and return it for evaluation."""
    head = f"weights.{name}."
    found = {key.removeprefix(head): torch.tensor(array) for key, array in arrays.items() if key.startswith(head)}
    network.load_state_dict(found)
    return network.eval()


def source(*key: int) -> torch.Generator:
    """Return the generator that belongs to a key: what it draws does not depend on any other."""
    return torch.Generator().manual_seed(int(np.random.SeedSequence(key).generate_state(1, np.uint64)[0] >> 1))


def _adam(player: Player, networks: Mapping[str, nn.Module]) -> torch.optim.Adam:
    moved = [weight for name in player.moves for weight in networks[name].parameters()]
    return torch.optim.Adam(moved, lr=player.rate, betas=player.betas)


def _freeze(networks: Mapping[str, nn.Module], moves: tuple[str, ...]) -> None:
    """Let gradients reach the weights of the moved networks only; through the others they still pass."""
    for name, network in networks.items():
        network.requires_grad_(name in moves)


def _check(values: Mapping[str, float], player: str, iteration: int) -> None:
    for key, value in values.items():
        if not np.isfinite(value):
            raise InputError(
                f"{key} of {player} is {value} in iteration {iteration + 1}: training has diverged, try a lower rate; "
                "the last checkpoint holds the weights before"
            )


def _state(
    networks: Mapping[str, nn.Module], adams: Mapping[str, torch.optim.Adam], losses: dict[str, list[float]], done: int
) -> Arrays:
    moments = {
        f"adam.{name}.{i}.{key}": value.cpu().numpy().copy()
        for name, adam in adams.items()
        for i, weight in enumerate(adam.param_groups[0]["params"])
        for key, value in adam.state[weight].items()
    }
    kept = {key: np.array(values) for key, values in losses.items()}
    return {"done": np.array(done)} | weights(networks) | moments | kept


def _restore(
    networks: Mapping[str, nn.Module],
    adams: Mapping[str, torch.optim.Adam],
    losses: dict[str, list[float]],
    state: Arrays,
) -> int:
    """Put back what `_state` took, and return the number of finished iterations."""
    for name, network in networks.items():
        load(network, name, state).train()
    for name, adam in adams.items():
        for i, weight in enumerate(adam.param_groups[0]["params"]):
            head = f"adam.{name}.{i}."
            found = {key.removeprefix(head): array for key, array in state.items() if key.startswith(head)}
            adam.state[weight] = {
                key: torch.tensor(array, device="cpu" if key == "step" else weight.device)
                for key, array in found.items()
            }
    losses |= {key: list(array) for key, array in state.items() if key.startswith("losses.")}
    return int(state["done"])
