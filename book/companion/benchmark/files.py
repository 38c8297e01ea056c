"""The files of measured times in `book/benchmarks`, one for each machine."""

import json
import re
from pathlib import Path
from typing import Any

from anogen.paths import require_checkout

PAGE = "page"  # the folder with the times of the page's own engine
AUDITS = "audits"  # the folder with the times of audits


def folder() -> Path:
    """Return the folder of the benchmarks; raises `InputError` without a checkout."""
    return require_checkout() / "book" / "benchmarks"


def write(result: dict[str, Any], part: str = "") -> Path:
    """Write a benchmark, or one of a `part`, `PAGE` or `AUDITS`, replacing older ones of the same machine."""
    path = folder() / part / f"{slug(result['machine'])}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def slug(machine: str) -> str:
    """Return a file name for a machine's name."""
    return re.sub(r"[^a-z0-9]+", "-", machine.lower()).strip("-")


def newest(part: str = "") -> tuple[Path, dict[str, Any]] | None:
    """Return the file and the content of the latest benchmark, or of the latest of a `part`; None without one."""
    paths = sorted((folder() / part).glob("*.json"))
    results = [(path, json.loads(path.read_text(encoding="utf-8"))) for path in paths]
    return max(results, key=lambda item: item[1]["date"], default=None)
