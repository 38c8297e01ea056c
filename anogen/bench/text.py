"""The benchmark as tables of text."""

from collections.abc import Sequence
from typing import Any

from anogen.bench.end_to_end import IMAGE

Lines = list[str]


def text(result: dict[str, Any]) -> str:
    """Return the tables that `anogen bench` prints."""
    engine = result["engine"]
    alone = f"averaging and normals alone {engine['bound_ms']:.3f} ms"
    parts = [
        [f"{result['machine']}, {result['date']}", result["conditions"]["data"]],
        _table(SCORERS, [[cell(row) for _, cell in SCORERS] for row in result["scorers"]]),
        [f"engine: {engine['ms_per_generation']:.3f} ms a generation on one thread; {alone}"],
        _table(RUNS, [[cell(row) for _, cell in RUNS] for row in result["end_to_end"]]),
        [verdict(target) for target in result["targets"]],
    ]
    return "\n\n".join("\n".join(part) for part in parts)


def verdict(target: dict[str, Any]) -> str:
    """Return a target in one line."""
    measured = "not measured" if target["measured"] is None else f"{target['measured']:.3g}"
    return f"{met(target):6}  {target['what']}: {measured}, to be at {target['at']} {target['target']:g}"


def met(target: dict[str, Any]) -> str:
    """Return whether a target was met, as a word."""
    return {True: "met", False: "missed", None: "-"}[target["met"]]


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with so many significant digits, and a dash for none."""
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 10**digits else f"{value:.{digits}g}"


SCORERS = (
    ("detector", lambda row: row["detector"]),
    ("dtype", lambda row: row["dtype"]),
    ("threads", lambda row: str(row["threads"])),
    ("PyOD ms", lambda row: number(row["pyod_ms"])),
    ("our ms", lambda row: number(row["anogen_ms"])),
    ("ratio", lambda row: number(row["ratio"])),
    ("bound ms", lambda row: number(row["bound_ms"])),
    ("distance", lambda row: number(row["distance"], 2)),
    ("difference", lambda row: f"{row['max_rel_diff']:.0e}"),
)
RUNS = (
    ("detector", lambda row: row["detector"]),
    ("by", lambda row: row["alternative"]),
    ("threads", lambda row: str(row["threads"])),
    ("ms a generation", lambda row: number(row["ms_per_generation"]) if row["ratio"] else row["remedy"]),
    (f"s for {IMAGE:,}", lambda row: number(row.get("seconds_for_30000"))),
    ("times ours", lambda row: number(row["ratio"])),
    ("score reached", lambda row: number(row.get("score"), 4)),
)


def _table(columns: Sequence[tuple[str, Any]], rows: Sequence[Sequence[str]]) -> Lines:
    """Return lines with columns as wide as their widest cell."""
    lines = [[name for name, _ in columns], *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
