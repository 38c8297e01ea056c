"""DEAN: submodels trained side by side are what each would be alone."""

import numpy as np
import pytest
import torch

from anogen import datasets
from anogen.detectors.dean import DEAN, generator, submodel_outputs, train_submodels
from anogen.detectors.stacked_training import init_weights
from anogen.errors import InputError
from anogen.metrics.detection import roc_auc

SMALL = {"bag": 50, "neurons": (32, 32), "epochs": 3, "batch_size": 32}
FEW = {"n_submodels": 8, "batch_size": 64, "epochs": 25}  # of the source's width


@pytest.fixture(scope="module")
def fours():
    return datasets.load("mnist-5k").one_class(4)


@pytest.fixture(scope="module")
def trained(fours):
    return DEAN(**FEW).fit(fours.X_train)


@pytest.fixture(scope="module")
def small(fours):
    return DEAN(n_submodels=11, **SMALL).fit(fours.X_train)  # more than are trained side by side


def assert_same(ours, theirs, rel=1e-5):
    for key, array in theirs.items():
        np.testing.assert_allclose(ours[key], array, rtol=rel, atol=1e-6, err_msg=key)


def test_a_submodel_trained_alone_is_the_one_in_the_stack(fours):
    options = {"epochs": 2, "batch_size": 64}
    stack = DEAN(n_submodels=3, **options).fit(fours.X_train[:200]).weights()
    for number in range(3):
        alone = DEAN(n_submodels=1, first=number, **options).fit(fours.X_train[:200]).weights()
        common = {key: stack[key] for key in ("low", "span")}
        assert_same(alone, {key: array[[number]] for key, array in stack.items() if key not in common} | common)


def test_it_is_what_pytorchs_own_layers_and_optimiser_give(fours):
    """One submodel of one epoch by other means; Adam's epsilon is what Keras's would be in PyTorch's formula."""
    ours = DEAN(n_submodels=1, random_state=3, **SMALL | {"epochs": 1}).fit(fours.X_train[:150]).weights()
    source = generator(3, 0)
    bag = torch.randperm(784, generator=source)[:50]
    assert torch.equal(bag, torch.from_numpy(ours["bags"][0]))
    layers = [torch.nn.Linear(50, 32), torch.nn.Linear(32, 32), torch.nn.Linear(32, 1, bias=False)]
    for layer in layers:
        torch.nn.init.xavier_uniform_(layer.weight)
    for layer, weight in zip(layers, init_weights([(50, 32, 32, 1)], [source])[::2], strict=True):
        assert weight.abs().max() <= (6 / sum(layer.weight.shape)) ** 0.5
        assert weight.std() == pytest.approx(layer.weight.std().item(), rel=0.25)
        layer.weight.data = weight[0].T.clone()
    for layer in layers[:2]:
        torch.nn.init.zeros_(layer.bias)
    net = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1], torch.nn.ReLU(), layers[2], torch.nn.SELU())
    adam = torch.optim.Adam(net.parameters(), lr=1e-4)
    low, high = fours.X_train[:150].min(axis=0), fours.X_train[:150].max(axis=0)
    rows = torch.from_numpy((fours.X_train[:150] - low) / np.where(high > low, high - low, 1))[:, bag]
    for step, batch in enumerate(
        torch.randperm(135, generator=source).split(32), start=1
    ):  # 135: without the last tenth
        adam.param_groups[0]["eps"] = 1e-7 / (1 - 0.999**step) ** 0.5
        adam.zero_grad()
        (1 - net(rows[batch])).abs().mean().backward()
        adam.step()
    assert step == 5  # the last batch of 7 is not dropped
    for i, layer in zip((0, 2, 4), layers, strict=True):
        np.testing.assert_allclose(ours[f"layer{i}"][0].T, layer.weight.detach(), atol=1e-6)
    np.testing.assert_allclose(ours["layer1"][0, 0], layers[0].bias.detach(), atol=1e-6)
    np.testing.assert_allclose(ours["train_outputs"][0], net(rows).detach()[:, 0], atol=1e-6)


