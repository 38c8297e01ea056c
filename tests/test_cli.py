"""The command line: what it answers to bad input, that it can be stopped, and that a chapter repeats itself."""

import json
import os
import signal
import subprocess
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anogen import datasets, experiments, paths, records
from anogen.cli import main
from anogen.publishing.parameters import check
from anogen.records import store, verify

SMALL = {
    "background": ["points=400"],
    "tailored-gan": ["digit=7", "iterations=3"],
    "tailored-mnist": ["iterations=3", "trainings=2", "updates=3"],
    "tailored-cifar": ["iterations=3", "trainings=2", "updates=3"],
    "methods": [],
    "gan-review": ["normal=7", "iterations=5", "searched=4", "starts=2", "tested=10"],
    "gan-challenges": ["normal=7", "iterations=5"],
    "gan-scores": ["normal=7", "classes=[7]", "seeds=1", "iterations=6"],
    "trainings": ["digit=7", "generations=6", "detectors=deep-svdd-untrained", "trainings=2", "starts=2", "pairs=1"],
    "sample-quality": ["digit=7", "generations=6", "detectors=hbos"],
    "passing": [],
    "correlation": [],
    "playground": [],
    "anorand-benchmark": [],
    **{one: ["data=mnist-5k", "generations=2"] for one in ("campaign", "thyroid", "cardio", "heartbeats")},
    "audit": ["digit=7", "detectors=pyod.models.hbos:HBOS"],
    "autoencoder": ["digit=7", "generations=6", "population=6", "iterations=3", "starts=2"],
    "other-detectors": ["generations=6", "population=6", "trainings=2", "starts=2", "detectors=hbos"],
    "certificates": ["evaluations=100", "detectors=gmm,copod"],
    "cblof": ["generations=6", "population=6", "trainings=2", "starts=2"],
    "appendix": ["generations=6", "detectors=cblof"],
    "deep-svdd": [
        "digit=7",
        "detectors=deep-svdd-untrained",
        "generations=6",
        "stops=[2,6]",
        "starts=2",
        "pairs=2",
    ],
    "dean": [
        "digit=7",
        "first=2",
        "submodels=3",
        "sizes=[2,3]",
        "generations=6",
        "stops=[2,6]",
        "starts=2",
        "pairs=2",
    ],
    "autoencoder-cifar": [
        "dataset=mnist-5k",
        "classes=['7','4']",
        "latents=[2]",
        "steps=4",
        "generations=6",
        "starts=2",
    ],
    "anorand": ["settings=defaults", "digit=7", "drawn=anorand"],
    "search-settings": [
        "digit=7",
        "populations=[6,8]",
        "rates=[0.5]",
        "sigmas=[0.01]",
        "generations=40",
        "trainings=1",
    ],
}


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


