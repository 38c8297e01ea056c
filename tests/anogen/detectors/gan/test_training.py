"""Seeds of a given norm, the losses of the WGAN-GP, and a training loop that can be interrupted anywhere."""

import numpy as np
import pytest
import torch
from scipy import integrate, stats
from torch import nn

from anogen.detectors.gan import seeds, wgan_gp
from anogen.detectors.gan.networks import Classifier, WGANConfig, init_normal, one_hot
from anogen.detectors.gan.training import Batch, Data, TrainStep, load, source, train
from anogen.errors import InputError

TINY = WGANConfig((1, 8, 8), 4, 3, 3, ups=1, stages=((1, True), (1, False)), classes=3)


# -- seeds -------------------------------------------------------------------------------------------------------------


def test_seeds_are_rescaled_to_the_norms_asked_for():
    n = seeds.sample_band(200, 64, (5.0, 6.0), source(1))
    norms = seeds.norm(n)
    assert norms.min() >= 5 and norms.max() <= 6.0001
    assert stats.kstest(norms.numpy() - 5, "uniform").pvalue > 0.01
    again = seeds.rescale(n, 2.0)
    assert torch.allclose(seeds.norm(again), torch.tensor(2.0))
    assert torch.allclose(nn.functional.cosine_similarity(n, again), torch.tensor(1.0))


def test_natural_seeds_above_the_radius_are_rejected():
    n = seeds.sample_natural(2_000, 64, source(2), below=2.5)
    assert seeds.norm(n).max() < 2.5
    free = seeds.norm(seeds.sample_natural(2_000, 64, source(2)))
    assert (free < 2.5).float().mean() < 0.7  # so that something had to be rejected
    assert seeds.norm(seeds.sample("uniform", 500, 64, source(3))).max() <= 5


def test_a_band_must_be_one():
    with pytest.raises(InputError, match="norms from 6 to 5"):
        seeds.sample_band(1, 64, (6, 5), source(0))


@pytest.mark.parametrize("length", [64, 128])
@pytest.mark.parametrize(
    ("density", "cumulative"),
    [(seeds.density, seeds.cumulative), (seeds.printed_density, seeds.printed_cumulative)],
    ids=["corrected", "printed"],
)
def test_densities_are_those_of_their_laws(length, density, cumulative):
    for x in (1.5, 2.5, 3.5):
        assert integrate.quad(density, -8, x, args=(length,))[0] == pytest.approx(cumulative(x, length), abs=1e-6)
    grid = np.linspace(1.5, 4, 2501)
    mode = grid[density(grid, length).argmax()]
    printed, corrected = {64: (2.21, 2.46), 128: (2.46, 2.70)}[length]
    assert mode == pytest.approx(corrected if density is seeds.density else printed, abs=0.01)


# -- losses ------------------------------------------------------------------------------------------------------------


def test_the_penalty_of_a_linear_critic_is_known():
    direction = torch.full((1, 2, 2), 1.5)  # of length 3

    def critic(x, y):
        return (x * direction).sum(dim=(1, 2, 3)) + y.sum(dim=1)

    real, fake, y = torch.rand(5, 1, 2, 2), torch.rand(5, 1, 2, 2), torch.rand(5, 3)
    found = wgan_gp.critic_loss(critic, real, y, fake, y, torch.rand(5), weight=10.0)
    assert found["penalty"].item() == pytest.approx(4.0, rel=1e-5)
    r, f = critic(real, y).mean(), critic(fake, y).mean()
    assert found["loss"].item() == pytest.approx((f - r).item() + 40, rel=1e-5)


def test_the_penalty_is_taken_between_real_and_fake():
    seen = []

    def critic(x, y):
        seen.append(x)
        return (x**2).sum(dim=(1, 2, 3))

    real, fake = torch.ones(2, 1, 1, 1), torch.zeros(2, 1, 1, 1)
    penalty = wgan_gp.gradient_penalty(critic, real, fake, torch.zeros(2, 0), torch.tensor([0.25, 1.0]))
    assert seen[0].flatten().tolist() == [0.25, 1.0]
    assert penalty.item() == pytest.approx(((0.5 - 1) ** 2 + (2 - 1) ** 2) / 2)


def test_alpha_weighs_the_two_parts_of_the_generators_loss():
    score, logits, labels = torch.tensor([1.0, 3.0]), torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1])
    cross = nn.functional.cross_entropy(logits, labels).item()
    for alpha in (0.0, 0.5, 1.0):
        found = wgan_gp.generator_loss(score, logits, labels, alpha)
        assert found["loss"].item() == pytest.approx(alpha * -2.0 + (1 - alpha) * cross)


# -- training ----------------------------------------------------------------------------------------------------------


def tiny(iterations=5, state=None, rate=1e-3, classifier=True, ratio=2, **part):
    networks = {name: init_normal(network, 3) for name, network in wgan_gp.pair(TINY).items()}
    data = Data(torch.arange(30 * 64).remainder(256).to(torch.uint8).reshape(30, 1, 8, 8), torch.arange(30) % 3, 6)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        judge = Classifier(nn.Sequential(nn.Conv2d(1, 3, 3)), nn.Sequential(), nn.Linear(3, 3)) if classifier else None
    sides = wgan_gp.train_steps(networks, TINY, judge, rate=rate, ratio=ratio)
    return networks, train(networks, sides, data, iterations=iterations, seed=7, state=state, **part)


def same(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[key], other[key]) for key in one)


def test_the_critic_may_have_a_rate_of_its_own():
    networks = wgan_gp.pair(TINY)
    for given, found in ((None, 2e-4), (1e-3, 1e-3)):
        sides = wgan_gp.train_steps(networks, TINY, rate=2e-4, critic_rate=given)
        assert (sides["critic"].rate, sides["generator"].rate) == (found, 2e-4)


