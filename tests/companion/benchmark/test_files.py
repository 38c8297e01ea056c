"""The files of measured times."""

from companion.benchmark import files

RESULT = {"machine": "New one, 2 cores", "date": "2026-11-30", "scorers": []}


def test_a_kept_benchmark_is_found_again(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "require_checkout", lambda: tmp_path)
    (tmp_path / "book").mkdir()
    assert files.newest() is None
    path = files.write(RESULT)
    assert path.parent == tmp_path / "book" / "benchmarks"
    files.write(RESULT | {"machine": "Old one, 1 core", "date": "2001-01-01"})
    assert files.newest() == (path, RESULT)
    assert files.slug("AMD EPYC, 2 cores, Linux x86_64") == "amd-epyc-2-cores-linux-x86-64"
