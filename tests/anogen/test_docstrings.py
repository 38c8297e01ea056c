"""The docstrings of the public names follow numpydoc: parameters, returns and an example exist, and match the code."""

import inspect

import pytest
from numpydoc.validate import validate

import anogen
from anogen import generators

CHECKS = {"GL08", "SS01", "SS02", "SS03", "PR01", "PR02", "PR03", "PR07", "PR10", "RT01", "RT03", "YD01", "EX01"}
RESULT = ("evaluate", "gap", "load", "plot", "save", "to_frame")
DATA = {"InputError", "Optimum", "AuditReport", "Diagnostics"}  # users receive these and do not make them


def paths():
    """Return the import paths of the public functions and classes."""
    top = {f"anogen.{name}": getattr(anogen, name) for name in anogen.__all__}
    top |= {f"anogen.generators.{name}": getattr(generators, name) for name in generators.__all__}
    return sorted(path for path, item in top.items() if not inspect.ismodule(item))


def faults(path, checks=CHECKS):
    return [f"{code}: {text}" for code, text in validate(path)["errors"] if code in checks]


@pytest.mark.parametrize("path", paths())
def test_docstrings_are_complete(path):
    data = path.rpartition(".")[2] in DATA
    assert not faults(
        path, CHECKS - ({"EX01", "PR01", "PR02"} if data else {"PR02"} if path.endswith("Scorer") else set())
    )


@pytest.mark.parametrize("method", RESULT)
def test_the_results_methods_are_documented(method):
    assert not faults(f"anogen.generators.result.GenerationResult.{method}", CHECKS - {"EX01"})


@pytest.mark.parametrize("path", paths())
def test_functions_say_what_they_raise(path):
    item = anogen
    for part in path.split(".")[1:]:
        item = getattr(item, part)
    if inspect.isfunction(item):
        assert "Raises\n" in inspect.getdoc(item)
