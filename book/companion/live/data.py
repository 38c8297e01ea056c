"""Write the detectors of the page's own engine as scripts, with the records that they come from."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from anogen import datasets
from anogen.detectors import CATALOGUE
from companion.live.export import EXACT, encode, encode_runs, export_arrays, grey_levels
from companion.live.runs import pairs, runs, searches
from companion.records import store
from companion.studies.retraining import Retraining

N_IMAGES = 100  # real images of a class, to be fixed pixels or a part of the first population
DATASET = "mnist"


class LiveDetector(NamedTuple):
    """A detector that the page can load."""

    name: str  # in the catalogue
    normal: int

    @property
    def key(self) -> str:
        """The name of its script."""
        return f"{self.name}-{DATASET}-{self.normal}"


# Below 100 kB for every digit, and the digits of the thesis's figures for the others.
DETECTORS = (
    *(LiveDetector(name, digit) for name in ("cblof", "hbos") for digit in range(10)),
    *(LiveDetector(name, digit) for name in ("copod", "ecod", "iforest") for digit in (3, 4)),
    LiveDetector("inne", 4),
)


def write_all(folder: Path) -> list[Path]:
    """Write the script of every detector, and of the real images of every digit, to a folder; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    contents: dict[str, dict[str, Any]] = {one.key: describe(one) for one in DETECTORS}
    contents |= {f"images-{DATASET}-{digit}": real_images(digit) for digit in sorted({d.normal for d in DETECTORS})}
    paths = []
    for key, content in contents.items():
        path = folder / f"{key}.js"
        path.write_text(f"anogenLive.add({json.dumps(key)}, {json.dumps(content)});\n", encoding="utf8")
        paths.append(path)
    return paths


def describe(live: LiveDetector) -> dict[str, Any]:
    """Return the arrays of a detector's score, what it is, and the runs of records that it can recompute."""
    training = Retraining(dataset=DATASET, detector=live.name, normal=live.normal)
    scorer = training.scorer()
    kind, arrays = export_arrays(live.name, training.fitted_detector(), scorer)
    shared = {"like": LiveDetector("copod", live.normal).key} if live.name == "ecod" else {}
    if shared:  # the arrays are those of COPOD
        arrays = {"average": arrays["average"]}
    return {
        "key": live.key, "title": CATALOGUE[live.name].title, "detector": live.name, "dataset": DATASET,
        "digit": live.normal, "kind": kind, "exact": live.name in EXACT, "d": scorer.n_features_in_,
        "shape": list(training.data.image_shape), **shared, "arrays": arrays, "optimum": _optimum(scorer),
        **_published(live),
    }  # fmt: skip


def _optimum(scorer: Any) -> dict[str, Any] | None:
    """Return the most normal image, if it is known."""
    known = scorer.optimum()
    if known is None:
        return None
    sample = encode(known.samples[0].numpy().astype(np.float32))
    return {"sample": sample, "score": known.score, "status": known.status, "certificate": known.certificate}


def _published(live: LiveDetector) -> dict[str, Any]:
    """Return the runs of records, the pairs of image and order of their fixed pixels, and the median score of images."""
    out: dict[str, Any] = {"records": [], "pairs": None, "median": None}
    for experiment in searches(live.name, DATASET, live.normal):
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


def real_images(digit: int) -> dict[str, Any]:
    """Return the first held-out images of a class, as bytes."""
    images = datasets.load(DATASET).one_class(digit).test_normal[:N_IMAGES]
    levels, index = grey_levels(images)
    return {"levels": encode(levels.astype(np.float32)), "images": encode_runs(index), "count": len(images)}
