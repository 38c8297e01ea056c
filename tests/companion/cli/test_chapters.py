"""The command `anogen run` executes a chapter with parameters of the reader's, in a kernel of its own.

`tests/notebooks/test_pages.py` executes the cells of every chapter, which takes a fraction of the time.
"""

import json
from pathlib import Path

import pytest

from anogen.cli import main

SMALL = {
    "methods": [],  # computes nothing
    "anorand-benchmark": [],  # its page has tables of many methods, which no smaller experiments have
    "autoencoder": ["digit=7", "generations=6", "population=6", "iterations=3", "starts=2"],
}


@pytest.mark.slow
@pytest.mark.parametrize("chapter", SMALL)
def test_a_chapter_executes_with_the_readers_parameters(chapter, tmp_path, monkeypatch, capsys):
    """And the autoencoder's twice, each time from an empty cache, to the same bytes."""
    words = [word for pair in SMALL[chapter] for word in ("-p", pair)]
    written: list[Path] = []
    for time_ in range(2 if chapter == "autoencoder" else 1):
        monkeypatch.setenv("ANOGEN_CACHE", str(tmp_path / f"cache-{time_}"))
        written.append(tmp_path / f"{chapter}-{time_}.ipynb")
        assert main(["run", chapter, "--scale", "quick", *words, "-o", str(written[-1])]) == 0
        assert capsys.readouterr().out == f"{written[-1]}\n"
    assert len({path.read_bytes() for path in written}) == 1
    notebook = json.loads(written[0].read_text(encoding="utf-8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not [output for output in outputs if output["output_type"] in {"error", "stream"}]
    assert str(tmp_path) not in written[0].read_text(encoding="utf-8")
