"""The registry of data sets: their variants with SHA-256 checksums, and where they can be downloaded."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from anogen.datasets import formats
from anogen.datasets.formats import CIFAR_FILE, CIFAR_TEST, CIFAR_TRAIN, Arrays, DamagedError, cifar_encode

PARTS = ("x_train", "y_train", "x_test", "y_test")


def digests(arrays: Arrays, names: Collection[str]) -> dict[str, str]:
    """Return the SHA-256 of each array's bytes in C order, or of the six batches of CIFAR-10's binary version."""
    if CIFAR_TEST in names:
        n = len(CIFAR_TRAIN)
        images = [*np.array_split(arrays["x_train"], n), arrays["x_test"]]
        labels = [*np.array_split(arrays["y_train"], n), arrays["y_test"]]
        parts = dict(zip((*CIFAR_TRAIN, CIFAR_TEST), map(cifar_encode, images, labels), strict=True))
    else:
        parts = {part: np.ascontiguousarray(array).tobytes() for part, array in arrays.items()}
    return {part: hashlib.sha256(content).hexdigest() for part, content in parts.items()}


@dataclass(frozen=True)
class DownloadSource:
    """Files to download: the addresses of their folder, tried in order, and each file's hash for pooch."""

    addresses: list[str]
    hashes: Mapping[str, str]


@dataclass(frozen=True)
class Variant:
    """A verified variant of a data set: the complete one, or a documented subset of its training images."""

    n_train: int
    n_test: int
    provenance: str
    sha256: Mapping[str, str]  # of the arrays, or of the batches of CIFAR-10's binary version


@dataclass(frozen=True)
class DatasetInfo:
    """A registered data set."""

    name: str
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    megabytes: int
    description: str
    variants: tuple[Variant, ...]  # the complete one first
    folder_layout: str = ""  # the files in ANOGEN_DATA, for error messages; empty if it is not read from there
    download: DownloadSource | None = None  # None if a package ships the data

    def identify(self, arrays: Arrays, source: object) -> Variant:
        """Return the variant that equals the decoded arrays bit for bit; a `DamagedError` names a difference."""
        if set(arrays) != set(PARTS):
            raise DamagedError(f"{source} is damaged (arrays are missing)")
        n_train = len(arrays["x_train"])
        variant = next((variant for variant in self.variants if variant.n_train == n_train), None)
        if variant is None:
            raise DamagedError(f"{source} has {n_train:,} training images, which is not a known variant of {self.name}")
        for split, count in (("train", variant.n_train), ("test", variant.n_test)):
            if arrays[f"x_{split}"].shape != (count, *self.shape) or arrays[f"y_{split}"].shape != (count,):
                raise DamagedError(f"{source} is damaged (the shape of {split} is wrong)")
        if any(array.dtype != np.uint8 for array in arrays.values()):
            raise DamagedError(f"{source} is damaged (not unsigned bytes)")
        for part, digest in digests(arrays, variant.sha256).items():
            if digest != variant.sha256[part]:
                raise DamagedError(f"{source} is damaged (checksum of {part} differs)")
        return variant


class Stored(NamedTuple):
    """A variant of a data set in a folder, and the function that decodes it."""

    path: Path
    variant: Variant
    read: Callable[[], Arrays]


def in_folder(info: DatasetInfo, folder: Path) -> Stored | None:
    """Return the variant of a data set that a folder contains, the complete one first; nothing is decoded yet."""
    npz, idx_folder, archive = folder / f"{info.name}.npz", folder / info.name, folder / CIFAR_FILE
    train, test = folder / "cifar10_train26k.npz", folder / "cifar10_test.npz"
    if info.name == "cifar10":
        if archive.is_file():
            return Stored(archive, info.variants[0], partial(formats.cifar_archive, archive))
        if train.is_file() and test.is_file():
            return Stored(train, info.variants[1], partial(formats.delta_coded, train, test))
    elif formats.has_idx(idx_folder):
        return Stored(idx_folder, info.variants[0], partial(formats.idx_folder, idx_folder))
    elif npz.is_file():
        with formats.opened(npz) as file:
            subset = "x_train10k" in file.files
        keys = ("x_train10k", "y_train10k", "x_test", "y_test") if subset else PARTS
        return Stored(npz, info.variants[subset], partial(_plain, npz, keys))
    return None


def _plain(path: Path, keys: tuple[str, ...]) -> Arrays:
    arrays = formats.npz(path)
    with formats.reading(path):
        return {part: np.asarray(arrays[key], np.uint8) for part, key in zip(PARTS, keys, strict=True)}


def _load() -> dict[str, DatasetInfo]:
    infos = {}
    for name, entry in json.loads(Path(__file__).with_name("registry.json").read_text("utf8")).items():
        entry["classes"], entry["shape"] = tuple(entry["classes"]), tuple(entry["shape"])
        entry["variants"] = tuple(Variant(**variant) for variant in entry["variants"])
        entry["download"] = entry["download"] and DownloadSource(**entry["download"])
        infos[name] = DatasetInfo(name, **entry)
    return infos


DATASETS = _load()
