"""Records on disk: whole or not there, and never believed when damaged."""

import json
import os
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hypothesis_arrays

from anogen import datasets
from anogen.errors import InputError
from companion import records
from companion.records import MissingRecord, store

ARRAYS = {"images": np.arange(600, dtype=np.float16).reshape(20, 30), "score": np.array(2.5), "who": np.array("me")}
META = {
    "experiment": "toy-walk", "parameters": {"length": 8, "scale": "laptop", "seed": 0}, "scale": "laptop", "seed": 0,
    "seconds": 1.0, "code": "c", "data": {}, "inputs": {}, "detectors": {}, "versions": {}, "platform": "here",
    "created": "2026-01-01T00:00:00+00:00", "threads": 1,
}  # fmt: skip


@pytest.fixture
def written(toys, tmp_path):
    """A record in a folder of its own."""
    return store.write(tmp_path / "here", toys.Walk(), ARRAYS, META)


names = st.text("abcdefghij_.-0123456789", min_size=1, max_size=8)
contents = hypothesis_arrays.arrays(
    st.one_of(hypothesis_arrays.scalar_dtypes(), hypothesis_arrays.unicode_string_dtypes()),
    hypothesis_arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


@given(st.dictionaries(names, contents, max_size=4))
def test_what_is_written_is_read_bit_for_bit(tmp_path_factory, arrays):
    import toys

    folder = tmp_path_factory.mktemp("records")
    path = store.write(folder, toys.Walk(), arrays, META).path
    record = store.read(path)
    assert record.id == "toy-walk/default"
    assert record.arrays.keys() == arrays.keys()
    for key, array in arrays.items():
        assert (record[key].dtype, record[key].shape) == (array.dtype, array.shape)
        assert record[key].tobytes() == array.tobytes()
    assert {key: record.meta[key] for key in META} == META


def test_equal_arrays_give_equal_bytes(toys, tmp_path):
    one = store.write(tmp_path / "1", toys.Walk(), ARRAYS, META).path
    other = store.write(tmp_path / "2", toys.Walk(), dict(reversed(ARRAYS.items())), META).path
    assert one.read_bytes() == other.read_bytes()
    assert one.with_suffix(".json").read_bytes() == other.with_suffix(".json").read_bytes()


def test_a_record_is_for_reading(written):
    record = store.read(written.path)
    with pytest.raises(ValueError, match="read-only"):
        record["images"][0] = 0
    with pytest.raises(KeyError, match="has no array 'image': it has images, score, who"):
        record["image"]
    assert record.parameter("length") == 8


def damaged(path):
    with pytest.raises(InputError, match="corrupt") as caught:
        store.read(path)
    message = str(caught.value)
    assert "toy-walk/default" in message and "\n" not in message
    assert "git checkout" in message and "delete" in message
    return message


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_no_flipped_byte_is_believed(written, suffix):
    path = written.path.with_suffix(suffix)
    whole = path.read_bytes()
    told = 0
    for i in range(0, len(whole), max(1, len(whole) // 400)):
        path.write_bytes(whole[:i] + bytes([whole[i] ^ 0x15]) + whole[i + 1 :])
        try:
            record = store.read(written.path)
        except InputError:
            damaged(written.path)
            told += 1
        else:  # the byte was not one of the arrays': a date in the archive, a number in the provenance
            assert all(record[key].tobytes() == ARRAYS[key].tobytes() for key in ARRAYS)
    assert told > 100


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.98])
@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_a_truncated_file_is_corrupt(written, suffix, share):
    path = written.path.with_suffix(suffix)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    damaged(written.path)


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_a_missing_half_is_corrupt(written, suffix):
    written.path.with_suffix(suffix).unlink()
    damaged(written.path)


@pytest.mark.parametrize(
    "make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to(path)], ids=["folder", "pipe", "loop"]
)
def test_what_is_no_file_is_corrupt(written, make):
    written.path.unlink()
    make(written.path)
    assert "no file" in damaged(written.path)


@pytest.mark.parametrize("text", ["[]", "null", '{"arrays": []}', '{"arrays": {"images": "sha"}}', "{}", "\xff"])
def test_a_description_that_describes_no_record_is_corrupt(written, text):
    written.path.with_suffix(".json").write_text(text, encoding="latin-1")
    damaged(written.path)


@pytest.mark.parametrize(
    "arrays",
    [
        {**ARRAYS, "score": np.array(2.5000001)},
        {**ARRAYS, "more": np.array(1)},
        {k: v for k, v in ARRAYS.items() if k != "who"},
        {**ARRAYS, "images": ARRAYS["images"].astype(np.float32)},
    ],
)
def test_arrays_other_than_those_written_are_corrupt(written, arrays):
    store.save_arrays(written.path, arrays)
    assert "its arrays are not those that were written" in damaged(written.path)


def test_nothing_is_ever_unpickled(written):
    class Evil:
        def __reduce__(self):
            return os.mkdir, ("unpickled",)

    np.savez(written.path, images=np.array([Evil()], dtype=object))
    damaged(written.path)
    assert not Path("unpickled").exists()
    with zipfile.ZipFile(written.path, "w") as file:
        file.writestr("images.npy", b"no array")
    damaged(written.path)


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_a_write_that_fails_in_the_middle_leaves_no_half(toys, written, monkeypatch, suffix):
    """The disk is full when the file has been written in part."""
    replace = Path.replace

    def fail(self, target):
        if Path(target).suffix == suffix:
            self.write_bytes(self.read_bytes()[:10])
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    folder = written.path.parent.parent
    changed = {**ARRAYS, "score": np.array(3.0)}
    with pytest.raises(InputError, match=r"cannot write .*No space left on device; choose a writable folder"):
        store.write(folder, toys.Walk(), changed, META)
    monkeypatch.undo()
    assert not list(folder.rglob("*.tmp"))
    assert not written.path.with_suffix(".json").exists()  # so the record is missing, not corrupt
    assert store.write(folder, toys.Walk(), changed, META).path == written.path
    assert store.read(written.path)["score"] == 3.0


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_a_full_disk_leaves_the_old_record(toys, written, monkeypatch, suffix):
    """The disk is full while the new files are written, or when they are sent to it."""
    monkeypatch.setattr(store, "_put_arrays" if suffix == ".npz" else "_put_meta", full_disk)
    changed = {**ARRAYS, "score": np.array(3.0)}
    with pytest.raises(InputError, match=r"cannot write .*No space left on device; choose a writable folder"):
        store.write(written.path.parent.parent, toys.Walk(), changed, META)
    monkeypatch.undo()
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(InputError, match="No space left on device"):
        store.write(written.path.parent.parent, toys.Walk(), changed, META)
    assert store.read(written.path)["score"] == 2.5
    assert sorted(p.suffix for p in written.path.parent.iterdir()) == [".json", ".npz"]


def full_disk(path, *_, **__):
    if isinstance(path, Path):
        path.write_bytes(b"half")
    raise OSError(28, "No space left on device")


def test_no_link_in_a_shared_folder_is_written_through(tmp_path, monkeypatch):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    monkeypatch.setattr(store.secrets, "token_hex", lambda _: "guessed")
    (tmp_path / ".guessed.tmp").symlink_to(victim)
    with pytest.raises(InputError, match="cannot write"):
        store.save_arrays(tmp_path / "x.npz", ARRAYS)
    assert victim.read_text() == "mine"


def test_old_temporary_files_of_killed_processes_are_removed(tmp_path):
    old, young = (tmp_path / f".{digit * 16}.tmp" for digit in "0a")
    for path in (old, young, tmp_path / ".mine.tmp"):
        path.touch()
    os.utime(old, (0, 0))
    os.utime(tmp_path / ".mine.tmp", (0, 0))
    store.save_arrays(tmp_path / "x.npz", ARRAYS)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".aaaaaaaaaaaaaaaa.tmp", ".mine.tmp", "x.npz"]


