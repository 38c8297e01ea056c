"""What every experiment is: parameters at a scale, a label, seeded cells."""

import re
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anogen.errors import InputError
from companion.chapters import chapter, chapter_experiments, chapters
from companion.experiment import LONGEST_LABEL, Experiment, at_least, digits, fraction
from companion.studies.retraining import Retraining


@dataclass(frozen=True, kw_only=True)
class Toy(Experiment):
    name = "toy"
    quick: ClassVar = {"length": 2, "dataset": "mnist-5k"}
    paper: ClassVar = {"length": 1000}
    named: ClassVar = ("digit",)

    dataset: str = "mnist"
    digit: int = 4
    length: int = 10
    words: tuple[str, ...] = ("a",)

    def cells(self):
        return [(i,) for i in range(self.length)]

    def compute(self, cell, inputs):
        return {"draw": self.rng(*cell).normal(size=3)}

    def collect(self, parts, inputs):
        return {"draws": np.stack([part["draw"] for part in parts])}


def test_a_scale_replaces_parameters_and_the_readers_own_win():
    assert (Toy().length, Toy().scale, Toy().dataset) == (10, "laptop", "mnist")
    assert (Toy.at("quick").length, Toy.at("quick").scale, Toy.at("quick").dataset) == (2, "quick", "mnist-5k")
    assert (Toy.at("paper").length, Toy.at("paper").scale, Toy.at("paper").dataset) == (1000, "paper", "mnist")
    assert Toy.at("quick", length=7) == Toy(scale="quick", length=7, dataset="mnist-5k")
    assert Toy.at("paper", digit=3).length == 1000
    assert Toy(length=7).witness() == Toy.at("quick")
    assert Toy.at("quick").datasets() == ("mnist-5k",)


def test_a_label_states_what_differs_and_what_is_always_named():
    assert Toy().label == "digit-4"
    assert Toy(seed=3, words=("b", "c d")).id == "toy/seed-3_digit-4_words-b+c-d"
    assert Experiment.label.fget(Experiment()) == "default"
    assert len(Toy(words=("x" * 500,)).label) <= LONGEST_LABEL


@dataclass(frozen=True, kw_only=True)
class Declared(Toy):
    least: ClassVar = {"length": 3}
    listed: ClassVar = {"vocabulary": "words"}
    axes: ClassVar = ("words",)
    effort: ClassVar = ("length", "absent")


@dataclass(frozen=True, kw_only=True)
class Heir(Declared):
    least: ClassVar = {"digit": 1}


@pytest.mark.parametrize(("changed", "name"), [({"length": 2}, "length = 2"), ({"digit": 0}, "digit = 0")])
def test_the_least_values_of_all_base_classes_hold(changed, name):
    with pytest.raises(InputError, match=f"{name} is too small"):
        Heir(**changed)
    assert Heir().length == 10


def test_work_and_common_arrays_are_declared():
    experiment = Declared(words=("a", "b"))
    assert experiment.common({})["vocabulary"].tolist() == ["a", "b"]
    assert experiment.work() == len(experiment.cells()) * 10


experiments = st.builds(
    Retraining,
    scale=st.sampled_from(["quick", "laptop", "paper"]),
    seed=st.integers(0, 10**6),
    dataset=st.sampled_from(["mnist", "mnist-5k", "fashion_mnist"]),
    detector=st.sampled_from(["cblof", "copod", "deep-svdd"]),
    normal=st.integers(0, 9),
    generations=st.integers(1, 10**6),
    population=st.integers(2, 1000),
    mutation_rate=st.floats(0, 1),
    sigma=st.floats(0, 10),
    selection=st.sampled_from(["linear", "tournament", "truncation"]),
    clip=st.booleans(),
    k=st.floats(0, 1),
    trainings=st.integers(1, 20),
    starts=st.integers(1, 20),
)


@given(st.lists(experiments, min_size=2, max_size=30))
def test_labels_are_file_names_and_differ_where_parameters_do(many):
    labels = {}
    for experiment in many:
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_+.-]*", experiment.label)
        assert len(experiment.label) <= LONGEST_LABEL
        assert labels.setdefault(experiment.label, experiment) == experiment


def test_a_seed_of_any_size_is_one_that_every_library_takes():
    assert Toy(seed=2**31 - 1).seed == 2**31 - 1
    seeds = {Toy(seed=seed).seed for seed in (2**31, 2**32, 2**64, 10**32)}
    assert len(seeds) == 4 and all(0 <= seed < 2**31 for seed in seeds)
    assert Toy(seed=2**64) == Toy(seed=2**64)


