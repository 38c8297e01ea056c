"""Verdicts on DEAN follow from the records by the criteria; where the records are too small, they are inconclusive."""

import numpy as np
import pytest
from image_kinds import image_kinds, judged_kinds

from anogen.metrics.images import morans_i
from companion.chapters import chapter_experiments
from companion.claims import base
from notebooks.thesis.common.guided import KS as SVDD_KS
from notebooks.thesis.dean import claims as dean
from notebooks.thesis.dean import claims_submodels as parts
from notebooks.thesis.dean.experiments import KS, STOPS, THESIS
from notebooks.thesis.deep_svdd.experiments import STOPS as SVDD_STOPS

CLAIMS = [f"thesis-c-{n}" for n in (10, 11, 12, *range(52, 61), 78)]
RNG = np.random.default_rng(0)
D = 784


def submodels(varies=(0.2, 0.2), alike=0.5, auc=(0.8, 0.8), sizes=(30, 100, 250), small=(0.7, 0.7)):
    spread = np.array([[-1.0], [1.0]]) * np.array(varies)
    return {
        "normal_scores": 1 + np.repeat(spread, 50, axis=0),
        "rank_correlation": np.full(100, alike),
        "submodel_auc": np.linspace(0.5, 0.75, 100),
        "sizes": np.array(sizes),
        "ensemble_auc": np.array([small, *[auc] * (len(sizes) - 1)]),
    }


def cost(seconds=1.0):
    return {"processor_seconds": np.full(3, seconds)}


def bagging(alike=(0.3, 0.6), power=(0.9, 0.8), deviation=(0.9, 0.8)):
    auc = np.stack([np.array(deviation), np.array(power)], axis=1)  # (W, 2)
    return {
        "rank_correlation": np.repeat(np.array(alike)[:, None], 3, axis=1),
        "ensemble_auc": np.repeat(auc[:, None], 3, axis=1),
    }


def drawn(noisy=1.0):
    """Measures of 10 images, of which a share is noise."""
    noise = np.arange(10) < round(10 * noisy)
    return {"noise_like": noise, "morans_i": np.where(noise, 0.0, 0.5)}


def real():
    ink = np.full((28, 28), 0.0)
    ink[8:-8, 8:-8] = 0.5
    return {"pixel_mean": ink.reshape(-1)}


def sized(edges, noisy=True, quality=0.1, sizes=THESIS):
    sizes = sizes[: len(edges)]
    rows = len(sizes)
    return [
        {"sizes": np.array(sizes)},
        {
            "edge_mean": np.repeat(np.array(edges)[:, None], 2, axis=1),
            "noise_like": np.full((rows, 2), noisy),
            "quality": np.full((rows, 2), quality),
        },
    ]


FALLING, RISING = np.linspace(0.5, 0.1, 7), np.linspace(0.1, 0.5, 7)


def guided(error=0.1, ks=KS, pairs=1):
    """Images that are off by about `error` at every free pixel."""
    rng = np.random.default_rng(1)
    references = rng.random((pairs, D)) * 0.5
    order = np.stack([rng.permutation(D) for _ in range(pairs)])
    off = error * (1 + 0.1 * np.random.default_rng(int(100_000 * error)).normal(size=(len(ks), pairs, D)))
    return {
        "guided_images": references + off,
        "references": references,
        "order": order,
    }


def theirs(**given):
    return guided(ks=SVDD_KS, **given)


def seen(start=0.5, ks=KS, near=1.2, pairs=2):
    """Judgements of images that all four classifiers recognise from some k on."""
    votes = np.repeat(np.where(np.array(ks) >= start, 4, 2)[:, None], pairs, axis=1)
    return {"guided_votes": votes, "guided_nn_ratio_unit": np.full(votes.shape, near)}


def theirs_seen(start):
    return seen(start, SVDD_KS)


def half(edge=(0.1, 0.2), stops=STOPS):
    images = np.zeros((1, len(stops), 28, 28))
    edges = dict(zip(STOPS, edge, strict=True))
    for i, stop in enumerate(stops):
        images[0, i, ::2, :4] = edges.get(stop, 0.1)
        images[0, i, ::2, -4:] = edges.get(stop, 0.1)
    return {"images": images.reshape(1, len(stops), D)}


