"""The files of measured times, and the measurement of audits."""

from companion.benchmark import audits, files
from companion.site import benchmark

RESULT = {"machine": "New one, 2 cores", "date": "2026-11-30", "scorers": []}
PAGE = {
    "machine": "New one, 2 cores", "date": "2026-11-30", "browser": "Chromium 1", "record": "guided/x",
    "generations": [1000, 30_000], "page_seconds": [2.13, 61], "python_seconds": [0.512, 15], "identical": True,
    "first_picture_ms": 400, "longest_task_ms": None, "watched_seconds": 10, "fixed_order_ms": 0.068,
    "any_order_ms": 0.036,
}  # fmt: skip


def test_a_kept_benchmark_is_found_again(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "require_checkout", lambda: tmp_path)
    (tmp_path / "book").mkdir()
    assert files.newest() is None
    path = files.write(RESULT)
    assert path.parent == tmp_path / "book" / "benchmarks"
    files.write(RESULT | {"machine": "Old one, 1 core", "date": "2001-01-01"})
    assert files.newest() == (path, RESULT)
    assert files.slug("AMD EPYC, 2 cores, Linux x86_64") == "amd-epyc-2-cores-linux-x86-64"


def test_times_of_the_pages_engine_are_kept_apart_and_shown(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "require_checkout", lambda: tmp_path)
    (tmp_path / "book" / "benchmarks").mkdir(parents=True)
    assert benchmark.page_times(files.newest(files.PAGE)) == {}
    path = files.write(PAGE, files.PAGE)
    assert files.newest() is None and files.newest(files.PAGE) == (path, PAGE)
    times = benchmark.page_times(files.newest(files.PAGE))
    assert times["1,000 generations"] == "2.13 s in the page, 0.512 s in Python on one thread"
    assert times["end"].startswith("identical") and times["longest task"].startswith("none above 50 ms")
    differs = benchmark.page_times((path, PAGE | {"identical": False, "longest_task_ms": 61}))
    assert differs["end"].startswith("differs") and differs["longest task"].startswith("61 ms")


def test_audits_are_measured_and_shown(tmp_path, monkeypatch):
    result = audits.benchmark([("sklearn.svm:OneClassSVM", "small", 30)], {"small": (200, 4)})
    [row] = result["audits"]
    assert row["peak_mb"] > 100 and 10 < row["calls"] <= 50 and 0 <= row["seconds"] < row["seconds_with_start"]
    monkeypatch.setattr(files, "require_checkout", lambda: tmp_path)
    (tmp_path / "book" / "benchmarks").mkdir(parents=True)
    path = files.write(result, files.AUDITS)
    assert files.newest(files.AUDITS) == (path, result) and files.newest() is None
    [shown] = benchmark.audit_rows(result)
    assert shown[:3] == ["200", "4", "OneClassSVM"] and len(shown) == len(benchmark.AUDIT)
