"""The output of `anogen bench`: a table or JSON, and the files in `book/benchmarks`, one for each machine."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from anogen.bench.benchmark import FULL, QUICK, benchmark
from anogen.errors import require
from anogen.paths import require_checkout

COLUMNS = {
    "scorers": ("detector", "dtype", "threads", "pyod_ms", "anogen_ms", "ratio", "max_rel_diff"),
    "end_to_end": ("detector", "alternative", "threads", "ms_per_generation", "seconds_for_30000", "ratio", "score"),
}


def answer(*, as_json: bool, quick: bool, keep: bool, report: Callable[[Any], None]) -> str:
    """Measure, and return the output of the command; with `keep`, also write the book's file, which needs a clone."""
    require(not (keep and quick), "--quick measures data that the book does not show: leave it out with --record")
    if keep:
        folder()  # fail before measuring
    result = benchmark(QUICK if quick else FULL, report)
    written = f"\n\n{write(result)}" if keep else ""
    return json.dumps(result, indent=1, ensure_ascii=False) if as_json else tables(result) + written


def tables(result: dict[str, Any]) -> str:
    """Return the timings as text."""
    parts = [f"{result['machine']}, {result['date']}\n{result['conditions']['data']}"]
    for part, columns in COLUMNS.items():
        frame = pd.DataFrame(result[part], columns=list(columns))
        parts.append(frame.to_string(index=False, na_rep="-", float_format=lambda value: f"{value:.3g}"))
    parts.append(f"engine: {result['engine']['ms_per_generation']:.3f} ms per generation on one thread")
    remedies = sorted({row["remedy"] for row in result["end_to_end"] if "remedy" in row})
    return "\n\n".join(parts + [f"For the missing rows: {remedy}" for remedy in remedies])


def folder() -> Path:
    """Return the folder of the benchmarks; raises `InputError` without a checkout."""
    return require_checkout() / "book" / "benchmarks"


def write(result: dict[str, Any]) -> Path:
    """Write a benchmark, replacing an older one of the same machine, and return its file."""
    path = folder() / f"{slug(result['machine'])}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def slug(machine: str) -> str:
    """Return a file name for a machine's name."""
    return re.sub(r"[^a-z0-9]+", "-", machine.lower()).strip("-")


def newest() -> tuple[Path, dict[str, Any]] | None:
    """Return the file and the content of the latest benchmark, or None."""
    results = [(path, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder().glob("*.json"))]
    return max(results, key=lambda item: item[1]["date"], default=None)
