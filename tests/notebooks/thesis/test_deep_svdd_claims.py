"""Verdicts on Deep SVDD follow from the records by the fixed criteria, in both directions, over both forms of PyOD."""

import numpy as np
import pytest

from companion.chapters import chapter_experiments
from companion.claims import base
from notebooks.thesis.common.guided import KS
from notebooks.thesis.deep_svdd import claims as deep_svdd
from notebooks.thesis.deep_svdd.experiments import PYOD, STOPS

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


def measures(noisy=1.0, smooth=0.0, far=3.0):
    return {
        "noise_like": np.arange(16) < round(16 * noisy),
        "morans_i": np.full(16, smooth),
        "nn_ratio": np.full(16, far),
    }


def real(noisy=1.0, noise_far=4.0, variance=None, smooth=0.8):
    return {
        "noise_like": np.full(10, bool(noisy)),
        "noise_nn_ratio": np.full(10, noise_far),
        "pixel_variance": variance,
        "pixel_mean": np.full(9, 0.5),
        "morans_i": np.full(10, smooth),
    }


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


def half_measures(p=0.9, smooth=0.5, quality=(0.8, 0.6, 0.4, 0.2, 0.1), noisy=1, far=2.0):
    at_end = np.zeros((5, 5), bool)
    at_end[:, -1] = np.arange(5) < 5 * noisy
    return {
        "p_cls": np.full((5, 5), p),
        "morans_i": np.full((5, 5), smooth),
        "quality": np.tile(np.array(quality), (5, 1)),
        "noise_like": at_end,
        "nn_ratio": np.full((5, 5), far),
        "nn_median": np.array(1.0),
    }


SETS = [real()] * 4
CASES = [  # claim's function; one form's records for which it holds; for which not; the real classes; the cause
    (deep_svdd.most_normals_lie_inside, [detection()] * 2, [detection(), detection(0.6)], [], "detector"),
    (deep_svdd.all_images_look_like_noise, [measures()] * 4, [measures(0.8), *[measures()] * 3], SETS, "detector"),
    (deep_svdd.neighbours_differ_more_in_the_centre, [rough(0.2)] * 2, [rough(0.2), rough(0.1)], [], "detector"),
    (deep_svdd.neighbours_differ_more_in_the_centre, [rough(0.2)] * 2, [rough(0.2), rough(0.05)], [], "detector"),
    (
        deep_svdd.contrast_mirrors_the_digits,
        [rough(0.2)] * 2,
        [rough(0.2), rough(0.1)],
        [real(variance=INSIDE.ravel())] * 2,
        "detector",
    ),
    (
        deep_svdd.colour_images_are_all_alike,
        [rough(0.1, COLOUR), rough(0.1, COLOUR)],
        [rough(0.1, COLOUR), rough(0.1, COLOUR, tint=0.1)],
        [],
        "detector",
    ),
    (
        deep_svdd.colour_images_are_all_alike,
        [rough(0.1, COLOUR), rough(0.1, COLOUR)],
        [rough(0.1, COLOUR), rough(0.12, COLOUR)],
        [],
        "detector",
    ),
    (
        deep_svdd.colour_images_are_more_anomalous,
        [*[measures(smooth=0.3)] * 2, *[measures(far=3.5)] * 2],
        [*[measures(smooth=0.0)] * 2, *[measures(smooth=-0.2, far=3.5)] * 2],
        SETS,
        "detector",
    ),
    (
        deep_svdd.colour_images_are_more_anomalous,
        [*[measures(smooth=0.3)] * 2, *[measures(far=3.5)] * 2],
        [*[measures(smooth=0.3, far=5)] * 2, *[measures(far=3.5)] * 2],  # pure noise is at 4
        SETS,
        "data",
    ),
    (deep_svdd.free_pixels_stay_visible, [guided_measures(0.6)], [guided_measures(0.59)], [], "detector"),
    (
        deep_svdd.scores_hardly_change_with_k,
        [guided(0.2), guided_measures()],
        [guided(0.3), guided_measures()],
        [],
        "detector",
    ),
    (
        deep_svdd.scores_hardly_change_with_k,
        [guided(), guided_measures()],
        [guided(), guided_measures(gain=0.2)],
        [],
        "detector",
    ),
    (
        deep_svdd.guidance_does_not_help,
        [guided_measures(slope=-0.001)],
        [guided_measures(slope=-0.003)],
        [],
        "detector",
    ),
    (deep_svdd.few_generations_give_a_four, [half_measures()], [half_measures(p=0.7)], [real()], "detector"),
    (deep_svdd.few_generations_give_a_four, [half_measures()], [half_measures(smooth=0.9)], [real()], "detector"),
    (
        deep_svdd.the_four_is_an_average,
        [half(), half_measures()],
        [half(distance=3.0), half_measures()],
        [real()],
        "detector",
    ),
    (deep_svdd.more_generations_end_in_noise, [half_measures()], [half_measures(noisy=0.8)], [], "detector"),
    (
        deep_svdd.more_generations_end_in_noise,
        [half_measures()],
        [half_measures(quality=(0.2, 0.8, 0.4, 0.2, 0.1))],
        [],
        "detector",
    ),
    (deep_svdd.more_generations_end_in_noise, [half_measures()], [half_measures(quality=(0,) * 5)], [], "detector"),
    (deep_svdd.noise_scores_better_than_normal_images, [half()], [half((5, 4, 3, 2, 0.2))], [], "detector"),
    (deep_svdd.noise_scores_better_than_normal_images, [half()], [half((0.01, 1, 1, 1, 0.02))], [], "detector"),
    (deep_svdd.late_images_are_labelled_normal, [half()], [half(threshold=1.5)], [], "detector"),
]