def half_measures(near=1.0, stops=STOPS):
    return {"nn_ratio": np.full((1, len(stops)), near)}


def half_judged(votes=4):
    return {"votes": np.array([[4, votes]])}


def svdd_half(edge=(0.3, 0.3), near=2.0):
    return [half(edge, SVDD_STOPS), half_measures(near=near, stops=SVDD_STOPS)]


OURS = [half(), half_measures(), real()]


def auc(value):
    return {"auc": np.full(3, value)}


@pytest.mark.parametrize(
    ("function", "records", "holds"),
    [
        (parts.quick_varied_and_comparable, [submodels(), cost()], True),
        (parts.quick_varied_and_comparable, [submodels(), cost(99)], True),  # seconds depend on the computer
        (parts.quick_varied_and_comparable, [submodels(alike=0.91), cost()], False),
        (parts.quick_varied_and_comparable, [submodels((0.6, 0.6)), cost()], False),
        (parts.quick_varied_and_comparable, [submodels((0.2, 0.6)), cost()], None),
        (parts.bags_make_submodels_differ, [bagging()], True),
        (parts.bags_make_submodels_differ, [bagging((0.6, 0.3))], False),
        (parts.bags_make_submodels_differ, [bagging(power=(0.8, 0.9), deviation=(0.7, 0.8))], False),
        (parts.bags_make_submodels_differ, [bagging(power=(0.8, 0.9))], None),
        (parts.only_the_ensemble_counts, [submodels()], True),
        (parts.only_the_ensemble_counts, [submodels(auc=(0.7, 0.7))], False),
        (parts.only_the_ensemble_counts, [submodels(auc=(0.7, 0.8))], None),
        (dean.images_are_noise, [drawn(), drawn()], True),
        (dean.images_are_noise, [drawn(0.8), drawn()], False),
        (dean.images_are_noise, [drawn(), drawn(0.8)], False),
        (parts.the_edge_gets_darker, sized(FALLING), True),
        (parts.the_edge_gets_darker, sized(RISING), False),
        (parts.the_edge_gets_darker, [*sized(FALLING[:4]), *sized(FALLING[4:], sizes=THESIS[4:])], True),
        (parts.the_edge_gets_darker, [*sized(FALLING[:4]), *sized(RISING[4:], sizes=THESIS[4:])], False),
        (parts.noise_whatever_the_size, sized(FALLING), True),
        (parts.noise_whatever_the_size, [*sized(FALLING[:4]), *sized(FALLING[4:], sizes=THESIS[4:])], True),
        (parts.noise_whatever_the_size, [*sized(FALLING[:4]), *sized(FALLING[4:], False, 0.3, THESIS[4:])], False),
        (parts.noise_whatever_the_size, sized(FALLING, noisy=False), False),  # whatever the quality
        (parts.more_submodels_detect_better, [submodels(sizes=(30, 1_500, 1_750))], True),
        (parts.more_submodels_detect_better, [submodels(), submodels(sizes=(1_000, 1_500))], True),
        (parts.more_submodels_detect_better, [submodels(sizes=(30, 1_500), small=(0.9, 0.9))], False),
        (parts.more_submodels_detect_better, [submodels(sizes=(30, 1_500), small=(0.7, 0.9))], None),
        (dean.nearly_normal_from_85, [guided(pairs=2), seen()], True),
        (dean.nearly_normal_from_85, [guided(0.4, pairs=2), seen()], False),
        (dean.nearly_normal_from_85, [guided(pairs=2), seen(0.9)], False),
        (dean.nearly_normal_from_85, [guided(pairs=2), seen(near=1.6)], False),
        (dean.the_shape_is_visible_earlier, [seen(), *[theirs_seen(0.6)] * 4], True),
        (dean.the_shape_is_visible_earlier, [seen(), *[theirs_seen(0.5)] * 4], False),
        (dean.the_shape_is_visible_earlier, [seen(), *[theirs_seen(0.5)] * 2, *[theirs_seen(0.6)] * 2], None),
        (dean.free_pixels_are_nearer, [guided(), *[theirs(error=0.2)] * 4], True),
        (dean.free_pixels_are_nearer, [guided(), *[theirs(error=0.05)] * 4], False),
        (dean.free_pixels_are_nearer, [guided(), *[theirs(error=0.2)] * 2, *[theirs(error=0.05)] * 2], None),
        (dean.free_pixels_are_nearer, [guided(0.1), *[theirs(error=0.1001)] * 4], False),  # by chance
        (dean.free_pixels_are_nearer, [guided(pairs=3), *[theirs(error=0.2, pairs=3)] * 4], True),
        (dean.half_normal_starts_stay_normal, [half(), half_judged(3)], True),
        (dean.half_normal_starts_stay_normal, [half(), half_judged(2)], False),
        (dean.half_normal_starts_stay_normal, [half((0.2, 0.1)), half_judged()], False),
        (dean.less_noise_than_deep_svdd, [*OURS, *svdd_half() * 2], True),
        (dean.less_noise_than_deep_svdd, [*OURS, *svdd_half((0.15, 0.15)) * 2], False),
        (dean.less_noise_than_deep_svdd, [*OURS, *svdd_half(near=0.9) * 2], False),
        (dean.both_detect_what_they_cannot_draw, [auc(0.9), drawn(), *[auc(0.85), drawn()] * 2], True),
        (dean.both_detect_what_they_cannot_draw, [auc(0.79), drawn(), *[auc(0.85), drawn()] * 2], False),
        (dean.both_detect_what_they_cannot_draw, [auc(0.9), drawn(0.9), *[auc(0.85), drawn()] * 2], False),
        (  # the trained form is only shown
            dean.both_detect_what_they_cannot_draw,
            [auc(0.9), drawn(), auc(0.9), drawn(), auc(0.7), drawn()],
            True,
        ),
    ],
)  # fmt: skip
def test_a_finding_follows_from_the_arrays(function, records, holds):
    finding = function(*records)
    assert finding.holds is holds
    assert finding.random is (function is not parts.quick_varied_and_comparable)


