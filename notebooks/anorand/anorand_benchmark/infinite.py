"""PCA's infinite scores: where they occur in the benchmark, and the scores by another solver.

PyOD's PCA divides by the variance of each principal component. A training column that depends linearly on others gives
a component without variance. By scikit-learn's solver for more rows than columns (since 1.5) its variance is rounded to
exactly 0 or to a positive number near it; if it is 0, the scores of all rows are infinite. The solver "full" returns a
positive number. Both solvers compute the same components otherwise.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from anogen.detectors.mixins import seeded
from anogen.metrics.detection import average_precision, roc_auc
from companion.experiment import Arrays, Inputs
from notebooks.anorand.anorand_benchmark.experiments import OnSets
from notebooks.anorand.anorand_benchmark.methods import METHODS, fit, score
from notebooks.anorand.anorand_benchmark.synthetic import Synthetic
from notebooks.anorand.common import Rows

SOLVERS = ("auto", "full")  # PyOD's default, and the other one
ARTIFICIAL = "make_classification"
NO_VARIANCE = 1e-20  # relative variance of a component below which its direction has none: it is rounding
KEYS = ("roc_auc", "average_precision", "infinite", "dependent")


@dataclass(frozen=True, kw_only=True)
class InfiniteScores(OnSets):
    """PCA on the splits of the benchmark and on artificial data, by both solvers.

    Arrays, for 2 `SOLVERS`, F data sets and R repetitions, NaN where there is no such repetition: `roc_auc`,
    `average_precision` (2, F, R); `infinite` (2, F, R), the share of test rows with an infinite score; `dependent`
    (F, R), the number of training columns that depend linearly on others; `sets` (F,), the files, then `ARTIFICIAL`.
    """

    name = "ad-pca"
    named: ClassVar[tuple[str, ...]] = ()
    quick: ClassVar = {**OnSets.quick, "group": "pca", "train": 400, "test": 400, "runs": 1}
    least: ClassVar = {**OnSets.least, "train": 100, "test": 100, "runs": 1}

    group: str = "pca"
    train: int = Synthetic.train
    test: int = Synthetic.test
    runs: int = Synthetic.runs

    def cells(self) -> Sequence[tuple]:
        """Return a cell per data set and repetition."""
        files = [(name, r) for name in self.files for r in range(self.count("pca", name))]
        return [*files, *((ARTIFICIAL, r) for r in range(self.runs))]

    def split(self, name: str, repetition: int) -> Rows:
        """Return the rows of a repetition, those of the benchmark."""
        if name != ARTIFICIAL:
            return super().split(name, repetition)
        return Synthetic(train=self.train, test=self.test, seed=self.seed).data(repetition)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train and test by both solvers."""
        part, seed = self.split(*cell), self._seed(*cell)
        values: dict[str, list[Any]] = {key: [] for key in KEYS}
        for solver in SOLVERS:
            with seeded(seed), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the division by zero
                detector = fit(METHODS["pca"]._replace(options={"svd_solver": solver}), part.train, seed)
                scores = score(METHODS["pca"], detector, part.test)
            for metric in (roc_auc, average_precision):
                values[metric.__name__].append(metric(scores, part.labels))
            values["infinite"].append(np.isinf(scores).mean())
        variance = detector.explained_variance_  # of the full solver
        dependent = part.train.shape[1] - (variance > NO_VARIANCE * variance.max()).sum()
        return {key: np.array(own, dtype=float) for key, own in (values | {"dependent": dependent}).items()}

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Put the cells in their places."""
        sets, cells = [*self.files, ARTIFICIAL], self.cells()
        most = max(repetition for _, repetition in cells) + 1
        arrays = {key: np.full((*parts[0][key].shape, len(sets), most), np.nan) for key in KEYS}
        for (name, repetition), part in zip(cells, parts, strict=True):
            for key, values in part.items():
                arrays[key][..., sets.index(name), repetition] = values
        return arrays | {"sets": np.array(sets)}
