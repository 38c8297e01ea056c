"""Chapter `which-detector`: the records of other chapters on each detector of the catalogue, joined; no new ones."""

from collections.abc import Sequence

from anogen.detectors import CATALOGUE, detector_class
from companion.chapters import chapter_experiments as experiments_of
from companion.experiment import Experiment
from companion.site.parameters import quick_parameters
from companion.studies.judged import judged
from notebooks.beyond.correlation.experiments import DEAN

TABLES = ("campaign", "thyroid", "cardio")  # chapters on one table each
QUICK = {"detectors": ["gmm", "hbos"]}
SPECS = {"dean": DEAN}  # in which chapter `correlation` has a detector with options only


def spec(name: str) -> str:
    """Return the form in which chapter `correlation` has a detector of the catalogue."""
    return SPECS.get(name, name)


def same_class(path: str, name: str) -> bool:
    """Return whether `module:Class` is the class of a detector of the catalogue, or PyOD's of the same name."""
    kinds = [f"{kind.__module__}:{kind.__qualname__}" for kind in detector_class(name).__mro__]
    return path in kinds and path.partition(":")[2] == kinds[0].partition(":")[2]


def chapter_experiments(
    scale: str = "laptop", detectors: Sequence[str] = tuple(CATALOGUE), seed: int = 0
) -> dict[str, Experiment]:
    """Return `audited`, `library`, the tables, `typical-digit-3`, ...; and by detector those that its chapters have.

    These are `digits-gmm`, `certificate-gmm`, and their judgements `judged-digits-gmm`, `judged-certificate-gmm`.
    """

    def those_of(chapter: str) -> dict[str, Experiment]:
        return experiments_of(chapter, scale, seed=seed, **(quick_parameters(chapter) if scale == "quick" else {}))

    correlation, certificates = those_of("correlation"), those_of("certificates")
    roles = {"audited": those_of("audit")["audited"], "library": those_of("audit-bench")["library"]}
    if scale != "quick":  # they take longer, and their chapters have quick forms
        roles |= {table: those_of(table)["application"] for table in TABLES}
        roles |= {f"typical-{role}": experiment for role, experiment in those_of("typical-set").items()}
    for name in dict.fromkeys([detectors] if isinstance(detectors, str) else detectors):
        found = {"digits": correlation.get(f"digits-{spec(name)}"), "certificate": certificates.get(name)}
        for kind, experiment in found.items():
            if experiment is not None:
                roles |= {f"{kind}-{name}": experiment, f"judged-{kind}-{name}": judged(experiment)}
    return roles
