"""Each criterion on images of digits is shown noise, a constant image, real digits and blurred ones.

They take the places of the generated images, or of their measures, in all records that a claim reads. All else in the
records stays, such as scores, ROC AUCs and what is known of real images.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
from image_kinds import image_kinds, judged_kinds

from companion.claims import amendments, base, inventory
from companion.records import store
from companion.studies.quality import Classifier, measure_images, weights_of
from notebooks.thesis.common.guided import GuidedQuality

COUNT = 4  # images of each kind: of the fifth, blurred, only two of the ensemble's classifiers recognise the digit
PREFIXES = ("guided_optimum_", "optimum_", "guided_")
OF_REAL_IMAGES = ("pairwise", "nn_median", "morans_i_p01", "intended")
NOISE, EMPTY, DIGIT, BLUR = KINDS = ("noise", "constant", "digit", "blurred")
READABLE, SAME = {DIGIT, BLUR}, {EMPTY}
ABOUT_IMAGES = re.compile(
    "normal.looking|noise.like|morans_i|Moran|recognised|p_cls|quality|nn_ratio|div_ratio|local_var|edge|Laplacian|L2"
)

MEETING = {  # the kinds that meet a criterion if every generated image, of any detector and at any time, is of the kind
    "19": {NOISE},  # scores well and is noise
    "20": READABLE, "21": READABLE, "61": READABLE,
    "37": set(),  # no gain
    "39": {NOISE}, "52": {NOISE}, "54": {NOISE}, "78": {NOISE},
    "40": READABLE, "41": READABLE,  # vary more in the centre, and where digits vary
    "47": READABLE,
    "49": set(),  # no loss
    "56": set(),  # none is like the real image of which pixels are fixed
    "57": set(), "59": set(), "60": set(), "70": set(), "71": set(),  # no difference
    "53": set(),
    "62": {BLUR},  # real digits are not smooth enough
    "65": set(),  # only an average is near enough to the mean
    "63": SAME, "66": SAME, "80": SAME, "64": set(), "67": set(),  # how far images are apart
    "68": {NOISE, EMPTY},
    "69": READABLE,  # dark at the edge
    "72": set(),  # all detectors in one group
    "75": {NOISE, EMPTY},  # DEAN's are not normal
    "76": set(KINDS),  # equal quality
}  # fmt: skip
ELSEWHERE = {  # claims whose criteria are tested in other ways, and why
    "scores, or errors on free pixels": ("09", "34", "38", "44", "45", "46", "58", "79"),
    "colour images": ("24", "25", "26", "28", "29", "42", "43"),
    "images of two digits, or of two searches, on their own": ("14", "22", "23", "27", "30", "48"),
}


@cache
def measured_kinds() -> dict[str, dict[str, np.ndarray]]:
    """Return the measures of `image_kinds` as images of a 4, in pixels and by the single network, by kind."""
    weights, of_guided = weights_of(store.load(Classifier.at("laptop")).arrays), GuidedQuality.at("quick", normal=4)
    return {
        kind: measure_images(images[:COUNT], "mnist-5k", 4, weights, 0) | of_guided.appearance(images[:COUNT])
        for kind, images in image_kinds().items()
    }


@cache
def loaded(experiment: Any) -> Mapping[str, np.ndarray]:
    """Return the arrays of an experiment's record."""
    return store.load(experiment).arrays


def shown(experiment: Any, kind: str) -> Mapping[str, np.ndarray]:
    """Return the arrays of an experiment's record, as if all of its generated images were of one kind."""
    arrays = dict(loaded(experiment))
    values = {key: value[:COUNT] for key, value in judged_kinds()[kind].items() if value.shape}
    if not experiment.name.endswith("judged"):
        values = measured_kinds()[kind] if experiment.name.endswith("quality") else {}
    for name, array in arrays.items():
        bare = next((name.removeprefix(prefix) for prefix in PREFIXES if name.startswith(prefix)), name)
        if bare in values and bare not in OF_REAL_IMAGES:
            arrays[name] = np.resize(values[bare], array.shape).astype(array.dtype)
        elif bare in ("images", "points") and array.shape[-1] == image_kinds()[kind].shape[-1]:
            images = np.resize(image_kinds()[kind][:COUNT], array.shape)
            arrays[name] = np.rint(255 * images).astype(np.uint8) if array.dtype == np.uint8 else images
    return arrays


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # statistics of equal numbers
@pytest.mark.parametrize("number", MEETING)
def test_a_criterion_tells_kinds_of_images_apart(number: str) -> None:
    check = base.claim_checks()[f"thesis-c-{number}"]
    assert check.function is not None
    for kind in KINDS:
        finding = check.function(*(shown(experiment, kind) for experiment in check.needs()))
        primary = base.conditions(finding)[0].setting
        outcomes = {case.met() for case in finding.cases if case.setting == primary}
        assert (outcomes == {True}) is (kind in MEETING[number]), kind


def test_every_criterion_on_images_is_in_a_table() -> None:
    numbers = {*MEETING, *(number for group in ELSEWHERE.values() for number in group)}
    for check in base.claim_checks().values():
        criterion = amendments.criterion(check.claim) or inventory.claim(check.claim).criterion
        if check.claim.startswith("thesis") and check.function and ABOUT_IMAGES.search(criterion):
            assert check.claim.removeprefix("thesis-c-") in numbers, check.claim
