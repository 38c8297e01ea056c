"""What the scorers and the engine were to reach, and whether they did."""

from typing import Any

import numpy as np

from anogen.bench.end_to_end import OUR_SCORER, OURS

SEVEN = {  # (detector, dtype): least ratio to PyOD
    ("copod", "float64"): 300.0,
    ("ocsvm", "float32"): 20.0,
    ("iforest", "float32"): 30.0,
    ("hbos", "float64"): 12.0,
    ("cblof", "float64"): 15.0,
    ("gmm", "float64"): 1.7,
    ("deep-svdd", "float32"): 2.0,
}
MEAN, BETTER = 15.0, 25.0
PRODUCT, ENGINE_MS, END_TO_END = 2.0, 0.25, 8.0
Target = dict[str, Any]


def targets(result: dict[str, Any]) -> list[Target]:
    """Return each target beside what was measured, at the largest number of threads; what was not measured is None."""
    rows = _most_threads(result["scorers"])
    ratios = {(row["detector"], row["dtype"]): row["ratio"] for row in rows}
    found = [
        _least(f"{name} ({dtype}) over PyOD", 1, at, ratios.get((name, dtype))) for (name, dtype), at in SEVEN.items()
    ]
    mean = _mean([ratios.get(key) for key in SEVEN])
    found += [
        _least(f"geometric mean of these seven{said}", 1, at, mean) for said, at in (("", MEAN), (", better", BETTER))
    ]
    for row in rows:
        if row["product_ms"]:
            name = f"{row['detector']} ({row['dtype']}) over its bare products"
            found.append(_least(name, -1, PRODUCT, row["anogen_ms"] / row["product_ms"]))
    found.append(_least("engine, ms a generation", -1, ENGINE_MS, result["engine"].get("ms_per_generation")))
    for detector in dict.fromkeys(row["detector"] for row in result["end_to_end"]):
        found.append(
            _least(
                f"{detector}: end to end, best alternative with PyOD's scores", 1, END_TO_END, best(result, detector)
            )
        )
    return found


def best(result: dict[str, Any], detector: str) -> float | None:
    """Return the ratio of the best alternative with PyOD's own scores, of those that are installed."""
    ratios = [
        row["ratio"]
        for row in _most_threads(result["end_to_end"])
        if row["detector"] == detector and row["alternative"] not in {OURS, OUR_SCORER} and row["ratio"]
    ]
    return min(ratios, default=None)


def _most_threads(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of the largest number of threads."""
    most = max((row["threads"] for row in rows), default=0)
    return [row for row in rows if row["threads"] == most]


def _least(what: str, sign: int, target: float, measured: float | None) -> Target:
    """Return a target: at least so much, or at most if the sign is negative."""
    met = None if measured is None else bool(sign * measured >= sign * target)
    return {"what": what, "at": "least" if sign > 0 else "most", "target": target, "measured": measured, "met": met}


def _mean(ratios: list[float | None]) -> float | None:
    """Return the geometric mean, if all are known."""
    known = [ratio for ratio in ratios if ratio is not None]
    return float(np.exp(np.log(known).mean())) if len(known) == len(ratios) else None
