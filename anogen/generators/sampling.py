"""Samples of exp(-score / T) on [0, 1]^d, by Markov chains with parallel tempering.

A chain is a population of K replicas at the temperatures T, r T, r² T, ... In each iteration every replica moves: with
a gradient by a Metropolis-adjusted Langevin step (MALA), without one by a random walk with Metropolis' rule. Then
neighbours may exchange their rows. Both leave exp(-score / T) invariant at the replica of temperature T.

The walls are mirrors. The score is continued to R^d by reflection, the step is taken there, and its end is folded back.
A step commutes with the reflections g, so the folded chain is reversible, too: with q the kernel on R^d, reversible for
π, that of the box is P(x, y) = Σ_g q(x, g y), and π(x) q(x, g y) = π(g y) q(g y, x) = π(y) q(y, g⁻¹ x).

Sources: Roberts and Tweedie 1996 (MALA, and the bounded drift); Geyer 1991 (tempering); Andrieu and Thoms 2008 (step
sizes, adapted in the warm-up only).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from anogen.errors import InputError, require
from anogen.generators import inputs
from anogen.generators.inputs import noise
from anogen.generators.recombination import normals, words
from anogen.scorers import Scorer

Floats = NDArray[np.float64]
STEP, ACCEPT = np.uint32(3), np.uint32(4)  # purposes of the random numbers, after those of `recombination`
GOAL = {"mala": 0.574, "metropolis": 0.234}  # acceptance: Roberts and Rosenthal 1998; Roberts, Gelman and Gilks 1997
MAX_LOG_STEP, MIN_VARIANCE = 2.0, 1e-12


@dataclass(frozen=True)
class SamplingConfig:
    """The parameters of `anogen.generate(method="sample")`.

    Parameters
    ----------
    temperature : float, optional
        T, in units of the score. Without it, T is solved for `held_out`. For a negative log density, T = 1 samples the
        detector's own density, restricted to the box.
    kernel : {"mala", "metropolis"}, optional
        The step; by default MALA for a differentiable scorer.
    population_size : int
        Number K of replicas of a chain.
    temperature_ratio : float
        Ratio r of neighbouring temperatures.
    thin : int
        Keep every `thin`-th draw after the warm-up.

    Raises
    ------
    InputError
        For a value out of range.

    Examples
    --------
    >>> from anogen.generators import SamplingConfig
    >>> SamplingConfig(temperature=1.0).population_size
    8
    """

    temperature: float | None = None
    kernel: Literal["mala", "metropolis"] | None = None
    population_size: int = 8
    temperature_ratio: float = 2.0
    thin: int = 1

    def __post_init__(self) -> None:
        t, ratio = self.temperature, self.temperature_ratio
        require(t is None or 0 < t < np.inf, f"temperature = {t} is not a temperature: give a positive number")
        require(self.kernel in {None, *GOAL}, f"unknown kernel {self.kernel!r}: choose mala or metropolis")
        require(1 < ratio < np.inf, f"temperature_ratio = {ratio:g} does not make a ladder: give more than 1")
        inputs.check_count("population_size", self.population_size)
        inputs.check_count("thin", self.thin)


class State(NamedTuple):
    """R chains of K replicas, coldest first, with what the warm-up has learnt about each replica's steps."""

    positions: Floats  # (R, K, d)
    scores: Floats  # (R, K)
    gradients: Floats  # (R, K, d); 0 for random walks
    log_steps: Floats  # (R, K)
    means: Floats  # (R, K, d): of recent positions
    variances: Floats  # (R, K, d)
    iteration: int
    seeds: tuple[int, ...]  # random numbers depend on them and the iteration alone


class Info(NamedTuple):
    """The probabilities of one iteration."""

    acceptance: Floats  # (R, K)
    exchange: Floats  # (R, K - 1); NaN for the pairs that wait for the next iteration


def init(scorer: Scorer, seeds: Sequence[int], kernel: str, positions: Floats) -> State:
    """Return the state before the first iteration, at positions (R, K, d)."""
    scores, gradients = evaluate(scorer, positions, kernel)
    log_steps = np.full(positions.shape[:2], -np.log(positions.shape[2]) / 6)
    variances = np.full(positions.shape, 1 / 12)  # that of noise
    return State(positions, scores, gradients, log_steps, positions, variances, 0, tuple(seeds))


