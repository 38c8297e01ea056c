"""What `anogen bench` answers."""

import json
from collections.abc import Callable
from typing import Any

from anogen.bench import record
from anogen.bench.run import FULL, QUICK, benchmark
from anogen.bench.text import text
from anogen.errors import InputError


def answer(*, as_json: bool, quick: bool, keep: bool, report: Callable[[Any], None]) -> str:
    """Measure, write the book's file if that is asked for, and return what is to be printed.

    Raises
    ------
    InputError
        If there is no book to write to, or if only the small data would be measured for it.
    """
    if keep and quick:
        raise InputError("--quick measures on small data, where the targets say nothing: leave it out with --record")
    if keep:
        record.folder()  # refused at once where there is no book
    result = benchmark(QUICK if quick else FULL, report)
    written = f"\n\n{record.write(result)}" if keep else ""
    return json.dumps(result, indent=1, ensure_ascii=False) if as_json else text(result) + written
