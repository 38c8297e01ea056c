"""Every chapter executes with parameters of the reader's."""

import json
from pathlib import Path

import pytest

from anogen.cli import main
from companion.chapters import chapter_experiments, chapters
from companion.records import store
from companion.site.parameters import check

SMALL = {
    "background": ["points=400"],
    "tailored-gan": ["digit=7", "iterations=3"],
    "tailored-mnist": ["iterations=3", "trainings=2", "updates=3"],
    "tailored-cifar": ["iterations=3", "trainings=2", "updates=3"],
    "methods": [],
    "gan-review": ["normal=7", "iterations=5", "searched=4", "starts=2", "tested=10"],
    "gan-challenges": ["normal=7", "iterations=5"],
    "gan-scores": ["normal=7", "classes=[7]", "seeds=1", "iterations=6"],
    "trainings": ["digit=7", "generations=6", "detectors=deep-svdd-untrained", "trainings=2", "starts=2", "pairs=1"],
    "sample-quality": ["digit=7", "generations=6", "detectors=hbos"],
    "passing": [],
    "correlation": [],
    "playground": [],
    "anorand-benchmark": [],
    **{one: ["data=mnist-5k", "generations=2"] for one in ("campaign", "thyroid", "cardio", "heartbeats")},
    "audit": ["digit=7", "detectors=pyod.models.hbos:HBOS"],
    "autoencoder": ["digit=7", "generations=6", "population=6", "iterations=3", "starts=2"],
    "other-detectors": ["generations=6", "population=6", "trainings=2", "starts=2", "detectors=hbos"],
    "certificates": ["evaluations=100", "detectors=gmm,copod"],
    "cblof": ["generations=6", "population=6", "trainings=2", "starts=2"],
    "appendix": ["generations=6", "detectors=cblof"],
    "deep-svdd": [
        "digit=7",
        "detectors=deep-svdd-untrained",
        "generations=6",
        "stops=[2,6]",
        "starts=2",
        "pairs=2",
    ],
    "dean": [
        "digit=7",
        "first=2",
        "submodels=3",
        "sizes=[2,3]",
        "generations=6",
        "stops=[2,6]",
        "starts=2",
        "pairs=2",
    ],
    "autoencoder-cifar": [
        "dataset=mnist-5k",
        "classes=['7','4']",
        "latents=[2]",
        "steps=4",
        "generations=6",
        "starts=2",
    ],
    "anorand": ["settings=defaults", "digit=7", "drawn=anorand"],
    "search-settings": [
        "digit=7",
        "populations=[6,8]",
        "rates=[0.5]",
        "sigmas=[0.01]",
        "generations=40",
        "trainings=1",
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("chapter", chapters())
def test_a_chapter_executes_with_the_readers_parameters(chapter, tmp_path, monkeypatch, capsys, root):
    """And the autoencoder's twice, each time from an empty cache, to the same bytes."""
    given = check(chapter, dict(pair.split("=") for pair in SMALL[chapter]), "quick")
    own = [e for e in chapter_experiments(chapter, **given).values() if e.scale != "quick"]  # the same for every reader
    missing = [e.id for e in own if store.find_committed(e) is None]
    if missing:
        pytest.skip(f"not committed yet, and would take hours to compute: {', '.join(missing)}")
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
