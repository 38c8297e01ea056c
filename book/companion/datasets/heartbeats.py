"""Single heartbeats of the MIT-BIH Arrhythmia Database, split by patient and verified bit for bit.

In the manner of Kachuee, Fazeli and Sarrafzadeh (2018), but our own cut: lead MLII (V5 where a record lacks it),
(ADC - 1024) / 200 mV, resampled by 25/72 to 125 Hz (SciPy's `resample_poly`). A beat begins at its reference annotation
and takes the next round(1.2 T) samples, at most 187, where T is the median distance of two beats in the window of ten
seconds (1,250 samples, not overlapping) that holds it. It is scaled to [0, 1], stored as uint8, and filled up with
zeros. Beats that run past the end of their record are left out.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anogen.datasets import Dataset, data_folder
from anogen.datasets.formats import DamagedError
from anogen.errors import InputError
from companion.datasets import Arrays, checksum, read_parts

NAME, FILE = "heartbeats", "ecg_mitbih_beats.npz"
SHA256 = "c9b91439607f54f1e9c9cdf2bb816a7542073ee10a1be66d57c29237e60270cf"
CLASSES = ("N", "S", "V", "F", "Q")  # the AAMI's: normal, supraventricular, ventricular, fusion, other
LENGTH, RATE = 187, 125.0  # samples of a beat, and per second
FOLDS = 5
TWINS = (201, 202)  # two records of one patient
TESTED = 512  # beats of the small test set
PROVENANCE = (
    "MIT-BIH Arrhythmia Database 1.0.0 (Open Data Commons Attribution License v1.0), cut into 109,440 beats: those of "
    "every fifth patient are for testing, all others for training."
)


def patients(records: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return the patient of each record number: that of 202 is 201, too."""
    return np.where(records == TWINS[1], TWINS[0], records).astype(np.int16)


def folds(records: NDArray[np.int16]) -> NDArray[np.int8]:
    """Return the fold 0..4 of each beat (n,) by its record: patients are dealt out in turn, none is in two folds."""
    turn = np.unique(patients(records), return_inverse=True)[1]
    return (turn % FOLDS).astype(np.int8)


def load() -> Dataset:
    """Return the beats: fold 0 for testing, folds 1 to 4 for training, in the order of records and of time."""
    return _load(data_folder())


def training_fold() -> NDArray[np.int8]:
    """Return the fold 1..4 of each training beat (n,), for validation on other patients."""
    fold = folds(_read(data_folder())["record"])
    return fold[fold != 0]


def tested(data: Dataset) -> NDArray[np.intp]:
    """Return the fixed test set: indices of 512 test beats, ascending, each class by its share of all test beats."""
    shares = np.bincount(data.y_test, minlength=len(data.classes)) * TESTED / len(data.y_test)
    counts = np.floor(shares).astype(int)
    counts[np.argsort(counts - shares, kind="stable")[: TESTED - counts.sum()]] += 1  # largest remainders
    rng = np.random.Generator(np.random.SFC64(0))
    chosen = [rng.permutation(np.flatnonzero(data.y_test == c))[:n] for c, n in enumerate(counts)]
    return np.sort(np.concatenate(chosen))


@lru_cache(maxsize=1)
def _load(folder: Path | None) -> Dataset:
    arrays = _read(folder)
    test = folds(arrays["record"]) == 0
    x, y = arrays["x"], arrays["aami"]
    return Dataset(NAME, x[~test], y[~test], x[test], y[test], CLASSES, PROVENANCE)


@lru_cache(maxsize=1)
def _read(folder: Path | None) -> Arrays:
    path = folder / FILE if folder else None
    if path is None or not path.is_file():
        raise InputError(
            f"{NAME} are unavailable: set ANOGEN_DATA to a folder with {FILE} (arrays x uint8 (109440, {LENGTH}), aami "
            "uint8 and record int16: records that wfdb.dl_database('mitdb', folder) downloads from PhysioNet, cut as "
            "the documentation of companion.datasets.heartbeats says)"
        )
    try:
        arrays = read_parts(path, "x", "aami", "record")
        if checksum(arrays) != SHA256:
            raise DamagedError(f"{path} is damaged or another cut (checksum differs)")
    except DamagedError as error:
        raise InputError(f"{error}: replace it or unset ANOGEN_DATA") from error
    return arrays
