"""The convolutional networks map rows to rows, draw their weights from the seed, and learn."""

import pytest
import torch

from anogen.detectors.gan import convolutional, objectives
from anogen.detectors.gan.training import Data, train
from anogen.errors import InputError


@pytest.mark.parametrize("shape", [(28, 28), (32, 32, 3), (8, 12)])
def test_rows_have_the_shape_of_the_images(shape):
    size = torch.Size(shape).numel()
    networks = convolutional.pair(shape, latent=2, seed=0)
    rows = networks["generator"](torch.randn(3, 2))
    assert rows.shape == (3, size) and rows.min() > 0 and rows.max() < 1
    assert networks["critic"](rows).shape == (3,)
    with pytest.raises(InputError, match="multiples of 4"):
        convolutional.pair((30, 28), latent=2, seed=0)


def test_rows_of_colour_images_keep_the_channel_last():
    critic = convolutional.Critic((4, 4, 3), filters=1)
    first = critic.layers[0]
    torch.nn.init.zeros_(first.weight)
    first.weight.data[:, 1] = 1.0  # sees green only
    green, red = (torch.zeros(1, 4, 4, 3).index_fill(3, torch.tensor(channel), 1.0).flatten(1) for channel in (1, 0))
    features = critic.features(torch.cat((green, red, torch.zeros(1, 48))))
    assert (features[0] != features[2]).any() and (features[1] == features[2]).all()


def test_a_generator_learns_what_its_critic_sees():
    images = torch.zeros(50, 8, 8, dtype=torch.uint8)
    images[:, 2:6, 2:6] = 255  # a square
    data = Data(images.flatten(1), torch.zeros(50, dtype=torch.int64), 16)
    networks = convolutional.pair((8, 8), latent=2, seed=0)
    again = convolutional.pair((8, 8), latent=2, seed=0)
    other = convolutional.pair((8, 8), latent=2, seed=1)
    z = torch.randn(20, 2, generator=torch.Generator().manual_seed(0))
    assert networks["generator"](z).equal(again["generator"](z)) and not other["generator"](z).equal(
        again["generator"](z)
    )

    def error():
        with torch.no_grad():
            return (networks["generator"].eval()(z) - images[0].flatten() / 255).abs().mean()

    before = error()
    for _ in train(networks, objectives.train_steps(networks, 2), data, iterations=150, seed=0):
        pass
    assert error() < 0.3 * before
