"""Every command runs in an empty folder."""

import pytest

from anogen.cli import main


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Run in an empty folder, and return it."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def refused(capsys, elsewhere, own_cache):
    """Run a command that must be refused: status 2, one line, nothing written. Returns the line."""

    def run(*words):
        assert main(words) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("anogen: ") and err.endswith("\n") and err.count("\n") == 1
        assert not list(elsewhere.rglob("*"))
        assert not list((own_cache / "records").rglob("*")) and not list((own_cache / "work").rglob("*"))
        return err

    return run
