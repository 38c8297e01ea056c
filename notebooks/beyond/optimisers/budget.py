"""A score that may be evaluated a limited number of times, and the lowest value found on the way."""

import time
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from anogen.scorers import Scorer


class BudgetSpent(Exception):
    """The last evaluation has been made."""


class InTime(NamedTuple):
    """What was found within a number of processor seconds."""

    best: float
    image: Tensor
    evaluations: int


class BudgetedScorer(Scorer):
    """A score that raises `BudgetSpent` after the last of `checkpoints`, ascending numbers of evaluations (K,).

    Pixels are clipped to [0, 1]. A row whose score depends on its batch is scored alone, as the known optimum is. A
    gradient costs no further evaluation.

    Attributes
    ----------
    evaluations, seconds, best, image : the evaluations made, the processor seconds spent, the lowest score, its image.
    lowest : the lowest score after each of the `checkpoints`, (K,); NaN if not reached.
    in_time : the lowest score, its image and the evaluations when the processor seconds `limit` were spent, or before.
    """

    accepts_float32 = True  # rows in float32 are left to the scorer

    def __init__(self, whole: Scorer, checkpoints: np.ndarray, limit: float = np.inf) -> None:
        self.whole, self.n_features_in_, self.differentiable = whole, whole.n_features_in_, whole.differentiable
        self.checkpoints, self.limit = checkpoints, limit
        self.evaluations, self.seconds = 0, 0.0
        self.best, self.image = np.inf, torch.zeros(whole.n_features_in_)
        self.lowest = np.full(len(checkpoints), np.nan)
        self.in_time = InTime(self.best, self.image, 0)
        self.began = time.process_time()

    @property
    def left(self) -> int:
        """The number of evaluations left."""
        return int(self.checkpoints[-1]) - self.evaluations

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,)."""
        size = len(x)
        images = x[: self.left].clamp(0, 1)
        if len(images):
            alone = [images] if self.whole.batch_dependence == "none" else images.split(1)
            scores = torch.cat([self.whole.score_finite(rows) for rows in alone])
            self._note(images.detach(), scores.detach().numpy())
        if len(images) < size:
            raise BudgetSpent
        return scores

    def _note(self, images: Tensor, scores: np.ndarray) -> None:
        lowest_so_far = np.minimum.accumulate(np.minimum(scores, self.best))
        if lowest_so_far[-1] < self.best:
            self.best, self.image = float(lowest_so_far[-1]), images[int(scores.argmin())].clone()
        before, self.evaluations = self.evaluations, self.evaluations + len(scores)
        passed = (self.checkpoints > before) & (self.checkpoints <= self.evaluations)
        self.lowest[passed] = lowest_so_far[self.checkpoints[passed] - before - 1]
        self.seconds = time.process_time() - self.began
        if self.seconds <= self.limit:
            self.in_time = InTime(self.best, self.image, self.evaluations)
