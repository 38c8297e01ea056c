"""`generate`: search for the samples that a detector scores as most normal, or draw from exp(-score / T)."""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from anogen.errors import InputError, require
from anogen.generators import evolution, gradient, inputs, sampling
from anogen.generators.evolution import EvolutionConfig
from anogen.generators.gradient import GradientConfig
from anogen.generators.mixing import Diagnostics, diagnose
from anogen.generators.result import GenerationResult
from anogen.generators.sampling import SamplingConfig
from anogen.generators.temperature import solve_temperature
from anogen.scorers import Scorer, make_scorer
from anogen.scorers.base import Orientation

Callback = Callable[[Any, Any], object]


def generate(
    scorer: Any,
    method: Literal["evolution", "gradient", "sample"] = "evolution",
    *,
    n_samples: int = 1,
    random_state: int = 0,
    n_generations: int | None = None,
    n_iterations: int | None = None,
    mask: Any = None,
    reference: Any = None,
    initial_population: Any = None,
    start: Any = None,
    held_out: Any = None,
    n_features: int | None = None,
    orientation: Orientation | None = None,
    device: str | torch.device = "cpu",
    progress: bool = False,
    callback: Callback | None = None,
    config: Any = None,
    **parameters: Any,
) -> GenerationResult:
    """Generate samples that a detector scores as most normal, by minimising its anomaly score.

    With `method="sample"`, draw them from the density exp(-score / T) on [0, 1]^d instead: the minimum of a score is
    its mode, which in many dimensions is unlike typical rows. Each sample is the result of an independent run. The seed
    of run i is `random_state` + i, and on the CPU the run gives the same bits alone or with any `n_samples`.

    Parameters
    ----------
    scorer : Scorer, fitted detector, function or torch.nn.Module
        The score; everything but a `Scorer` is passed to `make_scorer`.
    method : {"evolution", "gradient", "sample"}
        The evolutionary algorithm, which needs scores only; gradient descent on the features, which needs a
        differentiable scorer; or Markov chains, by Langevin steps for a differentiable scorer and random walks for
        others, with parallel tempering.
    n_samples : int
        Number n of samples.
    random_state : int
        Seed of the first run, from 0 to 2^64 - 1.
    n_generations : int, optional
        Generations of the evolution; 2,500 by default, 30,000 in the thesis.
    n_iterations : int, optional
        Gradient steps, 500 by default; or iterations of the chains, 4,000 by default, the first half for warm-up.
    mask : array of shape (d,), bool, optional
        Fixed features, which every sample shares with the reference ("k% fixed pixels", thesis 6.2.1).
    reference : array of shape (d,), optional
        The row that supplies the fixed features; required with a mask.
    initial_population : array of shape (P, d), optional
        The first population of every evolution; noise in [0, 1] by default.
    start : array of shape (n, d), optional
        The rows where gradient descent or the chains start; noise in [0, 1] by default.
    held_out : array of shape (m, d), optional
        Normal rows that the detector was not fitted to. The temperature T of the samples is solved so that their mean
        score is that of these rows; alternatively, give `temperature`.
    n_features : int, optional
        Length d of a row, for `make_scorer`.
    orientation : {"anomaly", "normality"}, optional
        The meaning of a larger score, for `make_scorer`.
    device : str or torch.device
        Device of the search, such as "cuda". CPU and GPU random numbers differ but have the same distribution.
    progress : bool
        Whether a progress bar is shown.
    callback : callable, optional
        Called with the state and the info of each generation or iteration, which are never overwritten.
    config : EvolutionConfig, GradientConfig or SamplingConfig, optional
        The parameters of the method, in place of keywords.
    **parameters
        Fields of `EvolutionConfig`, such as `population_size` and `mutation_std`, of `GradientConfig`, such as
        `learning_rate`, or of `SamplingConfig`, such as `temperature`. The default rule of gradient descent is Adam,
        which does not depend on the score's scale.

    Returns
    -------
    GenerationResult
        `samples` (n, d), `scores` (n,) and `history` (n, T) of the runs. A sample is the row of the lowest score in
        the last generation, or the row after the last iteration: the end of the search, not the best row ever seen.
        Chains also have `draws` (n, S, d) and `diagnostics`, of which `status` is "not mixed" if they disagree.

    Raises
    ------
    InputError
        For unknown or invalid parameters, shapes that do not fit, NaN scores, a scorer without a gradient, an
        unavailable device, and a temperature that does not exist.

    References
    ----------
    B. Ernst, Evaluating Anomaly Detection Algorithms by Generating Samples from Anomaly Scores, 2025, sections 5.3 and
    6.1.

    Examples
    --------
    >>> import anogen
    >>> from sklearn.datasets import load_digits
    >>> from pyod.models.cblof import CBLOF
    >>> X = load_digits().data / 16
    >>> detector = CBLOF(random_state=0).fit(X)
    >>> result = anogen.generate(detector, n_samples=2, n_generations=50)
    >>> result.samples.shape, result.history.shape
    ((2, 64), (2, 50))
    >>> bool((result.scores < result.history[:, 0]).all())
    True
    >>> result = anogen.generate(detector, "sample", n_samples=2, n_iterations=100, temperature=0.2)
    >>> result.draws.shape, result.diagnostics.status
    ((2, 50, 64), 'not mixed')
    """
    scorer = make_scorer(scorer, n_features, orientation=orientation)
    seeds = inputs.run_seeds(random_state, n_samples)
    draws = diagnostics = None
    if method == "evolution":
        _reject("evolution", start=start, n_iterations=n_iterations, held_out=held_out)
        config = inputs.make_config(EvolutionConfig, config, parameters)
        n_steps = inputs.check_count("n_generations", 2_500 if n_generations is None else n_generations)
        options = {"mask": mask, "reference": reference, "initial_population": initial_population, "device": device}
        with tqdm(total=n_steps, desc="generate", disable=not progress) as bar:
            report = _Report(bar, callback)
            samples, scores, history = _evolve(scorer, seeds, n_steps, config, options, report)
    elif method == "gradient":
        _reject("gradient", initial_population=initial_population, n_generations=n_generations, held_out=held_out)
        algorithm = gradient.Gradient(config, **parameters)
        config = algorithm.config
        n_steps = inputs.check_count("n_iterations", 500 if n_iterations is None else n_iterations)
        state = algorithm.init(scorer, seeds[0], n_samples=len(seeds), mask=mask, reference=reference, start=start)
        scorer = (scorer if state.mask is None else scorer.condition_on(*state.mask)).to(device)
        with tqdm(total=n_steps, desc="generate", disable=not progress) as bar:
            samples, scores, history = _descend(scorer, state, n_steps, config, _Report(bar, callback))
    elif method == "sample":
        _reject("sample", initial_population=initial_population, n_generations=n_generations)
        config = inputs.make_config(SamplingConfig, config, parameters)
        n_steps = inputs.check_count("n_iterations", 4_000 if n_iterations is None else n_iterations)
        options = {"mask": mask, "reference": reference, "start": start}
        with tqdm(total=n_steps, desc="generate", disable=not progress) as bar:
            report = _Report(bar, callback)
            config, samples, history, draws, diagnostics = _sample(
                scorer.to(device), seeds, n_steps, config, held_out, options, report
            )
        with torch.no_grad():
            scores = torch.cat([scorer.to("cpu")(row) for row in samples.split(1)])
    else:
        raise InputError(f"unknown method {method!r}: choose evolution, gradient or sample")
    steps = {"n_generations" if method == "evolution" else "n_iterations": n_steps}
    fixed = {} if mask is None else {"n_fixed": int(inputs.as_tensor("mask", mask).sum())}
    return GenerationResult(
        samples=samples.detach().cpu().float().numpy().copy(),
        scores=scores.detach().cpu().double().numpy().copy(),
        history=history,
        method=method,
        random_state=seeds[0],
        parameters=steps | asdict(config) | fixed,
        orientation=f"{scorer.orientation} ({scorer.orientation_source})",
        draws=draws,
        diagnostics=diagnostics,
    )


