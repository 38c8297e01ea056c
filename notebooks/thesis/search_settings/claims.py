"""Claims of thesis 5.3 and 6.1.2 on the settings of the search, its cost and local minima."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise, product
from typing import Any

import numpy as np
from scipy import stats

from companion.claims.base import Arrays, Finding, Number, claim, over_sweep
from notebooks.thesis.autoencoder.claims import needs
from notebooks.thesis.autoencoder_cifar.experiments import CLASSES, DIGIT_LATENTS, LATENTS
from notebooks.thesis.search_settings.experiments import POPULATIONS, RATES, SIGMAS, THESIS, stops

PAGE = "search-settings"
TARGETS = (0.3, 0.1, 0.03)  # "a small anomaly score": as a share of what uniform noise scores
END = 5_000  # generations
_needs = partial(needs, PAGE)


def _roles(key: str, values: Sequence[float]) -> list[str]:
    """Return the role of each value of a setting; the thesis's own value has the long run."""
    return ["setting" if value == THESIS[key] else f"{key}-{value:g}" for value in values]


def reached(record: Arrays, share: float, end: int = END) -> float:
    """Return the mean over the seeds of the first generation at or below a share of noise's score; inf if one fails."""
    history = record["history"][:, record["history_generations"] <= end]
    below = history <= share * record["noise_scores"][:, None]
    first = np.where(below.any(axis=1), record["history_generations"][below.argmax(axis=1)], np.inf)
    return float(first.mean())


def final(record: Arrays) -> np.ndarray:
    """Return the score of each seed after 5,000 generations, (S,)."""
    return np.asarray(record["scores"][:, _stop(record, END)])


def _stop(record: Arrays, generations: int) -> int:
    """Return the index of a number of generations among those whose images are kept."""
    return stops(END, long=record["scores"].shape[1] > len(stops(END))).index(generations)


Times = dict[str, list[float]]  # the mean number of generations of each setting, by the target in percent


def _times(records: Sequence[Arrays]) -> Times:
    return {f"{share:.0%}": [reached(record, share) for record in records] for share in TARGETS}


def _compare(times: Times, test: Callable[[Sequence[float]], bool], measured: dict[str, Number]) -> Finding:
    """Apply a test to each target, without the targets that two settings never reach."""
    met = [test(generations) for generations in times.values() if np.isinf(generations).sum() < 2]
    measured["targets that too few settings reach"] = len(times) - len(met)
    return over_sweep(met, measured, cause="optimiser") if met else Finding(None, measured, "optimiser")


def _describe(times: Sequence[float]) -> str:
    return ", ".join(f"{time:.0f}" if np.isfinite(time) else "not reached in every run" for time in times)


@claim("thesis-c-31", page=PAGE, needs=_needs(*_roles("population", POPULATIONS)))
def larger_populations_converge_faster(*records: Arrays) -> Finding:
    """Generations to a fixed score fall monotonically over the populations, mean of 5 seeds."""
    times = _times(records)
    measured = {f"generations to {share} of noise's score, by population": _describe(t) for share, t in times.items()}
    return _compare(times, lambda t: all(b < a for a, b in pairwise(t)), dict(measured))


@claim("thesis-c-32", page=PAGE, needs=_needs(*_roles("population", (50, 100, 150, 300))))
def beyond_a_hundred_it_pays_less(*records: Arrays) -> Finding:
    """Generations saved by doubling 50 at least twice those saved by doubling 150, both relative."""
    times, measured = _times(records), dict[str, Number]()
    for share, t in times.items():
        measured[f"saved from 50 to 100, {share}"] = 1 - t[1] / t[0]
        measured[f"saved from 150 to 300, {share}"] = 1 - t[3] / t[2]
    return _compare(times, lambda t: 1 - t[1] / t[0] >= 2 * (1 - t[3] / t[2]), measured)


@claim("thesis-c-33", page=PAGE, needs=_needs(*_roles("mutation_rate", (0.1, 0.5))))
def rarer_mutations_converge_more_slowly(*records: Arrays) -> Finding:
    """Generations to a fixed score at a rate of 0.1 above those at 0.5."""
    times = _times(records)
    measured = {f"generations to {share}, rates 0.1 and 0.5": _describe(t) for share, t in times.items()}
    return _compare(times, lambda t: t[0] > t[1], dict(measured))


@claim("thesis-c-34", page=PAGE, needs=_needs(*_roles("mutation_rate", (0.001, 0.5))))
def without_mutation_nothing_changes(rare: Arrays, usual: Arrays) -> Finding:
    """The best image's change (L2) in 5,000 generations at a rate of 0.001 below 5% of that at 0.5."""

    def change(record: Arrays) -> float:
        moved = record["images"][:, _stop(record, END)].astype(float) - record["start_images"]
        return float(np.linalg.norm(moved, axis=1).mean())

    low, high = change(rare), change(usual)
    measured = {
        "change at 0.001": low,
        "change at 0.5": high,
        "ratio": low / high,
        "score at 0.001, as a share of noise's": float((final(rare) / rare["noise_scores"]).mean()),
    }
    return Finding(low < 0.05 * high, measured, cause="optimiser")


@claim("thesis-c-35", page=PAGE, needs=_needs(*_roles("mutation_rate", (0.99, 0.5))))
def too_many_mutations_end_higher(often: Arrays, usual: Arrays) -> Finding:
    """Final score at a rate of 0.99 above that at 0.5: one-sided Wilcoxon test over the seeds, p < 0.05."""
    high, low = final(often), final(usual)
    p = float(stats.wilcoxon(high, low, alternative="greater").pvalue) if (high != low).any() else 1.0
    measured = {"mean score at 0.99": float(high.mean()), "mean score at 0.5": float(low.mean()), "p": p}
    return Finding(p < 0.05, measured, cause="optimiser")


