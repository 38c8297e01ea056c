"""Verdicts on Deep SVDD follow from the records by the criteria, in both directions, over both forms of PyOD."""

import numpy as np
import pytest
from image_kinds import image_kinds, judged_kinds

from anogen.metrics.images import morans_i
from companion.chapters import chapter_experiments
from companion.claims import base
from notebooks.thesis.common.guided import KS
from notebooks.thesis.deep_svdd import claims as deep_svdd
from notebooks.thesis.deep_svdd.experiments import FURTHER, PYOD, STOPS

RNG = np.random.default_rng(0)
CLAIMS = [f"thesis-c-{n}" for n in ("09", *range(39, 52))]


def detection(normals=0.9, anomalies=0.3):
    """Three trainings; the given shares of 100 normal and 100 anomalous images score below the threshold."""
    scores = np.concatenate([np.arange(100) < 100 * share for share in (normals, anomalies)])
    return {
        "test_scores": np.tile(np.where(scores, 0.5, 2.0), (3, 1)),
        "threshold": np.ones(3),
        "test_labels": np.repeat([0, 1], 100),
    }


def measures(noisy=1.0, smooth=0.0):
    """Measures of 16 images, of which a share is noise and the others have a Moran's I of 0.5."""
    return {"morans_i": np.where(np.arange(16) < round(16 * noisy), smooth, 0.5)}


def real(variance=None):
    return {"pixel_variance": variance, "pixel_mean": np.full(9, 0.5)}


def rough(centre, shape=(28, 28), edge=0.1, tint=0.0):
    """16 noisy images, of one strength in a frame and of another inside of it; red is brighter by `tint`."""
    amplitude = np.full(shape[:2], centre)
    amplitude[:4] = amplitude[-4:] = edge
    amplitude[:, :4] = amplitude[:, -4:] = edge
    images = 0.5 + amplitude.reshape(*shape[:2], *[1] * (len(shape) - 2)) * RNG.uniform(-1, 1, size=(16, *shape))
    if len(shape) == 3:
        images[..., 0] += tint
    return {"images": images.reshape(16, -1)}


INSIDE = np.zeros((28, 28))
INSIDE[4:-4, 4:-4] = 1
COLOUR = (32, 32, 3)


def guided_measures(error=0.9, slope=0.0, gain=0.5):
    ks = np.array(KS)
    at = error + slope * 100 * (ks - 0.95)
    quality = np.where(ks > 0.5, gain, 0.0)
    return {"free_err_rel": np.tile(at[:, None], 5), "guided_quality": np.tile(quality[:, None], 5)}


def guided(change=0.0):
    """Scores at the largest k differ from all others by `change`; the real ones' interquartile range is 1."""
    scores = np.ones((len(KS), 5))
    scores[-1] += change
    return {"guided_scores": scores, "test_normal_scores": np.linspace(0, 2, 101)}


def half(scores=(5, 4, 3, 2, 0.01), threshold=2.5, distance=1.0):
    """Five runs; the first images are `distance` from the mean image, in each of 9 pixels a third of it."""
    return {
        "images": np.full((5, 5, 9), 0.5) + distance / 3,
        "scores": np.tile(np.array(scores, float), (5, 1)),
        "threshold": np.array(threshold),
        "test_normal_scores": np.linspace(0, 2, 101),
    }


def half_judged(votes=4, of=5):
    """Five runs, of which some are recognised by a number of classifiers, and the others by none."""
    return {"votes": np.repeat(np.where(np.arange(5) < of, votes, 0)[:, None], 5, axis=1)}


def half_measures(smooth=0.5, quality=(0.8, 0.6, 0.4, 0.2, 0.1), noisy=1, far=2.0):
    at_end = np.zeros((5, 5), bool)
    at_end[:, -1] = np.arange(5) < 5 * noisy
    return {
        "morans_i": np.full((5, 5), smooth),
        "quality": np.tile(np.array(quality), (5, 1)),
        "noise_like": at_end,
        "nn_ratio": np.full((5, 5), far),
        "nn_median": np.array(1.0),
    }


