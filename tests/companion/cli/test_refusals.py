"""The command line answers bad input in one line that names it and the remedy, and nothing is lost or written."""

import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from anogen import datasets, paths
from anogen.cli import main
from companion import records
from companion.chapters import chapter_experiments
from companion.site.parameters import check


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
        (["run", "autoencoder", "-p", "population=1"], ["population_size = 1", "give 2 or more"]),
        (["run", "autoencoder", "-p", "starts=-1"], ["starts = -1", "give 1 or more"]),
        (["run", "autoencoder", "-p", "seed=-1"], ["seed -1", "give 0 or more"]),
        (["run", "autoencoder-cifar", "-p", "latents=[0]"], ["latent = 0", "give 1 or more"]),
        (["run", "anorand-benchmark", "-p", "sets=0"], ["'0'"]),
        (["run", "trainings", "-p", "trainings=1000000000000"], ["trainings = 1000000000000", "at most 1000"]),
        (["run", "autoencoder", "--scale", "tiny"], ["'tiny'", "quick", "laptop", "paper"]),
        (["run", "other-detectors", "-p", "k=30"], ["k = 30", "did you mean 0.3?"]),
        (["run", "other-detectors", "-p", "k=2"], ["k = 2", "did you mean 0.02?"]),
        (["run", "other-detectors", "-p", "k=-0.1"], ["k = -0.1", "from 0 to 1"]),
        (["run", "other-detectors", "-p", "detector=cblov"], ["'cblov'", "did you mean cblof"]),
        (["run", "autoencoder", "--jobs", "0"], ["'0'", "give 1 or more"]),
        (["run", "autoencoder", "--jobs", "two"], ["'two'", "give 1 or more"]),
        (["where", "thesis-fig-99"], ["thesis-fig-99"]),
        (["records", "compute", "--jobs", "2", "--dask", "x"], ["--jobs", "--dask", "choose one"]),
        (["dance"], ["'dance'", "--help"]),
        (["run", "autoencoder", "--fast"], ["--fast", "--help"]),
        (["data", "fetch", "cifar"], ["'cifar'", "did you mean 'cifar10'"]),
        (["records", "compute", "evolution"], ["'evolution'", "anogen records list"]),
        (["records", "verify", "nothing/here"], ["'nothing/here'", "anogen records list"]),
        (["records", "compute", "--chapter", "autoencodr"], ["'autoencodr'", "did you mean 'autoencoder'"]),
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


def test_a_full_memory_is_one_line(capsys, monkeypatch):
    def allocate(_):
        torch.empty(2**60)

    monkeypatch.setattr(datasets, "fetch", allocate)
    assert main(["data", "fetch", "mnist"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("anogen: the memory is full") and err.count("\n") == 1


def test_an_output_that_cannot_be_written_is_named_before_anything_is_computed(refused, tmp_path):
    (tmp_path / "file").write_text("in the way")
    target = tmp_path / "file" / "page.ipynb"
    line = refused("run", "background", "--scale", "quick", "-o", str(target))
    assert str(target.parent) in line and "-o" in line


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["-o", "mine.ipynb"], ["mine.ipynb exists"]),
        (["-o", "mine.html", "--html"], ["notebook and the page", ".ipynb"]),
        (["-o", "new.ipynb", "--html"], ["new.html exists"]),
        (["-o", "link.ipynb"], ["link.ipynb", "a link"]),
    ],
)
def test_an_output_that_would_replace_a_file_of_the_user_is_named(refused, tmp_path, words, named):
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("mine.ipynb", "new.html"):
        (folder / name).write_text('{"anogen": 1}')
    (folder / "link.ipynb").symlink_to(folder / "mine.ipynb")
    line = refused("run", "background", "--scale", "quick", "-o", str(folder / words[1]), *words[2:])
    assert all(part in line for part in named), line
    assert (folder / "mine.ipynb").read_text() == (folder / "new.html").read_text() == '{"anogen": 1}'
    assert not (folder / "new.ipynb").exists()


def test_a_package_of_the_book_that_is_missing_is_named_with_the_remedy(refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "jupytext", None)
    monkeypatch.delitem(sys.modules, "companion.site.execute", raising=False)
    line = refused("run", "background", "--scale", "quick")
    assert "jupytext" in line and "[book]" in line


def changed(dataset, **parts):
    """A data set with some of its arrays replaced."""
    return lambda _name: replace(dataset, **parts)


@pytest.mark.parametrize("chapter", ["autoencoder", "other-detectors"])
def test_a_class_without_images_is_named(refused, monkeypatch, chapter):
    data = datasets.load("mnist-5k")
    some = data.y_train != 6
    monkeypatch.setattr(datasets, "load", changed(data, x_train=data.x_train[some], y_train=data.y_train[some]))
    line = refused("run", chapter, "--scale", "quick", "-p", "digit=6")
    assert "no training image of class '6'" in line and "choose another class" in line


def test_data_with_nan_are_named(refused, monkeypatch):
    class Spoilt:
        def one_class(self, label):
            data = datasets.load("mnist-5k").one_class(label)
            data.X_train[5, 5] = np.nan
            return data

    spoilt = Spoilt()
    monkeypatch.setattr("companion.studies.evaluation_data.datasets", type("Module", (), {"load": lambda _: spoilt}))
    line = refused("run", "other-detectors", "--scale", "quick", "-p", "detectors=hbos")
    assert "1 values of the training data are NaN" in line and "clean them" in line


def test_images_of_a_shape_that_the_detector_does_not_take_are_named(refused, monkeypatch):
    data = datasets.load("mnist-5k")
    monkeypatch.setattr(datasets, "load", changed(data, x_train=data.x_train[:, :27], x_test=data.x_test[:, :27]))
    line = refused("run", "autoencoder", "--scale", "quick", "-p", "digit=7")
    assert "27 x 28 pixels" in line and "multiples of 4" in line


def test_a_corrupt_record_is_named_with_the_remedy_and_not_overwritten(capsys, elsewhere):
    given = check("background", {"points": "400"}, "quick")
    path = records.get(chapter_experiments("background", **given)["roc"]).path
    path.write_bytes(path.read_bytes()[:-100])
    damaged = path.read_bytes()
    assert main(["run", "background", "--scale", "quick", "-p", "points=400"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert "corrupt" in err and "roc-curve/" in err and str(path) in err and "delete" in err
    assert path.read_bytes() == damaged
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize(
    "words",
    [
        ["run", "background"],
        ["run"],
        ["build"],
        ["records", "list"],
        ["records", "compute"],
        ["records", "verify"],
        ["status"],
        ["where", "thesis-fig-6.17"],
    ],
)
def test_what_needs_the_book_says_so_outside_a_checkout(refused, monkeypatch, words):
    monkeypatch.setattr(paths, "checkout", lambda: None)
    assert "clone the project" in refused(*words)
