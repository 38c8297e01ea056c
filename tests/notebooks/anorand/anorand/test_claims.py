"""Claims on AnoRand: each criterion holds, fails, or depends on the reading of the data."""

import numpy as np
import pytest

from companion.chapters import chapter_experiments
from companion.claims import base
from companion.claims.decision import decide
from notebooks.anorand.anorand import claims, claims_digits, claims_parts
from notebooks.anorand.anorand.variants import VARIANTS

OWN = {f"anorand-c-{n:02}" for n in (*range(5, 16), *range(26, 34), *range(35, 41))}
W = np.arange(11) / 10
NOISE = np.array([0.02, 0.12, 0.22, 0.32, 0.42, 0.52, 0.68, 0.84, 1.0])
JITTER = np.linspace(-1, 1, 10)[:, None]


def sweep(values, ap, spread=0.01, **more):
    """Ten runs around the given AUC PR (V,), as far apart as `spread` (V,) says."""
    runs = np.asarray(ap) + JITTER * np.asarray(spread)
    return {"values": values, "ap": np.stack([runs] * 3, axis=-1)} | more


def weights(ap, spread=0.01, correlation=0.95, leak=0.0):
    gradients = np.ones((11, 3))
    gradients[0, 0], gradients[-1, 1] = leak, 0
    mlp = {
        "mlp_ap": np.asarray(ap)[-1] + JITTER[:, 0] * np.broadcast_to(spread, 11)[-1],
        "mlp_correlation": np.full(10, correlation),
    }
    return sweep(W, ap, spread, gradients=gradients, **mlp)


PEAK = np.interp(W, [0, 0.2, 0.5, 1], [0.3, 0.5, 0.3, 0.2])
QUIET = np.where(np.isclose(W, 0.2), 0.002, 0.02)


@pytest.mark.parametrize(
    ("function", "holds", "fails"),
    [
        (claims.best_at_a_fifth, weights(PEAK), weights(PEAK[::-1])),
        (claims.stable_at_a_fifth, weights(PEAK, QUIET), weights(PEAK, 0.03 - QUIET)),
        (claims.a_plain_network_in_the_limit, weights(PEAK), weights(PEAK, correlation=0.8)),
        (claims.the_block_helps, weights(PEAK), weights(0.5 - 0.3 * W)),
        (claims.sensitive_to_w, weights(PEAK), weights(np.full(11, 0.3))),
        (claims.what_w_weighs, weights(PEAK), weights(PEAK, leak=0.1)),
        (claims.noise_helps, sweep(NOISE, NOISE), sweep(NOISE, -NOISE)),
        (
            claims.strong_noise_is_detected,
            sweep(NOISE, NOISE, synthetic_roc=NOISE + 0 * JITTER),
            sweep(NOISE, NOISE, synthetic_roc=-NOISE + 0 * JITTER),
        ),
    ],
)
def test_claims_over_settings(function, holds, fails):
    """The second setting, `informative`, decides, unless both readings count."""
    assert function(holds, holds).holds is True
    assert function(fails, fails).holds is False
    both = function in (claims.what_w_weighs, claims.strong_noise_is_detected)
    word = "reproduced in part" if both else "reproduced"
    assert decide(function(fails, holds)) == word
    assert decide(function(holds, fails)) == (word if both else "not reproduced")


def test_runs_that_disagree_are_inconclusive():
    runs = weights(PEAK)
    runs["ap"][:4] = weights(PEAK[::-1])["ap"][:4]
    assert decide(claims.best_at_a_fifth(weights(PEAK), runs)) == "inconclusive"


def test_further_runs_count_in_the_second_setting():
    better, worse = weights(PEAK), weights(0.5 - 0.3 * W)
    assert decide(claims.the_block_helps(worse, better, better)) == "reproduced"
    assert decide(claims.the_block_helps(better, better, worse)) == "inconclusive"


def test_the_order_of_chance_values_does_not_count():
    chance = np.where(NOISE < 0.6, 0.5 - 0.01 * NOISE, NOISE)
    assert (
        decide(claims.strong_noise_is_detected(*[sweep(NOISE, NOISE, synthetic_roc=chance + 0 * JITTER)] * 2))
        == "reproduced"
    )
    nothing = sweep(NOISE, NOISE, synthetic_roc=np.full((10, 9), 0.5))
    assert decide(claims.strong_noise_is_detected(nothing, nothing)) == "not reproduced"


RISE = np.interp(NOISE, [0.32, 0.52], [0.45, 0.7])
WIDE = np.where(abs(NOISE - 0.42) < 0.11, 0.1, 0.01)


@pytest.mark.parametrize(
    ("ap", "spread", "word"),
    [
        (RISE, WIDE, "reproduced"),
        (RISE - 0.4, WIDE, "reproduced in part"),  # the shape alone
        (RISE, 0.01, "reproduced in part"),  # the level alone
        (np.full(9, 0.05), 0.001, "not reproduced"),
    ],
)
def test_three_ranges_of_noise(ap, spread, word):
    nothing = sweep(NOISE, np.full(9, 0.05), 0.001)
    assert decide(claims.three_ranges_of_noise(nothing, sweep(NOISE, ap, spread))) == word


def digits(ours=1.0, rivals=1.0, **changed):
    """Every measure of the rivals and of AnoRand, 3 models and 5 seeds."""
    level = np.repeat([rivals, rivals, ours], 5).reshape(3, 5)
    record = {name: np.stack([level] * 2, axis=-1) for name in ("silhouette", "probe")}
    record |= {name: np.stack([level] * 3, axis=-1) for name in ("ap", "roc", "errors", "laplacian")}
    return record | {"false_alarms": level, "missed": level} | changed


