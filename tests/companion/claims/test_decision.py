"""The rule from cases to verdicts: settings, trainings, intervals, identities, thresholds that move."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.claims import amendments, inventory
from companion.claims.base import claim_checks
from companion.claims.criterion import (
    Case,
    Comparison,
    Finding,
    above,
    at_least,
    at_most,
    below,
    mean_interval,
    over_sweep,
    over_trainings,
    true,
    wilson,
)  # fmt: skip
from companion.claims.decision import VERDICTS, conditions, decide, flips


def trainings(values, setting="", threshold=0.8):
    return tuple(Case((at_least("share", v, threshold),), setting, i) for i, v in enumerate(values))


def finding(*cases, random=True, **stated):
    return Finding(cases=cases, random=random, cause="detector", **stated)


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ([0.9] * 5, "reproduced"),
        ([0.1] * 5, "not reproduced"),
        ([0.9, 0.9, 0.9, 0.9, 0.1], "inconclusive"),  # 4 of 5: the interval of the share contains one half
        ([0.9] * 4, "inconclusive"),  # fewer than five trainings
        ([0.1] * 4, "inconclusive"),
        ([0.9] * 16 + [0.1] * 4, "reproduced"),  # 16 of 20
        ([0.9] * 4 + [0.1] * 16, "not reproduced"),
        ([0.9] * 12 + [0.1] * 8, "inconclusive"),
    ],
)
def test_trainings_vote(values, verdict):
    assert decide(finding(*trainings(values))) == verdict


def test_few_trainings_decide_only_for_a_claim_that_is_met_and_states_the_cost():
    assert decide(finding(*trainings([0.9]), cost="five trainings take 3 h")) == "reproduced"
    assert decide(finding(*trainings([0.1]), cost="five trainings take 3 h")) == "inconclusive"


def test_a_setting_that_cannot_be_judged_leaves_the_others():
    colour = [Case((at_least("share", 0.1, 0.8),), "colour", i, decidable=False) for i in range(5)]
    cases = (*trainings([0.9] * 5, "digits"), *colour)
    assert decide(finding(*cases)) == "reproduced in part"
    assert decide(finding(*colour)) == "inconclusive"


def test_a_training_meets_the_criterion_only_with_all_its_cases():
    both = [Case((at_least("share", v, 0.8),), training=i) for i in range(5) for v in (0.9, 0.1)]
    assert decide(finding(*both)) == "not reproduced"
    assert conditions(finding(*both))[0].trainings == 5


def test_trainings_need_randomness():
    with pytest.raises(ValueError, match="say random=True"):
        finding(*trainings([0.9, 0.1]), random=False)


def test_settings_that_disagree_make_a_claim_hold_in_part():
    met, missed = trainings([0.9] * 5, "Adam"), trainings([0.1] * 5, "plain steps")
    assert decide(finding(*met, *missed)) == "reproduced in part"
    assert [(c.setting, c.holds) for c in conditions(finding(*met, *missed))] == [
        ("Adam", True),
        ("plain steps", False),
    ]
    unsure = trainings([0.9, 0.1, 0.9, 0.1, 0.9], "momentum")
    assert decide(finding(*missed, *unsure)) == "inconclusive"
    assert decide(finding(*met, *unsure)) == "reproduced in part"


def test_excluded_readings_are_shown_and_do_not_count():
    cases = (
        Case((above("AUC", 0.9, 0.5),), "as stated"),
        Case((above("AUC", 0.1, 0.5),), "excluded", admissible=False),
    )
    assert decide(finding(*cases, random=False)) == "reproduced"
    assert [condition.admissible for condition in conditions(finding(*cases, random=False))] == [True, False]
    with pytest.raises(ValueError, match="no case is admissible"):
        finding(cases[1], random=False)


def test_an_interval_that_contains_the_threshold_decides_nothing():
    unsure = at_least("share", 27 / 50, 0.5, wilson(27, 50), "50 images")
    assert unsure.met() is None
    assert decide(finding(Case((unsure,)), random=False)) == "inconclusive"
    assert at_least("share", 45 / 50, 0.5, wilson(45, 50), "50 images").met() is True
    assert at_most("share", 45 / 50, 0.5, wilson(45, 50), "50 images").met() is False
    with pytest.raises(ValueError, match="needs `over`"):
        at_least("share", 0.5, 0.5, (0.4, 0.6))


def test_limits_make_a_claim_inconclusive_and_identities_are_counted_apart():
    met = Case((true("adds up", True),))
    assert decide(finding(met, random=False, limits="the premise is not met")) == "inconclusive"
    assert decide(finding(met, random=False), identity=True) == "identity"
    missed = Case((true("adds up", False),))
    assert decide(finding(missed, random=False), identity=True) == "not reproduced"


def test_thresholds_that_move_by_a_tenth_show_what_depends_on_them():
    edge = finding(Case((at_least("share", 0.82, 0.8),)), random=False)
    assert flips(edge) == {"+10%": "not reproduced"}
    assert flips(finding(Case((at_least("share", 0.95, 0.8),)), random=False)) == {}
    assert flips(finding(Case((true("adds up", True),)), random=False)) == {}
    assert flips(finding(Case((below("ratio", 0.96, 1.0),)), random=False)) == {"-10%": "not reproduced"}


def test_numbers_of_a_setting_are_means_over_its_trainings():
    values = [0.81, 0.85, 0.9, 0.95, 0.99]
    number = conditions(finding(*trainings(values)))[0].numbers[0]
    assert number.value == pytest.approx(np.mean(values)) and number.interval == pytest.approx(mean_interval(values))
    assert number.over == "5 trainings"


def test_plain_answers_over_trainings_and_settings_become_cases():
    swept = over_sweep({"width 2": True, "width 4": False}, cause="detector", random=False)
    assert decide(swept) == "reproduced in part" and swept.cause == "unstated choice"
    repeated = over_trainings([Finding(True, {"AUC": 0.9 + i / 100}) for i in range(5)])
    assert decide(repeated) == "reproduced" and repeated.random
    assert repeated.measured["AUC, range over the trainings"] == "0.9 to 0.94"


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.sampled_from([">=", ">", "<=", "<"]))
def test_a_positive_margin_meets_and_a_negative_one_misses(value, threshold, sign):
    compared = Comparison("x", value, sign, threshold)
    if compared.margin != 0:
        assert compared.met() is (compared.margin > 0)


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_the_rule_treats_meeting_and_missing_alike(flags):
    def decided(answers):
        return decide(finding(*(Case((true("met", answer),), training=i) for i, answer in enumerate(answers))))

    mirror = {"reproduced": "not reproduced", "not reproduced": "reproduced", "inconclusive": "inconclusive"}
    assert decided([not flag for flag in flags]) == mirror[decided(flags)]


def test_amendments_concern_claims_that_exist_and_give_reasons():
    known = {claim.id for claim in inventory.all_claims()}
    assert set(amendments.amendments()) <= known
    assert set(amendments.first_verdicts()) == {claim.id for claim in inventory.claims()}
    for id_, one in amendments.amendments().items():
        assert one.criterion or one.change, id_
        assert one.criterion != inventory.claim(id_).criterion, id_
    for source in amendments.SOURCES:
        for reading in amendments.readings(source):
            assert reading.admissible and reading.why and set(reading.claims) <= known, reading.choice
    assert set(amendments.missing_parts()) <= {entry.id for entry in (*inventory.figures(), *inventory.tables())}
    assert set(VERDICTS) == {
        "reproduced", "reproduced in part", "not reproduced", "inconclusive", "not tested", "identity",
    }  # fmt: skip
    assert set(claim_checks()) == known


@pytest.mark.parametrize("text", [{"criterion": "new"}, {"why": "because"}])
def test_a_replaced_criterion_needs_its_reason(text):
    with pytest.raises(ValueError, match="needs its reason"):
        amendments.Amendment(**text)
