"""What every test runs under: no network, a cache of its own, one thread, deterministic arithmetic, no screen."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

NOWHERE = "http://127.0.0.1:9"  # nothing listens there: a connection is refused at once
ENVIRONMENT = {
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "agg",
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # Processes that a test starts, package managers among them, have no network either.
    "http_proxy": NOWHERE,
    "https_proxy": NOWHERE,
    "no_proxy": "127.0.0.1,localhost,::1",
    "npm_config_fetch_retries": "0",
    "npm_config_offline": "true",
}


def pytest_configure(config: pytest.Config) -> None:
    """Set the environment before anything imports numpy or torch, which read the number of threads once."""
    os.environ.update(ENVIRONMENT)
    os.environ.pop("ANOGEN_DATA", None)
    # For fixtures that live longer than a test, such as a built book; a test itself has `own_cache`.
    cache = tempfile.mkdtemp(prefix="anogen-tests-")
    config.add_cleanup(lambda: shutil.rmtree(cache, ignore_errors=True))
    os.environ["ANOGEN_CACHE"] = cache

    import torch

    torch.set_num_threads(1)
    torch.set_deterministic_debug_mode("error")  # like use_deterministic_algorithms, without importing the compiler

    hypothesis.settings.register_profile("anogen", deadline=None, max_examples=50, derandomize=True, database=None)
    hypothesis.settings.load_profile("anogen")


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Let sockets reach this machine only: anything else fails as it does on a machine that is offline."""
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def here(host: object) -> bool:
        return host in (None, "", b"", "localhost", b"localhost", "::1") or str(host).startswith("127.")

    def checked(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and not here(address[0]):
            raise OSError(f"tests have no network, and this one asked for {address[0]}")

    def connect_here(self: socket.socket, address: object) -> None:
        checked(self, address)
        return connect(self, address)

    def connect_ex_here(self: socket.socket, address: object) -> int:
        checked(self, address)
        return connect_ex(self, address)

    def look_up_here(host: object, *args: object, **options: object) -> object:
        if not here(host):
            raise socket.gaierror(f"tests have no network, and this one asked for {host}")
        return look_up(host, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here)
        patch.setattr(socket.socket, "connect_ex", connect_ex_here)
        patch.setattr(socket, "getaddrinfo", look_up_here)
        yield


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test an empty cache of its own, and return its folder (which does not exist yet)."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("ANOGEN_CACHE", str(folder))
    return folder


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the clone."""
    return Path(__file__).resolve().parent.parent
