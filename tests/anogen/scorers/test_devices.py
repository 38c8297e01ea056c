"""Scorers on other devices: with the device `meta`, which has shapes and no values, where there is no GPU."""

import numpy as np
import pytest
import torch
from torch import nn

from anogen import detectors
from anogen.detectors.autoencoder import ConvAutoencoder
from anogen.detectors.deep_svdd import DeepSVDDLeNet
from anogen.errors import InputError
from anogen.scorers import Scorer, make_scorer
from anogen.scorers.base import CPUScorer, resolve_device

ROWS = torch.rand(40, 64, generator=torch.Generator().manual_seed(0))
BRIEF, ONE = {"epochs": 1, "verbose": 0}, {"epoch_num": 1, "batch_size": 8, "verbose": 0}
OPTIONS = {"deep-svdd": BRIEF, "deep-svdd-untrained": {"verbose": 0}, "pyod-autoencoder": ONE, "vae": ONE}
BY_VALUES = {"knn", "lof", "pca"}  # what they compute depends on values, which nothing on `meta` has
OURS = {
    "autoencoder": lambda: ConvAutoencoder((8, 8), latent=2, epochs=1),
    "deep-svdd-lenet": lambda: DeepSVDDLeNet((32, 32), epochs=1),
    "dean": lambda: detectors.create("dean", 64, n_submodels=3, epochs=1),
}
TORCH = [
    *OURS, "cblof", "deep-svdd", "deep-svdd-untrained", "gmm", "kde", "knn", "lof", "ocsvm", "pca",
    "pyod-autoencoder", "vae",
]  # fmt: skip


def scorer_of(name):
    if name in OURS:
        detector = OURS[name]()
        rows = torch.rand(40, 1024) if name == "deep-svdd-lenet" else ROWS
        return make_scorer(detector.fit(rows.numpy()))
    return make_scorer(detectors.fit(name, ROWS.numpy(), 0, **OPTIONS.get(name, {})))


def tensors(value, seen):
    """Yield all tensors that can be reached from an object."""
    if id(value) in seen:
        return
    seen[id(value)] = value
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, nn.Module):
        yield from (*value.parameters(), *value.buffers())
    elif isinstance(value, list | tuple | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from tensors(one, seen)
    elif (hasattr(value, "__dict__") and not callable(value)) or isinstance(value, Scorer):
        yield from tensors(vars(value), seen)


@pytest.mark.parametrize("fixed", [False, True], ids=["whole", "given"])
@pytest.mark.parametrize("name", TORCH)
def test_all_that_a_differentiable_scorer_computes_with_moves(name, fixed):
    here = scorer_of(name)
    assert here.differentiable
    if fixed:
        here = here.condition_on(torch.arange(here.n_features_in_ // 2), torch.full((here.n_features_in_,), 0.5))
    rows = torch.rand(5, here.n_features_in_)
    before = here(rows)
    there = here.to("meta")
    moved = list(tensors(there, {}))
    assert moved and {tensor.device.type for tensor in moved} == {"meta"}
    assert {tensor.device.type for tensor in tensors(here, {})} == {"cpu"}
    assert torch.equal(here(rows), before)
    if name not in BY_VALUES:
        x = torch.empty(5, here.n_features_in_, device="meta", requires_grad=True)
        scores = there(x)
        (gradient,) = torch.autograd.grad(scores.sum(), x)
        assert scores.device.type == gradient.device.type == "meta"
        assert there(x.detach()).shape == (5,)


def test_a_scorer_stays_where_it_is_asked_to_be():
    here = scorer_of("gmm")
    assert here.to("cpu") is here
    there = here.to("meta")
    assert there.to("meta") is there and there.device == torch.device("meta")


@pytest.mark.parametrize("name", ["hbos", "copod", "iforest"])
def test_what_is_not_pytorchs_is_computed_on_the_processor(name):
    here = scorer_of(name)
    beside = here.to("meta")
    assert isinstance(beside, CPUScorer) and beside.batch_dependence == here.batch_dependence
    assert beside.to("cpu") is here
    again = CPUScorer(here, torch.device("cpu"))
    assert torch.equal(again(ROWS), here(ROWS))


def test_a_users_scorer_moves_with_what_it_holds():
    class Mine(Scorer):
        differentiable = True
        n_features_in_ = 64

        def __init__(self):
            self.held = {"means": (ROWS.double(), [nn.Linear(64, 1).double()])}

        def score(self, x):
            rows, (layer,) = self.held["means"]
            return layer(x - rows[0]).squeeze(1)

    there = Mine().to("meta")
    assert there(torch.empty(3, 64, device="meta")).device.type == "meta"


@pytest.mark.parametrize("device", ["gpu", "cuda:77", torch.device("cuda", 77)])
def test_a_device_that_is_not_there_is_named_in_one_line(device):
    with pytest.raises(InputError, match=r"device 'gpu'|device 'cuda:77'") as caught:
        resolve_device(device)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU at hand")
@pytest.mark.parametrize("name", [*TORCH, "hbos", "copod"])
def test_scores_on_a_gpu_are_the_same_but_for_rounding(name):
    here = scorer_of(name)
    rows = torch.rand(30, here.n_features_in_)
    size = np.ptp(here(rows).numpy())
    assert here.to("cuda")(rows.cuda()).cpu().numpy() == pytest.approx(here(rows).numpy(), abs=1e-3 * size)