def pairs(*parameters):
    return [word for parameter in parameters for word in ("-p", parameter)]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["run", "autoencodr"], ["'autoencodr'", "did you mean", "autoencoder"]),
        (["run", "zzz"], ["'zzz'", "background", "other-detectors"]),
        (["run", "../autoencoder"], ["'../autoencoder'"]),
        (["run", "autoencoder", "-p", "digits=3"], ["'digits'", "did you mean", "digit"]),
        (["run", "autoencoder", "-p", "generations"], ["generations", "write -p name=value"]),
        (
            ["run", "autoencoder", "-p", "generations=many"],
            ["generations='many'", "a whole number", "generations=5000"],
        ),
        (["run", "autoencoder", "-p", "generations=2.5"], ["generations='2.5'", "a whole number"]),
        (["run", "autoencoder", "-p", "digit=four"], ["'four'", "a whole number"]),
        (["run", "autoencoder", "-p", "digit=11"], ["digit 11", "from 0 to 9"]),
        (["run", "autoencoder", "-p", "digit=[3,11]"], ["digit 11", "from 0 to 9"]),
        (["run", "autoencoder", "-p", "digit=[]"], ["digit='[]' is empty"]),
        (["run", "autoencoder", "-p", "generations=-1"], ["generations = -1", "give 1 or more"]),
        (["run", "autoencoder", "-p", "generations=0"], ["generations = 0", "give 1 or more"]),
        (["run", "autoencoder", "-p", "population=1"], ["population = 1", "give 2 or more"]),
        (["run", "autoencoder", "-p", "seed=-1"], ["seed -1", "give 0 or more"]),
        (["run", "autoencoder", "--scale", "tiny"], ["'tiny'", "quick", "laptop", "paper"]),
        (["run", "other-detectors", "-p", "k=30"], ["k = 30", "did you mean 0.3?"]),
        (["run", "other-detectors", "-p", "k=2"], ["k = 2", "did you mean 0.02?"]),
        (["run", "other-detectors", "-p", "k=-0.1"], ["k = -0.1", "from 0 to 1"]),
        (["run", "other-detectors", "-p", "detector=cblov"], ["'cblov'", "did you mean cblof"]),
        (["run", "autoencoder", "--jobs", "0"], ["'0'", "give 1 or more"]),
        (["run", "autoencoder", "--jobs", "two"], ["'two'", "give 1 or more"]),
        (["run"], ["chapter", "--help"]),
        (["dance"], ["'dance'", "--help"]),
        (["run", "autoencoder", "--fast"], ["--fast", "--help"]),
        (["data", "fetch", "cifar"], ["'cifar'", "did you mean 'cifar10'"]),
        (["records", "compute", "evolution"], ["'evolution'", "anogen records list"]),
        (["records", "verify", "nothing/here"], ["'nothing/here'", "anogen records list"]),
        (["records", "compute", "--chapter", "autoencodr"], ["'autoencodr'", "did you mean autoencoder"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) and value[0] in {"run", "data", "records"} else "",
)
def test_bad_input_is_answered_in_one_line_that_names_it_and_the_remedy(refused, words, named):
    line = refused(*words)
    assert all(part in line for part in named), line


def test_a_data_set_that_cannot_be_had_is_answered_with_every_way_to_get_it(refused, monkeypatch):
    monkeypatch.setenv("ANOGEN_OFFLINE", "1")
    line = refused("data", "fetch", "cifar10")
    assert "cifar10" in line and "ANOGEN_DATA" in line


def test_an_output_that_cannot_be_written_is_named_before_anything_is_computed(refused, tmp_path):
    (tmp_path / "file").write_text("in the way")
    target = tmp_path / "file" / "page.ipynb"
    line = refused("run", "background", "--scale", "quick", "-o", str(target))
    assert str(target) in line and "-o" in line


def changed(dataset, **parts):
    """A data set with some of its arrays replaced."""
    return lambda _name: replace(dataset, **parts)


@pytest.mark.parametrize("chapter", ["autoencoder", "other-detectors"])
def test_a_class_without_images_is_named(refused, monkeypatch, chapter):
    data = datasets.load("mnist-5k")
    some = data.y_train != 6
    monkeypatch.setattr(datasets, "load", changed(data, x_train=data.x_train[some], y_train=data.y_train[some]))
    line = refused("run", chapter, "--scale", "quick", *pairs(*SMALL[chapter], "digit=6"))
    assert "no training image of class '6'" in line and "choose another class" in line


def test_data_with_nan_are_named(refused, monkeypatch):
    class Spoilt:
        def normal(self, label):
            data = datasets.load("mnist-5k").normal(label)
            data.train[5, 5] = np.nan
            return data

    spoilt = Spoilt()
    monkeypatch.setattr("anogen.experiments.drawing.datasets", type("Module", (), {"load": lambda _: spoilt}))
    line = refused("run", "other-detectors", "--scale", "quick", *pairs(*SMALL["other-detectors"], "digit=8"))
    assert "1 values of the training data are NaN" in line and "clean them" in line


