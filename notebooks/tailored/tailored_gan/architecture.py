"""The layers of the tailored paper's networks, as they are here (Tables 1 and 2)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from anogen.detectors.gan import wgan_gp
from anogen.detectors.gan.networks import CIFAR, MNIST, Discriminator, Generator, one_hot
from companion.experiment import Arrays, Experiment, Inputs

PLANS = {"mnist": MNIST, "cifar10": CIFAR}
NETWORKS = ("generator", "critic")


@dataclass(frozen=True, kw_only=True)
class Architecture(Experiment):
    """Pass one image through the networks of the paper's width, and note every layer's output.

    Arrays, for each of `mnist` and `cifar10`, and `generator` and `critic`: `mnist.generator.layers`, names;
    `mnist.generator.shapes` (layers, 3), channels first, a vector as (n, 1, 1); `mnist.generator.weights`, how many.
    """

    name = "architecture"
    quick: ClassVar = {}

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Build, pass and note."""
        found: Arrays = {}
        for key, plan in PLANS.items():
            y, networks = one_hot(torch.zeros(1, dtype=torch.int64), plan.classes), wgan_gp.pair(plan)
            given = {"generator": torch.zeros(1, plan.seed), "critic": torch.zeros(1, *plan.shape)}
            for name in NETWORKS:
                rows = outputs(networks[name].eval(), given[name], y)
                sizes = [[*shape, 1, 1][:3] for _, shape in rows]
                found |= {
                    f"{key}.{name}.layers": np.array([layer for layer, _ in rows]),
                    f"{key}.{name}.shapes": np.array(sizes),
                    f"{key}.{name}.weights": np.array(sum(p.numel() for p in networks[name].parameters())),
                }
        return found


def outputs(network: nn.Module, x: Tensor, y: Tensor) -> list[tuple[str, tuple[int, ...]]]:
    """Return the name and the output shape of every layer of a table, in its order."""
    assert isinstance(network, Generator | Discriminator)
    seen: list[tuple[str, tuple[int, ...]]] = []
    named = {"dense": network.dense, "convolution": network.image}
    named |= {f"block {i}": block for i, block in enumerate(network.blocks, 1)}
    if isinstance(network, Discriminator) and network.plan.classes:
        named["class map"] = network.label
    hooks = [
        layer.register_forward_hook(lambda _m, _i, out, name=name: seen.append((name, tuple(out.shape[1:]))))
        for name, layer in named.items()
    ]
    with torch.no_grad():
        network(x, y)
    for hook in hooks:
        hook.remove()
    return seen
