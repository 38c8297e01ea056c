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
def witnesses_here(monkeypatch):
    """Let every test recompute its witnesses, in this process alone, as if it had the fixed instruction set."""
    monkeypatch.setattr(machine, "_computed", {})
    monkeypatch.setattr(machine, "run_elsewhere", machine.run_quick)
    monkeypatch.setattr(machine, "has_fixed_instructions", lambda: True)


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
