"""How long a call takes: repeated as often as a budget allows, with the median and the spread."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import threadpoolctl
import torch

FEWEST, MOST = 3, 2000  # calls


class Timing(NamedTuple):
    """Milliseconds a call."""

    ms: float  # the median
    spread: tuple[float, float]  # the quartiles
    calls: int


def timed(call: Callable[[], object], seconds: float) -> Timing:
    """Time a call for about so many seconds, after one that warms up; no fewer than three times."""
    first = _once(call)
    first = min(first, _once(call)) if first < seconds / 4 else first  # what is compiled or cached is paid once
    spent = [_once(call) for _ in range(int(np.clip(seconds / max(first, 1e-7), FEWEST, MOST)))]
    low, median, high = np.percentile(spent, [25, 50, 75]) * 1e3
    return Timing(float(median), (float(low), float(high)), len(spent))


def _once(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Let PyTorch and the linear algebra of NumPy and SciPy use so many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        with threadpoolctl.threadpool_limits(count):
            yield
    finally:
        torch.set_num_threads(before)
