"""Experiments on the tailored detector: measures of known answers, and the inputs of detectors."""

import numpy as np
import pytest
import torch

from anogen.detectors.gan.networks import Discriminator, Generator, WGANConfig, init_normal
from anogen.detectors.gan.tailored import TailoredDetector
from anogen.detectors.gan.training import Batch, source
from anogen.errors import InputError
from anogen.scorers.tailored import TailoredScorer
from companion.chapters import chapter_experiments
from notebooks.tailored.common.wgan import GANExperiment
from notebooks.tailored.tailored_gan.experiments import frechet
from notebooks.tailored.tailored_mnist.experiments import wrong_class_step
from notebooks.tailored.tailored_mnist.feature_map import embed, majority
from notebooks.tailored.tailored_mnist.other_classifiers import AnyClassifier

PLAN = WGANConfig((1, 8, 8), 4, 3, 4, ups=1, stages=((1, True), (1, False)))


@pytest.mark.parametrize(("width", "scaled", "larger"), [(160, True, 1), (40, True, 2), (40, False, 1)])
def test_narrow_networks_begin_with_larger_weights_if_asked(width, scaled, larger):
    experiment = GANExperiment(dataset="cifar10", width=width, scaled=scaled)
    assert experiment.width_gain == larger
    begun = experiment.initialise(torch.nn.Linear(200, 200), 0)
    assert begun.weight.std().item() == pytest.approx(0.02 * larger, rel=0.02)
    assert not begun.bias.any()


def test_the_paper_scale_is_as_printed():
    ours = chapter_experiments("tailored-mnist", "paper")["generated"]
    assert (ours.width, ours.iterations, ours.batch, ours.ratio) == (32, 300_000, 100, 3)
    assert (ours.updates, ours.normal, ours.anomalous, ours.trainings) == (1_200, 10, 10, 8)
    colour = chapter_experiments("tailored-cifar", "paper")["generated"]
    assert (colour.width, colour.batch, colour.ratio, colour.width_gain) == (160, 100, 5, 1)
    assert (colour.updates, colour.trainings) == (1_200, 8)


@pytest.fixture(scope="module")
def clusters():
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    return (8 * np.eye(3)[labels] + rng.normal(size=(90, 3))).astype(np.float32), labels


@pytest.mark.parametrize("method", ["pca", pytest.param("umap", marks=pytest.mark.slow)])
def test_a_map_keeps_clusters_together_and_places_others_among_them(clusters, method):
    rows, labels = clusters
    place, (near, one) = embed(rows[:60], [rows[60:], rows[:1]], 0, method)
    assert place.shape == (60, 2) and near.shape == (30, 2) and one.shape == (1, 2)
    middle = np.stack([place[labels[:60] == y].mean(axis=0) for y in range(3)])
    assert (np.linalg.norm(near[:, None] - middle, axis=2).argmin(axis=1) == labels[60:]).all()


def test_too_few_rows_make_no_map(clusters):
    with pytest.raises(InputError, match="15 rows make no map"):
        embed(clusters[0][:15], [], 0, "pca")


def test_the_majority_among_ten_neighbours():
    train = np.concatenate([np.zeros((10, 2)), np.full((7, 2), 9.0), np.full((3, 2), 9.5), np.full((20, 2), 99.0)])
    labels = np.repeat([0, 1, 2, 3], [10, 7, 3, 20])
    assert majority(np.array([[0.0, 0.1], [9.1, 9.0]]), train, labels).tolist() == [10, 7]


def test_frechet_distance_of_normal_samples():
    rng = np.random.default_rng(0)
    first = rng.normal(size=(20_000, 3))
    assert frechet(first, first) == pytest.approx(0, abs=1e-9)
    assert frechet(first, first + np.array([3, 0, 4])) == pytest.approx(25, rel=1e-6)
    assert frechet(first, 3 * first) == pytest.approx(np.trace(np.cov(first, rowvar=False)) * 4, abs=0.01)


class Recording(Discriminator):
    """A detector that records the classes of its inputs."""

    def forward(self, x, y):
        self.seen = y.argmax(dim=1)
        return super().forward(x, y)


def test_anomalies_are_fakes_with_another_class():
    detector, make = init_normal(Recording(PLAN), 0), init_normal(Generator(PLAN), 1).eval()
    made = []
    make.register_forward_hook(lambda _m, given, _o: made.append(given[1].argmax(dim=1)))
    loss = wrong_class_step(detector, make, 3).loss(Batch(torch.zeros(1), torch.zeros(1), source(2)))["loss"]
    (labels,) = made
    assert torch.bincount(labels).tolist() == [6] * 10
    same = detector.seen == labels
    assert same[:30].all() and not same[30:].any()
    assert loss.item() == pytest.approx(np.log(2), abs=0.01)


def test_the_scorer_is_the_detectors_own_score_with_a_gradient():
    make = init_normal(Generator(PLAN), 1).eval()
    rows = np.random.default_rng(0).random((20, 64)).astype(np.float32)

    def classify(images):
        return (10 * images.mean(dim=(1, 2, 3))).long().clamp(0, 9)

    detector = TailoredDetector(make, classify, iterations=1, random_state=3).fit(rows)
    score = TailoredScorer(detector.network_, classify)
    x = torch.from_numpy(rows).requires_grad_()
    found = score(x)
    assert np.allclose(found.detach().numpy(), detector.decision_scores_, rtol=1e-6)
    found.sum().backward()
    assert (x.grad.abs().amax(dim=1) > 0).all()


def test_any_classifier_is_asked_once_for_its_decision():
    record = AnyClassifier.at("quick").run()
    for key in ("classified", "judged", "as_told"):
        assert record[key].tolist() == [[1, 1, 1], [1, 1, 1]]
    assert (record["accuracy"][1] > 0.6).all()
