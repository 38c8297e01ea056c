"""REPEN's triplets for DeepOD, whose own fill places of an array with arrays of one number, which numpy 2 refuses."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from unittest.mock import patch

import numpy as np


def triplets(loader: Any, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return examples, positives and negatives of a batch, (b, d) each, by DeepOD's rule for data without labels.

    Examples are likely inliers, the more so the lower their score; positives are any others of these, and negatives
    likely outliers, the more so the higher theirs.
    """
    rows, scores = loader.X, np.ravel(loader.init_scores)
    inliers, outliers = np.ravel(loader.inlier_ids), np.ravel(loader.outlier_ids)
    inlying = scores[inliers].sum() - scores[inliers]
    first = rng.choice(len(inliers), loader.batch_size, p=inlying / inlying.sum())
    other = (first + rng.integers(1, len(inliers), loader.batch_size)) % len(inliers)
    last = rng.choice(len(outliers), loader.batch_size, p=scores[outliers] / scores[outliers].sum())
    return rows[inliers[first]], rows[inliers[other]], rows[outliers[last]]


@contextmanager
def todays_numpy(method: str, rng: np.random.Generator) -> Iterator[None]:
    """Let DeepOD's REPEN draw its triplets with `triplets` while this lasts; other methods are left alone."""
    if method != "repen":
        yield
        return
    loader = import_module("deepod.models.tabular.repen").REPENLoader
    with patch.object(loader, "triplet_batch_generation", lambda one: triplets(one, rng)):
        yield
