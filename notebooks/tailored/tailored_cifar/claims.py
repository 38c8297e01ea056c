"""Claims of the tailored paper on the detector of colour images.

SVHN and LSUN are not part of the book's data: a setting that needs them is listed and cannot be judged.
"""

from companion.claims.base import Arrays, Case, Finding, Number, above, below
from notebooks.tailored.common.claims import (
    CIFAR,
    MNIST,
    change_of,
    label,
    measure,
    measures,
    of_detectors,
    on_fakes,
    over_detectors,
    premise,
    without,
)
from notebooks.tailored.tailored_cifar.experiments import KINDS

PRINTED = ("cifar100", "mnist", "uniform", "gaussian")  # the available ones of the paper's sets


@on_fakes("tailored-c-25", CIFAR, "critic")
def the_critic_is_insufficient_in_colour(record: Arrays) -> Finding:
    """All AUROC < 65, uniform and Gaussian noise below 10."""
    areas = measures(record, "auroc", PRINTED)
    cases = over_detectors(
        (below, "highest AUROC of a set", areas.max(axis=0), 65),
        (below, "highest AUROC of noise", areas[2:].max(axis=0), 10),
    )
    measured = label("AUROC", PRINTED, areas)
    return of_detectors(*without("SVHN or LSUN", cases), measured=measured)


@on_fakes("tailored-c-33", CIFAR, "generated")
def some_sets_stay_poorly_detected(record: Arrays) -> Finding:
    """AUROC < 65 for CIFAR-100, and < 50 for SVHN."""
    cases = over_detectors((below, "AUROC", measure(record, "auroc", "cifar100"), 65), setting="CIFAR-100")
    measured: dict[str, Number] = {"AUROC, [6, 7]": measure(record, "auroc", "near").mean()}
    return of_detectors(*without("SVHN", cases), measured=measured)


@on_fakes("tailored-c-36", CIFAR, "generated", "specific")
def specific_anomalies_help_with_others(generated: Arrays, specific: Arrays) -> Finding:
    """The AUROC of CIFAR-100 gains more than 2 points if SVHN is added; here CIFAR-100 itself is added."""
    names = ("cifar100", "scenes", "near")
    gains = change_of("auroc", generated, specific, names)
    cases = over_detectors((above, "gain of AUROC in points, CIFAR-100", gains[0], 2))
    limits = "CIFAR-100 itself takes the place of SVHN, which is not part of the data"
    return of_detectors(*cases, measured=label("gain", names, gains), cause="data", limits=limits)


@on_fakes("tailored-c-40", CIFAR, "generated", "real")
def real_images_help_and_harm_in_colour(generated: Arrays, real: Arrays) -> Finding:
    """With real images, the AUROC of MNIST-resized falls, and that of LSUN rises."""
    names = ("mnist", "scenes")
    change = change_of("auroc", generated, real, names)
    cases = over_detectors((below, "change of AUROC in points", change[0], 0), setting="MNIST-resized")
    return of_detectors(*without("LSUN", cases), measured=label("change", names, change))


@on_fakes("tailored-c-42", CIFAR, "samples", "real", "crossed", generator=MNIST)
def detectors_of_digits_refuse_colour(fakes: Arrays, real: Arrays, record: Arrays) -> Finding:
    """Refused at the 95% threshold: real images, fakes and near anomalies of CIFAR-10, each more than 80%."""
    lacking, cases = premise(CIFAR, fakes, real), list[Case]()
    for i, (kind, name) in enumerate(zip(KINDS, ("real images", "fakes", "near anomalies"), strict=True)):
        decidable = kind == "real" or not lacking
        setting = name if decidable else f"{name} of a generator that has not learned"
        shares = 100 * record["refused"][:, i, 0]
        cases += over_detectors((above, "refused, in percent", shares, 80), setting=setting, decidable=decidable)
    return of_detectors(*cases)
