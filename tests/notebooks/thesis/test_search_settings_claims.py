"""Verdicts on the search's settings follow from the records, in both directions."""

import numpy as np
import pytest

from companion.claims.decision import conditions, decide
from notebooks.thesis.autoencoder import claims as autoencoder
from notebooks.thesis.autoencoder.claims import WIDTHS
from notebooks.thesis.autoencoder.experiments import VARIANTS
from notebooks.thesis.autoencoder_cifar.experiments import CLASSES, DIGIT_LATENTS, LATENTS
from notebooks.thesis.common.descent import WAYS
from notebooks.thesis.search_settings import claims as search_settings
from notebooks.thesis.search_settings import claims_cost
from notebooks.thesis.search_settings.experiments import POPULATIONS, stops

W, S = len(WAYS), 5
RNG = np.random.default_rng(0)


def run(generations, end=0.01, moved=1.0, spread=0.0):
    """Return a search that reaches 30%, 10% and 3% of noise's score at 1, 2 and 3 times a number of generations."""
    marks = np.unique([1, *range(10, 5_000, 10), 5_000])
    relative = np.select([marks >= i * generations for i in (3, 2, 1)], [0.03, 0.1, 0.3], 1.0)
    scores = np.tile(end * (1 + spread * np.arange(S)[:, None]), (1, 5))
    images = np.zeros((S, 5, 4))
    images[:, :, 0] = moved
    return {
        "history": np.tile(relative, (S, 1)) * np.arange(1, S + 1)[:, None],
        "history_generations": marks,
        "noise_scores": np.arange(1.0, S + 1),
        "scores": scores,
        "images": images,
        "start_images": np.zeros((S, 4)),
    }


def faster(*generations):
    return [run(g) for g in generations]


def varied(*generations):
    """Return searches whose seeds differ from setting to setting as much as the settings do."""
    return [{**run(g), "history": run(g)["history"] * RNG.uniform(0.2, 1.8, size=(S, 1))} for g in generations]


@pytest.mark.parametrize(
    ("function", "records", "verdict"),
    [
        (search_settings.larger_populations_converge_faster, faster(900, 700, 500, 400, 300, 200), "reproduced"),
        (
            search_settings.larger_populations_converge_faster,
            faster(900, 700, 500, 400, 300, 300),
            "reproduced in part",
        ),
        (search_settings.larger_populations_converge_faster, faster(200, 300, 400, 500, 600, 700), "not reproduced"),
        (search_settings.larger_populations_converge_faster, faster(9_000, 700, 500, 400, 300, 200), "reproduced"),
        (
            search_settings.larger_populations_converge_faster,
            faster(9_000, 9_000, 500, 400, 300, 200),
            "inconclusive",
        ),
        (search_settings.beyond_a_hundred_it_pays_less, faster(1000, 500, 400, 350), "reproduced"),
        (search_settings.beyond_a_hundred_it_pays_less, faster(1000, 700, 500, 400), "not reproduced"),
        (search_settings.rarer_mutations_converge_more_slowly, faster(900, 300), "reproduced"),
        (search_settings.rarer_mutations_converge_more_slowly, faster(300, 900), "not reproduced"),
        (
            search_settings.the_noise_size_matters_more,
            [run(1, e) for e in (1, 2, 3, 4, 9, 2, 3, 4, 5, 6)],
            "reproduced",
        ),
        (
            search_settings.the_noise_size_matters_more,
            [run(1, e) for e in (2, 2, 3, 4, 5, 1, 3, 4, 5, 6)],
            "not reproduced",
        ),
        (
            search_settings.the_noise_size_matters_more,
            [run(1, e) for e in (1, 2, 2, 2, 2, 4, 4, 5, 6, 7)],
            "reproduced in part",
        ),
        (
            search_settings.without_mutation_nothing_changes,
            [run(1), run(1, moved=0.04), run(1, moved=0.04)],
            "reproduced",
        ),
        (search_settings.without_mutation_nothing_changes, [run(1), *[run(1, moved=0.06)] * 2], "not reproduced"),
        (
            search_settings.without_mutation_nothing_changes,  # only with an elite
            [run(1), run(1, moved=0.06), run(1, moved=0.04)],
            "reproduced in part",
        ),
    ],
)
def test_verdicts_on_settings(function, records, verdict):
    assert decide(function(*records)) == verdict


@pytest.mark.parametrize(
    ("often", "usual", "verdict"),
    [(0.02, 0.01, "reproduced"), (0.01, 0.02, "not reproduced"), (0.01, 0.01, "not reproduced")],
)
def test_verdicts_on_the_rate(often, usual, verdict):
    finding = search_settings.too_many_mutations_end_higher(run(1, often), run(1, usual), run(1, 0.01), run(1, 0.02))
    assert decide(finding) == verdict
    excluded = [condition.setting for condition in conditions(finding) if not condition.admissible]
    assert excluded == ["the autoencoder"]


def test_noise_between_seeds_decides_nothing():
    finding = search_settings.larger_populations_converge_faster(*varied(400, 399, 398, 397, 396, 395))
    assert decide(finding) in {"inconclusive", "not reproduced"}


