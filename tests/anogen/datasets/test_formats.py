import gzip
import io
import tarfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anogen.datasets import formats
from anogen.datasets.formats import DamagedError
from anogen.errors import InputError


@given(arrays(np.uint8, (2, 4, 5, 3)))
def test_the_delta_code_is_undone_exactly(x):
    planes = np.stack([x[..., 1], x[..., 0] - x[..., 1], x[..., 2] - x[..., 1]], axis=1)
    coded = np.concatenate([planes[..., :1], np.diff(planes, axis=-1)], axis=-1)
    np.testing.assert_array_equal(formats.delta_decode(coded), x)


@given(st.integers(0, 2**32), st.integers(1, 4))
def test_cifar_records_survive_the_round_trip(seed, n):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 256, (n, 32, 32, 3), np.uint8), rng.integers(0, 10, n, np.uint8)
    back, labels = formats.cifar_decode([formats.cifar_encode(x, y)])
    np.testing.assert_array_equal(back, x)
    np.testing.assert_array_equal(labels, y)


def test_a_cifar_record_is_label_then_red_green_blue_planes():
    record = bytes([6]) + bytes([1]) * 1024 + bytes([2]) * 1024 + bytes([3]) * 1024
    x, y = formats.cifar_decode([record])
    assert y.tolist() == [6]
    assert np.all(x == [1, 2, 3])


@given(arrays(np.uint8, st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 6))))
def test_idx_is_read_as_defined(x):
    head = bytes([0, 0, 8, x.ndim]) + b"".join(n.to_bytes(4, "big") for n in x.shape)
    np.testing.assert_array_equal(formats.idx(head + x.tobytes()), x)
    with pytest.raises(ValueError, match="reshape"):
        formats.idx(head + x.tobytes()[:-1])
    with pytest.raises(ValueError, match="not an idx file"):
        formats.idx(b"\x00\x00\x0d" + head[3:] + x.tobytes())


def test_an_archive_without_a_member_is_named(tmp_path):
    path = tmp_path / "some.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo("deep/../../a.bin")
        member.size = 3
        tar.addfile(member, io.BytesIO(b"abc"))
    assert formats.members(path, ("a.bin",)) == {"a.bin": b"abc"}
    assert list(tmp_path.iterdir()) == [path]  # nothing is unpacked to disk, whatever the member's path says
    with pytest.raises(DamagedError, match=r"some.tar.gz lacks b.bin"):
        formats.members(path, ("a.bin", "b.bin"))


def test_pickles_are_never_loaded(tmp_path):
    np.savez(tmp_path / "evil.npz", x=np.array([{"a": 1}], dtype=object))
    with pytest.raises(DamagedError, match=r"evil\.npz"):
        formats.npz(tmp_path / "evil.npz")


@pytest.mark.parametrize(
    "spoil", [lambda b: b[: len(b) // 2], lambda b: b[:-8] + bytes(8), lambda b: b"", lambda b: b"<html>"]
)
def test_a_spoilt_gzip_names_its_file(tmp_path, spoil):
    for name in formats.IDX.values():
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 40]) + bytes(range(40))))
    assert formats.idx_folder(tmp_path)["y_test"].tolist() == list(range(40))
    victim = tmp_path / "t10k-labels-idx1-ubyte.gz"
    victim.write_bytes(spoil(victim.read_bytes()))
    with pytest.raises(DamagedError, match="t10k-labels-idx1-ubyte"):
        formats.idx_folder(tmp_path)


def test_a_gzip_that_decompresses_to_more_than_a_data_set_has_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(formats, "MAX_IDX_BYTES", 1_000)
    monkeypatch.setattr(formats, "MAX_CIFAR_BYTES", 20_000)
    for name in formats.IDX.values():
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(bytes(1_000_000)))
    with pytest.raises(InputError, match=r"ubyte\.gz has more than 1,000 bytes decompressed"):
        formats.idx_folder(tmp_path)
    archive = tmp_path / "some.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        member = tarfile.TarInfo("a.bin")
        member.size = 1_000_000
        tar.addfile(member, io.BytesIO(bytes(member.size)))
    with pytest.raises(InputError, match=r"some\.tar\.gz has more than 20,000 bytes decompressed"):
        formats.members(archive, ("a.bin",))


@pytest.mark.parametrize("error", [PermissionError(13, "denied"), OSError(5, "Input/output error"), MemoryError()])
def test_a_file_that_cannot_be_read_for_a_moment_is_not_called_damaged(error):
    with pytest.raises(type(error)) as raised, formats.reading("some.npz"):
        raise error
    assert raised.value is error
    with pytest.raises(DamagedError, match=r"some.npz is damaged"), formats.reading("some.npz"):
        raise gzip.BadGzipFile("not gzipped")
