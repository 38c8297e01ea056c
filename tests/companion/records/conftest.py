import sys
from pathlib import Path

import pytest

from companion.records import machine, store

sys.path.insert(0, str(Path(__file__).parent))  # not only for a test: worker processes import the toys too


@pytest.fixture(scope="session")
def toys():
    import toys

    return toys


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    """Let every test recompute its witnesses."""
    monkeypatch.setattr(machine, "_computed", {})


@pytest.fixture
def book(tmp_path, monkeypatch):
    """The folder of committed records of an imaginary book."""
    folder = tmp_path / "book" / "records"
    monkeypatch.setattr(store, "committed_folder", lambda: folder)
    return folder


@pytest.fixture
def tiny_slices(monkeypatch):
    """Store the state of a cell after every step."""
    monkeypatch.setattr(sys.modules["companion.records.compute"], "SLICE_SECONDS", 0.0)
