"""Claims of thesis 6.1.2 on the settings of the search.

Each seed of a setting has its own training of the detector, which is the same in all settings.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from companion.claims.base import (
    Arrays,
    Case,
    Finding,
    Number,
    above,
    at_least,
    below,
    claim,
    mean_interval,
    wilson,
)
from companion.studies.judged import judged
from notebooks.thesis.autoencoder.claims import needs
from notebooks.thesis.common.readings import over_readings
from notebooks.thesis.search_settings.experiments import POPULATIONS, RATES, SIGMAS, THESIS, stops

PAGE = "search-settings"
TARGETS = (0.3, 0.1, 0.03)  # "a small anomaly score": as a share of what uniform noise scores
END = 5_000  # generations
_needs = partial(needs, PAGE)


def _roles(key: str, values: Sequence[float]) -> list[str]:
    """Return the role of each value of a setting; the thesis's own value has the long run."""
    return ["setting" if value == THESIS[key] else f"{key}-{value:g}" for value in values]


def generations_to(record: Arrays, share: float, end: int = END) -> np.ndarray:
    """Return the first generation of each seed at or below a share of noise's score, (S,); inf if it fails."""
    history = record["history"][:, record["history_generations"] <= end]
    below = history <= share * record["noise_scores"][:, None]
    return np.where(below.any(axis=1), record["history_generations"][below.argmax(axis=1)], np.inf)


def reached(record: Arrays, share: float, end: int = END) -> float:
    """Return the mean of `generations_to` over the seeds; inf if one fails."""
    return float(generations_to(record, share, end).mean())


def final(record: Arrays, generations: int = END) -> np.ndarray:
    """Return the score of each seed after a number of generations, (S,)."""
    return np.asarray(record["scores"][:, _stop(record, generations)])


def _stop(record: Arrays, generations: int) -> int:
    """Return the index of a number of generations among those whose images are kept."""
    return stops(END, long=record["scores"].shape[1] > len(stops(END))).index(generations)


def _to_targets(
    records: Sequence[Arrays], criterion: Callable[[np.ndarray, str], Sequence[Case]], cause: str = "optimiser"
) -> Finding:
    """Apply a criterion to the numbers of generations (settings, seeds) to each target, by the target's name.

    A run that never reaches the target counts with all of its generations, a lower bound. Targets that two or more
    settings do not reach in every run are excluded.
    """
    cases: list[Case] = []
    measured: dict[str, Number] = {}
    for share in TARGETS:
        times = np.array([generations_to(record, share) for record in records])
        name = f"to {share:.0%} of the score of noise"
        measured[f"generations {name}, by setting"] = _describe(times.mean(axis=1))
        if np.isinf(times).any(axis=1).sum() < 2:
            cases += criterion(np.minimum(times, END), name)
    if not cases:
        return Finding(None, measured, cause, random=True, limits="Too few settings reach any of the target scores.")
    return over_readings(cases, cause, measured)


def _describe(times: np.ndarray) -> str:
    return ", ".join(f"{time:.0f}" if np.isfinite(time) else "not reached in every run" for time in times)


def _over(values: np.ndarray) -> dict[str, Any]:
    """Return interval and number of trainings for a comparison of a mean over the seeds."""
    return {"interval": mean_interval(values), "over": f"{len(values)} trainings"}


@claim("thesis-c-31", page=PAGE, needs=_needs(*_roles("population", POPULATIONS)))
def larger_populations_converge_faster(*records: Arrays) -> Finding:
    """Generations to a fixed score fall from each population to the next, in the mean over the seeds.

    Each step is a case of its own, because the thesis itself finds that the returns diminish.
    """

    def criterion(times: np.ndarray, name: str) -> list[Case]:
        cases = []
        for (small, before), (large, after) in pairwise(zip(POPULATIONS, times, strict=True)):
            saved = 1 - after / before
            part = above("share of the generations that is saved", saved.mean(), 0, **_over(saved))
            cases.append(Case((part,), f"{name}, from {small} to {large} images", pooled=len(saved)))
        return cases

    return _to_targets(records, criterion)


@claim("thesis-c-32", page=PAGE, needs=_needs(*_roles("population", (50, 100, 150, 300))))
def beyond_a_hundred_it_pays_less(*records: Arrays) -> Finding:
    """Generations saved by doubling 50 at least twice those saved by doubling 150, both relative."""

    def criterion(times: np.ndarray, name: str) -> list[Case]:
        small, large = 1 - times[1] / times[0], 1 - times[3] / times[2]
        gain = small - 2 * large
        part = at_least(
            "share saved from 50 to 100 images minus twice that from 150 to 300", gain.mean(), 0, **_over(gain)
        )
        return [Case((part,), name, pooled=times.shape[1])]

    return _to_targets(records, criterion)


@claim("thesis-c-33", page=PAGE, needs=_needs(*_roles("mutation_rate", (0.1, 0.5))))
def rarer_mutations_converge_more_slowly(*records: Arrays) -> Finding:
    """Generations to a fixed score at a rate of 0.1 above those at 0.5."""

    def criterion(times: np.ndarray, name: str) -> list[Case]:
        ratios = times[0] / times[1]
        return [
            Case((above("generations at a rate of 0.1, relative to 0.5", r, 1),), name, i) for i, r in enumerate(ratios)
        ]

    return _to_targets(records, criterion)