def test_a_folder_that_cannot_be_written_is_named(toys, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=r"cannot write .*file.*; choose a writable folder"):
        store.write(tmp_path / "file", toys.Walk(), ARRAYS, META)


def test_a_record_that_is_not_there_names_the_command(toys, book):
    with pytest.raises(MissingRecord, match=r"no record toy-walk/length-9: .*anogen records compute toy-walk"):
        records.load(toys.Walk(length=9))


def test_the_books_record_comes_first_and_a_cached_one_only_with_todays_code(toys, book, monkeypatch):
    walk = toys.Walk()
    cached = store.write(store.cached_folder(), walk, ARRAYS, {**META, "code": store.code_digest(walk)})
    assert records.load(walk).path == cached.path
    with monkeypatch.context() as patch:
        patch.setattr(store, "code_digest", lambda _: "another")
        with pytest.raises(MissingRecord):
            records.load(walk)
    committed = store.write(book, walk, ARRAYS, {**META, "code": "of long ago"})
    assert records.load(walk).path == committed.path


def test_a_cached_record_of_the_stand_in_serves_until_the_data_are_there(toys, book, monkeypatch):
    walk = toys.Walk()
    data = {"mnist": {"name": "mnist-5k", "sha256": "s", "provenance": "p"}}
    store.write(store.cached_folder(), walk, ARRAYS, {**META, "code": store.code_digest(walk), "data": data})
    monkeypatch.setattr(datasets, "load", lambda _: SimpleNamespace(name="mnist-5k"))
    assert records.load(walk)["score"] == 2.5
    monkeypatch.setattr(datasets, "load", lambda _: SimpleNamespace(name="mnist"))
    with pytest.raises(MissingRecord):
        records.load(walk)


