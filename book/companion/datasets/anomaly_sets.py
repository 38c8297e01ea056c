"""Anomalous images for detectors of digits or of CIFAR-10, converted to their shape (Sec. 3.1 of the tailored paper).

They come from other data sets and are not trained on unless an experiment says so. notMNIST, Omniglot, CIFAR-100, the
scenes and SVHN are read from ANOGEN_DATA and verified. SVHN is not part of the data that the book was computed with;
its test part (`test_32x32.mat`, 64 MB, http://ufldl.stanford.edu/housenumbers/) is used if it is in that folder. LSUN
has tens of gigabytes; scenes replace it under their own name.

Omniglot is distributed black on white. Its file here is inverted, white on black as digits are, and so is the set
`omniglot`; `omniglot-black-on-white` has the same images as they are distributed.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from scipy.io import loadmat
from torch import Tensor
from torch.nn import functional as F

from anogen.datasets import data_folder, load
from anogen.datasets.formats import delta_decode, npz
from anogen.errors import InputError

GREY = (0.299, 0.587, 0.114)  # ITU-R 601
NOISE = ("uniform", "gaussian")


class Stored(NamedTuple):
    """A file in ANOGEN_DATA, its array of images and their SHA-256."""

    file: str
    array: str
    sha256: str


STORED = {
    "notmnist": Stored("notmnist.npz", "x", "6bda48464effe4169d9cd068967cd81a717ae2f925ddb55fd71025e23022ee9a"),
    "omniglot": Stored("omniglot10k.npz", "x", "8f8f5bffbac3befb5b264c92ca35b7f3063e2c8d78dae0356b2ace5219f31627"),
    "cifar100": Stored("cifar100_test4k.npz", "xd", "70c1dead0d076f955936c55b951285db1a87343e8597562399af521bacbd81ab"),
    "scenes": Stored("scenes_intel32.npz", "xd", "941a44ac1f793818aba1ee08208118efefc538bdd7f009de1ca39cca6b9f23fd"),
}
SVHN, SVHN_MD5 = "test_32x32.mat", "eb5a983be6a315427106f1b164d9cef3"  # the checksum that torchvision publishes
INVERTED = {"omniglot-black-on-white": "omniglot"}  # the same images with the grey values reversed
CATALOGUED = {"fashion": "fashion_mnist", "cifar10": "cifar10", "mnist": "mnist"}
NAMES = (*CATALOGUED, *STORED, *INVERTED, "svhn", *NOISE)


def anomalies(name: str, shape: tuple[int, ...], count: int, seed: int, part: str = "test") -> Tensor:
    """Return random images of a set, uint8 (count, c, h, w), converted to the channels and size of `shape` (c, h, w).

    `name` is one of `NAMES`; the parts "train" and "test" share no image.
    """
    if name in INVERTED:
        return 255 - anomalies(INVERTED[name], shape, count, seed, part)
    rng = np.random.default_rng([seed, *f"{name} {part}".encode()])
    if name in NOISE:
        return torch.from_numpy(noise(name, (count, *shape), rng))
    images = _all(name, part)
    if len(images) < count:
        raise InputError(f"{name} has {len(images):,} {part} images, not {count:,}: reduce the count")
    chosen = images[rng.permutation(len(images))[:count]]
    tensor = torch.tensor(chosen)
    return fitted(tensor[:, None] if tensor.ndim == 3 else tensor.permute(0, 3, 1, 2), shape)


def noise(name: str, size: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Return images of noise, uint8: uniform, or normal with mean and deviation 0.5, clipped to [0, 1]."""
    if name == "uniform":
        return rng.integers(0, 256, size, dtype=np.uint8)
    return np.rint(255 * np.clip(rng.normal(0.5, 0.5, size), 0, 1)).astype(np.uint8)


def fitted(images: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Convert images, uint8 (n, c, h, w), to channels and size of a shape: grey by ITU-R 601, bilinear, antialiased."""
    x = images.float()
    if x.shape[1] == 3 and shape[0] == 1:
        x = (x * torch.tensor(GREY)[:, None, None]).sum(dim=1, keepdim=True)
    x = x.expand(-1, shape[0], -1, -1)
    if x.shape[2:] != shape[1:]:
        x = F.interpolate(x, shape[1:], mode="bilinear", antialias=True)
    return x.round().clamp(0, 255).to(torch.uint8)


@lru_cache(maxsize=8)
def _all(name: str, part: str) -> np.ndarray:
    if name in CATALOGUED:
        data = load(CATALOGUED[name])
        return np.asarray(data.x_train if part == "train" else data.x_test)
    if name not in (*STORED, "svhn"):
        raise InputError(f"there is no set of anomalies {name!r}: choose one of {', '.join(NAMES)}")
    folder, file = data_folder(), SVHN if name == "svhn" else STORED[name].file
    if folder is None or not (folder / file).is_file():
        raise InputError(f"{name} is unavailable: set ANOGEN_DATA to a folder with {file}")
    images = _svhn(folder / file) if name == "svhn" else _stored(folder / file, STORED[name])
    return images[::2] if part == "test" else images[1::2]


def _stored(path: Path, entry: Stored) -> np.ndarray:
    array = npz(path)[entry.array]
    _verify(path, hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest(), entry.sha256)
    return delta_decode(array) if entry.array == "xd" else np.asarray(array)


def _svhn(path: Path) -> np.ndarray:
    """Return the images of SVHN's file, (n, 32, 32, 3)."""
    _verify(path, hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest(), SVHN_MD5)
    return np.asarray(np.moveaxis(loadmat(path)["X"], -1, 0))


def _verify(path: Path, checksum: str, known: str) -> None:
    if checksum != known:
        raise InputError(f"{path} is damaged (its images are not the known ones): replace it or unset ANOGEN_DATA")
