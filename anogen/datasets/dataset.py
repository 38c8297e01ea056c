"""The types of loaded data: labelled images, and one class of them in the form detectors take."""

import difflib
import hashlib
import math
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anogen.datasets.formats import npz
from anogen.errors import InputError, require

NOISE = {"uniform": "uniform on 0..255", "gaussian": "normal (mean 0.5, deviation 0.25), clipped to [0, 1]"}


@dataclass(frozen=True)
class OneClass:
    """One class as the normal one, in the form detectors take.

    Attributes
    ----------
    X_train : float32 (n, d) in [0, 1], training images of the normal class.
    X_test : float32 (m, d) in [0, 1], test images of every class.
    y_test : int8 (m,), 1 = anomalous, 0 = normal.
    image_shape : (h, w) or (h, w, 3), with d its product; (d,) for rows that are not images.
    """

    X_train: NDArray[np.float32]
    X_test: NDArray[np.float32]
    y_test: NDArray[np.int8]
    image_shape: tuple[int, ...]

    @property
    def test_normal(self) -> NDArray[np.float32]:
        """Return the normal test images, (k, d)."""
        return self.X_test[self.y_test == 0]


def from_arrays(
    X_train: ArrayLike,
    X_test: ArrayLike | None = None,
    y_test: ArrayLike | None = None,
    image_shape: tuple[int, ...] | None = None,
) -> OneClass:
    """Return your own images in the form detectors take.

    Parameters
    ----------
    X_train
        Normal training images, (n, d) or (n, h, w) or (n, h, w, 3): uint8, or numbers in [0, 1].
    X_test
        Test images of the same shape; none by default.
    y_test
        Labels of the test images, (m,), 1 = anomalous, 0 = normal; by default all are normal.
    image_shape
        (h, w) or (h, w, 3); by default that of the arrays, or a square if d is a square number.

    Returns
    -------
    OneClass
        Float32 rows (n, d) in [0, 1], with labels and shape.

    Raises
    ------
    InputError
        If shapes do not fit, or values are not finite or outside [0, 1].

    Examples
    --------
    >>> images = from_arrays(np.zeros((10, 28, 28), np.uint8))
    >>> images.X_train.shape, images.X_test.shape, images.image_shape
    ((10, 784), (0, 784), (28, 28))
    """
    train = np.asarray(X_train)
    shape = image_shape or shape_of(train)
    require(len(train), "X_train has no rows: give at least one image")
    test = train[:0] if X_test is None else np.asarray(X_test)
    labels = np.zeros(len(test), np.int8) if y_test is None else np.asarray(y_test)
    fits = labels.shape == (len(test),) and np.isin(labels, (0, 1)).all()
    require(fits, f"y_test must be {len(test)} labels, 1 for anomalous and 0 for normal images")
    return OneClass(unit(train, shape, "X_train"), unit(test, shape, "X_test"), labels.astype(np.int8), shape)


