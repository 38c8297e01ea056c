"""Where the book keeps its benchmarks: one file a machine, beside the records and not among them.

A record is computed again and compared, bit by bit where the machine is the same. Times are not that.
"""

import json
import re
from pathlib import Path
from typing import Any

from anogen.paths import require_checkout


def folder() -> Path:
    """Return the folder of the benchmarks; raises `InputError` without a clone."""
    return require_checkout() / "book" / "benchmarks"


def slug(machine: str) -> str:
    """Return a machine's name as the name of a file."""
    return re.sub(r"[^a-z0-9]+", "-", machine.lower()).strip("-")


def write(result: dict[str, Any]) -> Path:
    """Write a benchmark in the place of an older one of the same machine, and return its file."""
    path = folder() / f"{slug(result['machine'])}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def newest() -> tuple[Path, dict[str, Any]] | None:
    """Return the file and the content of the latest benchmark; None if there is none."""
    found = [(json.loads(path.read_text(encoding="utf-8")), path) for path in sorted(folder().glob("*.json"))]
    latest = max(found, key=lambda one: one[0]["date"], default=None)
    return latest and (latest[1], latest[0])
