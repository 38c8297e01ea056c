"""A chapter is executed to the same bytes every time, or not at all."""

import json
import os
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anogen.errors import InputError
from companion.site.execute import command, execute
from companion.site.parameters import check

PARAMETERS = ' tags=["parameters"]\nscale = "laptop"\ndigit = [3, 4]'
SETUP = """ tags=["remove-input"]
from types import SimpleNamespace
from matplotlib.figure import Figure
from companion.notebook import figure, markdown

def draw(digit):
    fig = Figure(figsize=(2, 1))
    fig.subplots().plot([0, digit])
    return fig

record = SimpleNamespace(id="toy/default", meta={"scale": scale, "seed": 5})
"""
ONE = """
figure(draw(digit[0]), id="thesis-fig-6.1", caption="Digit *one*.", alt="a rising line", records=[record])"""
SEVERAL = """
for number in digit:
    markdown(f"Now {number}.")
    figure(draw(number), id=f"x-{number}", caption="A line.", alt="a line", width="40%")"""


def cells(path: Path) -> list[dict[str, Any]]:
    found = json.loads(path.read_text())["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in found]


def _says(cell: dict[str, Any]) -> bool:
    return any("text/markdown" in output.get("data", {}) for output in cell.get("outputs", []))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "out" / "toy.ipynb"


@pytest.mark.slow
def test_two_executions_give_the_same_bytes_and_no_trace_of_the_machine(
    notebook: Callable[..., Path], target: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    notebook(" [markdown]\n# # Toy", PARAMETERS, SETUP, ONE, SEVERAL)
    given = check("toy", {"digit": "7"})
    first = execute("toy", given, target).read_bytes()
    second = execute("toy", given, target.with_name("again.ipynb")).read_bytes()
    assert first == second
    text = first.decode()
    assert str(Path.home()) not in text
    assert str(target.parent.parent) not in text
    assert sys.executable not in text
    said = capfd.readouterr()
    assert said.out + said.err == ""
    assert sorted(path.name for path in target.parent.iterdir()) == ["again.ipynb", "toy.ipynb"]


def test_a_figure_becomes_a_numbered_figure_with_its_provenance(notebook: Callable[..., Path], target: Path) -> None:
    notebook(PARAMETERS, SETUP, ONE, SEVERAL)
    done = cells(execute("toy", check("toy", {}), target))
    said = [cell["metadata"].get("mystnb", {}) for cell in done]
    by_name = {one["figure"]["name"]: i for i, one in enumerate(said) if "figure" in one}
    assert list(by_name) == ["thesis-fig-6.1", "x-3", "x-4"]

    place = by_name["thesis-fig-6.1"]
    shown = done[place]["metadata"]["mystnb"]
    assert shown["image"]["alt"] == "a rising line"
    assert shown["image"]["classes"] == "dark-light"
    assert shown["figure"]["caption"] == "**Thesis Fig. 6.1** Digit *one*."
    assert "hide-input" in done[place]["metadata"]["tags"]
    assert [output["metadata"] for output in done[place]["outputs"]] == [{}]
    assert done[place + 1]["source"] == (
        "```{provenance} thesis-fig-6.1\n:records: toy/default\n:command: anogen run toy\n```"
    )

    # Several figures in one cell: each gets a cell of its own, in the order of the cell.
    place = by_name["x-3"]
    texts = {i: "".join(c["outputs"][0]["data"]["text/markdown"]) for i, c in enumerate(done) if _says(c)}
    assert texts == {place - 1: "Now 3.", place + 2: "Now 4."}
    assert by_name["x-4"] == place + 3
    assert done[place]["source"] != ""
    assert done[place]["metadata"]["tags"] == ["remove-input"]
    assert done[place]["metadata"]["mystnb"]["image"]["width"] == "40%"
    assert ":records: none" in done[place + 1]["source"]
    assert [cell["id"] for cell in done] == [f"toy-{number}" for number in range(len(done))]


@pytest.mark.slow
def test_conclusions_of_the_book_are_left_out_under_other_parameters(
    notebook: Callable[..., Path], target: Path
) -> None:
    conclusion = ' [markdown] tags=["book-only"]\n# So it is a three.'
    notebook(" [markdown]\n# # Toy", PARAMETERS, SETUP, conclusion, ONE)
    for given, shown in (({}, True), ({"digit": "7"}, False), ({"scale": "quick"}, False)):
        done = cells(execute("toy", check("toy", given), target))
        assert any("So it is a three." in cell["source"] for cell in done) == shown
        assert sum("figure" in cell["metadata"].get("mystnb", {}) for cell in done) == 1


@pytest.mark.parametrize(
    ("raised", "error", "words"),
    [
        ('from anogen.errors import InputError\nraise InputError("digit 11")', InputError, "digit 11"),
        ("\n1 / 0", RuntimeError, "ZeroDivisionError: division by zero .in the cell that begins with '1 / 0'"),
    ],
)  # fmt: skip
def test_a_failing_cell_leaves_what_was_there(
    notebook: Callable[..., Path], target: Path, raised: str, error: type[Exception], words: str
) -> None:
    target.parent.mkdir()
    before = '{"metadata": {"anogen": {\n   "chapter": "toy"}}}'  # as anogen writes it
    target.write_text(before)
    notebook(PARAMETERS, f"\n{raised}")
    with pytest.raises(error, match=words) as caught:
        execute("toy", check("toy", {}), target)
    assert "\n" not in str(caught.value)
    assert target.read_text() == before
    assert [path.name for path in target.parent.iterdir()] == ["toy.ipynb"]


def test_the_kernel_is_this_interpreter_without_the_settings_of_the_user(
    notebook: Callable[..., Path], target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    startup = home / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("raise SystemExit('a startup file ran')")
    spec = home / ".local" / "share" / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text('{"argv": ["/bin/false"], "display_name": "other", "language": "python"}')
    (home / ".config" / "matplotlib").mkdir(parents=True)
    (home / ".config" / "matplotlib" / "matplotlibrc").write_text("lines.linewidth: 99")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("JUPYTER_PATH", str(spec.parent.parent))
    notebook(
        PARAMETERS,
        '\nimport os, sys\nimport matplotlib as m\nprint(sys.executable, os.getcwd(), m.rcParams["lines.linewidth"])',
    )
    home.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        done = cells(execute("toy", check("toy", {}), target))
    finally:
        home.chmod(stat.S_IRWXU)
    clone = tmp_path / "clone"
    assert "".join(done[-1]["outputs"][0]["text"]) == f"{sys.executable} {clone} 1.5\n"


@pytest.mark.slow
def test_a_stop_ends_a_running_cell(notebook: Callable[..., Path], target: Path, tmp_path: Path) -> None:
    started = tmp_path / "started"
    notebook(
        PARAMETERS,
        f"\nimport os, pathlib, time\npathlib.Path({str(started)!r}).write_text(str(os.getpid()))\ntime.sleep(300)",
    )
    stop = threading.Event()

    def once_started() -> None:
        while not started.exists():
            pass
        stop.set()

    waiting = threading.Thread(target=once_started)
    waiting.start()
    with pytest.raises(KeyboardInterrupt):
        execute("toy", check("toy", {}), target, stop)
    waiting.join()
    assert list(target.parent.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


def test_an_unwritable_place_is_said_before_anything_runs(notebook: Callable[..., Path], tmp_path: Path) -> None:
    notebook(PARAMETERS, "\nraise SystemExit")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot write .*choose another place with -o"):
        execute("toy", check("toy", {}), tmp_path / "file" / "toy.ipynb")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "anogen run toy"),
        ({"digit": [7], "scale": "quick"}, "anogen run toy -p digit=7 --scale quick"),
        ({"digit": [3, 4], "k": [0.5]}, "anogen run toy -p 'digit=[3,4]' -p k=0.5"),
        ({"name": "a b"}, "anogen run toy -p 'name=a b'"),
    ],
)
def test_the_command_is_one_that_a_shell_understands(changed: dict[str, Any], words: str) -> None:
    assert command("toy", changed) == words


FRAMES = """
from companion.notebook import slider
import numpy as np
slider([draw(1), draw(2), np.eye(4)], [0, 0.5, "last"], id="x-k", caption="Lines; $k$.", alt="a line",
       records=[record], name="k", start=1, width="200px")
markdown("After.")"""


@pytest.mark.slow
def test_frames_become_one_figure_and_a_slider(notebook: Callable[..., Path], target: Path) -> None:
    notebook(PARAMETERS, SETUP, FRAMES)
    done = cells(execute("toy", check("toy", {}), target))
    place = next(i for i, c in enumerate(done) if "figure" in c["metadata"].get("mystnb", {}))
    first, rest, slider, provenance, after = done[place : place + 5]
    assert first["metadata"]["mystnb"]["figure"]["name"] == "x-k"
    assert [len(cell["outputs"]) for cell in (first, rest)] == [1, 2]
    assert all(output["metadata"] == {} for cell in (first, rest) for output in cell["outputs"])
    assert rest["metadata"]["mystnb"] == {"image": {"alt": "a line", "classes": "dark-light", "width": "200px"}}
    assert slider["source"] == '```{frames} x-k\n:labels: ["0", "0.5", "last"]\n:name: k\n:start: 1\n```'
    assert provenance["source"].startswith("```{provenance} x-k\n:records: toy/default")
    assert _says(after)


@pytest.mark.slow
def test_a_table_is_named_and_followed_by_its_provenance(notebook: Callable[..., Path], target: Path) -> None:
    cell = """
from companion.notebook import table
table(["a", "b"], [["1", "2"]], id="review-table-1", caption="Two numbers.")"""
    notebook(PARAMETERS, cell)
    done = cells(execute("toy", check("toy", {}), target))
    place = next(i for i, c in enumerate(done) if "".join(c["source"]).startswith(":::{table}"))
    assert "".join(done[place]["source"]) == (
        ":::{table} **Review Table 1** Two numbers.\n:name: review-table-1\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n:::"
    )
    assert done[place - 1]["outputs"] == [] and "table" in "".join(done[place - 1]["source"])
    assert "".join(done[place + 1]["source"]) == (
        "```{provenance} review-table-1\n:records: none\n:command: anogen run toy\n```"
    )
