"""Time a call: median and quartiles of repeated calls within a budget."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import threadpoolctl
import torch

MIN_CALLS, MAX_CALLS = 3, 2000


class Timing(NamedTuple):
    """Milliseconds per call."""

    ms: float  # the median
    spread: tuple[float, float]  # the quartiles
    calls: int


def timed(call: Callable[[], object], seconds: float) -> Timing:
    """Time repeated calls for about `seconds`, at least three, after one that warms up."""
    first = _once(call)
    first = min(first, _once(call)) if first < seconds / 4 else first  # without compilation and cold caches
    spent = [_once(call) for _ in range(int(np.clip(seconds / max(first, 1e-7), MIN_CALLS, MAX_CALLS)))]
    low, median, high = np.percentile(spent, [25, 50, 75]) * 1e3
    return Timing(float(median), (float(low), float(high)), len(spent))


def _once(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Let PyTorch and the linear algebra of NumPy and SciPy use `count` threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        with threadpoolctl.threadpool_limits(count):
            yield
    finally:
        torch.set_num_threads(before)