@pytest.mark.parametrize(
    ("function", "records", "verdict"),
    [
        (parts.the_edge_gets_darker, sized(FALLING[:3]), "inconclusive"),
        (parts.the_edge_gets_darker, sized(FALLING), "reproduced"),
        (parts.the_edge_gets_darker, sized(RISING), "inconclusive"),  # of one ensemble
        (parts.noise_whatever_the_size, sized(FALLING[:3]), "inconclusive"),
        (parts.more_submodels_detect_better, [submodels()], "inconclusive"),
        (parts.bags_make_submodels_differ, [bagging()], "inconclusive"),  # of three seeds
        (parts.quick_varied_and_comparable, [submodels((0.2, 0.6)), cost()], "reproduced in part"),
        (dean.the_shape_is_visible_earlier, [seen(), *[theirs_seen(0.6)] * 4], "reproduced"),
        (dean.the_shape_is_visible_earlier, [seen(), *[theirs_seen(0.4)] * 4], "inconclusive"),
        (dean.less_noise_than_deep_svdd, [*OURS, *svdd_half((0.15, 0.15)) * 2], "inconclusive"),
        (dean.nearly_normal_from_85, [guided(0.4, pairs=2), seen()], "inconclusive"),
        (dean.half_normal_starts_stay_normal, [half(), half_judged()], "reproduced"),
        (dean.half_normal_starts_stay_normal, [half(), half_judged(2)], "inconclusive"),
        (dean.free_pixels_are_nearer, [guided(), *[theirs(error=0.05)] * 4], "inconclusive"),
    ],
)
def test_one_ensemble_decides_only_what_is_met(function, records, verdict):
    assert base.decide(function(*records)) == verdict


@pytest.mark.parametrize("kind", ["noise", "constant", "digit", "blurred"])
def test_only_noise_is_noise(kind):
    images = {"morans_i": morans_i(image_kinds()[kind], (28, 28))}
    assert dean.images_are_noise(images, images).holds is (kind == "noise")


