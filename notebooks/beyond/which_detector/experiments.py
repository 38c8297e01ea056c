"""Chapter `which-detector`: the records of other chapters on each detector of the catalogue, joined; no new ones."""

from collections.abc import Sequence

from anogen.detectors import CATALOGUE, detector_class
from anogen.detectors.catalogue import OWN
from companion.chapters import chapter_experiments as experiments_of
from companion.experiment import Experiment
from companion.studies.judged import judged
from notebooks.beyond.correlation.experiments import DEAN

TABLES = ("campaign", "thyroid", "cardio")  # chapters on one table each
QUICK = {"detectors": ["gmm", "hbos"]}
SPECS = {"dean": DEAN}  # in which chapter `correlation` has a detector with options only


def spec(name: str) -> str:
    """Return the form in which chapter `correlation` has a detector of the catalogue."""
    return SPECS.get(name, name)


def same_class(path: str, name: str) -> bool:
    """Return whether `module:Class` is the class of a detector of the catalogue, or PyOD's that it derives from."""
    module, _, attribute = path.partition(":")
    kinds = [(kind.__module__, kind.__name__) for kind in detector_class(name).__mro__]
    own = (module, attribute) == kinds[0]
    return bool(OWN.fullmatch(path)) and (own or (module, attribute) in kinds and attribute == kinds[0][1])


def chapter_experiments(
    scale: str = "laptop", detectors: Sequence[str] = tuple(CATALOGUE), seed: int = 0
) -> dict[str, Experiment]:
    """Return `audited`, `library` and the tables; by detector `digits-gmm`, `certificate-gmm`, and as `judged-...`.

    A detector has those that its chapters have.
    """
    shared = {"seed": seed}
    audits, correlation = experiments_of("audit", scale, **shared), experiments_of("correlation", scale, **shared)
    certificates = experiments_of("certificates", scale, **shared)
    roles: dict[str, Experiment] = {
        "audited": audits["audited"],
        "library": experiments_of("audit-bench", scale, **shared)["library"],
        **{table: experiments_of(table, scale, **shared)["application"] for table in TABLES},
    }
    for name in dict.fromkeys([detectors] if isinstance(detectors, str) else detectors):
        found = {"digits": correlation.get(f"digits-{spec(name)}"), "certificate": certificates.get(name)}
        for kind, experiment in found.items():
            if experiment is not None:
                roles |= {f"{kind}-{name}": experiment, f"judged-{kind}-{name}": judged(experiment)}
    return roles
