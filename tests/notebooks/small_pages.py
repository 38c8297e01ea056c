"""Every chapter's experiments and page at their smallest, computed in this process, each experiment once."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest
from nbformat import NotebookNode

from anogen.detectors import catalogue, parse_spec
from anogen.scorers import registry
from companion import digest, notebook
from companion.chapters import chapter as find_chapter
from companion.records import Record, store
from companion.site.execute import command
from companion.site.parameters import parameters, quick_parameters
from companion.site.postprocess import finish

SMALL = {
    "background": {"points": 400},
    "autoencoder": {"digit": 7, "iterations": 3, "generations": 4, "population": 6, "starts": 2},
    "deep-svdd": {
        "digit": 7,
        "generations": 6,
        "starts": 2,
        "pairs": 1,
        "stops": (3, 6),
        "classes": (),
        "detectors": ["deep-svdd-untrained", "deep-svdd:epochs=1", "deep-svdd-lenet:epochs=1"],
    },
    "dean": {
        "digit": 7,
        "classes": (),
        "first": 2,
        "submodels": 3,
        "sizes": (2, 3),
        "generations": 6,
        "stops": (3, 6),
        "starts": 2,
        "pairs": 1,
    },
    "other-detectors": {"digit": 7, "generations": 6, "trainings": 1, "starts": 2, "detectors": ["hbos"]},
    "trainings": {"digit": 7, "generations": 6, "detectors": ["cblof"], "trainings": 2, "starts": 2, "pairs": 1},
    "sample-quality": {"digit": 7, "generations": 6, "detectors": ["hbos"], "many": []},
    "anorand-benchmark": {"methods": ["hbos"], "supervised": ["nb"], "sets": ["breast-cancer"]},
    "certificates": {"digit": 7, "evaluations": 100, "detectors": ["gmm", "copod"]},
    "autoencoder-cifar": {
        "dataset": "mnist-5k",
        "classes": ["7"],
        "latents": [2],
        "steps": 2,
        "generations": 4,
        "starts": 2,
    },
    "search-settings": {
        "digit": 7,
        "detector": "autoencoder:epochs=1",
        "populations": [6],
        "rates": [0.9],
        "sigmas": [0.1],
        "generations": 5,
        "trainings": 2,
    },
    "anorand": {"normal": 3, "generations": 4, "drawn": ["anorand:epochs=1"]},
    "cblof": {"digit": 7, "generations": 6, "population": 6, "trainings": 1, "starts": 2},
    "appendix": {"digit": 7, "generations": 6, "detectors": ["cblof"]},
    "correlation": {"classes": [7], "generations": 8, "trainings": 1, "detectors": ["hbos", "gmm"], "clothes": []},
    "passing": {"digits": [7], "count": 8, "components": 8, "generations": 2},
    "gan-review": {"normal": 7, "iterations": 5, "searched": 4, "starts": 2, "tested": 10},
    "gan-challenges": {"normal": 7, "iterations": 5},
    "gan-scores": {"normal": 7, "classes": [7], "seeds": 1, "iterations": 6},
    "playground": {},
    "theory": {},
    "optimisers": {"digit": 7, "detectors": ["cblof", "hbos"], "evaluations": 400, "longer": 800},
    "normal-map": {"digit": 7, "detectors": ["cblof"]},
    "typical-set": {"digits": [7], "detectors": ["hbos"]},
    **{one: {"data": "mnist-5k", "generations": 2} for one in ("campaign", "thyroid", "cardio", "heartbeats")},
    "audit-bench": {},
    "counterfactuals": {"digit": 7},
    "which-detector": {"detectors": ["hbos"]},
    "audit": {"digit": 7, "detectors": ["pyod.models.hbos:HBOS"]},
    "tailored-gan": {"digit": 7, "path_digit": 2, "iterations": 3},
    "tailored-mnist": {"iterations": 3, "trainings": 1, "updates": 3},
    "tailored-cifar": {"iterations": 3, "trainings": 1, "updates": 3},
}


def smallest(experiment):
    """The same experiment with as little work as there can be."""
    if experiment.scale != "quick":  # the book's own sweeps, which every reader gets as they are
        kind, size = type(experiment), {"generations": 6, "iterations": 2, "population": 6, "trainings": 1, "starts": 2}
        chosen = {key: value for key, value in experiment.parameters.items() if value != kind().parameters[key]}
        fits = {key: value for key, value in size.items() if hasattr(experiment, key)}
        experiment = kind.at("quick", **chosen | fits)
    return replace(experiment, epochs=1) if hasattr(experiment, "epochs") else experiment


def inputs_of(experiment):
    return {role: arrays(smallest(needed)) for role, needed in experiment.requires().items()}


@cache
def arrays(experiment):
    return run(experiment, inputs_of(experiment))


def run(experiment, inputs):
    """Run an experiment, and check that its record's digest covers the detectors and scorers that it asks for."""
    asked, loaded = set(), set()
    entry, scorer_modules = catalogue.entry, registry.scorer_modules

    def recorded_entry(name):
        asked.add(name)
        return entry(name)

    def recorded_modules(detector_class):
        loaded.update(scorer_modules(detector_class))
        return scorer_modules(detector_class)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "entry", recorded_entry)
        patch.setattr(registry, "scorer_modules", recorded_modules)
        result = experiment.run(inputs)
    assert asked <= {parse_spec(spec)[0] for spec in store.implementations(experiment)}, experiment.id
    assert loaded <= digest.canonical_texts(*store.code_modules(experiment)).keys(), experiment.id
    return result


