"""Claims of the tailored paper on the critic and the detector of digits, and the anomalies that they refuse.

Shares and areas are in percent or points, as the criteria state them. A criterion on all seven sets of anomalies has a
setting for SVHN, which is not part of the book's data and cannot be judged. Claims on both data sets, and the premise
of most claims, are in `notebooks.tailored.common.claims`.
"""

import numpy as np
from scipy import stats

from companion.claims.base import Arrays, Case, Finding, Number, above, at_least, at_most, below
from notebooks.tailored.common.claims import (
    MNIST,
    label,
    measure,
    measures,
    of_detectors,
    on_fakes,
    over_detectors,
    sets_by_reading,
    without,
)
from notebooks.tailored.tailored_mnist.experiments import CHANGES

THRESHOLDS = ("95%", "99%")


def missed(record: Arrays, low: float, high: float) -> np.ndarray:
    """Return the accepted share of each unit band of norms from `low` to `high`, in percent, (T, bands)."""
    bands = record["bands"]
    inside = (bands[:, 0] >= low) & (bands[:, 1] <= high)
    return np.asarray(100 * (1 - record["recognised"][:, inside]))


@on_fakes("tailored-c-06", MNIST, "geometry")
def one_coordinate_makes_the_greater_anomaly(record: Arrays) -> Finding:
    """A change of one coordinate is accepted less often than the same L2 or L1 size spread over all."""
    shares, cases = 100 * record["accepted"], list[Case]()
    for i, name in ((1, "same Euclidean size"), (2, "same Manhattan size")):
        text = "accepted if one coordinate is changed, minus accepted if all are, in points"
        cases += over_detectors((below, text, shares[:, 0] - shares[:, i], 0), setting=name)
    measured = dict(zip(CHANGES, shares.mean(axis=0), strict=True))
    return of_detectors(*cases, measured=measured)


@on_fakes("tailored-c-11", MNIST, "generated")
def near_refused_far_refused(record: Arrays) -> Finding:
    """Recognised share non-decreasing from [6, 7] to [14, 15] up to 2 points, and >= 95% in the last band."""
    accepted = missed(record, 6, 15)
    rise = (accepted - np.minimum.accumulate(accepted, axis=1)).max(axis=1)
    cases = over_detectors(
        (at_most, "accepted at [14, 15], in percent", accepted[:, -1], 5),
        (at_most, "largest rise of the accepted share with the norm, in points", rise, 2),
    )
    return of_detectors(*cases, measured={"accepted at [6, 7]": accepted[:, 0].mean()})


@on_fakes("tailored-c-13", MNIST, "generated")
def beyond_15_nothing_is_missed(record: Arrays) -> Finding:
    """Recognised share at norms from 15 to 20 >= 99%."""
    accepted = missed(record, 15, 20)
    return of_detectors(*over_detectors((at_most, "accepted at [15, 20], in percent", accepted.mean(axis=1), 1)))


@on_fakes("tailored-c-14", MNIST, "generated")
def small_seeds_are_accepted(record: Arrays) -> Finding:
    """Accepted share for norms in [0, 1] >= for norms in [2, 5]."""
    small, usual = (missed(record, low, high).mean(axis=1) for low, high in ((0, 1), (2, 5)))
    text = "accepted at [0, 1], minus accepted at [2, 5], in points"
    measured = {"accepted, [0, 1]": small.mean(), "accepted, [2, 5]": usual.mean()}
    return of_detectors(*over_detectors((at_least, text, small - usual, 0)), measured=measured)


@on_fakes("tailored-c-15", MNIST, "generated")
def the_border_depends_on_the_seed(record: Arrays) -> Finding:
    """The norm at which a seed's image is first refused: standard deviation over at least 200 seeds > 0.5."""
    cases = over_detectors((above, "standard deviation of the border", record["radius"].std(axis=1), 0.5))
    return of_detectors(*cases, measured={"seeds": record["radius"].shape[1]})


@on_fakes("tailored-c-16", MNIST, "generated")
def far_anomalies_never_look_like_fakes(record: Arrays) -> Finding:
    """Of norms in [10, 15], less than 1% are above the 95% threshold."""
    accepted = missed(record, 10, 15).mean(axis=1)
    return of_detectors(*over_detectors((below, "accepted at [10, 15], in percent", accepted, 1)))


@on_fakes("tailored-c-21", MNIST, "critic")
def neither_notices(record: Arrays) -> Finding:
    """Confidence at norm 15 > 0.5 for most classes; the critic's AUROC of fakes against [6, 7] < 0.65."""
    sure = int((record["confidence_curve"][:, -1] > 0.5).sum())
    names, scores = record["names"].tolist(), record["scores"]
    fakes, near = (scores[1 + names.index(name)] for name in ("fakes", "near"))
    auroc = float((fakes[:, None] > near).mean() + (fakes[:, None] == near).mean() / 2)
    parts = (
        below("the critic's AUROC of fakes against [6, 7]", auroc, 0.65),
        above("classes of ten with a mean confidence above 0.5 at norm 15", sure, 5),
    )
    return of_detectors(Case(parts, training=0))


