"""Claims of thesis 5.3 and 6.1.2 on the settings of the search, its cost and local minima."""

from collections.abc import Callable, Sequence
from itertools import pairwise, product
from typing import Any

import numpy as np
from scipy import stats

from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Finding, Number, claim, over_sweep
from notebooks.thesis.autoencoder_cifar.experiments import CLASSES, DIGIT_LATENTS, LATENTS
from notebooks.thesis.common.descent import WAYS
from notebooks.thesis.search_settings.experiments import POPULATIONS, RATES, SIGMAS, THESIS, stops

PAGE = "search-settings"
TARGETS = (0.3, 0.1, 0.03)  # "a small anomaly score": as a share of what uniform noise scores
END = 5_000  # generations


def _needs(*roles: str) -> Callable[[], list[Any]]:
    def needs() -> list[Any]:
        experiments = chapter_experiments(PAGE)
        return [experiments[role] for role in roles]

    return needs


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


def _times(records: Sequence[Arrays]) -> dict[float, list[float]]:
    """Return the mean number of generations to each target, by target and record."""
    return {share: [reached(record, share) for record in records] for share in TARGETS}


def _stop(record: Arrays, generations: int) -> int:
    """Return the index of a number of generations among those whose images are kept."""
    return stops(END, long=record["scores"].shape[1] > len(stops(END))).index(generations)


def _decidable(
    times: dict[float, list[float]], test: Callable[[list[float]], bool], measured: dict[str, Number]
) -> Finding:
    """Check generations to each target, without the targets that two settings never reach."""
    met = [test(generations) for generations in times.values() if np.isinf(generations).sum() < 2]
    measured["targets that too few settings reach"] = len(times) - len(met)
    return over_sweep(met, measured, cause="optimiser") if met else Finding(None, measured, "optimiser")


def _describe(times: Sequence[float]) -> str:
    return ", ".join(f"{time:.0f}" if np.isfinite(time) else "not reached in every run" for time in times)


@claim("thesis-c-31", page=PAGE, needs=_needs(*_roles("population", POPULATIONS)))
def larger_populations_converge_faster(*records: Arrays) -> Finding:
    """Generations to a fixed score fall monotonically over the populations, mean of 5 seeds."""
    times = _times(records)
    measured: dict[str, Number] = {
        f"generations to {share:.0%} of noise's score, by population": _describe(times[share]) for share in TARGETS
    }
    return _decidable(times, lambda t: all(b < a for a, b in pairwise(t)), measured)


@claim("thesis-c-32", page=PAGE, needs=_needs(*_roles("population", (50, 100, 150, 300))))
def beyond_a_hundred_it_pays_less(*records: Arrays) -> Finding:
    """Generations saved by doubling 50 at least twice those saved by doubling 150, both relative."""
    times = _times(records)
    measured: dict[str, Number] = {}
    for share, (fifty, hundred, more, most) in times.items():
        measured[f"saved from 50 to 100, {share:.0%}"] = 1 - hundred / fifty
        measured[f"saved from 150 to 300, {share:.0%}"] = 1 - most / more
    return _decidable(times, lambda t: 1 - t[1] / t[0] >= 2 * (1 - t[3] / t[2]), measured)


@claim("thesis-c-33", page=PAGE, needs=_needs(*_roles("mutation_rate", (0.1, 0.5))))
def rarer_mutations_converge_more_slowly(*records: Arrays) -> Finding:
    """Generations to a fixed score at a rate of 0.1 above those at 0.5."""
    times = _times(records)
    measured: dict[str, Number] = {
        f"generations to {share:.0%}, rates 0.1 and 0.5": _describe(times[share]) for share in TARGETS
    }
    return _decidable(times, lambda t: t[0] > t[1], measured)


