"""The files around the package: metadata that agree, pins that hold, an environment that is made once."""

import os
import re
import shutil
import socket
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from companion.claims import inventory

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))
README = (ROOT / "README.md").read_text("utf8")


def tracked() -> list[Path]:
    """Return the files under version control; without git, those that would be."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("this is not a clone")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def text(path: Path) -> str:
    return path.read_bytes().decode("utf8", errors="replace")


def pins(name: str = "requirements.lock") -> list[Requirement]:
    lines = (ROOT / name).read_text("utf8").splitlines()
    return [Requirement(line.removesuffix(" \\")) for line in lines if re.match("[a-z]", line)]


# -- metadata ----------------------------------------------------------------------------------------------------------


def test_one_version_everywhere() -> None:
    version = PROJECT["project"]["version"]
    assert yaml.safe_load(text(ROOT / "CITATION.cff"))["version"] == version
    assert metadata.version("anogen") == version
    assert f"## {version}" in text(ROOT / "CHANGELOG.md")


def test_citation_names_the_four_sources_as_the_inventory_does() -> None:
    citation = yaml.safe_load(text(ROOT / "CITATION.cff"))
    assert {"cff-version", "message", "title", "type", "authors", "license", "version", "abstract"} <= citation.keys()
    cited = {reference["title"]: reference for reference in citation["references"]}
    sources = yaml.safe_load(text(inventory.PATH))["sources"]
    del sources["anogen"]  # this book
    assert cited.keys() == {source["title"] for source in sources.values()}
    for source in sources.values():
        reference = cited[source["title"]]
        doi = source["doi"] or source.get("doi_external")
        assert reference.get("doi") == doi
        assert len(reference["authors"]) == len(source["authors"])
        assert reference["type"] in {"article", "report", "thesis"}


def test_lock_pins_every_package_that_is_asked_for() -> None:
    locked = {canonicalize_name(pin.name): pin for pin in pins()}
    extras = PROJECT["project"]["optional-dependencies"]
    for line in PROJECT["project"]["dependencies"] + extras["book"] + extras["test"]:
        wanted = Requirement(line)
        [exact] = locked[canonicalize_name(wanted.name)].specifier
        assert exact.operator == "==", f"{wanted.name} is not pinned"
        assert wanted.specifier.contains(exact.version), f"{line} does not admit the locked {exact.version}"


def test_lock_suits_every_machine() -> None:
    for pin in pins():
        assert pin.url is None, f"{pin.name} comes from one machine"
        assert "+" not in str(pin.specifier), f"{pin.name} is one build of several"
        assert not re.match("nvidia|triton|cuda", pin.name), f"{pin.name} is for machines with a GPU: torch asks for it"
        assert pin.name not in {"anogen", "pip"}


def test_every_installed_package_but_torch_has_hashes() -> None:
    hashed = {str(pin) for pin in pins("requirements-hashes.lock")}
    assert hashed == {str(pin) for pin in pins() if pin.name != "torch"}
    blocks = re.split(r"\n(?=[a-z])", text(ROOT / "requirements-hashes.lock"))
    assert len(blocks) == len(hashed)
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", block) for block in blocks)


def test_no_file_names_a_machine_or_a_registry() -> None:
    # Put together here, or this file would be one of them.
    hosts = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "npmjs" + ".com", "download.pytorch" + ".org"]
    folders = ["/work" + "/", "/root" + "/", "/home" + "/"]
    words = "|".join([re.escape(host) for host in hosts] + [rf"(?<![\w.}})/-]){folder}" for folder in folders])
    found = {
        f"{path.relative_to(ROOT)}: {match}"
        for path in tracked()
        if path.suffix not in {".npz", ".png", ".webp"}
        for match in re.findall(words, text(path))
    }
    assert not found


def test_the_address_of_the_repository_stands_in_one_place() -> None:
    elsewhere = [
        path.relative_to(ROOT)
        for path in tracked()
        if path.name != "_config.yml" and re.search(r"github\.(com/[\w-]+|io)/anogen", text(path))
    ]
    assert not elsewhere


# -- README ------------------------------------------------------------------------------------------------------------


def test_readme_commands_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text(ROOT / "Makefile"), re.MULTILINE))
    shell = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL))
    asked = set(re.findall(r"^make ([a-z]+)", shell, re.MULTILINE))
    assert {"book", "test"} <= asked <= targets


def test_readme_and_contributing_point_to_files_that_exist() -> None:
    for page in ("README.md", "CONTRIBUTING.md"):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text(ROOT / page)):
            assert (ROOT / target).exists(), f"{page} points to {target}"


def test_readme_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [code] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), names)
    # As the README says, every generated image scores below every real four.
    assert names["result"].scores.max() < names["detector"].decision_function(names["images"].X_train).min()
    assert (tmp_path / "believes.png").stat().st_size > 0


# -- size --------------------------------------------------------------------------------------------------------------

# Notebooks are mostly prose. Other files over 300 lines need a reason.
LONG = {
    "anogen/detectors/anorand.py": "one detector: networks, training on both kinds of data, scores",
    "anogen/generators/evolution.py": "one algorithm: configuration, state, step and loop, with complete docstrings",
    "notebooks/beyond/audit_bench/faults_second.py": "46 planted faults, frozen before any of them was audited",
}


def test_files_are_short() -> None:
    paths = [path for folder in ("anogen", "book/companion", "notebooks") for path in (ROOT / folder).rglob("*.py")]
    long = {str(path.relative_to(ROOT)) for path in paths if len(path.read_text("utf8").splitlines()) > 300}
    assert {path for path in long if not path.endswith("notebook.py")} <= LONG.keys()


# -- make --------------------------------------------------------------------------------------------------------------

# Stands for Python: makes an environment that holds itself, and writes down what pip is asked to install.
STUB = """#!/bin/sh
case "$*" in
    '-m venv '*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; echo venv >> calls ;;
    *'pip install'*) echo "$*" >> calls; test ! -e pip-fails ;;
    *) exit 0 ;;