@pytest.mark.parametrize(("function", "good", "bad", "beside", "cause"), CASES)
def test_findings_over_forms(function, good, bad, beside, cause):
    holds, fails = function(*good * 2, *beside), function(*bad * 2, *beside)
    assert holds.holds is True
    assert (fails.holds, fails.cause) == (False, cause)
    mixed = function(*good, *bad, *beside)  # the trained form alone fails
    assert (mixed.holds, mixed.cause) == (None, "implementation")
    assert mixed.measured["settings that meet the criterion"] == 1
    assert {key.partition(":")[0] for key in mixed.measured if ":" in key} == set(deep_svdd.JUDGED.values())
    assert [mixed.measured[f"met by {name}"] for name in deep_svdd.JUDGED.values()] == ["yes", "no"]


def test_findings_over_trainings():
    visible, not_visible = guided_measures(0.7), guided_measures(0.5)
    same = deep_svdd.free_pixels_stay_visible(visible, visible, visible, visible)
    assert (same.holds, same.measured["untrained: trainings that meet the criterion"]) == (True, 2)
    mixed = deep_svdd.free_pixels_stay_visible(visible, visible, not_visible, visible)  # the untrained form's second
    assert (mixed.holds, mixed.cause, mixed.measured["met by untrained"]) == (
        None,
        "unstated choice",
        "trainings disagree",
    )
    assert mixed.measured["untrained: free_err_rel at 95%, range over the trainings"] == "0.5 to 0.7"
    never = deep_svdd.free_pixels_stay_visible(not_visible, visible, not_visible, visible)
    assert (never.holds, never.cause) == (None, "implementation")


def test_colour_accuracy_needs_many_images():
    alike, red = rough(0.1, COLOUR), rough(0.1, COLOUR, tint=0.1)
    few = {"images": red["images"][:4]}
    first, later = [alike, alike] * 2, [{"images": alike["images"][:4]}, few] * 2
    finding = deep_svdd.colour_images_are_all_alike(*first, *later)
    assert (finding.holds, finding.measured["untrained: trainings that meet the criterion"]) == (True, 2)
    span = str(finding.measured["untrained: accuracy by channel means, range over the trainings"])
    assert float(span.partition(" to ")[2]) > 0.9
    assert deep_svdd.colour_images_are_all_alike(*first, alike, few, alike, few).holds is True
    assert deep_svdd.colour_images_are_all_alike(*first, alike, red, alike, red).holds is None


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


def test_data_as_cause():
    sets = [real(), real(), real(noisy=0, noise_far=1.9), real(noisy=0, noise_far=1.9)]
    near = [measures(), measures(), measures(0), measures(0)]
    finding = deep_svdd.all_images_look_like_noise(*near * 2, *sets)
    assert (finding.holds, finding.cause) == (False, "data")
    assert finding.measured["untrained: Moran's I < 0.2, frog"] == 1
    smooth = [measures(), measures(), measures(0), measures(0, smooth=0.5)]  # not the data's fault
    assert deep_svdd.all_images_look_like_noise(*smooth * 2, *sets).cause == "detector"


def test_needed_experiments():
    judges, roles = (
        base.claim_checks(),
        {*chapter_experiments("deep-svdd").values(), *chapter_experiments("trainings").values()},
    )
    for id_ in CLAIMS:
        assert judges[id_].page == "deep-svdd"
        assert roles.issuperset(judges[id_].needs())
    by_form = judges["thesis-c-45"].needs()
    assert [(e.seed, e.name, e.detector, e.normal) for e in by_form] == [
        (seed, name, form, 4) for seed in range(5) for form in PYOD for name in ("guided", "guided-quality")
    ]
    assert by_form[0].pairs == 5
    of_all = judges["thesis-c-39"].needs()  # the first training of either form, real images, later trainings
    assert [e.normal for e in of_all] == [3, 4, "frog", "airplane"] * (2 + 1 + 2 * 4)
    assert {e.name for e in of_all[8:12]} == {"real-images"}
    assert {e.seed for e in of_all[12:]} == {1, 2, 3, 4}
    of_digits = [e for e in judges["thesis-c-41"].needs() if e.name == "guided" and e.detector == "deep-svdd"]
    assert [(e.seed, e.normal) for e in of_digits] == [(seed, normal) for seed in range(5) for normal in (3, 4)]


def test_recorded_stops_and_shares():
    roles = chapter_experiments("deep-svdd")
    assert roles["deep-svdd-half"].stops == STOPS
    assert {0.3, 0.95} <= set(roles["deep-svdd-4"].ks)