def test_images_of_a_shape_that_the_detector_does_not_take_are_named(refused, monkeypatch):
    data = datasets.load("mnist-5k")
    monkeypatch.setattr(datasets, "load", changed(data, x_train=data.x_train[:, :27], x_test=data.x_test[:, :27]))
    line = refused("run", "autoencoder", "--scale", "quick", *pairs(*SMALL["autoencoder"]))
    assert "27 x 28 pixels" in line and "multiples of 4" in line


def test_a_corrupt_record_is_named_with_the_remedy_and_not_overwritten(capsys, elsewhere):
    given = check("background", {"points": "400"}, "quick")
    path = records.get(experiments.wanted("background", **given)["roc"]).path
    path.write_bytes(path.read_bytes()[:-100])
    damaged = path.read_bytes()
    assert main(["run", "background", "--scale", "quick", *pairs("points=400")]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert "corrupt" in err and "roc-curve/" in err and str(path) in err and "delete" in err
    assert path.read_bytes() == damaged
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize(
    "words",
    [["run", "background"], ["build"], ["records", "list"], ["records", "compute"], ["records", "verify"], ["status"]],
)
def test_what_needs_the_book_says_so_outside_a_checkout(refused, monkeypatch, words):
    monkeypatch.setattr(paths, "checkout", lambda: None)
    assert "clone the project" in refused(*words)


def test_the_list_of_data_sets_names_all_of_them(capsys):
    assert main(["data", "list"]) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines()] == [*datasets.NAMES, "adbench"]


def test_the_list_of_records_has_a_line_for_each_and_a_sum(capsys):
    status = main(["records", "list"])
    *lines, total = capsys.readouterr().out.splitlines()
    book = verify.book()
    assert [line.split(" kB  ")[1].split()[0] for line in lines] == list(book)
    bad = [line for line in lines if not line.startswith("ok ")]
    assert {line.split()[0] for line in lines} <= {"ok", "stale", "missing", "corrupt"}
    assert total.startswith(f"{len(book)} records, {len(bad)} of them not ok")
    assert status == (1 if bad else 0)


def test_records_are_computed_verified_and_restamped(capsys, tmp_path, monkeypatch):
    folder = tmp_path / "records"
    monkeypatch.setattr(store, "committed_folder", lambda: folder)
    monkeypatch.setattr(verify, "book", lambda _chapter=None: experiments.wanted("background", "quick", points=400))
    assert main(["records", "list"]) == 1
    assert capsys.readouterr().out.count("missing") == 2
    assert main(["records", "compute", "--dry-run"]) == 0
    assert capsys.readouterr().out.count(" min ") == 2 and not folder.exists()
    assert main(["records", "compute"]) == 0
    assert capsys.readouterr().out == "2 records computed, 0 were there\n"
    assert main(["records", "compute"]) == 0
    assert capsys.readouterr().out == "0 records computed, 2 were there\n"
    assert main(["records", "list"]) == 0
    for options in ([], ["--witnesses"], ["--restamp"]):
        capsys.readouterr()
        assert main(["records", "verify", *options]) == 0
        assert capsys.readouterr().out.endswith("2 checked, 0 differ, 0 are missing\n")
    assert main(["records", "verify", "--random"]) == 0

    record = store.read(next(folder.glob("roc-curve/*.npz")))
    store.write_meta(record.path, {**record.meta, "witness": {**record.meta["witness"], "sha256": "another"}})
    capsys.readouterr()
    assert main(["records", "verify", "--witnesses"]) == 1
    out = capsys.readouterr().out
    assert f"DIFFERS {record.id}" in out and out.endswith("2 checked, 1 differ, 0 are missing\n")
    record.path.with_suffix(".json").unlink()
    assert main(["records", "verify", "--witnesses"]) == 1
    out = capsys.readouterr().out
    assert f"MISSING {record.id}" in out and out.endswith("1 checked, 0 differ, 1 are missing\n")


