"""Write the detectors of the page's own engine as scripts, with the records that they come from."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from anogen.detectors import CATALOGUE, Detector, fit_spec
from anogen.errors import require
from anogen.scorers import Scorer, make_scorer
from companion.live.coding import encode, encode_runs, pack
from companion.live.export import EXACT, export_arrays, grey_levels
from companion.live.runs import (
    DESCENDED,
    EVOLVED,
    PLAYED,
    detector_experiment,
    pairs,
    played,
    populations,
    runs,
    searches,
)
from companion.records import Record, store
from companion.studies.evaluation_data import score_rows

DATASET = "mnist"
SAME = 1e-6  # relative difference of scores that rounding explains


class LiveDetector(NamedTuple):
    """A detector that the page can load."""

    name: str  # in the catalogue
    normal: int
    variant: str = ""  # "evolved" and "descended": the network of Fig. 6.5, and of Fig. 6.1 or 6.2
    n_rows: int | None = None  # of the training images, to fit it to; all without

    @property
    def key(self) -> str:
        """The name of its script."""
        return "-".join(filter(None, (self.name, self.variant, DATASET, str(self.normal))))

    @property
    def title(self) -> str:
        """Its name in words."""
        title = CATALOGUE[self.name].title
        return f"{title}, {self.n_rows} training images" if self.n_rows else title


# CBLOF for every digit; the digits of the thesis's figures for the others, as far as the site's size allows.
DETECTORS = (
    *(LiveDetector("cblof", digit) for digit in range(10)),
    *(LiveDetector(name, digit) for name in ("copod", "deep-svdd", "ecod", "hbos", "iforest") for digit in (3, 4)),
    *(LiveDetector(name, 4) for name in ("autoencoder", "deep-svdd-untrained", "gmm", "inne", "ocsvm", "pca")),
    *(LiveDetector(name, 4, n_rows=500) for name in ("kde", "knn")),
    *(LiveDetector("autoencoder", digit, variant) for variant in (DESCENDED, EVOLVED) for digit in (3, 4)),
)
LIKE = {"ecod": "copod", "kde": "knn"}  # whose script has the other arrays


def write_all(folder: Path) -> list[Path]:
    """Write the script of every detector to a folder, and delete others there; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{one.key}.js" for one in DETECTORS]
    scripts = [script(one.key, describe(one)) for one in DETECTORS]  # all, before any is replaced
    for path, text in zip(paths, scripts, strict=True):
        path.write_text(text, encoding="utf8")
    for path in set(folder.glob("*.js")) - set(paths):
        path.unlink()
    return paths


def script(key: str, content: dict[str, Any]) -> str:
    """Return the script that gives the page its data by this key."""
    packed = content | {name: pack(content[name]) for name in ("arrays", "pairs", "populations") if name in content}
    return f"anogenLive.add({json.dumps(key)}, {json.dumps(packed, separators=(',', ':'))});\n"


def describe(live: LiveDetector) -> dict[str, Any]:
    """Return the arrays of a detector's score, what it is, and the runs of records that it can recompute."""
    experiment = detector_experiment(live.name, DATASET, live.normal, live.variant)
    data = experiment.data
    if live.n_rows:
        detector: Detector = fit_spec(live.name, data.X_train[: live.n_rows], 0, data.image_shape)
        scorer: Scorer = make_scorer(detector)
    else:
        detector, scorer = experiment.fitted_detector(), experiment.scorer()
    kind, arrays = export_arrays(live.name, detector, scorer)
    like = live._replace(name=LIKE[live.name]).key if live.name in LIKE else None
    if like:
        shared = {"ecod": ("average",), "kde": ("width", "constant")}[live.name]
        arrays = {name: arrays[name] for name in shared}
    found = [] if live.n_rows else searches(live.name, DATASET, live.normal, live.variant)
    stated = published(_of_this_training(live, found), live.normal)
    if live.variant == DESCENDED:
        # what the command in Python says of the training, and the figure among those of the record
        stated |= {"figure": experiment.figure, "training": experiment.training, "spec": experiment.trained.detector}
    if stated["median"] is None:
        stated["median"] = float(np.median(score_rows(scorer, torch.from_numpy(data.test_normal))))
    return {
        "key": live.key, "title": live.title, "detector": live.name, "dataset": DATASET, "digit": live.normal,
        "kind": kind, "exact": live.name in EXACT, "d": scorer.n_features_in_, "shape": list(data.image_shape),
        "like": like, "arrays": arrays, "optimum": _optimum(scorer), **stated,
    }  # fmt: skip


def _of_this_training(live: LiveDetector, found: list[Any]) -> list[Any]:
    """Return the experiments whose detectors give real images the scores that are recorded.

    Another processor may train another network from the same seed. Raises `InputError` if none does.
    """
    same = [experiment for experiment in found if _reproduces(live, experiment, store.load(experiment))]
    require(
        bool(same) or not found, f"{live.key} has other scores here than in its records: export it on their computer"
    )
    return same


def _reproduces(live: LiveDetector, experiment: Any, record: Record) -> bool:
    if experiment.name == PLAYED:
        return bool(played(live.normal).reproduces(record, SAME))
    if "reference_scores" in record.arrays:
        rows, stated = record["references"].astype(np.float32), record["reference_scores"]
    elif "test_normal_scores" in record.arrays:
        rows = experiment.data.test_normal
        stated = record["test_normal_scores"].reshape(-1, len(rows))[0]
    else:
        return True  # the detector has the weights of a record
    return np.allclose(score_rows(experiment.scorer(), torch.from_numpy(rows)), stated, rtol=SAME, atol=0)


def _optimum(scorer: Scorer) -> dict[str, Any] | None:
    """Return the most normal image, if it is known: that with values from 0 to 1, or another without one."""
    known = scorer.optimum_in_box() or scorer.optimum()
    if known is None:
        return None
    sample = encode(known.samples[0].numpy().astype(np.float32))
    return {"sample": sample, "score": known.score, "status": known.status, "certificate": known.certificate}


def published(experiments: Iterable[Any], normal: int) -> dict[str, Any]:
    """Return what records state: runs, pairs of image and order of fixed pixels, starts, the median real score."""
    out: dict[str, Any] = {"records": [], "pairs": None, "populations": None, "median": None}
    for experiment in experiments:
        record = store.load(experiment)
        found = pairs(record)
        if found and out["pairs"] is None:
            references, order = found
            levels, index = grey_levels(references)
            out["pairs"] = {
                "levels": encode(levels.astype(np.float32)), "references": encode_runs(index),
                "order": encode(order.astype(np.uint16)), "count": len(order),
                "scores": encode(record["reference_scores"]),
            }  # fmt: skip
        if seeded := populations(experiment):
            seeds, images = seeded
            levels, index = grey_levels(images)
            out["populations"] = {
                "seeds": seeds, "levels": encode(levels.astype(np.float32)), "images": encode_runs(index),
            }  # fmt: skip
        if out["median"] is None and "test_normal_scores" in record.arrays:
            scores = record["test_normal_scores"]
            out["median"] = float(np.median(scores[0] if scores.ndim == 2 else scores))
        out["records"].append(runs(experiment, record, normal))
    return out