def shape_of(images: NDArray[Any]) -> tuple[int, ...]:
    """Return the shape of one image of an array (n, d), (n, h, w) or (n, h, w, c); a square number d gives (h, h)."""
    if images.ndim < 2:
        raise InputError(f"an array of shape {images.shape} is not images: give (n, d), (n, h, w) or (n, h, w, 3)")
    side = math.isqrt(images.shape[1])
    return (side, side) if images.ndim == 2 and side * side == images.shape[1] else images.shape[1:]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled images. The arrays are shared between callers and therefore read-only.

    Attributes
    ----------
    name : the data set that was loaded (`mnist-5k` if MNIST is unavailable).
    x_train, x_test : uint8 (n, h, w) or (n, h, w, 3).
    y_train, y_test : uint8 (n,), index into `classes`.
    classes : the name of each class.
    provenance : one sentence that describes the images, wherever they were found.
    """

    name: str
    x_train: NDArray[np.uint8]
    y_train: NDArray[np.uint8]
    x_test: NDArray[np.uint8]
    y_test: NDArray[np.uint8]
    classes: tuple[str, ...]
    provenance: str

    def __post_init__(self) -> None:
        for array in (self.x_train, self.y_train, self.x_test, self.y_test):
            array.setflags(write=False)

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Return the shape of one image, (h, w) or (h, w, 3)."""
        return self.x_train.shape[1:]

    @cached_property
    def sha256(self) -> str:
        """Return the SHA-256 of the decoded arrays with their names and shapes, independent of the file format."""
        digest = hashlib.sha256()
        for part in ("x_train", "y_train", "x_test", "y_test"):
            array = getattr(self, part)
            digest.update(f"{part} {array.dtype} {array.shape}\n".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def label(self, class_: int | str) -> int:
        """Return the index of a class given as 4, "4" or "frog"; raise `InputError` if there is no such class."""
        if isinstance(class_, int | np.integer) and not isinstance(class_, bool) and 0 <= class_ < len(self.classes):
            return int(class_)
        if isinstance(class_, str):
            wanted, names = class_.strip().casefold(), [name.casefold() for name in self.classes]
            if wanted in names:
                return names.index(wanted)
            if wanted.isdecimal() and int(wanted) < len(names):
                return int(wanted)
            if near := difflib.get_close_matches(wanted, names, n=1):
                meant = self.classes[names.index(near[0])]
                raise InputError(f"{self.name} has no class {class_!r}: did you mean {meant!r}?")
        known = ", ".join(self.classes)
        raise InputError(f"{self.name} has no class {class_!r}: choose 0..{len(self.classes) - 1} or one of {known}")

    def one_class(self, label: int | str) -> OneClass:
        """Return the data with one class, 4, "4" or "frog", as the normal one.

        Raises `InputError` if there is no such class, or no training or test image of it.
        """
        index = self.label(label)
        train, inside = self.x_train[self.y_train == index], self.y_test == index
        name = self.classes[index]
        for split, count in (("training", len(train)), ("test", inside.sum())):
            require(count, f"{self.name} has no {split} image of class {name!r}: choose another class")
        return OneClass(unit(train), unit(self.x_test), (~inside).astype(np.int8), self.image_shape)


def from_file(path: Path) -> Dataset:
    """Return the data set of an .npz file with the reader's own images; see `load` for its arrays.

    Images are stored with 8 bits. The name contains the first digits of the file's SHA-256, so that records of a
    changed file are recomputed.
    """
    arrays = npz(path)
    name, labelled = path.name, {"x_train", "y_train", "x_test", "y_test"} <= arrays.keys()
    if not labelled and not {"X_train", "X_test", "y_test"} <= arrays.keys():
        hint = "save x_train, y_train, x_test and y_test, or X_train, X_test and y_test"
        raise InputError(f"{name} has the arrays {', '.join(arrays) or 'none'}: {hint}")
    x_train, x_test = (arrays[key] for key in (("x_train", "x_test") if labelled else ("X_train", "X_test")))
    y_train, y_test = arrays["y_train"] if labelled else np.zeros(len(x_train), np.uint8), arrays["y_test"]
    fits = (len(x_train), len(x_test)) == (len(y_train), len(y_test)) and len(x_train) and y_train.ndim == 1
    require(fits, f"{name} has arrays of different lengths: save one label for each image")
    binary = labelled or np.isin(y_test, (0, 1)).all()
    require(binary, f"{name} has labels y_test other than 0 and 1: 1 is anomalous, 0 normal")
    values, indices = np.unique(np.concatenate([y_train, y_test]), return_inverse=True)
    require(len(values) <= 256, f"{name} has {len(values)} classes: use at most 256")
    shape = shape_of(x_train)
    x_train, x_test = (
        np.rint(255 * unit(x, shape, f"{part} of {name}")).astype(np.uint8).reshape(-1, *shape)
        for part, x in (("x_train", x_train), ("x_test", x_test))
    )
    y_train, y_test = np.split(indices.astype(np.uint8), [len(x_train)])
    classes = tuple(_plain(str(value)) for value in values) if labelled else ("normal", "anomalous")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    size = f"{len(x_train):,} training and {len(x_test):,} test images"
    provenance = f"The reader's file {_plain(name)} (SHA-256 {digest}): {size}."
    return Dataset(f"{_plain(path.stem)}-{digest[:8]}", x_train, y_train, x_test, y_test, classes, provenance)


def _plain(text: str) -> str:
    """Return a name without markup, for pages, in which it is Markdown."""
    return re.sub(r"[^\w .+-]", "_", text)


def unit(images: NDArray[Any], image_shape: tuple[int, ...] | None = None, name: str = "images") -> NDArray[np.float32]:
    """Return images (n, ...), uint8 or in [0, 1], as float32 rows (n, d) in [0, 1]."""
    d = math.prod(image_shape or images.shape[1:])
    if images.ndim < 2 or math.prod(images.shape[1:]) != d:
        raise InputError(f"{name} of shape {images.shape} does not fit images of {image_shape}: give (n, {d})")
    rows = images.reshape(len(images), d).astype(np.float32)
    if images.dtype == np.uint8:
        return rows / np.float32(255)
    if not ((rows >= 0) & (rows <= 1)).all():
        raise InputError(f"{name} has values outside [0, 1]: give uint8 images, or scale the values to [0, 1]")
    return rows


def noise(name: str, n: int = 10_000, shape: tuple[int, ...] = (28, 28), seed: int = 0) -> Dataset:
    """Return independent training and test images of noise, uint8 (n, h, w), all of the one class `noise`."""
    rng = np.random.default_rng([seed, *name.encode()])
    if name == "uniform":
        images = rng.integers(0, 256, (2 * n, *shape), dtype=np.uint8)
    else:
        images = np.rint(255 * np.clip(rng.normal(0.5, 0.25, (2 * n, *shape)), 0, 1)).astype(np.uint8)
    labels = np.zeros(n, np.uint8)
    provenance = f"Noise, every pixel {NOISE[name]}: {n:,} training and {n:,} test images, seed {seed}."
    return Dataset(name, images[:n], labels, images[n:], labels.copy(), ("noise",), provenance)
