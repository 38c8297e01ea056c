"""Write the detectors of the page's own engine as scripts, with the records that they come from."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from anogen.detectors import CATALOGUE
from companion.live.export import EXACT, encode, encode_runs, export_arrays, grey_levels
from companion.live.runs import pairs, runs, searches
from companion.records import store
from companion.studies.evaluation_data import score_rows
from companion.studies.retraining import Retraining

DATASET = "mnist"


class LiveDetector(NamedTuple):
    """A detector that the page can load."""

    name: str  # in the catalogue
    normal: int

    @property
    def key(self) -> str:
        """The name of its script."""
        return f"{self.name}-{DATASET}-{self.normal}"


# CBLOF for every digit; the digits of the thesis's figures for the others, as far as the site's size allows.
DETECTORS = (
    *(LiveDetector("cblof", digit) for digit in range(10)),
    *(LiveDetector(name, digit) for name in ("copod", "ecod", "hbos", "iforest") for digit in (3, 4)),
    *(LiveDetector(name, 4) for name in ("autoencoder", "deep-svdd", "deep-svdd-untrained", "inne")),
)


def write_all(folder: Path) -> list[Path]:
    """Write the script of every detector to a folder, and delete others there; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{one.key}.js" for one in DETECTORS]
    for path, one in zip(paths, DETECTORS, strict=True):
        path.write_text(script(one.key, describe(one)), encoding="utf8")
    for path in set(folder.glob("*.js")) - set(paths):
        path.unlink()
    return paths


def script(key: str, content: dict[str, Any]) -> str:
    """Return the script that gives the page its data by this key."""
    return f"anogenLive.add({json.dumps(key)}, {json.dumps(content, separators=(',', ':'))});\n"


def describe(live: LiveDetector) -> dict[str, Any]:
    """Return the arrays of a detector's score, what it is, and the runs of records that it can recompute."""
    training = Retraining(dataset=DATASET, detector=live.name, normal=live.normal)
    scorer = training.scorer()
    like = LiveDetector("copod", live.normal).key if live.name == "ecod" else None
    if like:  # its other arrays are COPOD's
        kind, arrays = "tails", {"average": False}
    else:
        kind, arrays = export_arrays(live.name, training.fitted_detector(), scorer)
    return {
        "key": live.key, "title": CATALOGUE[live.name].title, "detector": live.name, "dataset": DATASET,
        "digit": live.normal, "kind": kind, "exact": live.name in EXACT, "d": scorer.n_features_in_,
        "shape": list(training.data.image_shape), "like": like, "arrays": arrays, "optimum": _optimum(scorer),
        **_published(live, training, scorer),
    }  # fmt: skip


def _optimum(scorer: Any) -> dict[str, Any] | None:
    """Return the most normal image, if it is known."""
    known = scorer.optimum()
    if known is None:
        return None
    sample = encode(known.samples[0].numpy().astype(np.float32))
    return {"sample": sample, "score": known.score, "status": known.status, "certificate": known.certificate}


def _published(live: LiveDetector, training: Retraining, scorer: Any) -> dict[str, Any]:
    """Return what the records of a detector say; without one, the median score of its held-out images."""
    found = published(searches(live.name, DATASET, live.normal))
    if found["median"] is None:
        scores = score_rows(scorer, torch.from_numpy(training.data.test_normal))
        found["median"] = float(np.median(scores))
    return found


def published(experiments: Iterable[Any]) -> dict[str, Any]:
    """Return the runs of records, the pairs of image and order of fixed pixels, and the median score of real images."""
    out: dict[str, Any] = {"records": [], "pairs": None, "median": None}
    for experiment in experiments:
        record = store.load(experiment)
        found = pairs(record)
        if found and out["pairs"] is None:
            references, order = found
            levels, index = grey_levels(references)
            out["pairs"] = {
                "levels": encode(levels.astype(np.float32)), "references": encode_runs(index),
                "order": encode(order.astype(np.uint16)), "count": len(order),
            }  # fmt: skip
        if out["median"] is None:
            scores = record["test_normal_scores"]
            out["median"] = float(np.median(scores[0] if scores.ndim == 2 else scores))
        out["records"].append(runs(experiment, record))
    return out