@pytest.mark.parametrize(("kind", "recognised"), [("noise", 0), ("constant", 0), ("digit", 1), ("blurred", 1)])
def test_images_of_a_four_are_recognised(kind, recognised):
    votes, near = (np.resize(judged_kinds()[kind][key][:4], 5) for key in ("votes", "nn_ratio_unit"))
    assert dean.half_normal_starts_stay_normal(half(), {"votes": np.stack([votes, votes], axis=1)}).holds is bool(
        recognised
    )
    judgement = {"guided_votes": np.tile(votes, (len(KS), 1)), "guided_nn_ratio_unit": np.tile(near, (len(KS), 1))}
    found = dean.nearly_normal_from_85(guided(pairs=5), judgement)
    assert found.holds is bool(recognised)
    smallest = dean.smallest_visible_k(judgement["guided_votes"], KS)
    assert smallest.tolist() == [KS[0] if recognised else 1] * 5


def test_the_error_of_the_free_pixels_is_the_inventory_s():
    from companion.studies.images import free_err_rel
    from notebooks.thesis.common.guided import masks

    record = guided(pairs=2)
    fixed = masks({"order": record["order"]}, 0.5)
    own = [error.mean() for error in dean.errors(record, KS, 0.5, 2)]
    assert own == pytest.approx(free_err_rel(record["guided_images"][KS.index(0.5)], record["references"], fixed))


def test_every_claim_of_the_chapter_is_judged_and_asks_for_its_experiments():
    judges = base.claim_checks()
    roles = [
        *chapter_experiments("dean").values(),
        *chapter_experiments("deep-svdd").values(),
        *chapter_experiments("trainings").values(),
    ]
    for id_ in CLAIMS:
        assert judges[id_].page == "dean"
        assert all((e.search if e.name == "judged" else e) in roles for e in judges[id_].needs())
    visible = judges["thesis-c-57"].needs()
    assert [(e.name, e.search.detector, e.search.generations) for e in visible] == [
        ("judged", *row)
        for row in [
            ("dean:n_submodels=250", 1_000),
            ("deep-svdd-untrained", 1_000),
            ("deep-svdd", 1_000),
            ("deep-svdd-untrained", 30_000),
            ("deep-svdd", 30_000),
        ]
    ]


def test_every_training_of_deep_svdd_is_beside_dean():
    last = base.claim_checks()["thesis-c-60"].needs()[-4:]
    assert [(e.name, e.detector, e.seed) for e in last] == [
        (name, form, 4)
        for form in ("deep-svdd-untrained", "deep-svdd")
        for name in ("half-normal", "half-normal-quality")
    ]
    ours = [auc(0.9), drawn()]
    good, bad = [auc(0.85), drawn()], [auc(0.7), drawn()]
    mixed = dean.both_detect_what_they_cannot_draw(*ours, *good * 2, *bad, *good)  # the second training of one form
    assert (mixed.holds, mixed.cause) == (None, "unstated choice")
    first = base.conditions(mixed)[0]
    assert (first.met, first.trainings) == (1, 2)


def test_the_rivals_have_the_generations_of_dean():
    roles = chapter_experiments("dean")
    for name in dean.RIVALS:
        assert roles[name].generations == roles["drawn-4"].generations
        assert [a.tobytes() for a in roles[name].pair(0)] == [a.tobytes() for a in roles["drawn-4"].pair(0)]


def test_the_grid_and_the_chapter_want_the_same_records():
    ours, grid = chapter_experiments("dean"), chapter_experiments("other-detectors")
    pairs = {"drawn-4": "guided-dean", "drawn-4-quality": "guided-dean-quality", "drawn-4-detection": "detection-dean"}
    assert all(ours[role] == grid[other] for role, other in pairs.items())


def test_both_detectors_are_guided_by_the_same_pixels():
    ours, rival = chapter_experiments("dean")["drawn-4"], chapter_experiments("deep-svdd")["deep-svdd-4"]
    assert set(ours.ks) <= set(rival.ks) and set(STOPS) <= set(SVDD_STOPS)
    for one, other in zip(ours.pair(0), rival.pair(0), strict=True):
        assert np.array_equal(one, other)
