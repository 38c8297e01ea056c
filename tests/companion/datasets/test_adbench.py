"""ADBench's files are used only if they are the right ones; where one is not to be had, the message says what to do."""

from types import SimpleNamespace

import numpy as np
import pytest

from anogen.cli import main
from anogen.errors import InputError
from companion.datasets import adbench
from companion.datasets.adbench import Entry, Tabular
from companion.datasets.info import dataset_info
from companion.records import verify

ROWS = np.arange(12, dtype=np.int16).reshape(6, 2)
LABELS = np.array([0, 0, 0, 0, 1, 1])


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A catalogue of one file, a folder to put it in, and no network."""
    digest = adbench.sha256(Tabular("toy", ROWS.copy(), LABELS.astype(np.uint8)))
    entry = Entry("toy", "other", "Classical/99_toy", 6, 2, 2, digest)
    monkeypatch.setattr(adbench, "known", lambda: {"toy": entry})
    monkeypatch.setenv("ANOGEN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ANOGEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ANOGEN_OFFLINE", "1")
    adbench.load.cache_clear()
    yield tmp_path / "data" / "adbench" / "Classical" / "99_toy.npz"
    adbench.load.cache_clear()


def put(path, x=ROWS, y=LABELS):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, X=x, y=y)


def test_there_are_57_data_sets_and_a_checksum_for_most():
    sets = {entry.set for entry in adbench.catalogue()}
    assert len(sets) == 57 and {"cardio", "MVTec-AD", "20news", "magic.gamma", "satimage-2"} <= sets
    known = adbench.known()
    assert len({entry.set for entry in known.values()}) == 47
    assert all(len(entry.sha256) == 64 and 0 < entry.anomalies < entry.rows / 2 for entry in known.values())
    assert known["cardio"].path == "Classical/6_cardio" and known["MVTec-AD_pill"].set == "MVTec-AD"


def test_a_file_is_what_its_arrays_are(toy):
    put(toy)
    data = adbench.load("toy")
    assert data.x.dtype == np.int16 and data.y.dtype == np.uint8 and data.y.tolist() == LABELS.tolist()
    with pytest.raises(ValueError, match="read-only"):
        data.x[0, 0] = 1
    one, everything = dataset_info("adbench/toy"), dataset_info("adbench")
    assert one.sha256 == adbench.sha256(data) and "6 rows, 2 of them anomalies" in one.provenance
    assert everything.name == "adbench" and everything.sha256 != one.sha256


@pytest.mark.parametrize(
    "damage", [{"x": ROWS + 1}, {"x": ROWS.astype(np.int32)}, {"y": LABELS * 2}, {"y": 1 - LABELS}]
)
def test_another_file_of_that_name_is_refused(toy, damage):
    put(toy, **damage)
    with pytest.raises(InputError, match=r"99_toy.npz is damaged .*replace it or unset ANOGEN_DATA"):
        adbench.load("toy")


def test_the_error_of_a_missing_file_names_the_remedy(toy, monkeypatch):
    with pytest.raises(
        InputError, match=r"unavailable and ANOGEN_OFFLINE is set: set ANOGEN_DATA .*99_toy.npz, or"
    ) as said:
        adbench.load("toy")
    assert "\n" not in str(said.value)
    with pytest.raises(InputError, match="is unavailable"):
        dataset_info("adbench")
    monkeypatch.delenv("ANOGEN_OFFLINE")
    monkeypatch.setattr(adbench.pooch, "HTTPDownloader", lambda **_: fail)
    with pytest.raises(InputError, match=r"allow downloads from https://raw.*\[no route\]"):
        adbench.load("toy")


def fail(*_):
    raise OSError("no route")


def test_a_download_is_verified_and_kept(toy, monkeypatch):
    monkeypatch.delenv("ANOGEN_OFFLINE")
    asked = []

    def fetch(address, path, _):
        asked.append(address)
        np.savez(path, X=ROWS, y=LABELS)

    monkeypatch.setattr(adbench.pooch, "HTTPDownloader", lambda **_: fetch)
    adbench.load("toy")
    adbench.load.cache_clear()
    assert adbench.load("toy").x.tolist() == ROWS.tolist()
    assert asked == [f"{adbench.ADDRESS}Classical/99_toy.npz"]


def test_the_command_line_lists_and_fetches_it(toy, capsys):
    assert adbench.available()[:2] == ("adbench", "0 of 1 files available")
    put(toy)
    assert main(["data", "fetch", "adbench/toy"]) == 0 and "toy of ADBench" in capsys.readouterr().out
    assert main(["data", "list"]) == 0 and "1 of 1 files available" in capsys.readouterr().out


def test_a_name_that_is_not_known_is_answered():
    with pytest.raises(InputError, match="did you mean 'cardio'"):
        dataset_info("adbench/cardi")
    with pytest.raises(InputError, match="did you mean 'cardio'"):
        adbench.load("cardi")
    with pytest.raises(InputError, match="speech of ADBench cannot be verified"):
        adbench.load("speech")


def test_a_record_is_verified_where_its_files_are(toy, monkeypatch):
    put(toy)
    record = SimpleNamespace(meta={"data": {"adbench/toy": {"sha256": dataset_info("adbench/toy").sha256}}})
    assert list(verify._unavailable(record)) == []
    toy.unlink()
    adbench.load.cache_clear()
    assert list(verify._unavailable(record)) == ["adbench/toy"]
