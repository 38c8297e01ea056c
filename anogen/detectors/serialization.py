"""Detectors on disk: parameters and weights in one npz file, without pickles."""

from inspect import signature
from pathlib import Path
from typing import Any, Self

import numpy as np

from anogen.errors import InputError


class Saved:
    """Comes before `BaseDetector` in a class with `weights()` and `with_weights(weights)`."""

    def save(self: Any, path: Path) -> None:
        """Write parameters, weights and training scores to an npz file; it appears when it is complete."""
        partial = path.with_name(path.name + ".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        options = {f"option_{key}": value for key, value in self.get_params().items()}
        with partial.open("wb") as file:
            np.savez(file, **options | {"decision_scores_": self.decision_scores_} | self.weights())
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Return the detector that `save` wrote; raises `InputError` for another file."""
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        options = {key: arrays.pop(f"option_{key}", None) for key in signature(cls).parameters}
        if "decision_scores_" not in arrays or any(value is None for value in options.values()):
            raise InputError(f"{path.name} holds no {cls.__name__}: remove it, and it is trained again")
        given = {key: tuple(value.tolist()) if value.ndim else value.item() for key, value in options.items()}
        loaded: Any = cls(**given).with_weights(arrays)  # type: ignore[attr-defined]
        loaded._set_n_classes(None)
        loaded.decision_scores_ = arrays["decision_scores_"]
        loaded._process_decision_scores()
        return loaded