def draw(figure, **_options) -> tuple[dict[str, bytes], float]:
    """Lay a figure out, texts and formulas included, without encoding it, which takes most of the time."""
    figure.draw_without_rendering()
    return {"image/png": b"\x89PNG".ljust(32, b"\0")}, 100.0


def record(experiment) -> Record:
    """Return the record of an experiment at its smallest."""
    experiment = smallest(experiment)
    stated = json.loads(json.dumps(experiment.parameters))
    data = {name: {"name": name, "provenance": "real", "sha256": "0"} for name in experiment.datasets()}
    meta = {"parameters": stated, "scale": "quick", "seed": experiment.seed, "seconds": 1.0, "data": data}
    return Record(experiment.id, arrays(experiment), meta, Path())


def load_available(_chapter, experiments, _bar=None) -> dict[str, Record]:
    """Return the record of every experiment."""
    return {role: record(experiment) for role, experiment in experiments.items()}


def page(chapter: str, **values: Any) -> list[Any]:
    """Return the cells of a chapter's page at scale quick, as they are published under the reader's `values`."""
    defaults = parameters(chapter)
    listed = {name for name, default in defaults.items() if isinstance(default, list)}
    values = {name: [v] if name in listed and isinstance(v, int | str) else v for name, v in values.items()}
    given = defaults | quick_parameters(chapter) | {"scale": "quick"} | values
    changed = {name: given[name] for name in defaults if given[name] != defaults[name]}
    found = jupytext.read(find_chapter(chapter).notebook)
    names: dict[str, Any] = {}
    outputs: list[Any] = []

    def display(data, metadata=None, raw=False):
        bundle = dict(data) if raw else {"text/markdown": data.data}
        outputs.append(NotebookNode(output_type="display_data", data=bundle, metadata=metadata or {}))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notebook, "display", display)
        patch.setattr(notebook, "mime_bundle", draw)
        patch.setattr(notebook, "load_available", load_available)
        for cell in found.cells:
            if cell.cell_type == "code":
                exec(cell.source, names)
                if "parameters" in cell.metadata.get("tags", []):
                    names |= given
                cell.outputs, outputs = outputs, []
    return finish(nbformat.from_dict(found), chapter, command(chapter, changed), changed).cells