def test_a_number_that_no_computer_can_work_off_is_refused():
    with pytest.raises(InputError, match=r"length = 1e.12 is more than a computer can do: give at most 10,000,000"):
        Toy(length=10**12)


@given(seed=st.integers(0, 2**40), key=st.lists(st.integers(0, 99), max_size=3))
def test_random_numbers_depend_on_seed_and_key_alone(seed, key):
    one = Toy(seed=seed).rng(*key).random(4)
    assert np.array_equal(one, Toy(seed=seed, length=3, digit=1).rng(*key).random(4))
    assert not np.array_equal(one, Toy(seed=seed + 1).rng(*key).random(4))
    assert not np.array_equal(one, Toy(seed=seed).rng(*key, 1).random(4))


def test_cells_are_collected_in_their_order_and_do_not_depend_on_each_other():
    whole = Toy(length=4).run()["draws"]
    assert np.array_equal(Toy(length=2).run()["draws"], whole[:2])
    assert np.array_equal(whole[3], Toy().compute((3,), {})["draw"])


def test_an_experiment_that_computes_nothing_says_so():
    with pytest.raises(TypeError, match="Experiment implements neither compute nor steps"):
        Experiment().run()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (lambda: Toy(scale="huge"), "unknown scale 'huge': choose one of quick, laptop, paper"),
        (lambda: Toy.at("huge"), "unknown scale 'huge'"),
        (lambda: Toy(seed=-1), "seed -1 is negative: give 0 or more"),
        (lambda: at_least(1, generations=5, starts=0), "starts = 0 is too small: give 1 or more"),
        (lambda: digits(3, 11), "digit 11 does not exist: choose from 0 to 9"),
        (lambda: digits(-1), "digit -1 does not exist"),
        (lambda: fraction(k=30), r"k = 30 is not a fraction: did you mean 0\.3\?"),
        (lambda: fraction(k=2), r"did you mean 0\.02\?"),
        (lambda: fraction(k=-0.5), "k = -0.5 is not a fraction: give a number from 0 to 1"),
        (lambda: fraction(k=float("nan")), "k = nan is not a fraction"),
        (lambda: chapter("autoencodr"), "unknown chapter 'autoencodr': did you mean .autoencoder.?"),
        (lambda: chapter("xyz"), "unknown chapter 'xyz': choose one of background"),
        (
            lambda: chapter_experiments("autoencoder", digits=3),
            "chapter autoencoder has no parameter 'digits': choose from dataset, digit",
        ),
        (lambda: chapter_experiments("other-detectors", k=30), "did you mean 0.3"),
        (
            lambda: chapter_experiments("other-detectors", detector="cblov"),
            "unknown detector 'cblov': did you mean cblof",
        ),
        (lambda: chapter_experiments("other-detectors", population=1), "population_size = 1 is too small"),
        (lambda: chapter_experiments("autoencoder", digit=[3, 11]), "digit 11 does not exist"),
        (lambda: chapter_experiments("autoencoder", generations=0), "generations = 0 is too small"),
        (lambda: chapter_experiments("autoencoder", iterations=-1), "iterations = -1 is too small"),
        (lambda: chapter_experiments("autoencoder", latent=0), "latent = 0 is too small"),
        (lambda: chapter_experiments("autoencoder", "quick", starts=1), "starts = 1 is too small: give 2 or more"),
        (lambda: chapter_experiments("other-detectors", starts=1), "starts = 1 is too small: give 2 or more"),
        (lambda: chapter_experiments("autoencoder", seed=-1), "seed -1 is negative"),
        (lambda: chapter_experiments("autoencoder", "tiny"), "unknown scale 'tiny'"),
    ],
)
def test_what_makes_no_sense_is_named_in_one_line(wrong, named):
    with pytest.raises(InputError, match=named) as caught:
        wrong()
    assert "\n" not in str(caught.value)


def test_the_book_has_every_chapter():
    assert set(chapters()) == chapters().keys()


@pytest.mark.parametrize("name", chapters())
def test_a_chapter_is_known_to_the_package_as_to_the_reader(name, root):
    assert chapters()[name].notebook.is_relative_to(root / "notebooks")
    assert chapters()[name].name == name and chapters()[name].title
    for experiment in chapter_experiments(name).values():
        assert experiment.scale == "laptop"
