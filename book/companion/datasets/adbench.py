"""ADBench's tabular data sets: the catalogue and the loader, verified bit for bit.

Of its 57 data sets those of images and texts are embeddings, one file for each class or category. Only files whose
checksum is in the catalogue are used.
"""

import contextlib
import difflib
import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pooch
from numpy.typing import NDArray

from anogen import paths
from anogen.datasets import data_folder, is_offline
from anogen.datasets.formats import DamagedError
from anogen.datasets.loading import TIMEOUT
from anogen.errors import InputError
from companion.datasets import checksum, read_parts

COMMIT = "3dac8221081e190f157d78e93bfa8867f90d0965"
ADDRESS = f"https://raw.githubusercontent.com/Minqi824/ADBench/{COMMIT}/adbench/datasets/"
NAME = "adbench"  # of all files together, in records


class Entry(NamedTuple):
    """One file of ADBench in the catalogue."""

    set: str  # one of the 57
    category: str  # healthcare, image, text or other: the source's headings, assigned by us
    path: str  # below ADBench's folder of data sets, without .npz
    rows: int
    features: int
    anomalies: int
    sha256: str  # of the decoded arrays; if it is unknown, it is empty and the numbers are 0

    @property
    def name(self) -> str:
        """Return the name of the file at ADBench without its leading number."""
        return re.sub(r"^.*?/(\d+_)?", "", self.path)


class Tabular(NamedTuple):
    """Rows `x` (n, d) in the published dtype, with labels `y`, uint8 (n,), 1 for anomalies."""

    name: str
    x: NDArray[np.generic]
    y: NDArray[np.uint8]


class Collection(NamedTuple):
    """The data of a record: one file, or all of them."""

    name: str
    sha256: str
    provenance: str


@cache
def catalogue() -> tuple[Entry, ...]:
    """Return all files, those without a known checksum included."""
    counts = dict.fromkeys(("rows", "features", "anomalies"), lambda text: int(text or 0))
    table = pd.read_csv(Path(__file__).with_name("adbench.csv"), converters=counts, keep_default_na=False)
    return tuple(Entry(**row) for row in table.to_dict("records"))


@cache
def known() -> Mapping[str, Entry]:
    """Return the files with a known checksum, by name."""
    return {entry.name: entry for entry in catalogue() if entry.sha256}


def dataset_info(name: str) -> Collection:
    """Return name, hash and provenance of a file, `adbench/<name>`, or of all, `adbench`; missing ones are fetched."""
    chosen = name.partition("/")[2]
    files = [_entry(chosen)] if chosen else list(known().values())
    for entry in files:
        if not any(path.is_file() for path in _paths(entry)):
            load(entry.name)
    at = f"ADBench at commit {COMMIT[:12]}"
    if chosen:
        (file,) = files
        text = f"{chosen} of {at}: {file.rows:,} rows, {file.anomalies:,} of them anomalies."
        return Collection(name, file.sha256, text)
    digests = "".join(f"{entry.name} {entry.sha256}\n" for entry in files)
    n_known, n_sets = (len({entry.set for entry in entries}) for entries in (files, catalogue()))
    text = f"{at}: the {len(files)} files with a checksum, of {n_known} of its {n_sets} data sets."
    return Collection(name, hashlib.sha256(digests.encode()).hexdigest(), text)


def available() -> tuple[str, str, str, str]:
    """Return a line of ``anogen data list``; nothing is decoded or fetched."""
    files = known().values()
    here = sum(any(path.is_file() for path in _paths(entry)) for entry in files)
    text = f"tables of anomalies, {len(files)} files of ADBench: adbench/<name>, or adbench for all of them"
    return NAME, f"{here} of {len(files)} files available", "42 MB", text


def _paths(entry: Entry) -> list[Path]:
    """Return the possible paths of a file, in ANOGEN_DATA and in the cache."""
    folders = (data_folder(), paths.cache() / "data")
    return [folder / NAME / f"{entry.path}.npz" for folder in folders if folder]


@lru_cache(maxsize=2)  # the largest takes 60 MB
def load(name: str) -> Tabular:
    """Return a data set, from the folder `adbench` in ANOGEN_DATA, the cache, or ADBench's repository."""
    entry = _entry(name)
    *user_paths, cached = _paths(entry)
    for path in user_paths:
        if path.is_file():
            try:
                return _read(entry, path)
            except DamagedError as error:
                raise InputError(f"{error}: replace it or unset ANOGEN_DATA") from error
    with contextlib.suppress(DamagedError):
        if cached.is_file():
            return _read(entry, cached)
    return _download(entry, cached)


def _read(entry: Entry, path: Path) -> Tabular:
    arrays = read_parts(path, "X", "y")
    if not np.isin(arrays["y"], (0, 1)).all():
        raise DamagedError(f"{path} is damaged (its labels y are not 0 and 1)")
    data = Tabular(entry.name, arrays["X"], arrays["y"].astype(np.uint8))
    if sha256(data) != entry.sha256:
        raise DamagedError(f"{path} is damaged (checksum differs)")
    for array in (data.x, data.y):
        array.setflags(write=False)
    return data


def sha256(data: Tabular) -> str:
    """Return the SHA-256 of the decoded arrays."""
    return checksum({"X": data.x, "y": data.y})


def _download(entry: Entry, cached: Path) -> Tabular:
    remedy = f"set ANOGEN_DATA to a folder with {NAME}/{entry.path}.npz, or allow downloads from {ADDRESS}"
    if is_offline():
        raise InputError(f"{entry.name} of ADBench is unavailable and ANOGEN_OFFLINE is set: {remedy}")
    try:
        with tempfile.TemporaryDirectory(prefix="anogen-") as scratch:
            path = Path(scratch) / "set.npz"
            # The arrays are verified, since several files contain the same ones: there is no file hash for pooch.
            pooch.HTTPDownloader(timeout=TIMEOUT)(f"{ADDRESS}{entry.path}.npz", str(path), None)
            data = _read(entry, path)
            with contextlib.suppress(OSError):  # a full or read-only disk only costs time at the next start
                cached.parent.mkdir(parents=True, exist_ok=True)
                partial = cached.with_name(f".{cached.name}.{os.getpid()}.tmp")
                partial.write_bytes(path.read_bytes())
                partial.replace(cached)
    except (OSError, ValueError, DamagedError) as error:
        reason = " ".join(str(error).split())[:160]
        raise InputError(f"{entry.name} of ADBench is unavailable: {remedy} [{reason}]") from error
    return data


def _entry(name: str) -> Entry:
    """Return the file of a name; the error for an unknown one suggests the nearest."""
    if name in known():
        return known()[name]
    if name in {entry.name for entry in catalogue()}:
        raise InputError(f"{name} of ADBench cannot be verified, since its checksum is unknown: leave it out")
    near = difflib.get_close_matches(name, known(), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(known())}"
    raise InputError(f"ADBench has no data set {name!r}: {hint}")