def test_a_corrupt_cached_record_is_not_silently_replaced(toys, book):
    walk = toys.Walk()
    path = records.get(walk).path
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"toy-walk/default is corrupt"):
        records.get(walk)
    assert json.loads(path.with_suffix(".json").read_text())["experiment"] == "toy-walk"


@pytest.mark.parametrize("name", sorted({*META} - {"code", "created", "platform", "seconds", "threads"}))
def test_a_description_that_contradicts_itself_or_its_experiment_is_refused(toys, book, name):
    walk = toys.Walk()
    other = {"scale": "quick", "seed": 99, "experiment": "roc-curve", "parameters": {**META["parameters"], "length": 9}}
    record = store.write(book, walk, ARRAYS, META)
    assert store.load(walk)["score"] == ARRAYS["score"]
    store.write_meta(record.path, {**record.meta, name: other.get(name, "nonsense")})
    with pytest.raises(InputError, match=r"is corrupt .*its \.json"):
        store.load(walk)


@pytest.mark.parametrize("name", META)
def test_a_description_that_was_edited_is_refused(written, name):
    path = written.path.with_suffix(".json")
    meta = json.loads(path.read_text())
    edited = {"created": "2020-01-01T00:00:00+00:00", "platform": "there", "seconds": 2.0, "threads": 2}
    assert store.read(written.path).meta == meta
    path.write_text(json.dumps({**meta, name: edited.get(name, "nonsense")}))
    with pytest.raises(InputError, match=r"is corrupt .*its \.json"):
        store.read(written.path)


@pytest.mark.parametrize("name", META)
@pytest.mark.parametrize("value", [None, [1]])
def test_a_field_that_is_missing_or_of_another_type_is_refused(written, name, value):
    store.write_meta(written.path, {k: v for k, v in {**written.meta, name: value}.items() if v is not None})
    with pytest.raises(InputError, match=r"its \.json"):
        store.read(written.path)


def test_shapes_and_types_are_those_of_the_arrays(written):
    described = {**written.meta["arrays"]["images"], "shape": [1]}
    store.write_meta(written.path, {**written.meta, "arrays": {**written.meta["arrays"], "images": described}})
    with pytest.raises(InputError, match="its arrays are not those that were written"):
        store.read(written.path)