def test_status_names_every_figure_table_and_claim(capsys):
    assert main(["status", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {key: len(rows) for key, rows in found.items()} == {"figures": 61, "tables": 14, "claims": 213}
    for row in found["figures"] + found["tables"]:
        assert row.keys() == {"id", "state", "page", "record", "scale"}
        assert row["state"] in {"done", "missing"}
        assert (row["page"] is None) == (row["state"] == "missing")
    for row in found["claims"]:
        assert row.keys() == {"id", "verdict", "cause", "page", "record"}
        assert row["verdict"] in {"reproduced", "contradicted", "undecided", "untested", None}
        assert row["verdict"] != "contradicted" or row["cause"]
    assert main(["status"]) == 0
    assert "claims reproduced: " in capsys.readouterr().out


@pytest.mark.slow
def test_the_module_is_the_command(root):
    words = [sys.executable, "-m", "anogen"]
    version = subprocess.run([*words, "--version"], cwd=root, capture_output=True, text=True, check=True)
    assert version.stdout.startswith("anogen 0.")
    wrong = subprocess.run([*words, "run", "autoencodr"], cwd=root, capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stdout, wrong.stderr.count("\n")) == (2, "", 1)
    assert "did you mean" in wrong.stderr and "Traceback" not in wrong.stderr


@pytest.mark.slow
def test_ctrl_c_keeps_the_checkpoint_and_says_how_to_go_on(own_cache, tmp_path, monkeypatch, elsewhere):
    monkeypatch.setattr(sys.modules["anogen.records.compute"], "SLICE_SECONDS", 0.2)
    words = ["run", "other-detectors", "--scale", "quick", *pairs("generations=100000000", "population=4", "digit=1")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking where threads could exist
        child = os.fork()
    if child == 0:
        status = 99
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is started without it
        try:
            with (tmp_path / "err").open("w") as sys.stderr:
                status = main(words)
        finally:
            os._exit(status)
    deadline = time.monotonic() + 60
    while not list(own_cache.glob("work/*/0.state.npz")) and time.monotonic() < deadline:
        time.sleep(0.1)
    os.kill(child, signal.SIGINT)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 130
    told = (tmp_path / "err").read_text()
    assert "interrupted" in told and "the same command goes on from there" in told and "Traceback" not in told
    (state,) = own_cache.glob("work/*/0.state.npz")
    with np.load(state, allow_pickle=False) as kept:
        assert kept["generation"] >= 1
    assert not list(elsewhere.iterdir())
    assert not list((own_cache / "records").rglob("*.npz"))


@pytest.mark.slow
@pytest.mark.parametrize("chapter", experiments.CHAPTERS)
def test_a_chapter_executes_with_the_readers_parameters(chapter, tmp_path, monkeypatch, capsys, root):
    """And the autoencoder's twice, each time from an empty cache, to the same bytes."""
    given = check(chapter, dict(pair.split("=") for pair in SMALL[chapter]), "quick")
    own = [e for e in experiments.wanted(chapter, **given).values() if e.scale != "quick"]  # the same for every reader
    missing = [e.id for e in own if store.find_committed(e) is None]
    if missing:
        pytest.skip(f"not committed yet, and would take hours to compute: {', '.join(missing)}")
    written: list[Path] = []
    for time_ in range(2 if chapter == "autoencoder" else 1):
        monkeypatch.setenv("ANOGEN_CACHE", str(tmp_path / f"cache-{time_}"))
        written.append(tmp_path / f"{chapter}-{time_}.ipynb")
        assert main(["run", chapter, "--scale", "quick", *pairs(*SMALL[chapter]), "-o", str(written[-1])]) == 0
        assert capsys.readouterr().out == f"{written[-1]}\n"
    assert len({path.read_bytes() for path in written}) == 1
    notebook = json.loads(written[0].read_text(encoding="utf-8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not [output for output in outputs if output["output_type"] in {"error", "stream"}]
    assert str(tmp_path) not in written[0].read_text(encoding="utf-8")