def test_a_submodel_that_stops_early_changes_no_more_and_the_others_go_on():
    rng = np.random.default_rng(0)
    x = torch.from_numpy(rng.random((3, 60, 10), dtype=np.float32))
    x[1, 54:] += 5  # what validates the second is unlike what trains it: its loss soon grows

    def sources():
        return [generator(0, i) for i in range(3)]

    def run(epochs, only=slice(None), patience=2):
        network = [weight[only] for weight in init_weights([(10, 16, 1)], sources())[:-1]]
        options = {"epochs": epochs, "batch_size": 16, "learning_rate": 3e-2, "patience": patience}
        return train_submodels(network, x[only], sources()[only], **options)

    def loss(network):
        return (1 - submodel_outputs(network, x[:, 54:])).abs().mean(dim=1)

    epochs = range(1, 13)
    by_epoch = torch.stack([loss(run(n, patience=100)) for n in epochs])  # (12, 3), as if nobody stopped
    ends = []
    for m in range(3):
        least = [by_epoch[: n + 1, m].argmin().item() for n in range(12)]
        ends.append(next((n + 1 for n in range(12) if n - least[n] >= 2), 12))
    assert min(ends) < 12 and len(set(ends)) > 1  # one stops, and not all at once
    stopped = run(12)
    for m, end in enumerate(ends):
        for ours, theirs in zip(stopped, run(end, slice(m, m + 1), patience=100), strict=True):
            assert torch.allclose(ours[m], theirs[0], atol=1e-5)


def test_training_changes_the_weights_towards_an_answer_of_1(trained, fours):
    before = init_weights([(200, 256, 256, 256, 1)], [generator(0, i) for i in range(8)])[:-1]
    rows = trained.scale(fours.test_normal)
    untrained = submodel_outputs(before, torch.stack([rows[:, generator_bag(i)] for i in range(8)]))
    assert (1 - trained.outputs(rows)).abs().mean() < (1 - untrained).abs().mean() / 4
    moved = trained.weights()["layer2"] - before[2].numpy()
    assert (np.abs(moved).max(axis=(1, 2)) > 1e-3).all()


def generator_bag(number):
    return torch.randperm(784, generator=generator(0, number))[:200]


def test_it_tells_fours_from_other_digits_and_from_noise(trained, fours):
    scores = trained.decision_function(fours.X_test)
    assert len(np.unique(scores)) == len(scores)
    assert roc_auc(scores, fours.y_test) > 0.8
    noise = trained.decision_function(np.random.default_rng(0).random((150, 784)))
    assert len(np.unique(noise)) == 150  # a landscape that a search can descend
    assert noise.min() > np.percentile(scores[fours.y_test == 0], 95)


def test_the_score_is_the_mean_ninth_power_of_the_submodels_deviations(trained, fours):
    weights, rows = trained.weights(), fours.X_test[:5].astype(float)
    by_hand = np.zeros(5)
    for m in range(8):
        h = ((rows - weights["low"]) / weights["span"])[:, weights["bags"][m]]
        for i in (0, 2, 4):
            h = np.maximum(h @ weights[f"layer{i}"][m] + weights[f"layer{i + 1}"][m], 0)
        z = (h @ weights["layer6"][m])[:, 0]
        f = 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(np.minimum(z, 0)))
        by_hand += np.abs(f - weights["train_outputs"][m].mean(dtype=float)) ** 9 / 8
    assert trained.decision_function(rows) == pytest.approx(by_hand, rel=1e-3)  # the ninth power of a float32 answer
    assert trained.decision_scores_ == pytest.approx(trained.decision_function(fours.X_train), rel=1e-6)


def test_the_first_submodels_of_an_ensemble_are_the_smaller_ensemble(small, fours):
    five, own = small.subset(5), DEAN(n_submodels=5, **SMALL).fit(fours.X_train)
    assert five.get_params() == own.get_params()
    assert_same(five.weights(), own.weights())
    assert five.decision_function(fours.X_test) == pytest.approx(own.decision_function(fours.X_test), rel=1e-4)
    assert five.threshold_ == pytest.approx(own.threshold_, rel=1e-4)
    assert not np.allclose(five.decision_scores_, small.decision_scores_)
    with pytest.raises(InputError, match="a subset of 12 submodels does not exist: choose 1 to 11"):
        small.subset(12)


