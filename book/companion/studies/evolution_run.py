"""One evolutionary run of an experiment: interruptible, with the history that its figures plot."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from anogen.generators.evolution import EvolutionConfig, State, evolve
from anogen.scorers import Scorer
from companion.experiment import Arrays, Slice


def log_steps(generations: int, count: int = 101) -> np.ndarray:
    """Return the generations (at most `count`) at which the history is kept, evenly spaced from 1 to the last."""
    return np.unique(np.linspace(1, generations, count).round().astype(int))


def search(
    score: Scorer,
    seed: int,
    generations: int,
    config: EvolutionConfig,
    kept: np.ndarray,
    state: Arrays | None,
    snapshots: Sequence[int] = (),
    **guidance: Any,
) -> Iterator[Slice | Arrays]:
    """Evolve one run from noise, or resume it from a `state`; `guidance` is passed on to `evolve`.

    The history is kept at the generations `kept` (see `log_steps`), the image at those of `snapshots`, both ascending.
    Yields slices, and last the arrays `images` (d,) float32, the best image of the last generation; `scores`, its
    score; `best_scores`, the lowest of all generations; `history` (len(kept),), the lowest score of the population;
    with snapshots, `frames` (len(snapshots), d) float16 and `frame_scores` (len(snapshots),).
    """
    history = list(state["history"]) if state else []
    frames, frame_scores = (list(state["frames"]), list(state["frame_scores"])) if state else ([], [])
    now = State.restore(state) if state else None
    with torch.inference_mode():
        for new, info in evolve(score, [seed], n_generations=generations, config=config, state=now, **guidance):
            now = new
            if now.generation == kept[len(history)]:
                history.append(info.best.item())
            if len(frames) < len(snapshots) and now.generation == snapshots[len(frames)]:
                frames.append(now.current_best()[0].numpy().astype(np.float16))
                frame_scores.append(info.best.item())
            yield Slice(now.generation / generations, partial(_state, now, history, frames, frame_scores))
    assert now is not None, "a search has at least one generation"
    last = {
        "images": now.current_best()[0].numpy(),
        "scores": now.scores.amin(dim=1)[0].numpy(),
        "best_scores": now.best_score[0].numpy(),
    }
    arrays = last | _kept(history, frames, frame_scores)
    yield arrays if len(snapshots) else {k: a for k, a in arrays.items() if not k.startswith("frame")}


def _state(now: State, *kept: Any) -> Arrays:
    """Return a copy of everything that the next generation depends on."""
    return now.arrays() | _kept(*kept)


def _kept(history: list[float], frames: list[np.ndarray], frame_scores: list[float]) -> Arrays:
    return {"history": np.array(history), "frames": np.array(frames), "frame_scores": np.array(frame_scores)}
