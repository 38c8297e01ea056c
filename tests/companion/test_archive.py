"""The archive of a release: equal bytes, complete checksums, metadata without loose ends."""

import hashlib
import json
import shutil
import zipfile

import pytest
import yaml

from anogen.datasets.registry import DATASETS
from anogen.errors import InputError
from anogen.paths import require_checkout
from companion import archive

ROOT = require_checkout()
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf8"))
FEW = ("CITATION.cff", "README.md", "book/records/roc-curve/default.npz")


@pytest.fixture
def few_files(monkeypatch, all_experiments):
    """Let git track a few files only, committed on 1 January 2026, and the book have one record."""
    monkeypatch.setattr(archive.verify, "book", lambda: {id_: all_experiments[id_] for id_ in ["roc-curve/default"]})
    monkeypatch.setattr(archive, "_git", lambda _root, verb, *_: "\0".join(FEW) if verb == "ls-files" else "1767225600")


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "html"
    folder.mkdir()
    (folder / "index.html").write_text("<p>book</p>", "utf8")
    return folder


def test_two_archives_are_equal_and_their_checksums_are_complete(few_files, site, tmp_path):
    first, second = (archive.build(site, tmp_path / name / "anogen-1.zip") for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as file:
        names = {name.removeprefix("anogen-1/") for name in file.namelist()}
        sums = dict(reversed(line.split("  ")) for line in file.read("anogen-1/SHA256SUMS").decode().splitlines())  # type: ignore[arg-type]
        assert sums.keys() == names - {"SHA256SUMS"}
        assert {*FEW, "site/index.html", "codemeta.json", "croissant/mnist.json", "ro-crate-metadata.json"} <= names
        for name, sha256 in sums.items():
            assert hashlib.sha256(file.read(f"anogen-1/{name}")).hexdigest() == sha256


def test_an_archive_needs_a_built_book(few_files, tmp_path):
    with pytest.raises(InputError, match="run `make book` first"):
        archive.build(tmp_path, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


@pytest.mark.parametrize(("path", "words"), [(None, "made from a git clone"), ("", "git is not installed")])
def test_an_archive_needs_git(site, tmp_path, monkeypatch, path, words):
    monkeypatch.setattr(archive, "require_checkout", lambda: tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    if path is not None:
        monkeypatch.setenv("PATH", path)
    elif shutil.which("git") is None:
        pytest.skip("git is not installed")
    with pytest.raises(InputError, match=words):
        archive.build(site, tmp_path / "a.zip")


def test_the_crate_describes_every_record_and_leaves_nothing_undefined(monkeypatch, all_experiments):
    monkeypatch.setattr(archive.verify, "book", lambda: all_experiments)
    graph = archive.crate(CITATION, 1767225600)["@graph"]
    nodes = {node["@id"]: node for node in graph}
    assert len(nodes) == len(graph)
    root = nodes["./"]
    actions = [node for node in graph if node["@type"] == "CreateAction"]
    assert {a["@id"] for a in actions} == {m["@id"] for m in root["mentions"]}
    assert len(actions) == len(list((ROOT / "book" / "records").glob("*/*.npz")))
    for action in actions:
        for reference in (action["instrument"], action["agent"], *action["object"], *action["result"]):
            assert reference["@id"] in nodes, action["@id"]
        assert (ROOT / action["instrument"]["@id"]).is_file()
    parts = {part["@id"] for part in root["hasPart"]}
    for node in graph:
        if "File" in node["@type"]:
            assert node["@id"] in parts
        if "sha256" in node:
            assert hashlib.sha256((ROOT / node["@id"]).read_bytes()).hexdigest() == node["sha256"]


def test_codemeta_repeats_the_citation():
    meta = archive.codemeta(CITATION, 1767225600)
    assert (meta["version"], meta["dateModified"]) == (CITATION["version"], "2026-01-01")
    assert len(meta["referencePublication"]) == 4
    assert json.loads(json.dumps(meta)) == meta


@pytest.mark.parametrize("name", DATASETS)
def test_croissant_lists_the_files_with_their_checksums(name):
    info = DATASETS[name]
    meta = archive.croissant(info)
    files = {file["name"]: file for file in meta["distribution"]}
    assert files.keys() == (info.download.hashes.keys() if info.download else set())
    for file_name, digest in info.download.hashes.items() if info.download else ():
        kind, _, value = digest.partition(":")
        assert files[file_name][kind] == value