@claim("thesis-c-34", page=PAGE, needs=_needs(*_roles("mutation_rate", (0.5, 0.001)), "elite-0.001"))
def without_mutation_nothing_changes(usual: Arrays, rare: Arrays, elite: Arrays) -> Finding:
    """The best image's change (L2) in 5,000 generations at a rate of 0.001 below 5% of that at 0.5.

    Taken without an elite and with one: the best image survives each generation. The thesis leaves this open.
    """

    def change(record: Arrays) -> np.ndarray:
        moved = record["images"][:, _stop(record, END)].astype(float) - record["start_images"]
        return np.linalg.norm(moved, axis=1)

    cases = []
    for name, record in {"no elite": rare, "elite of one image": elite}.items():
        for training, share in enumerate(change(record) / change(usual)):
            part = below("change of the best image at a rate of 0.001, relative to that at 0.5", share, 0.05)
            cases.append(Case((part,), name, training))
    measured: dict[str, Number] = {}
    for name, record in {"without an elite": rare, "with an elite": elite}.items():
        measured[f"change at 0.001 {name}"] = change(record).mean()
        measured[f"score at 0.001 {name}, as a share of noise's"] = (final(record) / record["noise_scores"]).mean()
    return over_readings(cases, "optimiser", measured)


_rates = _needs("settled-0.99", "settled-0.5", *_roles("mutation_rate", (0.99, 0.5)))


@claim("thesis-c-35", page=PAGE, needs=_rates)
def too_many_mutations_end_higher(*records: Arrays) -> Finding:
    """Final score at a rate of 0.99 above that at 0.5 on the same training, once the search has settled.

    CBLOF settles within 5,000 generations. The autoencoder, whose score still falls then, is only shown.
    """
    cases = []
    for name, (often, usual), settled in (("CBLOF", records[:2], True), ("the autoencoder", records[2:], False)):
        for training, ratio in enumerate(final(often) / final(usual)):
            part = above("final score at a rate of 0.99, relative to 0.5", ratio, 1)
            cases.append(Case((part,), name, training, settled))
    measured: dict[str, Number] = {
        f"{name} at a rate of 0.5, score after 5,000 relative to 4,000 generations": final(record).mean()
        / final(record, 4_000).mean()
        for name, record in {"CBLOF": records[1], "the autoencoder": records[3]}.items()
    }
    return over_readings(cases, "optimiser", measured)


MODERATE = [rate for rate in RATES if 0.1 <= rate <= 0.9]


@claim("thesis-c-36", page=PAGE, needs=_needs(*_roles("sigma", SIGMAS), *_roles("mutation_rate", MODERATE)))
def the_noise_size_matters_more(*records: Arrays) -> Finding:
    """Spread of the final scores over the noise sizes above that over mutation rates from 0.1 to 0.9.

    Taken for two readings of a spread: the difference of highest and lowest, and their ratio.
    """
    scores = np.array([final(record) for record in records])
    sigmas, rates = scores[: len(SIGMAS)], scores[len(SIGMAS) :]
    ratios = {
        "spread as a difference": np.ptp(sigmas, axis=0) / np.ptp(rates, axis=0),
        "spread as a ratio": (sigmas.max(axis=0) / sigmas.min(axis=0)) / (rates.max(axis=0) / rates.min(axis=0)),
    }
    quantity = "spread over the noise sizes, relative to that over the mutation rates"
    cases = [
        Case((above(quantity, value, 1),), name, training)
        for name, values in ratios.items()
        for training, value in enumerate(values)
    ]
    return over_readings(cases, "optimiser")


def _judged_setting() -> list[Any]:
    """Return the search with the thesis's own setting, and the ensemble's judgement of its images."""
    (search,) = _needs("setting")()
    return [search, judged(search)]


@claim("thesis-c-37", page=PAGE, needs=_judged_setting)
def a_thousand_generations_are_enough_to_look_normal(search: Arrays, judgement: Arrays) -> Finding:
    """At least half normal looking after 1,000 generations; mean quality at 4,000 to 5,000 above that at 1,000."""
    early, *late = (_stop(search, generations) for generations in (1_000, 4_000, 5_000))
    looks, quality = (judgement[name].astype(float).T for name in ("normal_looking", "quality"))  # (T, S)
    looks, gained = looks[early], quality[late].mean(axis=0) - quality[early]
    share = at_least(
        "share of normal-looking images after 1,000 generations", looks.mean(), 0.5,
        wilson(looks.sum(), looks.size), f"{looks.size} trainings",
    )  # fmt: skip
    better = above("quality at 4,000 to 5,000 minus that at 1,000", gained.mean(), 0, **_over(gained))
    measured: dict[str, Number] = {"share normal looking at 5,000": judgement["normal_looking"][:, late[-1]].mean()}
    return over_readings(
        [Case((share, better), pooled=looks.size)], "optimiser", measured, flip="a network that generates digits sooner"
    )


@claim("thesis-c-38", page=PAGE, needs=_needs("setting", "quality"))
def more_generations_do_no_harm(search: Arrays, quality: Arrays) -> Finding:
    """Quality at 10,000 and 30,000 at least that at 5,000 less 0.05; score still to 5% of a real image's."""
    at = {g: quality["quality"][_stop(search, g)] for g in (5_000, 10_000, 30_000)}
    left, right = (final(search, generations) for generations in (10_000, 30_000))
    changes = np.abs(right - left) / search["real_scores"]
    cases = []
    for training, change in enumerate(changes):
        parts = [
            at_least(f"quality at {g:,} minus that at 5,000 generations", at[g][training] - at[5_000][training], -0.05)
            for g in (10_000, 30_000)
        ]
        still = below("change of the score from 10,000 to 30,000, relative to a real image's score", change, 0.05)
        cases.append(Case((*parts, still), training=training))
    measured: dict[str, Number] = {f"mean quality at {g:,}": values.mean() for g, values in at.items()}
    measured |= {"mean score at 10,000": left.mean(), "mean score at 30,000": right.mean()}
    return over_readings(cases, "detector", measured)
