"""ADBench's tabular data sets: which there are, and how to get one, verified bit for bit.

Of its 57 data sets those of images and texts are embeddings, one file for each class or category. A checksum is known
for the files that were at hand when this catalogue was written; no other file is used.
"""

import contextlib
import csv
import difflib
import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pooch
from numpy.typing import NDArray

from anogen import paths
from anogen.datasets import sources as ways
from anogen.datasets.formats import DamagedError, npz
from anogen.errors import InputError

COMMIT = "3dac8221081e190f157d78e93bfa8867f90d0965"
ADDRESS = f"https://raw.githubusercontent.com/Minqi824/ADBench/{COMMIT}/adbench/datasets/"
NAME = "adbench"  # of all of them together, as records state it


class Entry(NamedTuple):
    """A line of the catalogue: one file of ADBench."""

    set: str  # one of the 57
    category: str  # healthcare, image, text or other: the source's headings; who belongs where is ours
    path: str  # below ADBench's folder of data sets, without .npz
    rows: int
    features: int
    anomalies: int
    sha256: str  # of the decoded arrays; empty if it is not known, and then so are the numbers

    @property
    def name(self) -> str:
        """How the file is called here: as at ADBench, without the number before it."""
        stem = self.path.partition("/")[2]
        number, _, rest = stem.partition("_")
        return rest if number.isdecimal() else stem


@dataclass(frozen=True, eq=False)
class Tabular:
    """Rows with labels.

    Attributes
    ----------
    x : (n, d), in the type that they are published in.
    y : uint8 (n,), 1 for anomalies.
    """

    name: str
    x: NDArray[np.generic]
    y: NDArray[np.uint8]

    def __post_init__(self) -> None:
        self.x.setflags(write=False)
        self.y.setflags(write=False)


@dataclass(frozen=True)
class Collection:
    """One file, or all of them, as a record states its data."""

    name: str
    sha256: str
    provenance: str


@cache
def catalogue() -> tuple[Entry, ...]:
    """Return all files, those without a known checksum included."""
    text = Path(__file__).with_name("adbench.csv").read_text("utf8")
    counts = ("rows", "features", "anomalies")
    return tuple(
        Entry(**{key: int(value or 0) if key in counts else value for key, value in row.items()})  # type: ignore[arg-type]
        for row in csv.DictReader(text.splitlines())
    )


@cache
def known() -> Mapping[str, Entry]:
    """Return the files that can be had, by name."""
    return {entry.name: entry for entry in catalogue() if entry.sha256}


def stated(name: str) -> Collection:
    """Return what a record states: of one file, `adbench/<name>`, or of all that can be had, `adbench`.

    Each file is verified whenever it is loaded; here it has to be at hand, and is fetched if it is not.
    """
    chosen = name.partition("/")[2]
    if chosen and chosen not in known():
        raise InputError(_unknown(chosen))
    files = [known()[chosen]] if chosen else list(known().values())
    for entry in files:
        if not any(path.is_file() for path in _places(entry)):
            load(entry.name)
    if chosen:
        (file,) = files
        sentence = (
            f"{chosen} of ADBench at commit {COMMIT[:12]}: {file.rows:,} rows, {file.anomalies:,} of them anomalies."
        )
        return Collection(name, file.sha256, sentence)
    digests = "".join(f"{entry.name} {entry.sha256}\n" for entry in files)
    sets = {entry.set for entry in files}
    sentence = (
        f"ADBench at commit {COMMIT[:12]}: the {len(files)} files with a checksum, of {len(sets)} of its "
        f"{len({entry.set for entry in catalogue()})} data sets."
    )
    return Collection(name, hashlib.sha256(digests.encode()).hexdigest(), sentence)


