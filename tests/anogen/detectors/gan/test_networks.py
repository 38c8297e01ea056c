"""The networks of the tailored paper: every layer's output shape against Tables 1 and 2, and what the text adds."""

import re

import pytest
import torch
import yaml
from torch import nn

from anogen.detectors.gan import networks
from anogen.detectors.gan.networks import (
    CIFAR,
    DEVIATION,
    MNIST,
    Block,
    Discriminator,
    Generator,
    WGANConfig,
    init_normal,
    one_hot,
    resampled,
)
from companion.claims import inventory

PLANS = {"tailored-table-1": MNIST, "tailored-table-2": CIFAR}


def rows_of(table: str, network: str) -> list[list[str | None]]:
    text = inventory.PATH.read_text("utf8")
    [entry] = [one for one in yaml.safe_load(text)["tables"] if one["id"] == table]
    return entry["rows"][network]


def printed(table: str, network: str) -> list[tuple[str, list[int]]]:
    """The rows of a table: layer, and output shape, channels first."""
    rows = []
    for layer, _, _, shape in rows_of(table, network):
        *size, channels = (int(n) for n in re.findall(r"\d+", shape))
        rows.append((layer, [channels, *size]))
    return rows


def shapes(network: nn.Module, inputs: tuple[torch.Tensor, ...], layers: list[nn.Module]) -> list[list[int]]:
    """The output shape of each of some layers, without the batch."""
    seen: list[list[int]] = []
    hooks = [layer.register_forward_hook(lambda _m, _i, out: seen.append(list(out.shape[1:]))) for layer in layers]
    network(*inputs)
    for hook in hooks:
        hook.remove()
    return seen


@pytest.mark.parametrize("table", PLANS)
def test_the_generator_is_that_of_the_table(table):
    plan, rows = PLANS[table], printed(table, "generator")
    network, y = Generator(plan), one_hot(torch.tensor([3]), 10)
    seeds = torch.zeros(1, plan.seed)
    found = shapes(network.eval(), (seeds, y), [network.dense, *network.blocks, network.image])
    wanted = [shape for layer, shape in rows if layer in ("Dense", "Residual block", "Conv2D")]
    assert found == wanted
    assert rows[0][1] == [plan.seed + plan.classes]
    assert rows[2][1] == list(network.start)
    made = network(seeds, y)
    assert list(made.shape[1:]) == rows[-1][1] == list(plan.shape)
    assert made.min() > 0 and made.max() < 1  # sigmoid


@pytest.mark.parametrize("table", PLANS)
def test_the_discriminator_is_that_of_the_table(table):
    plan, rows = PLANS[table], printed(table, "discriminator")
    network, x, y = Discriminator(plan), torch.rand(1, *plan.shape), one_hot(torch.tensor([3]), 10)
    ends, last = [], -1
    for count, _ in plan.stages:
        last += count
        ends.append(network.blocks[last])
    found = shapes(network, (x, y), [network.label, network.image, *ends, network.dense])
    wanted = [shape for layer, shape in rows if layer in ("b: Dense (y_tilde)", "Conv2D", "Residual block", "Dense")]
    assert found == wanted
    assert network.image.in_channels == dict(rows)["Concatenate"][0]
    assert list(network.features(x, y).shape[1:]) == dict(rows)["Global pooling"]
    assert not [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]  # none in the discriminator
    blocks = [m for m in network.modules() if isinstance(m, Block)]
    settings = [settings for layer, settings, *_ in rows_of(table, "discriminator") if layer == "Residual block"]
    assert len(blocks) == sum(int(one.removeprefix("[3 x 3] x ")) for one in settings)


def test_weights_begin_normal_with_the_stated_deviation_and_repeat():
    one, again, other = (init_normal(Discriminator(MNIST), seed) for seed in (1, 1, 2))
    a, b, c = (torch.cat([p.flatten() for p in network.parameters()]) for network in (one, again, other))
    assert torch.equal(a, b) and not torch.equal(a, c)
    drawn = torch.cat([m.weight.flatten() for m in one.modules() if hasattr(m, "weight")])
    assert drawn.std().item() == pytest.approx(DEVIATION, rel=0.02)
    assert abs(drawn.mean().item()) < 3 * DEVIATION / len(drawn) ** 0.5


def test_a_block_adds_its_input_to_what_it_makes_of_it():
    block, x = Block(4, 4), torch.randn(2, 4, 6, 6)
    for weight in block.parameters():
        nn.init.zeros_(weight)
    assert torch.equal(block(x), x)
    down = Block(4, 4, "down")
    nn.init.zeros_(down.convolutions[1].weight)
    nn.init.zeros_(down.convolutions[1].bias)
    assert torch.allclose(down(x), down.shortcut(resampled(x, "down")))
    assert Block(4, 8, "up")(x).shape == (2, 8, 12, 12)


def test_classifiers_have_the_stated_blocks_and_features():
    digits = networks.mnist_classifier()
    found = shapes(digits.eval(), (torch.rand(1, 1, 28, 28),), list(digits.body))
    assert found == [[32, 14, 14], [32, 7, 7], [32, 7, 7], [32, 3, 3], [32, 3, 3], [32, 3, 3]]
    assert digits.features(torch.rand(2, 1, 28, 28)).shape == (2, 32)
    things = networks.wide_resnet()
    assert things.features(torch.rand(2, 3, 32, 32)).shape == (2, 256)
    convolutions = [m for m in things.modules() if isinstance(m, nn.Conv2d) and m.kernel_size == (3, 3)]
    assert len(convolutions) == 13  # 16 layers: these, and by the usual count the dense and two of the shortcuts
    assert {m.out_channels for m in convolutions} == {16, 64, 128, 256}
    for network, channels in ((digits, 1), (things, 3)):
        size = 28 if channels == 1 else 32
        assert network(torch.rand(2, channels, size, size)).shape == (2, 10)


def test_the_same_networks_serve_signals_and_no_classes():
    plan = WGANConfig((1, 187), 8, 4, 6, ups=3, stages=((1, True), (2, True)), classes=0)
    seeds, none = torch.zeros(5, 8), one_hot(torch.zeros(5, dtype=torch.int64), 0)
    signals = Generator(plan).eval()(seeds, none)
    assert signals.shape == (5, 1, 187)
    assert Discriminator(plan)(signals, none).shape == (5,)