esac
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-hashes.lock"):
        shutil.copy(ROOT / name, folder)
    (folder / "stub").write_text(STUB, "utf8")
    (folder / "stub").chmod(0o755)
    (folder / "uv").write_text(
        '#!/bin/sh\nif [ ! -e uv-works ]; then exit 1; fi\n[ "$1" = --version ] || echo "uv $*" >> calls\n'
    )
    (folder / "uv").chmod(0o755)
    return folder


def make(folder: Path, *arguments: str, python: str = "./stub") -> tuple[int, list[str], str]:
    """Run make; return its status, the calls of venv and pip since the last time, and what it said on stderr."""
    if shutil.which("make") is None:
        pytest.skip("there is no make")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS", "PIP_"))}
    environment["PATH"] = f"{folder}{os.pathsep}{environment['PATH']}"  # the stub of uv wins over a real one
    command = ["make", "environment", f"PYTHON={python}", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    calls = folder / "calls"
    made = calls.read_text("utf8").splitlines() if calls.exists() else []
    calls.unlink(missing_ok=True)
    return done.returncode, made, done.stderr


LOCK = "--require-hashes --no-deps -r requirements-hashes.lock"


@pytest.mark.parametrize("uv", [False, True], ids=["pip", "uv"])
def test_make_installs_once(clone: Path, uv: bool) -> None:
    if uv:
        (clone / "uv-works").touch()
    status, calls, _ = make(clone, "PIP_OPTIONS=--find-links wheels")
    assert status == 0
    assert calls[0] == "venv"
    assert [call.partition(" --disable-pip-version-check --quiet ")[2] or call for call in calls[1:]] == [
        f"uv pip install --python .venv/bin/python {LOCK}" if uv else LOCK,
        "--find-links wheels torch==2.13.0",
        "--find-links wheels --no-deps -e .",
    ]
    assert make(clone)[:2] == (0, [])


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-hashes.lock", "pyproject.toml"])
def test_make_installs_again_only_when_a_file_says_something_new(clone: Path, name: str) -> None:
    make(clone)
    (clone / name).touch()
    assert make(clone)[:2] == (0, [])
    (clone / name).write_text((clone / name).read_text("utf8") + "# new\n", "utf8")
    status, calls, _ = make(clone)
    assert status == 0
    assert len(calls) == 3
    assert "venv" not in calls  # what is there already stays


def test_make_does_not_take_a_failed_installation_for_done(clone: Path) -> None:
    (clone / "pip-fails").touch()
    assert make(clone)[0] != 0
    (clone / "pip-fails").unlink()
    status, calls, _ = make(clone)
    assert status == 0
    assert calls[0] == "venv"  # nobody knows what the failed one left: made anew
    assert make(clone)[:2] == (0, [])


def test_make_makes_a_moved_environment_anew(clone: Path) -> None:
    make(clone)
    moved = clone.rename(clone.with_name("elsewhere"))
    assert make(moved)[1][0] == "venv"


def test_make_names_the_python_it_needs(clone: Path) -> None:
    status, calls, said = make(clone, python="/nonexistent/python3.9")
    assert status != 0
    assert calls == []
    assert "3.11" in said and "/nonexistent/python3.9" in said and "PYTHON=" in said
    assert not (clone / ".venv").exists()


# -- continuous integration --------------------------------------------------------------------------------------------


def test_ci_runs_lint_and_the_commands_of_the_readme() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    for command in ("make lint", "make book", "make test"):
        assert command in text(script)
    subprocess.run(["bash", "-n", str(script)], check=True)


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda path: path.name)
def test_workflows_call_make_only(path: Path) -> None:
    """What a workflow does can be done at a desk: its commands are those of the Makefile."""
    workflow = yaml.safe_load(text(path))
    assert {"name", "jobs", "permissions"} <= workflow.keys()
    targets = set(re.findall(r"^([a-z-]+):", text(ROOT / "Makefile"), re.MULTILINE))
    asked = set(re.findall(r"\bmake ([a-z-]+)", text(path)))
    assert asked
    assert asked <= targets


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda path: path.name)
def test_actions_are_pinned_and_have_the_least_permissions(path: Path) -> None:
    workflow = yaml.safe_load(text(path))
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        steps = job["steps"]
        writes = "write" in job.get("permissions", {}).values()
        assert not (writes and re.search(r"\bmake\b|\bpip\b", str(steps))), (
            "code of others runs with a token that writes"
        )
        for step in steps:
            action, _, commit = step.get("uses", "@" + "0" * 40).partition("@")
            assert re.fullmatch("[0-9a-f]{40}", commit), step
            assert action != "actions/checkout" or step["with"]["persist-credentials"] is False


# -- the tests' own surroundings ---------------------------------------------------------------------------------------


def test_tests_have_no_network() -> None:
    with pytest.raises(OSError, match="tests have no network"):
        socket.create_connection(("example.org", 80), timeout=1)
    with socket.socket() as plain, pytest.raises(OSError, match="tests have no network"):
        plain.connect(("192.0.2.1", 80))