class _Report(NamedTuple):
    """Shows the progress of a search and passes its states to the user's callback."""

    bar: Any
    callback: Callback | None

    def __call__(self, state: evolution.State | gradient.State | sampling.State, info: Any) -> None:
        self.bar.update()
        if self.callback is not None:
            self.callback(state.copy() if isinstance(state, evolution.State) else state, info)


def _evolve(
    scorer: Scorer, seeds: list[int], n_generations: int, config: EvolutionConfig, options: Any, report: _Report
) -> tuple[Tensor, Tensor, NDArray[np.float64]]:
    """Return the fittest samples of the last generation, their scores, and the lowest score of each generation."""
    history = np.empty((len(seeds), n_generations))
    for state, info in evolution.evolve(scorer, seeds, n_generations=n_generations, config=config, **options):
        history[:, state.generation - 1] = info.best
        report(state, info)
    return state.current_best(), info.best, history


def _descend(
    scorer: Scorer, state: gradient.State, n_iterations: int, config: GradientConfig, report: _Report
) -> tuple[Tensor, Tensor, NDArray[np.float64]]:
    """Return the samples after the last step, their scores, and the scores before each step."""
    state = state.to(scorer.device)
    history = np.empty((len(state.images), n_iterations))
    for step in range(n_iterations):
        state, scores = gradient.step(state, scorer, config)
        history[:, step] = scores.cpu()
        report(state, gradient.Info(scores))
    with torch.no_grad():
        scores = torch.cat([inputs.check_finite(scorer(image)) for image in state.images.split(1)])
    return state.complete(), scores, history


