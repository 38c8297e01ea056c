"""The result of `anogen.generate`: samples, scores and history, and what to do with them."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, isqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anogen.errors import InputError, require
from anogen.generators.mixing import Diagnostics
from anogen.scorers import Optimum

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from anogen.datasets import OneClass

SMALLEST_SIDE = 8  # of a row that is taken for a square image
ARRAYS = ("samples", "scores", "history")
TEXTS = ("method", "orientation", "parameters", "random_state")


@dataclass(frozen=True, eq=False, repr=False)
class GenerationResult:
    """The samples that `anogen.generate` returns, with their scores.

    Parameters
    ----------
    samples : float32 array of shape (n, d)
        The generated rows, one for each run.
    scores : float64 array of shape (n,)
        Their anomaly scores, larger for anomalies.
    history : float64 array of shape (n, T)
        Evolution: the lowest score of each generation, the last of which is `scores`. Gradient descent: the score
        before each iteration. Chains: the score after each iteration.
    method : str
        "evolution", "gradient" or "sample".
    random_state : int
        Seed of the first run; the seed of run i is `random_state` + i.
    parameters : dict
        The number of generations or iterations, and the fields of the config.
    orientation : str
        The orientation of the detector's own score and the reason for it, see `Scorer`.
    draws : float32 array of shape (n, S, d), optional
        The rows of each chain after its warm-up; the last ones are `samples`.
    diagnostics : Diagnostics, optional
        Whether the chains have mixed.

    Raises
    ------
    InputError
        If the shapes do not fit together.

    Examples
    --------
    >>> import anogen
    >>> distance = anogen.make_scorer(lambda X: ((X - 0.5) ** 2).sum(axis=1), 64, orientation="anomaly")
    >>> result = anogen.generate(distance, n_samples=3, n_generations=5)
    >>> result
    GenerationResult(3 samples of 64 features by evolution, scores 0.106 to 0.116)
    >>> result.plot().axes[0].get_title()
    '0.111'
    """

    samples: NDArray[np.float32]
    scores: NDArray[np.float64]
    history: NDArray[np.float64]
    method: str
    random_state: int
    parameters: dict[str, Any]
    orientation: str
    draws: NDArray[np.float32] | None = None
    diagnostics: Diagnostics | None = None

    def __post_init__(self) -> None:
        n = len(self.samples)
        if self.samples.ndim != 2 or self.scores.shape != (n,) or self.history.ndim != 2 or len(self.history) != n:
            shapes = ", ".join(f"{name} {getattr(self, name).shape}" for name in ARRAYS)
            raise InputError(f"{shapes} do not fit together: give (n, d), (n,) and (n, T)")

    def __repr__(self) -> str:
        n, d = self.samples.shape
        scores = f"scores {self.scores.min():.3g} to {self.scores.max():.3g}"
        mixing = "" if self.diagnostics is None else f", {self.diagnostics.status}"
        return f"GenerationResult({n} samples of {d} features by {self.method}, {scores}{mixing})"

    def gap(self, optimum: Optimum[Any]) -> NDArray[np.float64]:
        """Return the Euclidean distance of each sample to the nearest optimum, (n,).

        Parameters
        ----------
        optimum : Optimum
            The optimum of `anogen.find_optimum`, with samples (m, d) of the same length.

        Returns
        -------
        float64 array of shape (n,)
            The distances, in units of the features.
        """
        rows = np.asarray(optimum.samples, dtype=np.float64)
        fits = rows.ndim == 2 and rows.shape[1] == self.samples.shape[1]
        require(fits, f"an optimum of shape {rows.shape} does not fit samples of shape {self.samples.shape}")
        samples = self.samples.astype(np.float64)
        return np.array([np.linalg.norm(rows - sample, axis=1).min() for sample in samples])

    def evaluate(
        self, images: "OneClass", p_class: ArrayLike | Callable[[NDArray[np.float32]], ArrayLike] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Return measures of sample quality, compared with real images.

        Parameters
        ----------
        images : OneClass
            Images of the normal class, from `Dataset.one_class`.
        p_class : array of shape (n,) or callable, optional
            Probability of the normal class by an independent classifier, or a function from rows (n, d) to it.

        Returns
        -------
        dict of arrays of shape (n,)
            `nn_ratio`, the distance to the nearest training image relative to that of real images; `morans_i`, the
            correlation of neighbouring pixels; `noise_like`. With `p_class` also `p_cls`, `normal_looking` and
            `quality`, see `anogen.metrics.quality`.
        """
        from anogen.metrics import quality

        reference = quality.Reference.fit(images.X_train, images.test_normal, images.image_shape)
        if p_class is None:
            return quality.measure_unclassified(self.samples, reference)
        return quality.measure(self.samples, reference, p_class(self.samples) if callable(p_class) else p_class)

    def plot(self, image_shape: tuple[int, ...] | None = None, n_columns: int = 8) -> "Figure":
        """Return a figure of the samples, with the score above each one.

        Parameters
        ----------
        image_shape : tuple of int, optional
            (h, w) or (h, w, 3). By default, rows of s² or 3 s² features, with s at least 8, are drawn as square images,
            and other rows as lines over the index of the feature.
        n_columns : int
            Number of images side by side.

        Returns
        -------
        matplotlib.figure.Figure
            A figure outside of pyplot: display it, or call `savefig`.
        """
        from matplotlib.figure import Figure

        n, d = self.samples.shape
        shape = guess_image_shape(d) if image_shape is None else tuple(image_shape)
        if shape is None:
            figure = Figure(figsize=(7, 3.5), layout="constrained")
            axes = figure.subplots()
            for sample, score in zip(self.samples, self.scores, strict=True):
                axes.plot(sample, label=f"{score:.4g}")
            axes.set(xlabel="feature", ylabel="value")
            axes.legend(title="score")
            return figure
        fits = len(shape) in {2, 3} and np.prod(shape) == d and shape[2:] in {(), (1,), (3,)}
        require(fits, f"image_shape = {shape} does not fit {d} features: give (h, w) or (h, w, 3)")
        columns = max(1, min(n, n_columns))
        rows = ceil(n / columns)
        figure = Figure(figsize=(max(3.0, 1.6 * columns), 1.9 * rows), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes in grid:
            axes.set_axis_off()
        for axes, sample, score in zip(grid, self.samples, self.scores, strict=False):
            axes.imshow(np.clip(sample, 0, 1).reshape(shape), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            axes.set_title(f"{score:.4g}", fontsize=9)
        return figure

    def to_frame(self) -> "pd.DataFrame":
        """Return a data frame with one row for each sample: its seed, first, lowest and final score, and features.

        Returns
        -------
        pandas.DataFrame
            Columns `random_state`, `first_score`, `lowest_score`, `score`, and `x0`, `x1`, ...
        """
        import pandas as pd

        scores = {
            "random_state": self.random_state + np.arange(len(self.samples)),
            "first_score": self.history[:, 0],
            "lowest_score": np.minimum(self.history.min(axis=1), self.scores),
            "score": self.scores,
        }
        features = pd.DataFrame(self.samples).add_prefix("x")
        return pd.concat([pd.DataFrame(scores), features], axis=1)

    def save(self, path: str | Path) -> Path:
        """Write the result to a `.npz` file, which `load` reads.

        Parameters
        ----------
        path : str or Path
            The file; `.npz` is appended if it is missing.

        Returns
        -------
        Path
            The written file.
        """
        path = Path(path)
        path = path if path.suffix == ".npz" else path.with_name(f"{path.name}.npz")
        arrays: dict[str, Any] = {name: getattr(self, name) for name in ARRAYS}
        arrays |= {name: np.array(json.dumps(getattr(self, name))) for name in TEXTS}
        if self.draws is not None:
            arrays |= {"draws": self.draws, "diagnostics": np.array(json.dumps(self.diagnostics))}
        np.savez_compressed(path, **arrays)
        return path

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a result that `save` wrote; nothing in the file is executed.

        Parameters
        ----------
        path : str or Path
            The `.npz` file.

        Returns
        -------
        GenerationResult
            The result, bit for bit.

        Raises
        ------
        InputError
            If the file is missing, or is not a saved result.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in ARRAYS}
                texts = {name: json.loads(str(file[name])) for name in TEXTS}
                if "draws" in file:
                    arrays["draws"] = file["draws"]
                    texts["diagnostics"] = Diagnostics(*json.loads(str(file["diagnostics"])))
        except FileNotFoundError:
            raise InputError(f"{path} does not exist: give a file that save() wrote") from None
        except (KeyError, ValueError, TypeError, OSError, zipfile.BadZipFile) as error:
            reason = str(error).strip().split("\n")[0]
            raise InputError(f"{path} is not a saved result ({reason}): give a file that save() wrote") from None
        numeric = all(np.issubdtype(array.dtype, np.floating) for array in arrays.values())
        require(numeric, f"{path} is not a saved result: its arrays are not numbers")
        return cls(**arrays, **texts)


def guess_image_shape(d: int) -> tuple[int, ...] | None:
    """Return the shape of a square image of d values, or None if d is not s² or 3 s² with s of at least 8."""
    for channels in (1, 3):
        side = isqrt(d // channels)
        if side >= SMALLEST_SIDE and side * side * channels == d:
            return (side, side) if channels == 1 else (side, side, 3)
    return None
