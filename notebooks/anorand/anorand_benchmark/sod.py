"""Subspace outlier detection (Kriegel et al. 2009): PyOD's, whose slowest step is a matrix product here."""

import numba
import numpy as np
from pyod.models.sod import SOD as PyodSOD
from scipy.sparse import csr_array
from sklearn.neighbors import NearestNeighbors

ROWS = 1000  # whose shared neighbours are counted at once


class SOD(PyodSOD):
    """PyOD's SOD, with the same scores to the last bit.

    PyOD intersects the neighbours of every two rows as sets. How many two rows share is an entry of A Aᵀ, where A
    (n, n) has a one for each neighbour.
    """

    def _snn(self, X: np.ndarray) -> np.ndarray:
        """Return the rows that share the most neighbours with each row of X, (n, d) -> (n, ref_set)."""
        n = len(X)
        near = NearestNeighbors(
            n_neighbors=self.n_neighbors, algorithm=self.algorithm, leaf_size=self.leaf_size, metric=self.metric,
            p=self.p, metric_params=self.metric_params, n_jobs=self.n_jobs,
        ).fit(X).kneighbors(return_distance=False)  # fmt: skip
        ones = np.ones(near.size, dtype=np.uint32)
        neighbours = csr_array((ones, near.ravel(), np.arange(n + 1) * self.n_neighbors), shape=(n, n))
        found = np.empty((n, self.ref_set), dtype=np.uint32)
        for start in range(0, n, ROWS):
            shared = (neighbours[start : start + ROWS] @ neighbours.T).toarray()
            found[start : start + ROWS] = _most(shared, start, self.ref_set)
        return found


@numba.njit
def _most(shared: np.ndarray, start: int, count: int) -> np.ndarray:
    """Return the largest entries' places in each row, (m, n) -> (m, count), without the row itself, `start` + i.

    Most entries are equal; numba's sorting decides between them as it does for PyOD.
    """
    found = np.empty((len(shared), count), dtype=np.uint32)
    for i in range(len(shared)):
        shared[i, start + i] = np.iinfo(np.uint32).max
        found[i] = np.argsort(shared[i])[::-1][1 : count + 1]
    return found