@pytest.mark.parametrize(
    ("function", "holds", "fails"),
    [
        (claims_digits.a_latent_space_that_separates, digits(2), digits(0.5)),
        (claims_digits.rivals_copy_better, digits(2), digits(0.5)),
        (claims_digits.detects_sevens_better, digits(2), digits(1)),
        (claims_digits.rivals_raise_false_alarms, digits(0.5), digits(2)),
        (claims_digits.copies_are_blurred, digits(rivals=0.7), digits(rivals=0.9)),
    ],
)
def test_claims_on_digits(function, holds, fails):
    assert function(holds).holds is True
    assert function(fails).holds is False


def test_detects_sevens_better_names_alpha_as_cause():
    assert claims_digits.detects_sevens_better(digits(1)).cause == "detector"
    lost = digits(1)
    lost["ap"][2, :, 2] = lost["roc"][2, :, 2] = 5
    assert claims_digits.detects_sevens_better(lost).cause == "source error"


def test_sevens_are_copied_badly():
    errors = np.ones((3, 5, 3))
    errors[2, :, 1] = 2
    assert claims_digits.sevens_are_copied_badly(digits(errors=errors)).holds is True
    errors[0, :, 1] = 2
    assert claims_digits.sevens_are_copied_badly(digits(errors=errors)).holds is False


LOWER, NOISY = np.array([0.9, 1.0, 1.1, 1.0, 0.95]), np.array([-0.1, 0.0, 0.1, 0.05, -0.05])


def ablation(**changed):
    """All variants alike, 2 settings and 5 runs, but for arrays of single variants: `name__variant`."""
    shape = len(VARIANTS), 2, 5
    record = {
        "variants": np.array(list(VARIANTS)),
        "ap": np.full((*shape, 4), 0.4),
        "alpha": np.full(shape, 0.9),
        "quartiles": np.full((*shape, 2), 0.05),
        "error": np.ones(shape),
        "recall": np.ones((*shape, 2)),
    }
    for key, value in changed.items():
        name, variant = key.split("__")
        record[name][list(VARIANTS).index(variant.replace("_", "-"))] = value
    return record


@pytest.mark.parametrize(
    ("function", "holds", "fails"),
    [
        (claims_parts.a_network_learns_the_majority, ablation(recall__supervised_mlp=[0.5, 0.9]), ablation()),
        (claims_parts.both_outputs_are_better_than_one, ablation(), ablation(ap__reference=[0.4, 0.1, 0.5, 0.5])),
        (claims_parts.alpha_balances, ablation(alpha__reference=0.6), ablation()),
        (claims_parts.any_labels_will_do, ablation(), ablation(ap__permuted=0.3)),
    ],
)
def test_claims_on_the_ablation(function, holds, fails):
    assert function(holds).holds is True
    assert function(fails).holds is False


@pytest.mark.parametrize(
    ("alone", "word"),
    [
        ([LOWER, LOWER], "reproduced"),
        ([-LOWER, -LOWER], "not reproduced"),
        ([LOWER, -LOWER], "reproduced in part"),
        ([LOWER, NOISY], "reproduced in part"),
        ([NOISY, NOISY], "inconclusive"),  # the intervals of the difference contain 0
    ],
)
def test_joint_training_lowers_the_error(alone, word):
    record = ablation(error__autoencoder=1 + np.array(alone))
    assert decide(claims_parts.joint_training_lowers_the_error(record)) == word


def test_any_layers_will_do():
    assert claims_parts.any_layers_will_do(ablation()).holds is True
    assert claims_parts.any_layers_will_do(ablation(**{"ap__layers-32": 0.3})).holds is False


def test_needs_many_rows():
    few = ablation(**{"ap__rows-500": 0.3})
    assert claims_parts.needs_many_rows(few, weights(PEAK), weights(PEAK)).holds is True
    assert claims_parts.needs_many_rows(few, weights(PEAK), weights(PEAK - 0.2)).holds is False
    assert claims_parts.needs_many_rows(few, weights(PEAK - 0.2), weights(PEAK)).holds is True  # not the defaults
    assert claims_parts.needs_many_rows(few, weights(PEAK), weights(PEAK - 0.15, spread=0.1)).holds is None


def test_claims_on_labels():
    distance = np.tile([3.0, 1.0, 2.0, 4.0], (2, 5, 4, 1))
    record = {"distance": distance, "share": np.full((2, 5, 4), 0.0495)}
    assert claims_parts.not_overly_distinct(record).holds is True
    assert claims_parts.a_twentieth_is_synthetic(record).holds is True
    later = {"distance": np.tile([3.0, 1.0, 5.0, 4.0], (2, 5, 4, 1)), "share": np.full((2, 5, 4), 0.048)}
    assert claims_parts.not_overly_distinct(later).holds is None
    assert claims_parts.a_twentieth_is_synthetic(later).holds is False


def test_roc_auc_misleads():
    record = {
        "prevalence": np.array([0.5, 0.01]),
        "roc": np.full((2, 2), 0.95),
        "ap": np.array([[0.9, 0.9], [0.4, 0.9]]),
    }
    assert claims_parts.roc_auc_misleads(record).holds is True
    alike = record | {"ap": np.array([[0.9, 0.9], [0.8, 0.9]])}
    assert claims_parts.roc_auc_misleads(alike).holds is False


def test_chapter_computes_every_required_record():
    own = {id_: check for id_, check in base.claim_checks().items() if check.page == "anorand"}
    assert own.keys() == OWN
    there = {experiment.id for experiment in chapter_experiments("anorand").values()}
    assert {experiment.id for check in own.values() for experiment in check.needs()} <= there
