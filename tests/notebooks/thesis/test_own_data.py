"""A reader's own images, population size and selection reach the experiments of a chapter; the book's own stay."""

import pytest

from companion.chapters import chapter_experiments
from companion.studies.quality import ImageQuality
from notebooks.thesis.other_detectors.figures import title

OWN = "my.npz"
BOOK = (
    "selection",
    "variety",
    "evolved",
    "toy",
    "settled",
    "elite",
    "architecture",
    "releases",
    "further",
)  # first words of roles that every reader gets as they are


@pytest.mark.parametrize("scale", ["quick", "laptop"])
@pytest.mark.parametrize(
    "chapter", ["autoencoder", "cblof", "dean", "deep-svdd", "other-detectors", "search-settings", "trainings"]
)
def test_own_images_replace_mnist(chapter, scale):
    experiments = chapter_experiments(chapter, scale, dataset=OWN)
    own = {role: e for role, e in experiments.items() if not (role.startswith(BOOK) or role.endswith("-judged"))}
    assert {e.dataset for e in own.values()} - {"cifar10"} == {OWN}
    for role, experiment in own.items():
        assert (experiment.dataset == "cifar10") == any(name in role for name in ("frog", "airplane"))
        if isinstance(experiment, ImageQuality):
            needed = experiment.requires()
            assert needed["classifier"].dataset == needed["search"].dataset == experiment.dataset
    book = chapter_experiments(chapter, scale)
    assert all(experiments[role] == book[role] for role in experiments.keys() - own.keys())


def test_an_own_detector_is_searched_and_retrained_in_the_comparison():
    own = "pyod.models.hbos:HBOS"  # any class that can be imported
    experiments = chapter_experiments("other-detectors", detectors=["hbos", own], detector=own)
    for role in ("retraining", f"guided-{own}", f"guided-{own}-quality", f"detection-{own}"):
        assert experiments[role].detector == own
    assert title(own) == "HBOS"
    assert title("hbos:n_bins=5") == "HBOS"


def test_own_selection_and_population():
    for role, experiment in chapter_experiments("search-settings", selection="truncation").items():
        assert role.startswith(BOOK) or getattr(experiment, "selection", "truncation") == "truncation"
    for experiment in chapter_experiments("trainings", selection="tournament", population=60).values():
        assert getattr(experiment, "selection", "tournament") == "tournament"
        assert getattr(experiment, "population", 60) == 60


def test_every_search_that_the_page_on_cblof_compares_has_the_readers_parameters():
    given = {"generations": 200, "population": 60, "trainings": 2, "seed": 3}
    experiments = chapter_experiments("cblof", digit=0, **given)
    assert {"retraining", "retraining-unclipped", "retraining-truncation"} < experiments.keys()
    for experiment in experiments.values():
        assert experiment.normal == 0
        assert given.items() <= experiment.parameters.items()
    book = chapter_experiments("cblof")
    assert book["retraining-unclipped"].id == "retraining/dataset-mnist_detector-cblof_normal-4_clip-False_starts-2"
