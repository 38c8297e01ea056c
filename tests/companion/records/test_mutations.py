"""Wrong code does not pass for the code of a record: each mutation changes a witness beyond its tolerance."""

from dataclasses import replace
from functools import wraps
from math import pi

import pytest

from anogen.generators import EvolutionConfig
from companion.experiment import Experiment
from companion.records import machine, store
from notebooks.anorand.anorand import ablation
from notebooks.review.gan_challenges import experiments as challenges
from notebooks.tailored.tailored_gan import experiments as tailored
from notebooks.thesis.background import experiments as background
from notebooks.thesis.common import detection
from notebooks.thesis.search_settings import experiments as search_settings


def scaled(factor):
    """Return a mutation of a function: its value times a factor."""
    return lambda original: wraps(original)(lambda *args, **kwargs: original(*args, **kwargs) * factor)


def thirteen(_original):
    """Return Rastrigin's function with 13 in place of 10."""

    def score(self, x):
        z = self.place(x)
        return (z.square() - 13 * (2 * pi * z).cos() + 13).sum(dim=1)

    return score


def another_seed(original):
    return lambda self, *key: original(self, *key, 1)


def other_noise(original):
    return lambda reference, seed, count: original(reference, seed + 1, count)


def truncation(original):
    return lambda config: original(replace(config, selection="truncation"))


MUTATIONS = {
    "Rastrigin's 10": ("rastrigin/default", search_settings.Rastrigin, "score", thirteen),
    "selection": ("rastrigin/default", EvolutionConfig, "selection_cdf", truncation),
    "seed": ("rastrigin/default", Experiment, "rng", another_seed),
    "roc_auc": ("roc-curve/default", background, "roc_auc", scaled(0.95)),
    "f1_score": ("roc-curve/default", background, "f1_score", scaled(0.95)),
    "morans_i": ("real-images/dataset-mnist_normal-3", detection, "morans_i", scaled(1.05)),
    "noise": ("real-images/dataset-mnist_normal-3", detection, "noise_floor", other_noise),
    "phi": ("imbalance/default", challenges, "phi", scaled(1.05)),
    "average_precision": ("anorand-measures/default", ablation, "average_precision", scaled(1.05)),
    "binormal": ("binormal/default", tailored, "roc_auc", scaled(0.95)),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_changes_the_witness(all_experiments, monkeypatch, name):
    id_, owner, attribute, mutate = MUTATIONS[name]
    experiment = all_experiments[id_]
    monkeypatch.undo()  # the toys' fixtures
    witness, small = store.load(experiment).meta["witness"], experiment.witness()
    monkeypatch.setattr(machine, "_computed", {})
    assert machine.differing(witness, machine.run_quick(small)) == []
    monkeypatch.setattr(owner, attribute, mutate(getattr(owner, attribute)))
    monkeypatch.setattr(machine, "_computed", {})
    assert machine.differing(witness, machine.run_quick(small))