def test_an_interruption_anywhere_changes_no_bit():
    *slices, whole = tiny()[1]
    assert [done for done, _ in slices] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    state = None
    for _ in range(5):
        _, take = next(tiny(state=state)[1])
        state = take()
    *_, again = tiny(state=state)[1]
    assert same(whole, again)
    assert len(whole["losses.critic.penalty"]) == len(whole["losses.generator.classified"]) == 5


def test_a_part_of_the_iterations_sees_the_same_batches_and_rates():
    *_, whole = tiny(ratio=1)[1]
    *_, first = tiny(ratio=1, until=2)[1]
    assert np.array_equal(first["losses.critic.loss"], whole["losses.critic.loss"][:2])
    networks, walk = tiny(ratio=1, begin=2)
    for name, network in networks.items():
        load(network, name, first).train()
    *slices, rest = walk
    assert [done for done, _ in slices] == pytest.approx([1 / 3, 2 / 3, 1.0])
    # Weights and batch of the third iteration are the same; its loss does not depend on Adam's moments.
    assert rest["losses.critic.loss"].shape == (3,)
    assert rest["losses.critic.loss"][0] == whole["losses.critic.loss"][2]


def test_bfloat16_learns_like_float32_and_resumes_exactly():
    losses = {}
    for precision in ("float32", "bfloat16"):
        *_, found = tiny(iterations=50, precision=precision)[1]
        losses[precision] = found["losses.critic.loss"]
        assert {array.dtype.str for array in found.values()} == {"<f4", "<i8"}  # the integers count batches
    assert not np.array_equal(*losses.values())
    (start, end), (other_start, other_end) = ((loss[:5].mean(), loss[-5:].mean()) for loss in losses.values())
    assert end < start and other_end < other_start
    assert other_end == pytest.approx(end, abs=float(0.2 * (start - end)))
    *_, whole = tiny(precision="bfloat16")[1]
    _, take = next(tiny(precision="bfloat16")[1])
    *_, again = tiny(precision="bfloat16", state=take())[1]
    assert same(whole, again)


def test_a_checkpoint_is_a_copy():
    walk = tiny()[1]
    _, take = next(walk)
    kept = take()
    before = {key: array.copy() for key, array in kept.items()}
    next(walk)
    assert same(kept, before)


def test_each_player_moves_its_own_networks_only():
    networks, walk = tiny(iterations=1)
    before = {name: [p.detach().clone() for p in network.parameters()] for name, network in networks.items()}
    list(walk)
    for name, network in networks.items():
        assert any(not torch.equal(a, b) for a, b in zip(before[name], network.parameters(), strict=True))

    still = {name: nn.Linear(64, 1) for name in ("moved", "still")}
    kept = still["still"].weight.detach().clone()

    def loss(batch: Batch) -> dict[str, torch.Tensor]:
        flat = batch.x.flatten(1)
        return {"loss": (still["moved"](flat) + still["still"](flat)).pow(2).mean()}

    data = Data(torch.full((4, 64), 200, dtype=torch.uint8), torch.zeros(4, dtype=torch.int64), 2)
    list(train(still, {"one": TrainStep(("moved",), loss)}, data, iterations=2, seed=0))
    assert torch.equal(still["still"].weight, kept)


def test_a_loss_that_is_no_number_stops_training_and_leaves_the_last_checkpoint_good():
    networks = {"one": nn.Linear(4, 1)}
    data = Data(torch.full((4, 4), 255, dtype=torch.uint8), torch.zeros(4, dtype=torch.int64), 2)
    calls = []

    def loss(batch: Batch) -> dict[str, torch.Tensor]:
        calls.append(1)
        value = networks["one"](batch.x).pow(2).mean()
        return {"loss": value * (float("nan") if len(calls) > 3 else 1.0)}

    walk = train(networks, {"critic": TrainStep(("one",), loss)}, data, iterations=9, seed=0)
    states = []
    with pytest.raises(InputError, match=r"loss of critic is nan in iteration 4: .* lower rate"):
        states.extend(take() for _, take in walk)
    assert len(states) == 3
    assert all(np.isfinite(array).all() for array in states[-1].values())
    assert np.array_equal(states[-1]["weights.one.weight"], networks["one"].weight.detach().numpy())


def test_the_rate_decays_to_the_last_iteration_or_stays():
    networks = {"one": nn.Linear(1, 1, bias=False)}
    nn.init.zeros_(networks["one"].weight)
    data = Data(torch.full((4, 1), 255, dtype=torch.uint8), torch.zeros(4, dtype=torch.int64), 2)

    def path(decayed):
        nn.init.zeros_(networks["one"].weight)
        side = TrainStep(("one",), lambda batch: {"loss": -networks["one"](batch.x).mean()}, rate=0.1, decayed=decayed)
        walk = train(networks, {"one": side}, data, iterations=4, seed=0)
        return np.diff([0.0] + [networks["one"].weight.item() for item in walk if not isinstance(item, dict)])

    assert path(False) == pytest.approx([0.1] * 4, rel=1e-4)  # Adam's steps along a constant gradient are the rate
    assert path(True) == pytest.approx([0.1, 0.075, 0.05, 0.025], rel=1e-4)


def test_without_a_classifier_the_generator_follows_the_critic_alone():
    *_, found = tiny(iterations=1, classifier=False)[1]
    assert "losses.generator.classified" not in found
    loaded = load(wgan_gp.pair(TINY)["generator"], "generator", found)
    made = loaded(torch.zeros(3, 4), one_hot(torch.arange(3), 3))
    assert made.shape == (3, 1, 8, 8) and not loaded.training