def step(state: State, scorer: Scorer, kernel: str, temperatures: Floats, *, adapt: bool) -> tuple[State, Info]:
    """Return the state after one iteration at temperatures (K,); `adapt` is for the warm-up."""
    steps, uniforms, exchange_uniforms = _random_numbers(state)
    scale = np.exp(state.log_steps)[..., None] * np.sqrt(state.variances)
    unfolded = state.positions + scale * (steps + _drift(state.gradients, scale, temperatures))
    positions, sign = fold(unfolded)
    scores, gradients = evaluate(scorer, positions, kernel)
    with np.errstate(invalid="ignore"):  # from one infinite score to another: rejected
        log_ratio = (state.scores - scores) / temperatures
    if kernel == "mala":
        back = (state.positions - unfolded) / scale - _drift(sign * gradients, scale, temperatures)
        log_ratio += (steps**2 - back**2).sum(axis=2) / 2
    acceptance = np.nan_to_num(np.exp(np.minimum(log_ratio, 0)))
    accepted = uniforms < acceptance
    positions = np.where(accepted[..., None], positions, state.positions)
    gradients = np.where(accepted[..., None], gradients, state.gradients)
    scores = np.where(accepted, scores, state.scores)

    order, exchange = _exchange(scores, temperatures, exchange_uniforms, state.iteration % 2)
    scores = np.take_along_axis(scores, order, 1)
    positions, gradients = (np.take_along_axis(a, order[..., None], 1) for a in (positions, gradients))
    log_steps, means, variances = state.log_steps, state.means, state.variances
    if adapt:
        rate = (state.iteration + 10) ** -0.6
        log_steps = np.minimum(log_steps + rate * (acceptance - GOAL[kernel]), MAX_LOG_STEP)
        delta = positions - means
        means = means + rate * delta
        variances = np.maximum((1 - rate) * (variances + rate * delta**2), MIN_VARIANCE)
    after = State(positions, scores, gradients, log_steps, means, variances, state.iteration + 1, state.seeds)
    return after, Info(acceptance, exchange)


def fold(y: Floats) -> tuple[Floats, Floats]:
    """Return the mirror images of points in [0, 1], and the sign of their derivative: -1 after an odd reflection."""
    offset = y - 2 * np.floor(y / 2)
    return np.where(offset > 1, 2 - offset, offset), np.where(offset > 1, -1.0, 1.0)


def _drift(gradients: Floats, scale: Floats, temperatures: Floats) -> Floats:
    """Return half a Langevin step in units of the scale, at most √d long."""
    drift = -scale * gradients / (2 * temperatures[:, None])
    length = np.sqrt((drift**2).sum(axis=2, keepdims=True))
    return drift * np.minimum(1, np.sqrt(drift.shape[2]) / np.maximum(length, 1e-300))


def _exchange(scores: Floats, temperatures: Floats, uniforms: Floats, first: int) -> tuple[NDArray[np.intp], Floats]:
    """Return which replica each temperature has next, (R, K), and the probabilities of the exchanges."""
    runs, k = scores.shape
    order, probability = np.tile(np.arange(k), (runs, 1)), np.full((runs, k - 1), np.nan)
    low = np.arange(first, k - 1, 2)
    with np.errstate(invalid="ignore"):
        log_ratio = (1 / temperatures[low] - 1 / temperatures[low + 1]) * (scores[:, low] - scores[:, low + 1])
    probability[:, low] = np.nan_to_num(np.exp(np.minimum(log_ratio, 0)))
    swapped = uniforms[:, low] < probability[:, low]
    order[:, low] += swapped
    order[:, low + 1] -= swapped
    return order, probability