@claim("thesis-c-34", page=PAGE, needs=_needs(*_roles("mutation_rate", (0.001, 0.5))))
def without_mutation_nothing_changes(rare: Arrays, usual: Arrays) -> Finding:
    """The best image's change (L2) in 5,000 generations at a rate of 0.001 below 5% of that at 0.5."""

    def change(record: Arrays) -> float:
        moved = record["images"][:, _stop(record, END)].astype(float) - record["start_images"]
        return float(np.linalg.norm(moved, axis=1).mean())

    low, high = change(rare), change(usual)
    measured: dict[str, Number] = {
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
    measured: dict[str, Number] = {
        "mean score at 0.99": float(high.mean()),
        "mean score at 0.5": float(low.mean()),
        "p": p,
    }
    return Finding(p < 0.05, measured, cause="optimiser")


@claim(
    "thesis-c-36",
    page=PAGE,
    needs=_needs(*_roles("sigma", SIGMAS), *_roles("mutation_rate", [r for r in RATES if 0.1 <= r <= 0.9])),
)
def the_noise_size_matters_more(*records: Arrays) -> Finding:
    """Spread of the mean final scores over the noise sizes above that over mutation rates from 0.1 to 0.9.

    Taken for two readings of a spread: the difference of highest and lowest, and their ratio.
    """
    scores = [float(final(record).mean()) for record in records]
    sigmas, rates = scores[: len(SIGMAS)], scores[len(SIGMAS) :]
    measured: dict[str, Number] = {
        "difference over noise sizes": max(sigmas) - min(sigmas),
        "difference over rates": max(rates) - min(rates),
        "ratio over noise sizes": max(sigmas) / min(sigmas),
        "ratio over rates": max(rates) / min(rates),
    }
    wider = max(sigmas) - min(sigmas) > max(rates) - min(rates)
    return over_sweep([wider, max(sigmas) / min(sigmas) > max(rates) / min(rates)], measured, cause="optimiser")


@claim("thesis-c-37", page=PAGE, needs=_needs("setting", "quality"))
def a_thousand_generations_are_enough_to_look_normal(search: Arrays, quality: Arrays) -> Finding:
    """At least half normal looking after 1,000 generations; mean quality at 4,000 to 5,000 above that at 1,000."""
    early, *late = (_stop(search, generations) for generations in (1_000, 4_000, 5_000))
    looks = float(quality["normal_looking"][early].mean())
    first, last = float(quality["quality"][early].mean()), float(quality["quality"][late].mean())
    measured: dict[str, Number] = {
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
    measured: dict[str, Number] = {f"quality at {g:,}": value for g, value in at.items()}
    measured |= {"score at 10,000": left, "score at 30,000": right, "relative change": abs(right / left - 1)}
    holds = min(at[10_000], at[30_000]) >= at[5_000] - 0.05 and abs(right / left - 1) < 0.05
    return Finding(holds, measured, cause="optimiser" if abs(right / left - 1) >= 0.05 else "detector")


@claim("thesis-c-16", page=PAGE, needs=_needs("toy"))
def evolution_withstands_local_minima(record: Arrays) -> Finding:
    """Success rate of the evolution above that of plain descent from the same starts, in 2 and in 16 dimensions.

    Taken over the place of the optimum (in the middle, to which averaging leads, or random) and over two definitions
    of a descent's success: that of each starting point, and that of the best among the population's points.
    """
    rates: dict[str, tuple[float, float, float]] = {}
    for i, d in enumerate(record["dimensions"]):
        for j, place in enumerate(("in the middle", "drawn")):
            evolved, descended, best = (
                float(record[key][i, j].mean()) for key in ("evolved", "descended", "best_descended")
            )
            rates[f"{d} dimensions, optimum {place}"] = evolved, descended, best
    measured: dict[str, Number] = {
        name: f"evolution {rate:.0%}, descent {each:.0%}, best descent {best:.0%}"
        for name, (rate, each, best) in rates.items()
    }
    met = [rate > other for rate, *others in rates.values() for other in others]
    return over_sweep(met, measured, cause="optimiser")


def _descents() -> list[Any]:
    colours = chapter_experiments("autoencoder-cifar")
    own = _needs(*(f"descent-{w}" for w in DIGIT_LATENTS), "cost")()
    return [*own[:-1], *(colours[f"descent-{c}-{w}"] for w in LATENTS for c in CLASSES), own[-1]]


@claim("thesis-c-13", page=PAGE, needs=_descents)
def descent_converges_fast(*records: Arrays) -> Finding:
    """Score after 500 steps <= 1.10 times that after 2,000, for digits and colours; 20 times faster than evolution.

    Taken over the widths for both kinds of images, and over rule and reduction.
    """
    *descents, cost = records
    digits, colours = descents[: len(DIGIT_LATENTS)], descents[len(DIGIT_LATENTS) :]

    def excess(record: Arrays, way: int) -> float:
        return float(record["scores"][way, :, 0].mean() / record["scores"][way, :, 1].mean())

    faster, faster_cpu = (
        float(np.median(cost[key][:, 1] / cost[key][:, 0])) for key in ("seconds", "processor_seconds")
    )
    over = {(i, v): excess(record, v) for (i, record), v in product(enumerate(digits), range(len(WAYS)))}
    over_colours = {
        (j, v): max(excess(colours[len(CLASSES) * j + c], v) for c in range(len(CLASSES)))
        for j, v in product(range(len(LATENTS)), range(len(WAYS)))
    }
    measured: dict[str, Number] = {
        "digits, score at 500 over that at 2,000, lowest": min(over.values()),
        "digits, highest": max(over.values()),
        "colours, lowest": min(over_colours.values()),
        "colours, highest": max(over_colours.values()),
        "evolution takes longer by a factor of": faster,
        "the same in processor time": faster_cpu,
    }
    met = [
        max(over[i, v], over_colours[j, v]) <= 1.10 and faster >= 20
        for i, j, v in product(range(len(DIGIT_LATENTS)), range(len(LATENTS)), range(len(WAYS)))
    ]
    return over_sweep(met, measured, cause="optimiser")
