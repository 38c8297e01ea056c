"""One evolutionary search as an experiment runs it: interruptible, with the history that its figures plot."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from anogen.experiments.base import Arrays, Slice
from anogen.generation import Settings, evolve
from anogen.generation.evolution import State
from anogen.scoring import Scorer


def marks(generations: int, count: int) -> np.ndarray:
    """Return the generations at which the history is kept: at most `count`, evenly spaced from 1 to the last."""
    return np.unique(np.linspace(1, generations, count).round().astype(int))


def search(
    score: Scorer,
    seed: int,
    generations: int,
    settings: Settings,
    kept: np.ndarray,
    state: Arrays | None,
    **guidance: Any,
) -> Iterator[Slice | Arrays]:
    """Evolve one run from noise, or from where a `state` left it.

    Parameters
    ----------
    kept
        The generations at which the history is kept: `marks`.
    guidance
        Passed on to `evolve`.

    Yields
    ------
    Slices, and last the arrays `images` (d,) float32, the image shown; `scores`, its score; `best_scores`, the lowest
    ever seen; `history` (len(kept),), the lowest score of the population.
    """
    history = list(state["history"]) if state else []
    now = State.restore(state) if state else None
    with torch.inference_mode():
        for after, info in evolve(score, [seed], generations=generations, settings=settings, state=now, **guidance):
            now = after
            if now.generation == kept[len(history)]:
                history.append(info.best.item())
            yield Slice(now.generation / generations, lambda now=now: now.arrays() | {"history": np.array(history)})  # type: ignore[misc]
    assert now is not None, "a search has at least one generation"
    yield {
        "images": now.shown()[0].numpy(),
        "scores": now.scores.amin(dim=1)[0].numpy(),
        "best_scores": now.best_score[0].numpy(),
        "history": np.array(history),
    }