def test_parts_trained_apart_are_joined_to_the_ensemble(small, fours):
    parts = [DEAN(n_submodels=n, first=first, **SMALL).fit(fours.X_train) for first, n in ((0, 4), (4, 7))]
    joined = DEAN.join(parts)
    assert joined.get_params() == small.get_params()
    assert joined.decision_function(fours.X_test) == pytest.approx(small.decision_function(fours.X_test), rel=1e-4)
    for wrong in (parts[::-1], [parts[0], parts[0]], [parts[0], DEAN(n_submodels=7, first=4, random_state=1)]):
        with pytest.raises(InputError, match="not one ensemble"):
            DEAN.join(wrong)


def test_what_was_saved_is_loaded(small, fours, tmp_path):
    path = tmp_path / "new" / "dean.npz"
    small.save(path)
    again = DEAN.load(path)
    assert again.get_params() == small.get_params()
    assert np.array_equal(again.decision_function(fours.X_test[:50]), small.decision_function(fours.X_test[:50]))
    assert again.threshold_ == small.threshold_
    assert [file.name for file in path.parent.iterdir()] == ["dean.npz"]
    np.savez(path, other=np.zeros(3))
    with pytest.raises(InputError, match=r"dean\.npz contains no DEAN: delete it"):
        DEAN.load(path)


def test_training_does_not_touch_anybodys_random_numbers(fours):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first = DEAN(n_submodels=2, **SMALL).fit(fours.X_train[:100]).weights()
    assert torch.equal(torch.rand(3), expected)
    second = DEAN(n_submodels=2, **SMALL).fit(fours.X_train[:100]).weights()
    assert all(np.array_equal(first[key], second[key]) for key in first)


def test_a_bag_is_drawn_without_repetition_and_holds_all_features_where_there_are_few(small, fours):
    bags = small.weights()["bags"]
    assert bags.shape == (11, 50)
    assert all(len(set(bag)) == 50 for bag in bags.tolist())
    assert len({tuple(bag) for bag in bags.tolist()}) == 11
    few = DEAN(n_submodels=1, **SMALL).fit(fours.X_train[:, 300:330])
    assert sorted(few.weights()["bags"][0]) == list(range(30))


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [
        ("n_submodels", 0, "n_submodels = 0 is too small: give 1 or more"),
        ("bag", 0, "bag = 0 is too small"),
        ("epochs", 0, "epochs = 0 is too small"),
        ("batch_size", -1, "batch_size = -1 is too small"),
        ("patience", 0, "patience = 0 is too small"),
        ("power", 0, "power = 0 is too small"),
        ("learning_rate", -1.0, "learning_rate = -1.0 is too small"),
        ("first", -1, "first = -1 is too small: give 0 or more"),
        ("random_state", -1, "random_state = -1 is too small: give 0 or more"),
        ("neurons", (256, 0), r"neurons = \(256, 0\) are not widths"),
        ("input_range", "guarded", "unknown input_range 'guarded': choose guard or reference"),
    ],
)
def test_options_that_no_ensemble_has_are_refused(option, value, named):
    with pytest.raises(InputError, match=named):
        DEAN(**{option: value})


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        (np.zeros((0, 784)), "0 rows are too few"),
        (np.zeros((1, 784)), "1 rows are too few: give DEAN at least 2"),
        (np.zeros(784), r"shape \(784,\) is not rows"),
        (np.full((2, 784), np.nan), "1568 values of the training data are NaN or infinite"),
    ],
)
def test_rows_that_cannot_be_used_are_refused(rows, named):
    with pytest.raises(InputError, match=named):
        DEAN(n_submodels=1).fit(rows)


def test_a_detector_that_is_not_fitted_or_has_seen_other_rows_says_so(small):
    for ask in (lambda d: d.decision_function(np.zeros((2, 784))), DEAN.weights, lambda d: d.subset(1)):
        with pytest.raises(InputError, match=r"not fitted: call fit\(X\) first"):
            ask(DEAN())
    with pytest.raises(InputError, match="X has 1024 features, but DEAN is expecting 784 features"):
        small.decision_function(np.zeros((2, 1024)))