def _sample(
    scorer: Scorer, seeds: list[int], n_iterations: int, config: SamplingConfig, held_out: Any, options: Any,
    report: _Report,
) -> tuple[SamplingConfig, Tensor, NDArray[np.float64], NDArray[np.float32], Diagnostics]:  # fmt: skip
    """Return the config with its temperature, the last rows, the scores, all draws and their diagnostics."""
    target, start = None, options["start"]
    if held_out is not None:
        require(config.temperature is None, "held_out determines the temperature: give one of them")
        temperature, target = solve_temperature(scorer, held_out, config)
        config = replace(config, temperature=temperature)
    mask = inputs.make_pixel_mask(scorer.n_features_in_, True, options["mask"], options["reference"])
    if mask is not None:
        scorer = scorer.to("cpu").condition_on(*mask).to(scorer.device)
        start = None if start is None else inputs.as_tensor("start", start)[:, mask.free]
    history, rows, scores, infos = np.empty((len(seeds), n_iterations)), [], [], []
    for state, info in sampling.sample(scorer, seeds, n_iterations=n_iterations, config=config, start=start):
        history[:, state.iteration - 1] = state.scores[:, 0]
        if state.iteration > n_iterations // 2:
            infos.append(info)
            if (n_iterations - state.iteration) % config.thin == 0:
                rows.append(torch.from_numpy(state.positions[:, 0]).float())
                scores.append(state.scores[:, 0])
        report(state, info)
    free, kept = torch.stack(rows, dim=1), np.stack(scores, axis=1)
    # a score without slope is constant, which says nothing about its features
    series = free.numpy() if np.ptp(kept) == 0 else np.concatenate([free.numpy(), kept[..., None]], axis=2)
    diagnostics = Diagnostics(
        *diagnose(series),
        acceptance=np.mean([info.acceptance[:, 0] for info in infos], axis=0).tolist(),
        exchange=np.nanmean([info.exchange for info in infos], axis=(0, 1)).tolist(),
        mean_score=float(kept.mean()),
        target_score=target,
    )
    draws = free if mask is None else mask.complete(free)
    return config, draws[:, -1], history, draws.numpy(), diagnostics


def _reject(method: str, **values: Any) -> None:
    """Raise `InputError` for parameters of the other method."""
    for name, value in values.items():
        require(value is None, f"{name} is not a parameter of method {method!r}: leave it out")