@on_fakes("tailored-c-24", MNIST, "critic", both_ways=True)
def the_critic_is_insufficient(record: Arrays) -> Finding:
    """All AUROC of the data sets < 75, all accuracies at 95% < 50."""
    cases: list[Case] = []
    for reading, sets in sets_by_reading(record).items():
        refused = measures(record, "accuracy", sets, 0)
        cases += over_detectors(
            (below, "highest AUROC of a set", measures(record, "auroc", sets).max(axis=0), 75),
            (below, "highest share of a set that is refused, in percent", refused.max(axis=0), 50),
            setting=reading,
        )
    return of_detectors(*without("SVHN-bw", cases))


@on_fakes("tailored-c-26", MNIST, "critic")
def the_classifier_knows_noise_better(record: Arrays) -> Finding:
    """AUROC by the classifier's confidence > by the critic's score, on uniform and on Gaussian noise."""
    names, parts = record["names"].tolist(), []
    measured: dict[str, Number] = {}
    for name in ("uniform", "gaussian"):
        sure, critic = 100 * float(record["confidence_auroc"][names.index(name)]), measure(record, "auroc", name)[0]
        measured |= {f"by confidence, {name}": sure, f"by the critic, {name}": critic}
        parts.append(above(f"AUROC by confidence, minus by the critic, {name} noise", sure - critic, 0))
    return of_detectors(Case(tuple(parts), training=0), measured=measured)


@on_fakes("tailored-c-27", MNIST, "critic", "generated", both_ways=True)
def training_improves_detection(critic: Arrays, record: Arrays) -> Finding:
    """The AUROC gains more than 20 points on each data set and on [6, 7]."""
    cases, measured = list[Case](), dict[str, Number]()
    for reading, sets in sets_by_reading(record).items():
        every = (*sets, "near")
        gains = measures(record, "auroc", every) - measures(critic, "auroc", every)
        measured |= label("gain", every, gains)
        cases += over_detectors((above, "smallest gain of AUROC in points", gains.min(axis=0), 20), setting=reading)
    return of_detectors(*without("SVHN-bw", cases), measured=measured)


@on_fakes("tailored-c-29", MNIST, "generated")
def fakes_are_accepted_like_real_images(record: Arrays) -> Finding:
    """Fakes and test images are flagged equally often within 2 points, at both thresholds; for both kinds of norms."""
    flagged, cases = 100 - 100 * record["accepted"], list[Case]()
    for name, setting in (("fakes", "fakes of natural norms"), ("fakes-uniform", "fakes of uniform norms")):
        parts = [
            (
                below,
                f"difference of the flagged shares in points, {threshold} threshold",
                np.abs(measure(record, "accuracy", name, level) - flagged[:, level]),
                2,
            )
            for level, threshold in enumerate(THRESHOLDS)
        ]
        cases += over_detectors(*parts, setting=setting)
    return of_detectors(*cases)


@on_fakes("tailored-c-31", MNIST, "generated")
def trainings_agree_on_near_anomalies(record: Arrays) -> Finding:
    """Deviation of the AUROC over the trainings < 2 for [6, 7], > 2 for SVHN-bw.

    The trainings are inside the number: its interval, by the chi-squared distribution, takes the place of their vote.
    """
    areas = measure(record, "auroc", "near")
    deviation, free = float(areas.std(ddof=1)), len(areas) - 1
    low, high = deviation * np.sqrt(free / stats.chi2.ppf((0.975, 0.025), free))
    part = below("standard deviation of the AUROC", deviation, 2, (low, high), f"{len(areas)} trainings")
    return Finding(cases=without("SVHN-bw", [Case((part,), "norms in [6, 7]")]), random=False, cause="detector")


@on_fakes("tailored-c-45", MNIST, "generated", both_ways=True)
def the_strategy_is_conservative(record: Arrays) -> Finding:
    """3 to 7% of the real images rejected at 95%, while mean recognition of the sets of anomalies is above 85%."""
    rejected, cases = 100 - 100 * record["accepted"][:, 0], list[Case]()
    for reading, sets in sets_by_reading(record).items():
        recognised = measures(record, "accuracy", sets, 0).mean(axis=0)
        cases += over_detectors(
            (above, "anomalies refused, mean over the sets, in percent", recognised, 85),
            (at_least, "real images refused, in percent", rejected, 3),
            (at_most, "real images refused, in percent", rejected, 7),
            setting=reading,
        )
    return of_detectors(*cases)


@on_fakes("tailored-c-49", MNIST, "generated")
def the_detector_falls_beyond_the_border(record: Arrays) -> Finding:
    """Mean score at norm 7 < at norm 4 for ten of ten classes; the classifier's confidence stays above 0.5 for most."""
    near, far = (int(np.argmin(np.abs(record["fine"] - norm))) for norm in (4, 7))
    rise = (record["curve"][:, :, far] - record["curve"][:, :, near]).max(axis=1)
    sure = int((record["confidence_curve"][:, far:] > 0.5).all(axis=1).sum())
    cases = over_detectors(
        (below, "largest change of a class's mean score from norm 4 to norm 7", rise, 0),
        (above, "classes of ten with a confidence above 0.5 from norm 7 on", np.full(len(rise), sure), 5),
    )
    return of_detectors(*cases)