def available() -> tuple[str, str, str, str]:
    """Return name, state, size and description as a line of ``anogen data list``; nothing is decoded or fetched."""
    files = known().values()
    here = sum(any(path.is_file() for path in _places(entry)) for entry in files)
    text = f"tables of anomalies, {len(files)} files of ADBench: adbench/<name>, or adbench for all of them"
    return NAME, f"{here} of {len(files)} files at hand", "42 MB", text


def _places(entry: Entry) -> list[Path]:
    """Return where a file may lie: the reader's folder, which must be right, and the cache."""
    folder = ways.data_folder()
    given = [folder / NAME / f"{entry.path}.npz"] if folder else []
    return [*given, paths.cache() / "data" / NAME / f"{entry.path}.npz"]


@lru_cache(maxsize=2)  # the largest takes 60 MB
def load(name: str) -> Tabular:
    """Return a data set, from the folder `adbench` in ANOGEN_DATA, the cache, or ADBench's repository.

    Raises
    ------
    InputError
        If there is none of that name, it is nowhere to be had, or the file in ANOGEN_DATA is damaged.
    """
    entry = known().get(name)
    if entry is None:
        raise InputError(_unknown(name))
    *given, kept = _places(entry)
    for path in given:
        if path.is_file():
            try:
                return _read(entry, path)
            except DamagedError as error:
                raise InputError(f"{error}: replace it or unset ANOGEN_DATA") from error
    with contextlib.suppress(DamagedError):
        if kept.is_file():
            return _read(entry, kept)
    return _download(entry, kept)


def _read(entry: Entry, path: Path) -> Tabular:
    """Read a file and check what is in it."""
    arrays = npz(path)
    if not {"X", "y"} <= arrays.keys() or not np.isin(arrays["y"], (0, 1)).all():
        raise DamagedError(f"{path} is damaged (no rows X with labels y of 0 and 1)")
    data = Tabular(entry.name, arrays["X"], arrays["y"].astype(np.uint8))
    if sha256(data) != entry.sha256:
        raise DamagedError(f"{path} is damaged (checksum differs)")
    return data


def sha256(data: Tabular) -> str:
    """Return the hash of the decoded arrays, whatever file they came in."""
    digest = hashlib.sha256()
    for part, array in (("X", data.x), ("y", data.y)):
        digest.update(f"{part} {array.dtype} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _download(entry: Entry, kept: Path) -> Tabular:
    """Fetch a file from ADBench's repository, and keep it once it is verified."""
    remedy = f"set ANOGEN_DATA to a folder with {NAME}/{entry.path}.npz, or allow downloads from {ADDRESS}"
    if ways.offline():
        raise InputError(f"{entry.name} of ADBench is not at hand and ANOGEN_OFFLINE is set: {remedy}")
    try:
        with tempfile.TemporaryDirectory(prefix="anogen-") as scratch:
            path = Path(scratch) / "set.npz"
            # What is verified is the arrays, since the same ones come in several files: pooch has no hash to check.
            pooch.HTTPDownloader(timeout=ways.TIMEOUT)(f"{ADDRESS}{entry.path}.npz", str(path), None)
            data = _read(entry, path)
            with contextlib.suppress(OSError):  # a full or read-only disk costs time at the next start, nothing else
                kept.parent.mkdir(parents=True, exist_ok=True)
                partial = kept.with_name(f".{kept.name}.{os.getpid()}.tmp")
                partial.write_bytes(path.read_bytes())
                partial.replace(kept)
    except (OSError, ValueError, DamagedError) as error:
        said = " ".join(str(error).split())[:160]
        raise InputError(f"{entry.name} of ADBench is not at hand: {remedy} [{said}]") from error
    return data


def _unknown(name: str) -> str:
    """Say why there is no data set of that name."""
    unverified = {entry.name for entry in catalogue() if not entry.sha256}
    if name in unverified:
        return f"{name} of ADBench cannot be verified, since its checksum is not known here: leave it out"
    near = difflib.get_close_matches(name, known(), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(known())}"
    return f"ADBench has no data set {name!r}: {hint}"
