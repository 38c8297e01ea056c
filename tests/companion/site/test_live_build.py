"""The scripts with the live figures' detectors: committed, and made again only from the records' own data."""

import shutil
from types import SimpleNamespace

import pytest

from anogen.paths import require_checkout
from companion.live import FOLDER, build
from companion.live.runs import SETTINGS


@pytest.fixture
def checkout(tmp_path):
    """A checkout whose scripts were made from other code."""
    folder = tmp_path / FOLDER
    folder.mkdir(parents=True)
    (folder.parent / "engine.js").touch()
    (folder / "cblof-mnist-4.js").write_text("old", encoding="utf8")
    (folder / build.STAMP).write_text("other", encoding="utf8")
    return tmp_path


def test_the_committed_detectors_are_those_of_todays_code_and_records():
    assert build.is_current(require_checkout())


def test_other_arrays_of_a_record_make_them_old(tmp_path):
    root = require_checkout()
    for name in (*build.TRAININGS, *SETTINGS):
        shutil.copytree(root / "book/records" / name, tmp_path / "book/records" / name)
    shutil.copytree(root / FOLDER, tmp_path / FOLDER)
    assert build.is_current(tmp_path)
    record = next((tmp_path / "book/records/guided").glob("*.json"))
    record.write_text(record.read_text("utf8").replace('"best_scores": {"dtype"', '"best": {"dtype"'), "utf8")
    assert not build.is_current(tmp_path)


def test_without_the_data_they_stay_as_they_are(checkout, monkeypatch):
    monkeypatch.setattr(build, "dataset_info", lambda _: SimpleNamespace(name="mnist-5k"))
    assert "mnist is unavailable" in build.update(checkout)
    assert (checkout / FOLDER / "cblof-mnist-4.js").read_text("utf8") == "old"
    assert (checkout / FOLDER / build.STAMP).read_text("utf8") == "other"


def test_a_checkout_without_live_figures_has_nothing_to_make(tmp_path):
    assert build.update(tmp_path) == ""
