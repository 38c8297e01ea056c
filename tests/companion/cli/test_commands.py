"""The commands that list, compute and check, and that Ctrl-C loses nothing."""

import json
import os
import signal
import subprocess
import sys
import time
import warnings

import numpy as np
import pytest

from anogen import datasets
from anogen.cli import main
from companion.chapters import chapter_experiments, chapters
from companion.claims import inventory
from companion.claims.decision import OWN_VERDICTS, VERDICTS
from companion.commands import run
from companion.records import machine, store, verify
from companion.site.parameters import parameters


def test_the_list_of_data_sets_names_all_of_them(capsys):
    assert main(["data", "list"]) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines()] == [*datasets.NAMES, "adbench"]


@pytest.mark.slow
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
    monkeypatch.setattr(machine, "run_elsewhere", machine.run_quick)
    monkeypatch.setattr(machine, "has_fixed_instructions", lambda: True)
    monkeypatch.setattr(verify, "book", lambda _chapter=None: chapter_experiments("background", "quick", points=400))
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
    witness = record.meta["witness"]
    entry = {**witness["arrays"]["good_tpr"], "sha256": "another", "summary": [0.5, 0.5, 0.5, 0.5]}
    changed = {**witness, "arrays": {**witness["arrays"], "good_tpr": entry}}
    store.write_meta(record.path, {**record.meta, "witness": changed})
    capsys.readouterr()
    assert main(["records", "verify", "--witnesses"]) == 1
    out = capsys.readouterr().out
    assert f"DIFFERS {record.id}" in out and out.endswith("2 checked, 1 differ, 0 are missing\n")
    record.path.with_suffix(".json").unlink()
    assert main(["records", "verify", "--witnesses"]) == 1
    out = capsys.readouterr().out
    assert f"MISSING {record.id}" in out and out.endswith("1 checked, 0 differ, 1 are missing\n")


@pytest.mark.slow
def test_status_names_every_figure_table_and_claim(capsys, monkeypatch):
    assert main(["status", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    counts = {key: len(rows) for key, rows in found.items()}
    assert counts == {"figures": 61, "tables": 14, "claims": 213, "own_claims": len(inventory.own_claims())}
    for row in found["figures"] + found["tables"]:
        assert row.keys() == {"id", "state", "missing", "page", "record", "scale"}
        assert row["state"] in {"done", "partial", "missing"}
        assert (row["state"] == "partial") == bool(row["missing"])
        assert (row["page"] is None) == (row["state"] == "missing")
    for row in found["claims"] + found["own_claims"]:
        assert row.keys() == {"id", "verdict", "cause", "page", "record"}
        assert row["verdict"] in {*VERDICTS, *OWN_VERDICTS, None}
        assert row["verdict"] not in {"not reproduced", "refuted"} or row["cause"]
    monkeypatch.setattr("companion.site.status.status", lambda _built: found)
    assert main(["status"]) == 0
    assert "claims reproduced: " in capsys.readouterr().out


def test_run_lists_the_chapters_and_the_parameters_of_one(capsys):
    assert main(["run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(chapters())
    assert main(["run", "autoencoder", "--help"]) == 0
    out = capsys.readouterr().out
    for name, default in parameters("autoencoder").items():
        assert f"  {name} " in out and f"default: {json.dumps(default)}" in out
    assert "list of int" in out and "generations of the evolutionary search" in out


def test_comments_in_the_parameters_cell_are_meanings():
    source = 'a = 1  # first\nb = ["#",\n  2]  # second\nc = 3\n# of nothing\nd = [\n  4,\n]  # fmt: skip\n'
    assert run._comments(source) == {"a": "first", "b": "second"}


def test_numbers_and_figures_are_written_for_a_paper(elsewhere, capsys, monkeypatch):
    words = ["run", "background", "--scale", "quick", "-p", "points=400", "-o", "paper", "--format"]
    assert main([*words, "csv"]) == 0
    assert capsys.readouterr().out == "paper\n"
    tables = sorted((elsewhere / "paper").glob("*.csv"))
    assert tables and all(np.isfinite(np.loadtxt(path, delimiter=",")).all() for path in tables)
    assert not list(elsewhere.rglob("*.ipynb"))
    assert main([*words, "csv"]) == 0  # the same numbers may be written over
    tables[0].write_text("1,2\n")
    assert main([*words, "csv"]) == 2
    assert f"{tables[0].relative_to(elsewhere)} exists" in capsys.readouterr().err
    assert tables[0].read_text() == "1,2\n"


def test_where_names_files_and_lines(capsys, root):
    assert main(["where", "thesis-fig-6.17"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for line in lines:
        path, _, number = line.split()[1].rpartition(":")
        assert (root / path).is_file() and int(number) > 0
    assert lines[0].startswith("figure ")


@pytest.mark.slow
def test_figures_are_written_as_svg(elsewhere, capsys):
    assert main(["run", "background", "--scale", "quick", "-p", "points=400", "--format", "svg"]) == 0
    pictures = list(elsewhere.glob("*.svg"))
    assert {path.name for path in pictures} == {"thesis-fig-2.1.svg", "thesis-fig-2.2.svg"}
    assert all("<svg" in path.read_text() for path in pictures)
    assert main(["run", "background", "--scale", "quick", "-p", "points=400", "--format", "svg"]) == 0


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
    monkeypatch.setattr(sys.modules["companion.records.compute"], "SLICE_SECONDS", 0.2)
    given = ["generations=10000000", "population=4", "digit=1"]
    words = ["run", "other-detectors", "--scale", "quick", *(word for pair in given for word in ("-p", pair))]
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
    while not list(own_cache.glob("work/*/0.state.npz")):
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "it ended before its first checkpoint"
        time.sleep(0.1)
    os.kill(child, signal.SIGINT)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 130
    told = (tmp_path / "err").read_text()
    assert "interrupted" in told and "the same command resumes it" in told and "Traceback" not in told
    (state,) = own_cache.glob("work/*/0.state.npz")
    with np.load(state, allow_pickle=False) as kept:
        assert kept["generation"] >= 1
    assert not list(elsewhere.iterdir())
    assert not list((own_cache / "records").rglob("*.npz"))


def test_a_parameter_is_given_once(capsys):
    assert main(["run", "cblof", "-p", "normal=3", "-p", "normal=5"]) == 2
    assert capsys.readouterr().err == "anogen: -p normal is given twice: give it once\n"