def long_run(looks=1.0, early=0.6, late=0.8, last=0.8, end=0.01):
    """Return the long search and its measures (T, S): qualities at 1,000, at 4,000 to 5,000, and beyond."""
    kept = stops(5_000, long=True)
    quality = np.interp(kept, (1_000, 4_000, 5_000, 10_000), (early, late, late, last))
    looking = np.broadcast_to(np.arange(S) < round(looks * S), (len(kept), S))
    scores = np.interp(kept, (10_000, 30_000), (0.01, end))
    return (
        {"scores": np.tile(scores, (S, 1)), "real_scores": np.full(S, 0.02)},
        {"normal_looking": looking, "quality": np.tile(quality[:, None], (1, S))},
    )


def judged_run(**changed):
    """Return the long search, and the ensemble's judgements (S, T) of its images."""
    search, measures = long_run(**changed)
    return search, {name: values.T for name, values in measures.items()}


@pytest.mark.parametrize(
    ("function", "records", "holds"),
    [
        (search_settings.a_thousand_generations_are_enough_to_look_normal, judged_run(), True),
        (search_settings.a_thousand_generations_are_enough_to_look_normal, judged_run(looks=0), False),
        (search_settings.a_thousand_generations_are_enough_to_look_normal, judged_run(looks=0.4), None),
        (search_settings.a_thousand_generations_are_enough_to_look_normal, judged_run(early=0.9), False),
        (search_settings.more_generations_do_no_harm, long_run(), True),
        (search_settings.more_generations_do_no_harm, long_run(last=0.7), False),
        (search_settings.more_generations_do_no_harm, long_run(end=0.0095), True),  # 2.5% of a real image's
        (search_settings.more_generations_do_no_harm, long_run(end=0.008), False),
    ],
)
def test_findings_on_generations(function, records, holds):
    assert function(*records).holds is holds


def landscape(evolved, descended, best):
    """Return success rates, the same in 2 and in 16 dimensions, for both places of the optimum."""
    rate = {
        "evolved": (evolved, (2, 2, 40)),
        "descended": (descended, (2, 2, 10, 40)),
        "best_descended": (best, (2, 2, 40)),
    }
    return {key: np.broadcast_to(np.arange(40) < 40 * share, shape) for key, (share, shape) in rate.items()} | {
        "dimensions": np.array([2, 16])
    }


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        (landscape(0.9, 0.1, 0.5), "reproduced"),
        (landscape(0.1, 0.4, 0.5), "not reproduced"),
        (landscape(0.3, 0.1, 0.6), "reproduced in part"),  # better than one descent, worse than the best of all
        (landscape(0.5, 0.5, 0.5), "inconclusive"),
        (landscape(0.0, 0.0, 0.0), "inconclusive"),  # nobody finds the optimum
    ],
)
def test_verdict_on_local_minima(record, verdict):
    assert decide(claims_cost.evolution_withstands_local_minima(record)) == verdict


def converged(digits=0.0, colours=0.0, times=40.0):
    """Return descents of which a share of the fall is left after 500 steps, and the cost of both methods."""

    def down(left):
        scores = np.stack([np.full((W, 4), 1 + left), np.ones((W, 4))], axis=-1)
        return {"scores": scores, "start_scores": np.full((W, 4), 2.0)}

    seconds = np.tile([1.0, times], (3, 1))
    return [
        *[down(digits)] * len(DIGIT_LATENTS),
        *[down(colours)] * len(LATENTS) * len(CLASSES),
        {"seconds": seconds, "processor_seconds": seconds},
    ]


@pytest.mark.parametrize(
    ("records", "verdict"),
    [
        (converged(), "reproduced"),
        (converged(digits=0.2, colours=0.2), "not reproduced"),
        (converged(digits=0.2), "inconclusive"),  # the networks disagree
        (converged(times=19), "not reproduced"),
        (converged(0.75, 0.75), "not reproduced"),  # a steady fall, as of an image that hardly moves
    ],
)
def test_verdict_on_convergence(records, verdict):
    assert decide(claims_cost.descent_converges_fast(*records)) == verdict


def searched(there):
    """Return 4 evolutions that get to a score of 1 after a number of generations, if at all."""
    marks = np.array([1, 100, 300, 400, 5_000])
    return {"history": np.tile(np.where(marks >= there, 1.0, 9.0), (4, 1)), "history_generations": marks}


@pytest.mark.parametrize(("there", "holds"), [(400, True), (300, False), (9_999, True)])
def test_finding_on_cost(there, holds):
    gradient = {"scores": np.full((len(VARIANTS), 4), 0.96), "history_iterations": np.array([0, 500])}
    each = 2 * len(WIDTHS)
    assert autoencoder.evolution_is_expensive(*[gradient] * each, *[searched(there)] * each).holds is holds


def test_order_of_needed_records():
    sizes = search_settings._needs(*search_settings._roles("population", POPULATIONS))()
    assert [e.population for e in sizes] == list(POPULATIONS)
    down = claims_cost._descents()[len(DIGIT_LATENTS) : -1]
    assert [(e.detector, e.normal) for e in down] == [(f"autoencoder:latent={w}", c) for w in LATENTS for c in CLASSES]
