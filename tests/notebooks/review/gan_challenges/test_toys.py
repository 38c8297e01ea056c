"""The ring of eight points: its spread, the number of modes that are covered, and the unit of WGAN-GP's penalty."""

import numpy as np
import pytest
import torch

from anogen.detectors.gan.objectives import Critic, Generator, Sizes, init_weights, train_steps
from anogen.detectors.gan.training import Batch
from anogen.errors import InputError
from notebooks.review.gan_challenges.toys import RADIUS, ModeCoverage, centres, coverage, ring


def batch(n=64):
    return ring(0.004)(torch.zeros(1, 1), torch.zeros(1), n).draw(torch.Generator().manual_seed(0), torch.device("cpu"))


def test_points_are_as_far_from_their_centres_as_the_deviation_says():
    drawn = batch(4_000)
    assert (drawn.x - centres()[drawn.y]).std().item() == pytest.approx(0.004, rel=0.05)


def test_a_narrow_ring_is_harder_to_cover():
    samples = np.repeat(centres().numpy(), 50, axis=0) + 0.03
    assert coverage(samples, 0.02)[0] == 8 and coverage(samples, 0.004) == (0, 0.0)


def critic_loss(experiment, networks):
    critic = experiment.train_steps("wgan-gp", networks, 2)["critic"]
    return critic.loss(Batch(*batch()[:2], torch.Generator().manual_seed(1)))


def test_the_penalty_is_that_of_the_ring_in_its_unit():
    networks = init_weights({"generator": Generator(Sizes(2, 2, 8)), "critic": Critic(2, 8)}, 0)
    library = train_steps(networks, 2, "wgan-gp")["critic"].loss(Batch(*batch()[:2], torch.Generator().manual_seed(1)))
    assert critic_loss(ModeCoverage(), networks)["loss"].item() == library["loss"].item()  # the defaults
    # a critic whose gradient is 5 in the unit square has a gradient of 1 on the ring of radius 2
    slope = 2 / RADIUS
    steep = torch.nn.Linear(2, 1)
    with torch.no_grad():
        steep.weight[:] = torch.tensor([[slope, 0.0]])
    line = {"generator": networks["generator"], "critic": torch.nn.Sequential(steep, torch.nn.Flatten(0))}
    losses = critic_loss(ModeCoverage(penalty=0.1, radius=2.0), line)
    assert losses["loss"].item() == pytest.approx(-losses["gap"].item(), abs=1e-5)
    losses = critic_loss(ModeCoverage(), line)
    assert losses["loss"].item() == pytest.approx(10 * (slope - 1) ** 2 - losses["gap"].item(), rel=1e-4)


def test_unknown_methods_are_rejected():
    with pytest.raises(InputError, match="unknown method 'wgan-lp': choose from gan"):
        ModeCoverage(methods=("gan", "wgan-lp"))