UNEVEN = [rough(0.2)] * 2
EVEN_COLOUR = [rough(0.1, COLOUR)] * 2
INKED = [real(variance=INSIDE.ravel())] * 2
CASES = [  # claim's function; one form's records for which it holds; for which not; the real classes
    (deep_svdd.most_normals_lie_inside, [detection()] * 2, [detection(), detection(0.6)], []),
    (deep_svdd.all_images_look_like_noise, [measures()] * 4, [measures(0.8), *[measures()] * 3], []),
    (deep_svdd.neighbours_differ_more_in_the_centre, UNEVEN, [rough(0.2), rough(0.1)], []),
    (deep_svdd.neighbours_differ_more_in_the_centre, UNEVEN, [rough(0.2), rough(0.05)], []),
    (deep_svdd.contrast_mirrors_the_digits, UNEVEN, [rough(0.2), rough(0.1)], INKED),
    (deep_svdd.colour_images_are_all_alike, EVEN_COLOUR, [EVEN_COLOUR[0], rough(0.1, COLOUR, tint=0.1)], []),
    (deep_svdd.colour_images_are_all_alike, EVEN_COLOUR, [EVEN_COLOUR[0], rough(0.12, COLOUR)], []),
    (
        deep_svdd.colour_images_are_more_anomalous,
        [*[measures(smooth=0.3)] * 2, *[measures(smooth=-0.1)] * 2],
        [*[measures(smooth=0.0)] * 2, *[measures(smooth=-0.2)] * 2],
        [],
    ),
    (deep_svdd.free_pixels_stay_visible, [guided_measures(0.6)], [guided_measures(0.59)], []),
    (deep_svdd.scores_hardly_change_with_k, [guided(0.2), guided_measures()], [guided(0.3), guided_measures()], []),
    (deep_svdd.scores_hardly_change_with_k, [guided(), guided_measures()], [guided(), guided_measures(gain=0.2)], []),
    (deep_svdd.guidance_does_not_help, [guided_measures(slope=-0.001)], [guided_measures(slope=-0.003)], []),
    (deep_svdd.few_generations_give_a_four, [half_judged(3), half_measures()], [half_judged(2), half_measures()], []),
    (
        deep_svdd.few_generations_give_a_four,
        [half_judged(of=4), half_measures()],
        [half_judged(of=3), half_measures()],
        [],
    ),
    (
        deep_svdd.few_generations_give_a_four,
        [half_judged(), half_measures(smooth=0.95)],
        [half_judged(), half_measures(smooth=0.1)],
        [],
    ),
    (deep_svdd.the_four_is_an_average, [half(), half_measures()], [half(distance=3.0), half_measures()], [real()]),
    (deep_svdd.more_generations_end_in_noise, [half_measures()], [half_measures(noisy=0.8)], []),
    (
        deep_svdd.more_generations_end_in_noise,
        [half_measures()],
        [half_measures(quality=(0.2, 0.8, 0.4, 0.2, 0.1))],
        [],
    ),
    (deep_svdd.more_generations_end_in_noise, [half_measures()], [half_measures(quality=(0,) * 5)], []),
    (deep_svdd.noise_scores_better_than_normal_images, [half()], [half((5, 4, 3, 2, 0.2))], []),
    (deep_svdd.noise_scores_better_than_normal_images, [half()], [half((0.01, 1, 1, 1, 0.02))], []),
    (deep_svdd.late_images_are_labelled_normal, [half()], [half(threshold=1.5)], []),
]


SEARCHED_FURTHER = (
    deep_svdd.free_pixels_stay_visible, deep_svdd.scores_hardly_change_with_k, deep_svdd.guidance_does_not_help,
)  # fmt: skip


def further(records):
    """Return five trainings in one record, each with the arrays of one training's records."""
    names = ("guided_scores", "guided_quality", "free_err_rel", "unguided_free_err_rel", "test_normal_scores")
    arrays = {name: values for record in records for name, values in record.items()}
    return {name: np.stack([arrays.get(name, np.zeros(1))] * 5) for name in names}


@pytest.mark.parametrize(("function", "good", "bad", "other_form"), CASES)
def test_the_form_of_the_thesis_s_date_decides(function, good, bad, other_form):
    def found(untrained, trained):
        more = [further(untrained)] * len(FURTHER) if function in SEARCHED_FURTHER else []
        return function(*untrained, *trained, *other_form, *more)

    assert found(good, good).holds is True
    fails = found(bad, bad)
    assert (fails.holds, fails.cause) == (False, "detector")
    assert found(bad, good).holds is False  # whatever the later, trained form does
    mixed = found(good, bad)
    assert mixed.holds is True
    by_setting = {condition.setting: condition for condition in base.conditions(mixed)}
    trained = [c for name, c in by_setting.items() if name.startswith("PyOD 3.6.7")]
    assert all(not condition.admissible and condition.met == 0 for condition in trained)
    assert mixed.random is True


def test_five_trainings_decide():
    def verdict(*untrained):
        records = [half(threshold=threshold) for mine in untrained for threshold in (mine, 2.5)]
        return base.decide(deep_svdd.late_images_are_labelled_normal(*records))

    assert verdict(2.5, 2.5, 2.5, 2.5, 2.5) == "reproduced"
    assert verdict(2.5, 2.5, 1.5, 2.5, 2.5) == "inconclusive"
    assert verdict(1.5, 1.5, 1.5, 1.5, 1.5) == "not reproduced"
    assert verdict(1.5, 1.5, 1.5, 1.5) == "inconclusive"


