"""The examples in the docstrings of the public names run as tests."""

import doctest
import inspect
import sys

import pytest

import anogen


def public_objects():
    """Return the public functions and classes by qualified name: anogen's and those of its public subpackages."""
    found = {"anogen": anogen}
    for name in anogen.__all__:
        item = getattr(anogen, name)
        if inspect.ismodule(item):
            found[item.__name__] = item
            members = {part: getattr(item, part) for part in getattr(item, "__all__", ())}
            found |= {f"{item.__name__}.{part}": member for part, member in members.items() if callable(member)}
        else:
            found[f"anogen.{name}"] = item
    return found


def examples():
    finder, tests = doctest.DocTestFinder(exclude_empty=True, recurse=True), {}
    for name, item in public_objects().items():
        if inspect.ismodule(item):
            continue
        module = sys.modules[item.__module__]
        # the examples of the verbs and the generators state every import; others may use their module's names
        globs = vars(module) if name.startswith(("anogen.datasets", "anogen.detectors", "anogen.metrics")) else {}
        tests |= {test.name: test for test in finder.find(item, name, module=module, globs=globs) if test.examples}
    return tests


EXAMPLES = examples()


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run(name):
    output = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    runner.run(EXAMPLES[name], out=output.append)
    assert not runner.failures, "".join(output)


def test_the_example_of_the_package_runs():
    assert doctest.testmod(anogen).failed == 0


def test_the_verbs_have_examples():
    for verb in ("make_scorer", "generate", "find_optimum", "audit", "register_scorer"):
        assert f"anogen.{verb}" in EXAMPLES
