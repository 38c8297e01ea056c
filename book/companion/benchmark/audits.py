"""The time and memory of `anogen audit` on large tables; `python -m companion.benchmark.audits` keeps them."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from anogen.bench.benchmark import machine_name
from anogen.errors import require
from companion.benchmark.files import AUDITS, write

Audited = tuple[str, str, int]
TABLES = {"long": (1_000_000, 20), "wide": (300, 100_000)}  # rows and columns of normal noise
CASES = (  # a detector, its table, and the seconds allowed, of which one that scores 1,000 rows a second uses 10
    ("sklearn.ensemble:IsolationForest", "long", 30),
    ("pyod.models.knn:KNN", "long", 30),
    ("pyod.models.abod:ABOD", "long", 30),
    ("sklearn.ensemble:IsolationForest", "wide", 30),
    ("pyod.models.knn:KNN", "wide", 30),
)
STEP = 0.1  # seconds between two measurements of the memory


def peak_memory(process: subprocess.Popen[str]) -> float:
    """Wait for a process; return the largest memory of it and its descendants in megabytes, shared pages once."""
    root, peak = psutil.Process(process.pid), 0.0
    while process.poll() is None:
        total = 0
        with suppress(psutil.Error):
            for member in (root, *root.children(recursive=True)):
                with suppress(psutil.Error):
                    used = member.memory_full_info()
                    total += getattr(used, "pss", used.uss)
        peak = max(peak, total / 1e6)
        time.sleep(STEP)
    return peak


def measure(detector: str, path: Path, seconds: int) -> dict[str, Any]:
    """Audit a detector on a file with the command; return its time, memory and calls."""
    command = [sys.executable, "-m", "anogen", "audit", "--detector", detector, "--data", path.name, "--shape", "none"]
    start, before = time.perf_counter(), os.times()
    with subprocess.Popen(
        [*command, "--seconds", str(seconds), "--json"], cwd=path.parent, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        peak = peak_memory(process)
        output, message = process.communicate()
    whole, after = time.perf_counter() - start, os.times()
    require(process.returncode != 2, f"the audit of {detector} failed: {message.strip()}")
    report = json.loads(output)
    return {
        "detector": detector,
        "seconds": round(report["seconds"], 1),
        "seconds_with_start": round(whole, 1),
        "processor_seconds": round(sum(after[2:4]) - sum(before[2:4]), 1),
        "peak_mb": round(peak),
        "calls": report["calls"],
        "undecided": sum(finding["passed"] is None for finding in report["findings"].values()),
    }


def benchmark(cases: Iterable[Audited] = CASES, tables: Mapping[str, tuple[int, int]] = TABLES) -> dict[str, Any]:
    """Return the time and memory of an audit for each case; other programs that run meanwhile are counted in `load`."""
    load, rows = os.getloadavg()[1], []
    with tempfile.TemporaryDirectory() as folder:
        for detector, table, seconds in cases:
            path = Path(folder) / f"{table}.npy"
            if not path.is_file():
                np.save(path, np.random.default_rng(0).standard_normal(tables[table]))
            rows.append({"rows": tables[table][0], "columns": tables[table][1], **measure(detector, path, seconds)})
    date = datetime.now(UTC).date().isoformat()
    return {"machine": machine_name(), "date": date, "load_before": round(load, 1), "audits": rows}


if __name__ == "__main__":
    sys.stdout.write(f"{write(benchmark(), AUDITS)}\n")