def test_further_trainings_count_for_the_untrained_form():
    first, more = [guided_measures(0.5), guided_measures(0.9)] * 5, [further([guided_measures(0.7)])] * len(FURTHER)
    untrained, trained = base.conditions(deep_svdd.free_pixels_stay_visible(*first, *more))
    counted = (5 * len(FURTHER), 5 + 5 * len(FURTHER))
    assert (untrained.met, untrained.trainings) == counted
    assert (trained.met, trained.trainings) == (5, 5)


KINDS = ("noise", "constant", "digit", "blurred")


@pytest.mark.parametrize("kind", KINDS)
def test_only_noise_looks_like_noise(kind):
    images = {"morans_i": morans_i(image_kinds()[kind], (28, 28))}
    assert deep_svdd.all_images_look_like_noise(*[images] * 8).holds is (kind == "noise")
    early = [{"votes": np.tile(judged_kinds()[kind]["votes"][:5, None], 5)}, half_measures()]
    early[1] |= {"morans_i": np.tile(images["morans_i"][:5, None], 5)}
    assert deep_svdd.few_generations_give_a_four(*early * 2).holds is (kind in {"digit", "blurred"})


@pytest.mark.parametrize(("kind", "holds"), [("noise", False), ("constant", False), ("digit", True)])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the t test of equal numbers
def test_only_what_varies_in_the_centre_has_a_contrast(kind, holds):
    images = {"images": image_kinds()[kind]}
    assert deep_svdd.neighbours_differ_more_in_the_centre(*[images] * 4).holds is holds


def test_the_edge_is_taken_at_every_width():
    assert np.array_equal(deep_svdd.frame((28, 28), 4), deep_svdd.edge_centre((28, 28))[0])
    assert deep_svdd.frame((28, 28), 1).sum() == 4 * 27
    settings = {c.setting for c in base.conditions(deep_svdd.neighbours_differ_more_in_the_centre(*UNEVEN * 2))}
    assert {s.rpartition(", ")[2] for s in settings} == {
        "an edge of 4 pixels", "an edge of 3 pixels", "an edge of 2 pixels", "an edge of 1 pixel",
    }  # fmt: skip


def test_roles_of_further_trainings():
    roles = ("4", "4-quality", "4-detection", "half", "half-quality")
    found = [deep_svdd.experiment_on("deep-svdd", role, 3) for role in roles]
    names = ("guided", "guided-quality", "detection", "half-normal", "half-normal-quality")
    assert [(e.name, e.seed, e.detector) for e in found] == [(name, 3, "deep-svdd") for name in names]
    assert (found[3].runs, found[3].stops) == (1, STOPS)
    elsewhere = [deep_svdd.experiment_on("deep-svdd-untrained", role, 2) for role in ("3", "frog-quality")]
    assert [(e.name, e.seed, e.normal, e.starts, e.pairs) for e in elsewhere] == [
        ("guided", 2, 3, 4, 0), ("guided-quality", 2, "frog", 4, 0),
    ]  # fmt: skip


def test_needed_experiments():
    judges, roles = (
        base.claim_checks(),
        {*chapter_experiments("deep-svdd").values(), *chapter_experiments("trainings").values()},
    )
    for id_ in CLAIMS:
        assert judges[id_].page == "deep-svdd"
        assert roles.issuperset(e.search if e.name == "judged" else e for e in judges[id_].needs())
    every = judges["thesis-c-45"].needs()
    by_form, more = every[:20], every[20:]
    assert [e.name for e in more] == ["guided-further"] * len(FURTHER)
    assert [(e.seed, e.name, e.detector, e.normal) for e in by_form] == [
        (seed, name, form, 4) for seed in range(5) for form in PYOD for name in ("guided", "guided-quality")
    ]
    assert by_form[0].pairs == 5
    of_all = judges["thesis-c-39"].needs()  # form by form, training after training
    assert [e.normal for e in of_all] == [3, 4, "frog", "airplane"] * 2 * 5
    assert [e.seed for e in of_all[::8]] == [0, 1, 2, 3, 4]
    inside = judges["thesis-c-09"].needs()
    assert [(e.name, e.normal, e.seed) for e in inside[::2]] == [
        ("detection", 3, seed) for seed in range(5) for _ in PYOD
    ]
    of_digits = [e for e in judges["thesis-c-41"].needs() if e.name == "guided" and e.detector == "deep-svdd"]
    assert [(e.seed, e.normal) for e in of_digits] == [(seed, normal) for seed in range(5) for normal in (3, 4)]


def test_recorded_stops_and_shares():
    roles = chapter_experiments("deep-svdd")
    assert roles["deep-svdd-half"].stops == STOPS
    assert {0.3, 0.95} <= set(roles["deep-svdd-4"].ks)
