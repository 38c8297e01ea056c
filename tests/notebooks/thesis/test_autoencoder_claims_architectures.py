"""Verdicts on digits by descent follow from the records of architectures by the criteria, in both directions."""

import numpy as np
import pytest
from image_kinds import judged_kinds

from companion.claims.base import conditions, decide
from notebooks.thesis.autoencoder import claims_architectures as claims
from notebooks.thesis.autoencoder.architectures import ADMISSIBLE
from notebooks.thesis.autoencoder.choice import REPEATED

SHAPE = (2, 5, len(ADMISSIBLE), 16)  # digits, trainings, ways, starts
RNG = np.random.default_rng(0)
NOISE = {"images": RNG.random((*SHAPE, 9))}


def judged(three=1.0, four=1.0, votes=4):
    """Return judgements by which a share of the images of either digit look normal, and all have a number of votes."""
    looks = [np.broadcast_to(np.arange(16) < round(16 * share), SHAPE[1:]) for share in (three, four)]
    return {"normal_looking": np.stack(looks), "votes": np.full(SHAPE, votes)}


def measures(diversity=0.8, clusters=12):
    return {"div_ratio": np.full(SHAPE[:3], diversity), "clusters": np.full(SHAPE[:3], clusters)}


def drawn(three=1.0, four=1.0, scores=0.5):
    """Return images around one of 9 pixels, those of either digit some way apart; scores vary by a factor."""
    images = 4 + np.stack([spread * RNG.normal(size=(*SHAPE[1:], 9)) for spread in (three, four)])
    return {"images": images, "scores": RNG.uniform(1 - scores, 1 + scores, size=SHAPE)}


def variety(three=0.96, four=0.99):
    """Return the distances of training images; by L2 the threes are farther apart."""
    return {"distances": np.array([[9.4, three, 0.47, 0.70], [8.9, four, 0.50, 0.72]])}


def every(*records):
    """Return the same records for every architecture."""
    return [*records] * len(claims.SETS)


@pytest.mark.parametrize(
    ("function", "records", "holds"),
    [
        (claims.threes_are_well_formed, every(judged(13 / 16, 0, votes=3)), True),
        (claims.threes_are_well_formed, every(judged(12 / 16)), False),
        (claims.threes_are_well_formed, every(judged(votes=2)), False),
        (claims.fours_are_well_formed, every(judged(0, 13 / 16)), True),
        (claims.fours_are_well_formed, every(judged(1, 0)), False),
        (claims.fours_are_well_formed, [judged(), judged(0.5, 0.5), judged()], None),  # one architecture fails
        (claims.the_whole_distribution_is_covered, every(measures(), judged(13 / 16)), True),
        (claims.the_whole_distribution_is_covered, every(measures(clusters=9), judged()), False),
        (claims.the_whole_distribution_is_covered, every(measures(diversity=0.49), judged()), False),
        (claims.the_whole_distribution_is_covered, every(measures(diversity=1.2), judged(0, 0)), False),  # noise
        (claims.descents_end_in_local_minima, every(drawn(), measures(0.31), judged()), True),
        (claims.descents_end_in_local_minima, every(drawn(), measures(0.3), judged()), False),
        (claims.descents_end_in_local_minima, every(drawn(scores=0.01), measures(), judged()), False),
        (claims.fours_vary_more_than_threes, [variety(), *every(drawn(0.2, 1))], True),
        (claims.fours_vary_more_than_threes, [variety(1.0), *every(drawn(0.2, 1))], False),
        (claims.fours_vary_more_than_threes, [variety(), *every(drawn(1, 0.2))], False),
        (claims.fours_vary_more_than_threes, [variety(), *every(NOISE)], None),  # equally varied
    ],
)
def test_a_verdict_follows_from_the_arrays(function, records, holds):
    assert function(*records).holds is holds


def evolved(looks=1.0, diversity=0.8, numbers=range(10)):
    """Return judgements of images that were evolved on some trainings of the first architecture."""
    share = np.arange(4) < round(4 * looks)
    return {
        "numbers": np.array(numbers),
        "normal_looking": np.broadcast_to(share, (2, len(numbers), 4)),
        "old_div_ratio": np.full((2, len(numbers)), diversity),
    }


@pytest.mark.parametrize(
    ("search", "descents", "word"),
    [
        (evolved(), [judged(), judged(0.5), judged()], "reproduced in part"),  # the other architecture fails
        (evolved(0.75), [judged(), judged(0.5), judged()], "not reproduced"),
        (evolved(), [judged(0.75), judged(0.5), judged(0.75)], "not reproduced"),  # too far from the gradient's share
        (evolved(diversity=0.4), [judged(), judged(0.5), judged()], "not reproduced"),
        (evolved(numbers=(99,)), [judged(), judged(0.5), judged()], "inconclusive"),  # nothing was evolved
        (evolved(numbers=(99,)), every(judged(0.5)), "not reproduced"),  # 80% would be too far from 50%
        (evolved(0), every(judged(0, 0)), "not reproduced"),  # noise by both methods
    ],
)
def test_evolution_draws_like_the_gradient(search, descents, word):
    assert decide(claims.evolution_draws_like_the_gradient(search, *descents)) == word


def test_five_trainings_of_every_architecture_decide():
    records = every(judged())
    assert decide(claims.threes_are_well_formed(*records)) == "reproduced"
    assert decide(claims.threes_are_well_formed(judged(), judged(0.5), judged())) == "reproduced in part"
    one_fails = judged()
    one_fails["normal_looking"][0, 2] = False
    finding = claims.threes_are_well_formed(judged(0.5), one_fails, judged(0.5))
    assert decide(finding) == "inconclusive"
    by_setting = conditions(finding)
    assert by_setting[0].setting == f"{REPEATED[0]}, plain steps on the sum"
    assert [(c.met, c.trainings) for c in by_setting] == [(0, 10)] * 3 + [(4, 5)] * 3
    assert decide(claims.threes_are_well_formed(*every(judged(0.5)))) == "not reproduced"


@pytest.mark.parametrize("kind", ["noise", "constant", "digit", "blurred"])
def test_only_digits_are_well_formed(kind):
    values = judged_kinds()[kind]
    judgement = {key: np.broadcast_to(np.resize(values[key][:4], 16), SHAPE) for key in ("normal_looking", "votes")}
    formed = kind in {"digit", "blurred"}
    assert claims.fours_are_well_formed(*every(judgement)).holds is formed
    assert claims.the_whole_distribution_is_covered(*every(measures(), judgement)).holds is formed
    looks = np.broadcast_to(values["normal_looking"][:4], (2, 10, 4))
    found = claims.evolution_draws_like_the_gradient(evolved() | {"normal_looking": looks}, *every(judgement))
    assert found.cases[0].met() is formed


def test_needed_experiments():
    needed = claims.needs_architectures(claims.IMAGES, claims.QUALITY, claims.JUDGED)()
    name = "autoencoder-architecture"
    assert [e.name for e in needed] == [name, f"{name}-quality", f"{name}-judged"] * len(claims.SETS)
    assert [e.search for e in needed[2::3]] == needed[::3]
    assert [(e.network, e.seed) for e in needed[::3]] == [*((network, 0) for network in REPEATED), ("bottleneck", 5)]
    shape = (2, 5, 3, 16)
    assert needed[2].intended(shape).shape == shape and needed[2].intended(shape)[:, 0, 0, 0].tolist() == [3, 4]
