"""The tailored detector: what it is trained on, PyOD's protocol, and any classifier (claim c-51)."""

import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier

from anogen.detectors.gan import seeds, tailored
from anogen.detectors.gan.networks import Discriminator, Generator, WGANConfig, init_normal
from anogen.detectors.gan.training import Batch, source
from anogen.errors import InputError

PLAN = WGANConfig((1, 8, 8), 4, 3, 4, ups=1, stages=((1, True), (1, False)), classes=3)


class Watched(Generator):
    """A generator that remembers which seeds it was given, and for which classes."""

    def __init__(self, plan):
        super().__init__(plan)
        self.seen = []

    def forward(self, n, y):
        self.seen.append((seeds.norm(n), y.argmax(dim=1)))
        return super().forward(n, y)


def game(**diet):
    generator = init_normal(Watched(PLAN), 1).eval()
    asked = []

    def classify(x):
        asked.append(len(x))
        return torch.zeros(len(x), dtype=torch.int64)

    detector = init_normal(Discriminator(PLAN), 2)
    side = tailored.train_step(detector, generator, classify, tailored.TrainingMix(normal=4, anomalous=4, **diet))
    batch = Batch(torch.ones(12, 1, 8, 8), torch.arange(12) % 3, source(5))
    loss = side.loss(batch)["loss"]
    return generator.seen, asked, loss, side


def test_an_iteration_sees_fakes_and_near_anomalies_of_every_class_alike():
    (fakes, near), asked, loss, side = game()
    assert fakes[0].max() < 5 and near[0].min() >= 5 and near[0].max() <= 6.0001
    for _, labels in (fakes, near):
        assert torch.bincount(labels).tolist() == [4, 4, 4]
    assert asked == []  # the classes of made images are known
    assert loss.item() == pytest.approx(np.log(2), abs=0.01)  # nothing is learned yet
    assert not side.decayed and side.rate == 1e-3


def test_real_images_take_the_place_of_fakes():
    (near,), _, _, _ = game(real=True)
    assert near[0].min() >= 5


def test_specific_anomalies_take_a_share_and_get_the_classifiers_class():
    (_, near), asked, _, _ = game(specific=torch.zeros(7, 1, 8, 8, dtype=torch.uint8), share=0.25)
    assert len(near[0]) == 9 and asked == [3]


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    return rng.random((30, 64)).astype(np.float32), np.arange(30) % 3


def test_any_classifier_will_do_and_each_image_passes_it_once(rows):
    x, y = rows
    nearest = KNeighborsClassifier(3).fit(x, y)
    asked = []

    def classify(images):
        asked.append(len(images))
        return torch.tensor(nearest.predict(images.flatten(1).numpy()))

    generator = init_normal(Generator(PLAN), 1).eval()
    options = {"iterations": 2, "random_state": 4}
    detector = tailored.TailoredDetector(generator, classify, **options).fit(x)
    asked.clear()
    scores = detector.decision_function(x)
    assert asked == [len(x)]
    assert scores.shape == (30,) and np.isfinite(scores).all()
    assert detector.labels_.sum() == pytest.approx(0.05 * 30, abs=1)
    again = tailored.TailoredDetector(generator, classify, **options).fit(x)
    assert np.array_equal(again.decision_scores_, scores)

    def constant(images):
        return torch.full((len(images),), 2)

    detector.classify = constant  # only the decision counts
    told = detector.decision_function(x)
    same = torch.tensor(nearest.predict(x)) == 2
    assert np.array_equal(told[same], scores[same]) and not np.array_equal(told[~same], scores[~same])
    with pytest.raises(InputError, match=r"not images \(1, 8, 8\): give \(n, 64\)"):
        detector.decision_function(x[:, :5])