def _random_numbers(state: State) -> tuple[Floats, Floats, Floats]:
    """Return normals (R, K, d), and two arrays of uniforms (R, K), which depend on a seed and the iteration alone."""
    runs, k, d = state.positions.shape
    steps, uniforms = np.empty((runs, k, d)), np.empty((2, runs, k))
    bits, pairs = np.empty((4, (k * d + 3) // 4), np.uint32), np.empty((4, k), np.uint32)
    values = np.empty(bits.size, np.float32)
    for run, seed in enumerate(state.seeds):
        key = np.uint32(seed & 0xFFFFFFFF), np.uint32(seed >> 32)
        words(bits, np.uint32(0), np.uint32(state.iteration), STEP, *key)
        normals(values, bits)
        steps[run] = values[: k * d].reshape(k, d)
        words(pairs, np.uint32(0), np.uint32(state.iteration), ACCEPT, *key)
        uniforms[:, run] = ((pairs[::2] >> 5) * 2.0**26 + (pairs[1::2] >> 6)) / 2.0**53
    return steps, uniforms[0], uniforms[1]


def evaluate(scorer: Scorer, positions: Floats, kernel: str) -> tuple[Floats, Floats]:
    """Return scores (R, K) and gradients (R, K, d) at positions (R, K, d).

    Each chain is scored separately, so that its bits do not depend on the others; each row, where scores depend on the
    batch.
    """
    size = 1 if scorer.batch_dependence == "train+batch" else positions.shape[1]
    scores, gradients = [], []
    for rows in torch.from_numpy(positions).flatten(0, 1).split(size):
        x = rows.to(scorer.device).requires_grad_(kernel == "mala")
        with torch.set_grad_enabled(kernel == "mala"):
            score = inputs.check_finite(scorer.score_finite(x))
        scores.append(score.detach().cpu().numpy())
        if kernel == "mala":
            gradients.append(torch.autograd.grad(score.sum(), x)[0].cpu().numpy())
    gradient = np.concatenate(gradients).reshape(positions.shape) if gradients else np.zeros_like(positions)
    return np.concatenate(scores).reshape(positions.shape[:2]), gradient


def sample(
    scorer: Scorer,
    seeds: Sequence[int],
    *,
    n_iterations: int,
    config: SamplingConfig,
    start: NDArray[Any] | None = None,
) -> Iterator[tuple[State, Info]]:
    """Run one chain for each seed: the loop below `anogen.generate`. The first half of it is the warm-up.

    Parameters
    ----------
    scorer : Scorer
        The score of rows (n, d).
    seeds : sequence of int
        One for each chain; on the CPU, chain i gives the same bits alone and in any list of seeds.
    n_iterations : int
        Number of iterations, at least 16 times `config.thin`.
    config : SamplingConfig
        The parameters, with a temperature.
    start : array of shape (R, d), optional
        The rows where the chains start, in [0, 1]; noise by default, other noise for each replica.

    Yields
    ------
    state : State
        The state after each iteration; `positions[:, 0]` are the rows (R, d) at temperature T.
    info : Info
        The probabilities of acceptance and exchange.

    Raises
    ------
    InputError
        If the score depends on the other rows or on random numbers, has no gradient for MALA, or is NaN; for shapes
        that do not fit, and values out of range.

    Examples
    --------
    >>> import anogen
    >>> from anogen.generators import SamplingConfig, sample
    >>> scorer = anogen.make_scorer(lambda X: X.sum(axis=1), 3, orientation="anomaly")
    >>> for state, info in sample(scorer, [0, 1], n_iterations=20, config=SamplingConfig(temperature=0.1)):
    ...     pass
    >>> state.positions[:, 0].shape
    (2, 3)
    """
    kernel, seeds = resolve_kernel(scorer, config), inputs.check_seeds(seeds)
    few = f"n_iterations = {n_iterations} leaves fewer than 8 draws after the warm-up: give {16 * config.thin} or more"
    require(inputs.check_count("n_iterations", n_iterations) >= 16 * config.thin, few)
    if config.temperature is None:
        raise InputError("a sample needs a temperature: give temperature, or held_out, normal rows to solve it for")
    d, k = scorer.n_features_in_, config.population_size
    if start is None:
        first = np.stack([noise((k, d), torch.Generator().manual_seed(seed)).double().numpy() for seed in seeds])
    else:
        first = np.repeat(check_rows("start", start, d)[:, None], k, axis=1)
        require(len(first) == len(seeds), f"start has {len(first)} rows: give {len(seeds)}, one for each sample")
    temperatures = config.temperature * np.float64(config.temperature_ratio) ** np.arange(k)
    state = init(scorer, seeds, kernel, first)
    while state.iteration < n_iterations:
        state, info = step(state, scorer, kernel, temperatures, adapt=state.iteration < n_iterations // 2)
        yield state, info


def resolve_kernel(scorer: Scorer, config: SamplingConfig) -> Literal["mala", "metropolis"]:
    """Return the kernel for a scorer; raise `InputError` if its score depends on other rows, or lacks a gradient."""
    dependence = scorer.batch_dependence
    own = dependence in {"none", "train+batch"}
    require(own, f"this score depends on more than its row ({dependence}) and has no density: use method='evolution'")
    kernel = config.kernel or ("mala" if scorer.differentiable else "metropolis")
    name = type(scorer).__name__
    require(kernel != "mala" or scorer.differentiable, f"{name} has no gradient: use kernel='metropolis'")
    return kernel


def check_rows(name: str, rows: Any, d: int) -> Floats:
    """Return rows (m, d) in [0, 1] as float64."""
    x = inputs.as_tensor(name, rows).detach().cpu().double().numpy()
    require(x.ndim == 2 and x.shape[1:] == (d,) and len(x), f"{name} of shape {x.shape} does not fit: give (m, {d})")
    require(((x >= 0) & (x <= 1)).all(), f"{name} has values that are NaN or outside [0, 1]: scale them")
    return x
