"""What every data set looks like once it is loaded."""

import difflib
import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anogen.errors import InputError


@dataclass(frozen=True)
class OneClass:
    """One class as the normal one, in the form detectors take.

    Attributes
    ----------
    X_train : float32 (n, d) in [0, 1], training images of the normal class.
    X_test : float32 (m, d) in [0, 1], test images of every class.
    y_test : int8 (m,), 1 = anomalous, 0 = normal.
    image_shape : (h, w) or (h, w, 3), with d its product.
    """

    X_train: NDArray[np.float32]
    X_test: NDArray[np.float32]
    y_test: NDArray[np.int8]
    image_shape: tuple[int, ...]

    @property
    def test_normal(self) -> NDArray[np.float32]:
        """The normal test images, (k, d)."""
        return self.X_test[self.y_test == 0]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled images. The arrays are shared between callers and therefore read-only.

    Attributes
    ----------
    name : the data set that was really loaded (``mnist-5k`` where MNIST was not to be had).
    x_train, x_test : uint8 (n, h, w) or (n, h, w, 3).
    y_train, y_test : uint8 (n,), index into ``classes``.
    classes : the name of each class.
    provenance : one sentence: which images these are. It depends on the images only, not on where they were found.
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
        """The shape of one image, (h, w) or (h, w, 3)."""
        return self.x_train.shape[1:]

    @cached_property
    def sha256(self) -> str:
        """Hash of the decoded arrays, with their names and shapes; independent of the file they came in."""
        digest = hashlib.sha256()
        for part in ("x_train", "y_train", "x_test", "y_test"):
            array = getattr(self, part)
            digest.update(f"{part} {array.dtype} {array.shape}\n".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def label(self, class_: int | str) -> int:
        """Return the index of a class given as 4, "4" or "frog".

        Raises
        ------
        InputError
            If the data set has no such class.
        """
        if isinstance(class_, int | np.integer) and not isinstance(class_, bool) and 0 <= class_ < len(self.classes):
            return int(class_)
        if isinstance(class_, str):
            wanted, names = class_.strip().casefold(), [name.casefold() for name in self.classes]
            if wanted in names:
                return names.index(wanted)
            if wanted.isdecimal() and int(wanted) < len(names):
                return int(wanted)
            near = difflib.get_close_matches(wanted, names, n=1)
            if near:
                raise InputError(
                    f"{self.name} has no class {class_!r}: did you mean {self.classes[names.index(near[0])]!r}?"
                )
        known = ", ".join(self.classes)
        raise InputError(f"{self.name} has no class {class_!r}: choose 0..{len(self.classes) - 1} or one of {known}")

    def one_class(self, label: int | str) -> OneClass:
        """Return the data with one class as the normal one.

        Raises
        ------
        InputError
            If there is no such class, or no training or test image of it.
        """
        index = self.label(label)
        train, inside = self.x_train[self.y_train == index], self.y_test == index
        for split, count in (("training", len(train)), ("test", int(inside.sum()))):
            if not count:
                raise InputError(
                    f"{self.name} has no {split} image of class {self.classes[index]!r}: choose another class"
                )
        return OneClass(unit(train), unit(self.x_test), (~inside).astype(np.int8), self.image_shape)


def unit(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """uint8 images (n, ...) as float32 rows (n, d) in [0, 1]."""
    return images.reshape(len(images), int(np.prod(images.shape[1:]))).astype(np.float32) / np.float32(255)
