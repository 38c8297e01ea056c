"""What a reader gives is checked before a kernel starts, and answered in one line that names the remedy."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anogen.errors import InputError
from companion.chapters import Chapter, chapters
from companion.site.parameters import check, convert, parameters

CELL = """ tags=["parameters"]
scale = "laptop"
digit = [3, 4]
rate: float = 0.5
k = [0.1, 0.9]
generations = 5000
detector = "cblof"
detectors = ["copod", "hbos"]
clip = True
"""
DEFAULTS = {
    "scale": "laptop",
    "digit": [3, 4],
    "rate": 0.5,
    "k": [0.1, 0.9],
    "generations": 5000,
    "detector": "cblof",
    "detectors": ["copod", "hbos"],
    "clip": True,
}


@pytest.fixture
def toy(notebook: Callable[..., Path]) -> Path:
    return notebook(CELL, "\ngenerations = 3  # not a parameter: another cell")


def test_defaults_come_from_the_parameters_cell_alone(toy: Path) -> None:
    assert parameters("toy") == DEFAULTS


def test_without_anything_given_the_defaults_hold(toy: Path) -> None:
    assert check("toy", {}) == DEFAULTS


@pytest.mark.parametrize(
    ("name", "given_", "read"),
    [
        ("digit", "7", [7]),
        ("digit", "[7, 9]", [7, 9]),
        ("digit", 7, [7]),
        ("rate", "1", 1.0),
        ("rate", "1e-3", 1e-3),
        ("k", "[0, 0.3]", [0.0, 0.3]),
        ("generations", "500", 500),
        ("detector", "hbos", "hbos"),
        ("detector", "'hbos'", "hbos"),
        ("detectors", "[copod,gmm]", ["copod", "gmm"]),
        ("detectors", "copod, gmm", ["copod", "gmm"]),
        ("detectors", "['gmm']", ["gmm"]),
        ("clip", "false", False),
        ("clip", "True", True),
    ],
)
def test_a_value_is_read_as_the_type_of_its_default(toy: Path, name: str, given_: object, read: object) -> None:
    value = check("toy", {name: given_})[name]
    assert value == read
    assert type(value) is type(read)
    if isinstance(read, list):
        assert [type(item) for item in value] == [type(item) for item in read]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "given_"),
    [
        ("digit", "seven"),
        ("digit", "[3, 4.5]"),
        ("digit", "[]"),
        ("digit", "{3}"),
        ("digit", "True"),
        ("rate", "fast"),
        ("rate", "[0.1]"),
        ("rate", "True"),
        ("generations", "1.5"),
        ("generations", "10**3"),
        ("generations", "__import__('os').getpid()"),
        ("generations", "True"),
        ("clip", "1"),
        ("clip", "yes"),
    ],
)
def test_a_value_of_another_type_is_refused_in_one_line_with_an_example(toy: Path, name: str, given_: str) -> None:
    with pytest.raises(InputError) as error:
        check("toy", {name: given_})
    line = str(error.value)
    assert "\n" not in line
    assert name in line
    assert "such as" in line


@pytest.mark.parametrize(
    ("chapter", "name", "given_", "read"),
    [
        ("dean", "sizes", "30,100,250", [30, 100, 250]),
        ("trainings", "classes", "frog,airplane", ["frog", "airplane"]),
        ("trainings", "digits", "3,5", [3, 5]),
    ],
)
def test_the_lists_that_pages_tell_readers_to_give_are_read(chapter: str, name: str, given_: str, read: object) -> None:
    assert check(chapter, {name: given_})[name] == read


def test_an_unknown_parameter_is_answered_with_the_nearest(toy: Path) -> None:
    with pytest.raises(InputError, match="has no parameter 'generation': did you mean 'generations'"):
        check("toy", {"generation": 3})


def test_an_unknown_chapter_is_answered_with_the_nearest(toy: Path) -> None:
    with pytest.raises(InputError, match="unknown chapter 'toi': did you mean 'toy'"):
        check("toi", {})


@pytest.mark.parametrize("name", ["../secret", "toy/../../x", ""])
def test_a_chapter_is_no_path(toy: Path, name: str) -> None:
    (toy.parent.parent / "secret.py").write_text("")
    with pytest.raises(InputError, match="unknown chapter"):
        check(name, {})


def test_an_unknown_scale_is_answered_with_the_nearest(toy: Path) -> None:
    with pytest.raises(InputError, match="unknown scale 'quik': did you mean 'quick'"):
        check("toy", {}, "quik")
    with pytest.raises(InputError, match="unknown scale 'huge'"):
        check("toy", {"scale": "huge"})


def test_quick_replaces_what_the_reader_did_not_give(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = SimpleNamespace(QUICK={"generations": 20, "rate": 0.1, "gone": 1})
    monkeypatch.setattr(Chapter, "experiments", lambda _self: module)
    assert check("toy", {}, "quick") == DEFAULTS | {"scale": "quick", "generations": 20, "rate": 0.1}
    assert check("toy", {"generations": "7"}, "quick")["generations"] == 7
    assert check("toy", {"scale": "quick"})["generations"] == 20
    assert check("toy", {}, "laptop")["generations"] == 5000


def test_a_parameters_cell_holds_plain_assignments(notebook: Callable[..., Path]) -> None:
    notebook(' tags=["parameters"]\nsteps = 2 * 3')
    with pytest.raises(InputError, match=r"steps = 2 \* 3"):
        parameters("toy")


def test_chapters_are_those_of_the_contents(toy: Path) -> None:
    assert {name: chapter.notebook for name, chapter in chapters().items()} == {"toy": toy}


@given(st.integers() | st.floats(allow_nan=False) | st.lists(st.integers(), min_size=1))
def test_what_python_writes_is_read_back(value: object) -> None:
    assert convert("x", repr(value), value) == value


@given(st.text(), st.sampled_from([1, 1.0, [1], True]))
def test_any_text_is_read_or_refused(text: str, default: object) -> None:
    try:
        value = convert("x", text, default)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert type(value) is type(default)
