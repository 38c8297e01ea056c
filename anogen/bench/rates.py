"""What this machine does at best: products, table look-ups, sorting, streaming, random numbers.

Compiled loops run on one thread; with more threads their time is divided by their number, as if it were shared
without loss.
"""

from typing import Any

import numpy as np
import torch
from numba import njit, uint32

from anogen.bench.timing import timed
from anogen.generators.philox import NUMPY, normals, words


class Rates:
    """Measures with so many threads, for so many seconds each; PyTorch and BLAS must have been given as many.

    Every time is that of the fastest quarter of the calls: a bound is to be what the machine can do.
    """

    def __init__(self, threads: int, seconds: float) -> None:
        self.threads, self.seconds = threads, seconds

    def product(self, n: int, k: int, m: int, dtype: torch.dtype) -> float:
        """Return the milliseconds of a bare product (n, k) x (k, m), into memory that is there."""
        a, b, out = (torch.rand(shape, dtype=dtype) for shape in ((n, k), (k, m), (n, m)))
        return self._best(lambda: torch.mm(a, b, out=out))

    def multiplications(self, count: float, dtype: torch.dtype) -> float:
        """Return the milliseconds of so many fused multiplications and additions, as fast as in a large product."""
        n, d = 256, 784
        return count * self.product(n, d, d, dtype) / (n * d * d)

    def lookups(self, count: int) -> float:
        """Return the milliseconds of so many sums of entries of a table of 100 kB, at places that are known before."""
        rng = np.random.default_rng(0)
        table, places = rng.random(12_500), rng.integers(0, 12_500, count, dtype=np.int32)
        return self._best(lambda: _sum_of_entries(table, places)) / self.threads

    def sorting(self, rows: np.ndarray) -> float:
        """Return the milliseconds of sorting the columns of rows (n, d), each by itself and already contiguous."""
        columns, out = np.ascontiguousarray(rows.T), np.empty(rows.T.shape, rows.dtype)

        def sort() -> None:
            out[:] = columns
            out.sort(axis=1)

        return self._best(sort) / self.threads

    def averaging(self, n: int, d: int) -> float:
        """Return the milliseconds of reading two populations (n, d), float32, and writing their mean."""
        a, b, out = (torch.rand(n, d) for _ in range(3))
        return self._best(lambda: torch.lerp(a, b, 0.5, out=out))

    def normals(self, count: int) -> dict[str, float]:
        """Return the milliseconds of so many standard normals, float32, from PyTorch, NumPy and our own loop."""
        out, rng, generator = torch.empty(count), np.random.default_rng(0), torch.Generator().manual_seed(0)
        bits, noise = np.empty((4, (count + 3) // 4), np.uint32), np.empty((count + 3) // 4 * 4, np.float32)

        def ours() -> None:
            words(bits, uint32(0), uint32(0), uint32(2), uint32(0), uint32(0))
            normals(noise, bits)

        calls: dict[str, Any] = {
            "torch": lambda: out.normal_(generator=generator),
            "numpy": lambda: rng.standard_normal(out=out.numpy(), dtype=np.float32),
            "anogen": ours,
        }
        return {name: self._best(call) / self.threads for name, call in calls.items()}

    def _best(self, call: Any) -> float:
        return timed(call, self.seconds).spread[0]


@njit(fastmath={"reassoc"}, **NUMPY)
def _sum_of_entries(table: np.ndarray, places: np.ndarray) -> float:
    total = 0.0
    for i in range(len(places)):
        total += table[places[i]]
    return total
