"""The output of `anogen bench` as tables."""

from typing import Any

import pandas as pd

COLUMNS = {
    "scorers": ("detector", "dtype", "threads", "pyod_ms", "anogen_ms", "ratio", "max_rel_diff"),
    "end_to_end": ("detector", "alternative", "threads", "ms_per_generation", "seconds_for_30000", "ratio", "score"),
}


def tables(result: dict[str, Any]) -> str:
    """Return the timings as text."""
    parts = [f"{result['machine']}, {result['date']}\n{result['conditions']['data']}"]
    for part, columns in COLUMNS.items():
        frame = pd.DataFrame(result[part], columns=list(columns))
        parts.append(frame.to_string(index=False, na_rep="-", float_format=lambda value: f"{value:.3g}"))
    parts.append(f"engine: {result['engine']['ms_per_generation']:.3f} ms per generation on one thread")
    remedies = sorted({row["remedy"] for row in result["end_to_end"] if "remedy" in row})
    return "\n\n".join(parts + [f"For the missing rows: {remedy}" for remedy in remedies])
