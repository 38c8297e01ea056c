"""Heartbeats are split by patient, the small test set is fixed, and no other file is taken for them."""

import hashlib

import numpy as np
import pytest

from anogen.errors import InputError
from companion.datasets import checksum, heartbeats
from companion.datasets.info import dataset_info


def beats(count=600):
    """Return a file's arrays: 12 records, two of them of one patient."""
    rng = np.random.default_rng(0)
    return {
        "x": rng.integers(0, 256, (count, heartbeats.LENGTH), dtype=np.uint8),
        "aami": rng.integers(0, 5, count).astype(np.uint8),
        "record": np.sort(rng.choice([100, 101, 102, 103, 104, 105, 106, 107, 201, 202, 203, 205], count)).astype("i2"),
    }


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a small file that is held to be the real one."""
    heartbeats._load.cache_clear()
    heartbeats._read.cache_clear()
    np.savez(tmp_path / heartbeats.FILE, **beats())
    monkeypatch.setenv("ANOGEN_DATA", str(tmp_path))
    monkeypatch.setattr(heartbeats, "SHA256", checksum(beats()))
    yield tmp_path
    heartbeats._load.cache_clear()
    heartbeats._read.cache_clear()


def test_no_patient_is_in_two_folds():
    records = beats()["record"]
    fold, patient = heartbeats.folds(records), heartbeats.patients(records)
    assert all(len(set(fold[patient == one])) == 1 for one in set(patient))
    assert set(fold) == set(range(heartbeats.FOLDS))
    assert set(patient[records == 202]) == {201}


def test_training_and_testing_share_nothing(folder):
    data, given = heartbeats.load(), beats()
    test = heartbeats.folds(given["record"]) == 0
    assert np.array_equal(data.x_test, given["x"][test])
    assert np.array_equal(data.y_train, given["aami"][~test])
    assert set(heartbeats.training_fold()) == {1, 2, 3, 4}
    assert len(heartbeats.training_fold()) == len(data.x_train)
    assert dataset_info(heartbeats.NAME).sha256 == data.sha256
    normal = data.one_class("N")
    assert normal.image_shape == (heartbeats.LENGTH,)
    assert normal.y_test.mean() == pytest.approx((data.y_test > 0).mean())


def test_the_small_test_set_keeps_the_shares(folder, monkeypatch):
    data = heartbeats.load()
    monkeypatch.setattr(heartbeats, "TESTED", 50)
    chosen = heartbeats.tested(data)
    assert len(set(chosen)) == 50
    assert list(chosen) == sorted(chosen)
    shares = np.bincount(data.y_test[chosen]) / 50 - np.bincount(data.y_test) / len(data.y_test)
    assert abs(shares).max() < 1 / 50


def test_the_small_test_set_is_the_same_everywhere():
    labels = np.repeat(np.arange(5), (21_125, 138, 2_257, 36, 1_810)).astype(np.uint8)  # as many of each as in fold 0
    data = type("Labels", (), {"y_test": labels, "classes": heartbeats.CLASSES})
    digest = hashlib.sha256(heartbeats.tested(data).astype("<i8").tobytes()).hexdigest()
    assert digest.startswith("5a304db92f59436c")


@pytest.mark.parametrize("fault", ["absent", "other", "cut short"])
def test_another_file_is_refused_in_one_line(folder, fault):
    path = folder / heartbeats.FILE
    if fault == "absent":
        path.unlink()
    elif fault == "other":
        np.savez(path, **beats() | {"aami": np.zeros(600, np.uint8)})
    else:
        path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InputError, match="ANOGEN_DATA") as error:
        heartbeats.load()
    assert "\n" not in str(error.value)
