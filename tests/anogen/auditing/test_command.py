"""The command `anogen audit`: exit statuses, JSON, and the page."""

import json
import multiprocessing
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import anogen
from anogen.auditing import FINDINGS, process
from anogen.cli import main

REVERSED = {"prefers_noise", "upside_down"}  # what a reversed score has at least
MODULE = """
import faulthandler
import os
import time

import numpy as np

print("a detector that talks")


class Far:
    def fit(self, X):
        self.mean_ = X.mean(axis=0)

    def decision_function(self, X):
        print("still talking")
        return np.abs(X - self.mean_).sum(axis=1)


class Near(Far):
    def decision_function(self, X):
        return -super().decision_function(X)


def made():
    far = Far()
    far.fit(np.ones((20, 3)))
    return far


fitted = made()


class Loud(Far):
    def decision_function(self, X):
        os.write(1, b"straight to the file\\n")
        return np.abs(X - self.mean_).sum(axis=1)


def _scoring(action):
    return type("Scoring", (), {"decision_function": lambda self, X: action()})()


vanishes = _scoring(lambda: os._exit(0))
aborts = _scoring(lambda: (faulthandler.disable(), os.abort()))
sleeps = _scoring(lambda: time.sleep(1e6))


class Sleeper(Far):
    def decision_function(self, X):
        if len(X) == 1:  # where batches are compared, the fifth check
            time.sleep(1e6)
        return super().decision_function(X)


def interrupts():
    raise KeyboardInterrupt
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with data and a module of one's own, in which the command is run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cache").mkdir()
    monkeypatch.setenv("ANOGEN_CACHE", str(tmp_path / "cache"))
    rng = np.random.default_rng(0)
    X = rng.standard_normal((80, 3)) + 1
    np.savez("good.npz", X=np.concatenate([X, X[:20] + 9]), y=np.repeat([0, 1], [80, 20]))
    np.savetxt("good.csv", X, delimiter=",")
    (tmp_path / "own_detectors.py").write_text(MODULE)
    yield tmp_path
    sys.modules.pop("own_detectors", None)


def run(*words):
    return main(["audit", *words])


@pytest.fixture
def inline(monkeypatch):
    """Audits run in this process, which takes a second less each."""

    def audit(detector, data, label, seconds, progress, **options):
        messages = []
        process._audit(lambda **message: messages.append(message), detector, data, label, options)
        return messages[-1]

    monkeypatch.setattr(process, "audit_in_process", audit)


@pytest.fixture
def forked(monkeypatch):
    """Audits run in forked processes, which need not import the libraries: that takes seconds."""
    context = multiprocessing.get_context("fork")
    monkeypatch.setattr(multiprocessing, "get_context", lambda _: context)


threads_are_forked = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


@pytest.mark.parametrize(("name", "status"), [("Far", 0), ("made", 3), ("fitted", 3)])
def test_a_sound_detector_ends_with_0_and_one_that_cannot_be_fitted_again_with_3(here, inline, capfd, name, status):
    words = ["--detector", f"own_detectors:{name}", "--data", "good.csv"]
    assert run(*words) == status
    out, err = capfd.readouterr()
    assert ("insufficient: no fault found" if status else "sound: no fault found") in out
    (line,) = (line for line in out.splitlines() if "talking" in line)
    assert line.startswith("the detector printed ") and line.endswith("still talking")
    assert "still talking" not in err
    (here / "base.json").write_text(anogen_json(words, capfd))
    assert run(*words, "--baseline", "base.json") == 0


def anogen_json(words, capfd):
    run(*words, "--json")
    return capfd.readouterr().out


@pytest.mark.slow
def test_what_the_detector_prints_is_not_mixed_with_json(here, capfd):
    assert run("--detector", "own_detectors:Loud", "--data", "good.csv", "--json") == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["passed"] is True and "straight to the file" in err


@threads_are_forked
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("exits_on_import:Far", "importing exits_on_import failed (SystemExit: 0)"),
        ("own_detectors:interrupts", "KeyboardInterrupt"),
        ("own_detectors:vanishes", "ended the process of the audit (exit status 0)"),
        ("own_detectors:aborts", "ended the process of the audit (SIGABRT)"),
    ],
)
def test_a_detector_that_ends_the_process_is_not_sound(here, forked, capfd, name, words):
    (here / "exits_on_import.py").write_text("raise SystemExit(0)")
    assert run("--detector", name, "--data", "good.csv", "--html", "page.html") == 2
    out, err = capfd.readouterr()
    assert out == "" and words in err.splitlines()[-1] and err.splitlines()[-1].startswith("anogen: ")
    assert not (here / "page.html").exists()


@threads_are_forked
def test_an_audit_that_never_ends_is_ended_after_the_time_limit(here, forked, capfd, monkeypatch):
    monkeypatch.setattr(process, "GRACE", 0.0)
    assert run("--detector", "own_detectors:sleeps", "--data", "good.csv", "--seconds", "0") == 2
    assert "was ended after 0 s" in capfd.readouterr().err and not multiprocessing.active_children()


@threads_are_forked
def test_what_was_determined_before_the_time_limit_is_stated(here, forked, capfd, monkeypatch):
    receive, wait, steps = process._receive, process.wait, []

    def listen(receiver):
        message = receive(receiver)
        steps.append((message or {}).get("progress", [None, None])[1])
        return message

    monkeypatch.setattr(process, "_receive", listen)  # the limit is reached once the fifth step has begun
    monkeypatch.setattr(process, "wait", lambda objects, _: [] if steps[-1:] == [5] else wait(objects))
    assert run("--detector", "own_detectors:Sleeper", "--data", "good.csv") == 2
    error = capfd.readouterr().err
    assert "at step 5 of " in error and "(constant not found, random not found, prefers_noise not found, " in error


def test_findings_end_with_1_and_are_told_as_json(here, inline, capsys):
    assert run("--detector", "own_detectors:Near", "--data", "good.npz", "--normal", "0", "--json", "--seed", "3") == 1
    told = json.loads(capsys.readouterr().out)
    assert {name for name, finding in told["findings"].items() if finding["found"]} >= REVERSED
    assert told["measures"]["roc_auc"] == 0.0 and told["data"]["rows"] == 80 and told["random_state"] == 3
    assert told["verdict"] == "findings" and "labelled" in told["findings"]["upside_down"]["detail"]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--detector", "own_detectors:Far"], ["--data"]),
        (["--detector", "own_detectors:Far()", "--data", "good.csv"], ["own_detectors:Far()", "module:NAME"]),
        (["--detector", "own_detectors:Fr", "--data", "good.csv"], ["'Fr'"]),
        (["--detector", "own_detectors:Far", "--data", "bad.csv"], ["no file bad.csv"]),
        (["--detector", "own_detectors:Far", "--data", "good.npz", "--normal", "7"], ["'7'", "0, 1"]),
        (["--detector", "own_detectors:Far", "--data", "good.csv", "--shape", "big"], ["'big'", "28x28"]),
        (["--detector", "own_detectors:Far", "--data", "good.csv", "--draw", "-1"], ["--draw -1.0"]),
        (["--detector", "own_detectors:Far", "--data", "good.csv", "--seconds", "inf"], ["--seconds inf"]),
        (["--detector", "own_detectors:Far", "--data", "good.csv", "--label", "kind"], ["'kind'", "names no columns"]),
        (["--detector", "own_detectors:Far", "--data", "bad\n\x1b.csv"], ["bad\\n\\x1b.csv"]),
        (["--detector", "own_detectors:Far", "--data", "good.csv", "--html", "good.csv"], ["good.csv exists"]),
        (["--detector", "own_detectors:Far", "--data", "good.csv", "--sarif", "good.npz"], ["good.npz exists"]),
        (["--detector", "own_detectors:Far", "--data", "good.csv", "--html", "."], ["cannot write .", "folder"]),
    ],
)
def test_bad_input_ends_with_2_and_one_line(here, inline, capfd, words, named):
    before = {path: path.read_bytes() for path in here.iterdir() if path.is_file()}
    assert run(*words) == 2
    assert all(path.read_bytes() == content for path, content in before.items())
    out, err = capfd.readouterr()
    last = err.splitlines()[-1]
    assert out == "" and last.startswith("anogen: ") and all(part in last for part in named), err
    assert not [line for line in err.splitlines()[:-1] if "talk" not in line]


def test_the_page_has_everything_inside(here, inline, capsys):
    words = ["--detector", "own_detectors:Far", "--data", "good.csv", "--draw", "0.2", "--html", "page.html"]
    assert run(*words) == 0
    page = (here / "page.html").read_text(encoding="utf8")
    assert "No fault found" in page and "Sound: no fault found in " in page and "own_detectors:Far" in page
    assert page.count('src="data:image/png') == 3 and "<script" not in page and "$" not in page
    text = re.sub(r"<[^>]*>", "", page)
    assert "anogen audit --detector own_detectors:Far --data good.csv" in text and str(here) not in page


@pytest.mark.slow
def test_asking_for_help_loads_neither_pyod_nor_torch(root):
    code = "import sys, anogen.cli as c\n"
    code += "assert [c.main(words) for words in ([], ['--help'], ['audit', '--help'], ['run', '--help'])] == [0] * 4\n"
    code += "assert not {'torch', 'pyod'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True, capture_output=True)


def test_names_are_escaped_on_the_page(here, capsys):
    X = np.random.default_rng(0).standard_normal((40, 3))
    report = anogen.audit(lambda X: np.abs(X).sum(axis=1), X, name="<script>x</script>", orientation="anomaly")
    page = report.judge(command="anogen --x '<b>'").to_html("page.html").read_text(encoding="utf8")
    assert "<script" not in page and "&lt;script&gt;" in page and "&lt;b&gt;" in page


def test_errors_labels_and_names_of_columns_are_escaped_on_the_page(here):
    image = "<img src=x onerror=alert(1)>"

    def score(X):
        if len(X) == 1:
            raise ValueError(f"{image}\x1b[31m")
        return np.abs(X).sum(axis=1)

    X = pd.DataFrame(np.random.default_rng(0).standard_normal((40, 2)), columns=[image, "$a_b"])
    report = anogen.audit(score, X, orientation="anomaly", n_generations=2, name="\x1b[2J")
    assert image in report.findings["batch_dependent"].detail and image in report.text()
    page = report.html()
    assert page.count("&lt;img src=x onerror") >= 2 and "<img src=x" not in page and "\x1b" not in page + report.text()


def test_a_page_of_an_earlier_audit_is_replaced_and_nothing_stays_behind(here, inline, capfd):
    words = ["--detector", "own_detectors:Far", "--data", "good.csv", "--draw", "0", "--html", "page.html"]
    before = sorted([*here.iterdir(), here / "page.html"])
    for seed in ("1", "2"):
        assert run(*words, "--seed", seed, "--sarif", "audit.sarif") == 0
    assert "seed 2" in (here / "page.html").read_text(encoding="utf8")
    assert sorted(path for path in here.iterdir() if path.name not in {"__pycache__", "audit.sarif"}) == before
    assert not list((here / "cache").iterdir())


def test_faults_are_written_as_sarif(here, inline, capsys):
    assert run("--detector", "own_detectors:Near", "--data", "good.csv", "--sarif", "audit.sarif") == 1
    log = json.loads((here / "audit.sarif").read_text())
    (part,) = log["runs"]
    rules = {rule["id"] for rule in part["tool"]["driver"]["rules"]}
    assert log["version"] == "2.1.0" and rules == set(FINDINGS)
    assert {result["ruleId"] for result in part["results"] if "kind" not in result} >= REVERSED
    assert "uniform noise scores above" in part["results"][0]["message"]["text"]
    place = part["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "own_detectors.py" and place["region"]["startLine"] > 1


def test_the_orientation_of_an_upside_down_score_is_stated(here, inline, capsys):
    words = ["--detector", "own_detectors:Near", "--data", "good.csv"]
    assert run(*words, "--orientation", "normality") == 0
    assert "larger scores mean normality (stated by the caller)" in capsys.readouterr().out


def test_options_may_be_in_pyproject_and_the_command_line_has_the_last_word(here, inline, capfd):
    table = '[tool.anogen.audit]\ndetector = "own_detectors:Near"\ndata = "good.csv"\nfail-on = "never"\nignore = {}\n'
    (here / "pyproject.toml").write_text(table.format('["upside_down"]'))
    assert run("--markdown", "audit.md") == 0
    assert "accepted upside_down" in capfd.readouterr().out
    command = "anogen audit --detector own_detectors:Near --data good.csv --fail-on never --ignore upside_down"
    assert f"` {command} `" in (here / "audit.md").read_text()
    assert run("--fail-on", "error") == 1 and run("--detector", "own_detectors:Far") == 0
    for wrong, words in (
        (table.format('["nothing"]'), "'nothing'"),
        ("[tool.anogen.audit]\nx = 1", "'x'"),
        ("[", "cannot be read"),
    ):
        (here / "pyproject.toml").write_text(wrong)
        assert run() == 2 and words in capfd.readouterr().err
    (here / "pyproject.toml").unlink()
    assert run() == 2 and "--detector and --data missing" in capfd.readouterr().err
    assert run("--detector", "own_detectors:Far", "--data", "good.csv", "--baseline", "good.csv") == 2


def test_a_signal_is_cut_into_windows(here, inline, capfd):
    np.save("signal.npy", np.sin(np.arange(600) / 3) + 1)
    assert run("--detector", "own_detectors:Far", "--data", "signal.npy", "--window", "20", "--json") in {0, 1, 3}
    told = json.loads(capfd.readouterr().out)
    assert told["data"]["signal"] is True and (told["data"]["rows"], told["data"]["columns"]) == (30, 20)
