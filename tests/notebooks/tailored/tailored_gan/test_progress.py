"""Measures of how far a generator has learned."""

from itertools import pairwise

import numpy as np
import pytest

from anogen.errors import InputError
from companion.chapters import chapter_experiments
from notebooks.tailored.common.wgan import BOOK, PASSING, PRINTED, STAGES, GANExperiment, TailoredGAN
from notebooks.tailored.tailored_gan.figures import table_progress
from notebooks.tailored.tailored_gan.progress import Progress, coverage_and_density, likeness


@pytest.fixture
def real():
    return np.random.default_rng(0).normal(size=(300, 4))


def test_other_samples_of_one_distribution_cover_it(real):
    coverage, density = coverage_and_density(np.random.default_rng(1).normal(size=(300, 4)), real)
    assert coverage > 0.9 and density == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize(
    ("features", "coverage", "density"),
    [
        (np.full((300, 4), 50.0), 0.0, 0.0),  # far away
        (np.zeros((300, 4)), 0.2, None),  # one mode: dense, and covers nearly nothing
    ],
)
def test_a_collapsed_generator_covers_nothing(real, features, coverage, density):
    found = coverage_and_density(features, real)
    assert found[0] <= coverage
    assert density is None or found[1] == density


def test_by_hand():
    real = np.array([[0.0], [1.0], [3.0]])  # with k = 1 the radii are 1, 1 and 2
    assert coverage_and_density(np.array([[0.5], [9.0]]), real, k=1) == (2 / 3, 1.0)


def test_the_same_features_have_no_distance(real):
    assert float(likeness(real, real)["distance"]) == pytest.approx(0, abs=1e-6)
    assert float(likeness(real + 3, real)["distance"]) == pytest.approx(36, rel=0.01)


def test_a_later_stage_needs_the_one_before():
    stages = [TailoredGAN(**PRINTED, until=until) for until in STAGES]
    for before, stage in pairwise(stages):
        assert stage.requires()["before"] == before
    assert "before" not in stages[0].requires()
    assert TailoredGAN(**PRINTED).requires()["before"].done == 15_000
    with pytest.raises(InputError, match="until = 1300 is more than the 1200 iterations"):
        GANExperiment(until=1_300)


def test_the_book_keeps_the_weights_that_a_chapter_uses():
    needed = [one for one in chapter_experiments("tailored-gan").values() if isinstance(one, GANExperiment)]
    used = {one.done for one in needed if not isinstance(one, Progress)}
    assert not used & set(PASSING)
    assert set(PASSING) < set(STAGES) and TailoredGAN(**PRINTED).kept()


def test_quick_measures_every_class():
    arrays = Progress.at("quick").run()
    assert arrays["labelled"].shape == (10,) and arrays["fakes"].shape == (10, 8, 784)
    assert float(arrays["ceiling_coverage"]) > float(arrays["coverage"])


def test_the_table_has_a_row_for_each_stage_and_one_for_real_images():
    class Fake(dict):
        def parameter(self, name):
            return {"width": 32, "batch": 100, "iterations": 20_000, "until": 1_200}[name]

    values = {key: np.array(0.5) for key in ("distance", "coverage", "density")}
    record = Fake(labelled=np.full(10, 0.9), **values, **{f"ceiling_{key}": value for key, value in values.items()})
    table = table_progress([record, record])
    assert [row[0] for row in table.rows] == ["1,200", "1,200", "required", "real images"]
    assert all(len(row) == len(table.head) for row in table.rows)


def test_a_training_goes_on_from_one_whose_rates_fell_to_their_end():
    longer = TailoredGAN(**PRINTED | {"iterations": 30_000, "resumed": 20_000})
    assert (longer.stage_before, longer.done) == (20_000, 30_000)
    assert longer.requires()["before"] == TailoredGAN(**BOOK)
    assert TailoredGAN(**BOOK).requires()["before"] == TailoredGAN(**PRINTED, until=15_000)
