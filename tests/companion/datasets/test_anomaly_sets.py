"""Sets of anomalies have the requested shape, repeat, and report missing files."""

import hashlib

import numpy as np
import pytest
import torch
from scipy.io import savemat

from anogen.errors import InputError
from companion.datasets import anomaly_sets


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32)])
@pytest.mark.parametrize("name", anomaly_sets.NOISE)
def test_noise_has_the_stated_law_and_repeats(name, shape):
    one, again, other = (anomaly_sets.anomalies(name, shape, 50, seed) for seed in (0, 0, 1))
    assert one.shape == (50, *shape) and one.dtype == torch.uint8
    assert torch.equal(one, again) and not torch.equal(one, other)
    values = one.double() / 255
    assert values.mean().item() == pytest.approx(0.5, abs=0.01)
    clipped = ((one == 0) | (one == 255)).double().mean().item()
    assert clipped == pytest.approx(0.317 if name == "gaussian" else 2 / 256, abs=0.01)  # beyond one deviation


def test_grey_is_weighed_and_sizes_are_interpolated():
    red = torch.zeros(1, 3, 32, 32, dtype=torch.uint8)
    red[:, 0] = 255
    assert set(anomaly_sets.fitted(red, (1, 28, 28)).unique().tolist()) == {round(0.299 * 255)}
    digit = torch.full((1, 1, 28, 28), 7, dtype=torch.uint8)
    made = anomaly_sets.fitted(digit, (3, 32, 32))
    assert made.shape == (1, 3, 32, 32) and set(made.unique().tolist()) == {7}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ANOGEN_DATA", str(tmp_path))
    anomaly_sets._all.cache_clear()
    yield tmp_path
    anomaly_sets._all.cache_clear()


def test_what_is_not_there_is_said_with_the_remedy(folder):
    with pytest.raises(InputError, match=r"notmnist is unavailable: set ANOGEN_DATA .* notmnist.npz"):
        anomaly_sets.anomalies("notmnist", (1, 28, 28), 5, 0)
    with pytest.raises(InputError, match=r"svhn is unavailable: set ANOGEN_DATA .* test_32x32.mat"):
        anomaly_sets.anomalies("svhn", (1, 28, 28), 5, 0)
    with pytest.raises(InputError, match="no set of anomalies 'lsun'"):
        anomaly_sets.anomalies("lsun", (1, 28, 28), 5, 0)


def test_other_images_under_a_known_name_are_refused(folder):
    np.savez(folder / "notmnist.npz", x=np.zeros((10, 28, 28), np.uint8))
    with pytest.raises(InputError, match="not the known ones"):
        anomaly_sets.anomalies("notmnist", (1, 28, 28), 5, 0)


def test_the_halves_share_no_image(folder, monkeypatch):
    images = np.arange(20, dtype=np.uint8)[:, None, None].repeat(28, 1).repeat(28, 2)
    np.savez(folder / "notmnist.npz", x=images)
    monkeypatch.setattr(anomaly_sets, "_stored", lambda _path, _entry: images)
    parts = {
        part: anomaly_sets.anomalies("notmnist", (1, 28, 28), 10, 0, part)[:, 0, 0, 0] for part in ("train", "test")
    }
    assert sorted(torch.cat(list(parts.values())).tolist()) == list(range(20))
    with pytest.raises(InputError, match="has 10 test images, not 11"):
        anomaly_sets.anomalies("notmnist", (1, 28, 28), 11, 0)


def test_omniglot_is_stored_inverted_and_available_as_distributed(folder, monkeypatch):
    stored = np.zeros((10, 28, 28), np.uint8)
    stored[:, 10:18, 13] = 255
    np.savez(folder / "omniglot10k.npz", x=stored)
    monkeypatch.setattr(anomaly_sets, "_stored", lambda _path, _entry: stored)
    names = ("omniglot", "omniglot-black-on-white")
    inverted, distributed = (anomaly_sets.anomalies(name, (1, 28, 28), 5, 0) for name in names)
    assert distributed.float().mean() > 250 and torch.equal(distributed, 255 - inverted)


def test_svhn_is_read_where_it_is_and_verified(folder, monkeypatch):
    path = folder / "test_32x32.mat"
    images = np.arange(6, dtype=np.uint8)[None, None, None].repeat(32, 0).repeat(32, 1).repeat(3, 2)
    savemat(path, {"X": images})
    with pytest.raises(InputError, match="not the known ones"):
        anomaly_sets.anomalies("svhn", (1, 28, 28), 3, 0)
    monkeypatch.setattr(anomaly_sets, "SVHN_MD5", hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest())
    read = anomaly_sets.anomalies("svhn", (1, 28, 28), 3, 0)
    assert read.shape == (3, 1, 28, 28) and sorted(read[:, 0, 0, 0].tolist()) == [0, 2, 4]