MODERATE = [rate for rate in RATES if 0.1 <= rate <= 0.9]


@claim("thesis-c-36", page=PAGE, needs=_needs(*_roles("sigma", SIGMAS), *_roles("mutation_rate", MODERATE)))
def the_noise_size_matters_more(*records: Arrays) -> Finding:
    """Spread of the mean final scores over the noise sizes above that over mutation rates from 0.1 to 0.9.

    Taken for two readings of a spread: the difference of highest and lowest, and their ratio.
    """
    scores = [float(final(record).mean()) for record in records]
    sigmas, rates = scores[: len(SIGMAS)], scores[len(SIGMAS) :]
    spreads = {
        "difference": (max(sigmas) - min(sigmas), max(rates) - min(rates)),
        "ratio": (max(sigmas) / min(sigmas), max(rates) / min(rates)),
    }
    over = ("noise sizes", "rates")
    measured = {f"{name} over {o}": v for name, both in spreads.items() for o, v in zip(over, both, strict=True)}
    return over_sweep([sigma > rate for sigma, rate in spreads.values()], measured, cause="optimiser")


@claim("thesis-c-37", page=PAGE, needs=_needs("setting", "quality"))
def a_thousand_generations_are_enough_to_look_normal(search: Arrays, quality: Arrays) -> Finding:
    """At least half normal looking after 1,000 generations; mean quality at 4,000 to 5,000 above that at 1,000."""
    early, *late = (_stop(search, generations) for generations in (1_000, 4_000, 5_000))
    looks = float(quality["normal_looking"][early].mean())
    first, last = float(quality["quality"][early].mean()), float(quality["quality"][late].mean())
    measured = {
        "share normal looking at 1,000": looks,
        "quality at 1,000": first,
        "quality at 4,000 to 5,000": last,
        "share normal looking at 5,000": float(quality["normal_looking"][late[-1]].mean()),
    }
    return Finding(looks >= 0.5 and last > first, measured, cause="optimiser")


@claim("thesis-c-38", page=PAGE, needs=_needs("setting", "quality"))
def more_generations_do_no_harm(search: Arrays, quality: Arrays) -> Finding:
    """Quality at 10,000 and 30,000 at least that at 5,000 less 0.05; score within 5% from 10,000 to 30,000."""
    at = {g: float(quality["quality"][_stop(search, g)].mean()) for g in (5_000, 10_000, 30_000)}
    left, right = (float(search["scores"][:, _stop(search, g)].mean()) for g in (10_000, 30_000))
    measured = {f"quality at {g:,}": value for g, value in at.items()}
    measured |= {"score at 10,000": left, "score at 30,000": right, "relative change": abs(right / left - 1)}
    holds = min(at[10_000], at[30_000]) >= at[5_000] - 0.05 and abs(right / left - 1) < 0.05
    return Finding(holds, measured, cause="optimiser" if abs(right / left - 1) >= 0.05 else "detector")


@claim("thesis-c-16", page=PAGE, needs=_needs("toy"))
def evolution_withstands_local_minima(record: Arrays) -> Finding:
    """Success rate of the evolution above that of plain descent from the same starts, in 2 and in 16 dimensions.

    Taken over the place of the optimum (in the middle, to which averaging leads, or random) and over two definitions
    of a descent's success: that of each starting point, and that of the best among the population's points.
    """
    met, measured = [], {}
    for i, j in product(range(len(record["dimensions"])), (0, 1)):
        evolved, *others = (float(record[key][i, j].mean()) for key in ("evolved", "descended", "best_descended"))
        name = f"{record['dimensions'][i]} dimensions, optimum {('in the middle', 'drawn')[j]}"
        measured[name] = f"evolution {evolved:.0%}, descent {others[0]:.0%}, best descent {others[1]:.0%}"
        met += [evolved > other for other in others]
    return over_sweep(met, measured, cause="optimiser")


def _descents() -> list[Any]:
    *own, cost = _needs(*(f"descent-{w}" for w in DIGIT_LATENTS), "cost")()
    return [*own, *needs("autoencoder-cifar", *(f"descent-{c}-{w}" for w in LATENTS for c in CLASSES))(), cost]


@claim("thesis-c-13", page=PAGE, needs=_descents)
def descent_converges_fast(*records: Arrays) -> Finding:
    """Score after 500 steps <= 1.10 times that after 2,000, for digits and colours; 20 times faster than evolution.

    Taken over the widths for both kinds of images, and over rule and reduction.
    """
    *descents, cost = records
    excess = [np.divide(*(record["scores"][..., stop].mean(axis=1) for stop in (0, 1))) for record in descents]
    digits = np.array(excess[: len(DIGIT_LATENTS)])[:, None]  # (widths of digits, 1, ways)
    colours = np.array(excess[len(DIGIT_LATENTS) :]).reshape(len(LATENTS), len(CLASSES), -1).max(axis=1)
    faster, faster_cpu = (np.median(cost[key][:, 1] / cost[key][:, 0]) for key in ("seconds", "processor_seconds"))
    measured = {
        "digits, score at 500 over that at 2,000, lowest": digits.min(),
        "digits, highest": digits.max(),
        "colours, lowest": colours.min(),
        "colours, highest": colours.max(),
        "evolution takes longer by a factor of": faster,
        "the same in processor time": faster_cpu,
    }
    met = (np.maximum(digits, colours) <= 1.10) & (faster >= 20)
    return over_sweep(met.ravel().tolist(), measured, cause="optimiser")
