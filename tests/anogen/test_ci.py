"""The GitHub Action and the pre-commit hook, run end to end as far as a machine without GitHub can."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

DETECTOR = """
import numpy as np


class Far:
    def fit(self, X):
        self.mean_ = X.mean(axis=0)

    def decision_function(self, X):
        return np.abs(X - self.mean_).sum(axis=1)


class Near(Far):
    def decision_function(self, X):
        return -super().decision_function(X)
"""
ROWS = "\n".join(f"{i % 7},{(3 * i) % 11},{(5 * i) % 13}" for i in range(80))


@pytest.fixture
def project(tmp_path, root):
    """A project with a detector, data, and a command `anogen` on the path."""
    (tmp_path / "mine.py").write_text(DETECTOR)
    (tmp_path / "rows.csv").write_text(f"a,b,c\n{ROWS}\n")
    commands = tmp_path / "commands"
    commands.mkdir()
    (commands / "anogen").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m anogen "$@"\n')
    (commands / "anogen").chmod(0o755)
    environment = {"PATH": f"{commands}:{os.environ['PATH']}", "PYTHONPATH": str(root), "HOME": str(tmp_path)}
    return tmp_path, os.environ | environment


def steps(root):
    action = yaml.safe_load((root / "action.yml").read_text())
    return action["inputs"], action["runs"]["steps"]


def test_the_action_passes_inputs_through_the_environment_only(root):
    """An input that is written into a script could run code."""
    inputs, (install, run) = steps(root)
    assert all("${{" not in step["run"] for step in (install, run))
    used = {value for step in (install, run) for value in step["env"].values()}
    assert used == {f"${{{{ inputs.{name} }}}}" for name in set(inputs) - {"working-directory"}}


@pytest.mark.slow
def test_the_action_audits_and_writes_its_outputs(root, project):
    folder, environment = project
    inputs, (_, step) = steps(root)
    given = {"detector": "mine:Near", "data": "rows.csv", "ignore": "untrained, feature_order", "fail-on": "error"}
    given["options"] = "--seed=3\n"
    values = {f"${{{{ inputs.{name} }}}}": given.get(name, entry["default"]) for name, entry in inputs.items()}
    out, summary = folder / "output", folder / "summary"
    summary.write_text("earlier\n")
    environment |= {key: values[value] for key, value in step["env"].items()}
    environment |= {"GITHUB_OUTPUT": str(out), "GITHUB_STEP_SUMMARY": str(summary)}
    words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]  # as GitHub runs it
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert out.read_text() == "status=1\nsarif=anogen-audit/audit.sarif\n"
    assert summary.read_text().startswith("earlier\n<!-- anogen audit -->\n## Audit of mine:Near: findings")
    assert "--ignore untrained --ignore feature_order` " in summary.read_text().replace(" `", "` ")
    assert ET.parse(folder / "anogen-audit/audit.xml").getroot().get("failures") != "0"


@pytest.mark.slow
def test_the_hook_runs_the_audit_of_the_project(root, project):
    if not (hooks := shutil.which("pre-commit", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")):
        pytest.skip("pre-commit is not installed")
    folder, environment = project
    (folder / "pyproject.toml").write_text('[tool.anogen.audit]\ndetector = "mine:Near"\ndata = "rows.csv"\n')
    for command in (["init", "-q"], ["add", "mine.py"]):
        subprocess.run(["git", *command], cwd=folder, env=environment, check=True)
    words = [hooks, "try-repo", str(root), "anogen-audit", "--all-files"]
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "FOUND    upside_down" in done.stdout, done.stdout + done.stderr


def test_the_action_is_valid(root):
    """By the schema that `check-jsonschema` ships."""
    pytest.importorskip("check_jsonschema")
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml"]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
