"""The command `anogen audit`: exit statuses, JSON, and the page."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest

import anogen
from anogen.auditing import FINDINGS
from anogen.cli import main

MODULE = """
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
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with data and a module of one's own, in which the command is run."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    X = rng.standard_normal((80, 3)) + 1
    np.savez("good.npz", X=np.concatenate([X, X[:20] + 9]), y=np.repeat([0, 1], [80, 20]))
    np.savetxt("good.csv", X, delimiter=",")
    (tmp_path / "own_detectors.py").write_text(MODULE)
    yield tmp_path
    sys.modules.pop("own_detectors", None)


def run(*words):
    return main(["audit", *words])


@pytest.mark.parametrize("name", ["Far", "made", "fitted"])
def test_a_sound_detector_ends_with_0(here, capsys, name):
    assert run("--detector", f"own_detectors:{name}", "--data", "good.csv") == 0
    out, err = capsys.readouterr()
    assert "passed: none of the six faults" in out and "talking" not in out and "still talking" in err


def test_findings_end_with_1_and_are_told_as_json(here, capsys):
    assert run("--detector", "own_detectors:Near", "--data", "good.npz", "--normal", "0", "--json", "--seed", "3") == 1
    told = json.loads(capsys.readouterr().out)
    assert {name: finding["found"] for name, finding in told["findings"].items()} == {
        "untrained": False, "constant": False, "random": False, "batch_dependent": False,
        "blind_to_constant_features": False, "prefers_noise": True,
    }  # fmt: skip
    assert told["measures"]["roc_auc"] == 0.0 and told["data"]["rows"] == 80 and told["random_state"] == 3
    assert "scikit-learn" in told["findings"]["prefers_noise"]["detail"]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--detector", "own_detectors:Far"], ["--data"]),
        (["--detector", "own_detectors:Far()", "--data", "good.csv"], ["own_detectors:Far()", "module:NAME"]),
        (["--detector", "own_detectors:Fr", "--data", "good.csv"], ["'Fr'"]),
        (["--detector", "own_detectors:Far", "--data", "bad.csv"], ["no file bad.csv"]),
        (["--detector", "own_detectors:Far", "--data", "good.npz", "--normal", "7"], ["'7'", "0, 1"]),
        (["--detector", "own_detectors:Far", "--data", "good.csv", "--shape", "big"], ["'big'", "28x28"]),
        (["--detector", "own_detectors:Far", "--data", "good.csv", "--draw", "-1"], ["search_seconds = -1"]),
        (["--detector", "own_detectors:Far", "--data", "good.csv", "--html", "."], ["folder"]),
    ],
)
def test_bad_input_ends_with_2_and_one_line(here, capsys, words, named):
    assert run(*words) == 2
    out, err = capsys.readouterr()
    last = err.splitlines()[-1]
    assert out == "" and last.startswith("anogen: ") and all(part in last for part in named), err
    assert not [line for line in err.splitlines()[:-1] if "talk" not in line]


def test_the_page_has_everything_inside(here, capsys):
    words = ["--detector", "own_detectors:Far", "--data", "good.csv", "--draw", "0.2", "--html", "page.html"]
    assert run(*words) == 0
    page = (here / "page.html").read_text(encoding="utf8")
    assert "Passed: none of the six faults was found." in page and "own_detectors:Far" in page
    assert page.count('src="data:image/png') == 2 and "<script" not in page and "$" not in page
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
    page = report.to_html("page.html", "anogen --x '<b>'").read_text(encoding="utf8")
    assert "<script" not in page and "&lt;script&gt;" in page and "&lt;b&gt;" in page


def test_faults_are_written_as_sarif(here, capsys):
    assert run("--detector", "own_detectors:Near", "--data", "good.csv", "--sarif", "audit.sarif") == 1
    log = json.loads((here / "audit.sarif").read_text())
    (part,) = log["runs"]
    rules = {rule["id"] for rule in part["tool"]["driver"]["rules"]}
    assert log["version"] == "2.1.0" and rules == set(FINDINGS)
    assert [result["ruleId"] for result in part["results"]] == ["prefers_noise"]
    assert "uniform noise scores above" in part["results"][0]["message"]["text"]


def test_the_orientation_of_an_upside_down_score_is_stated(here, capsys):
    words = ["--detector", "own_detectors:Near", "--data", "good.csv"]
    assert run(*words, "--orientation", "normality") == 0
    assert "larger scores mean normality (stated by the caller)" in capsys.readouterr().out
