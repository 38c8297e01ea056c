"""The claims of chapter `optimisers`; the starts are five searches on one training of each detector."""

from collections.abc import Callable

from companion.claims.base import Arrays, Case, Finding, at_least, claim
from companion.experiment import Experiment
from notebooks.beyond.optimisers.experiments import DETECTORS, chapter_experiments
from notebooks.beyond.optimisers.figures import agree, best, closer_than_evolution, median_gaps

PAGE = "optimisers"
MOST = 6  # of eight detectors
TIE = 1e-6  # interquartile ranges


def needs() -> list[Experiment]:
    """Return the first experiments of all detectors."""
    return [chapter_experiments()[name] for name in DETECTORS]


def count(quantity: str, records: tuple[Arrays, ...], met: Callable[[Arrays], bool], least: int) -> Finding:
    """Return the finding that at least so many detectors meet a condition."""
    found = sum(met(record) for record in records)
    part = at_least(f"detectors of {len(records)} {quantity}", found, least)
    return Finding(cause="optimiser", cases=(Case((part,)),), random=False)


@claim("anogen-c-10", page=PAGE, needs=needs)
def sep_cma_is_closer(*records: Arrays) -> Finding:
    """Compare sep-CMA-ES with evolution after equal evaluations."""

    def met(record: Arrays) -> bool:
        return "sep-cma" in closer_than_evolution(record, timed=False)

    return count("where sep-CMA-ES has a smaller gap than evolution", records, met, MOST)


@claim("anogen-c-11", page=PAGE, needs=needs)
def others_are_closer(*records: Arrays) -> Finding:
    """Compare the optimisers without gradient with evolution after equal seconds."""

    def met(record: Arrays) -> bool:
        return bool(closer_than_evolution(record, timed=True))

    return count("where another one without gradient has a smaller gap than evolution", records, met, MOST)


@claim("anogen-c-12", page=PAGE, needs=needs)
def l_bfgs_b_is_closest(*records: Arrays) -> Finding:
    """Compare L-BFGS-B with all others after equal seconds, where there is a gradient."""
    smooth = tuple(record for record in records if "l-bfgs-b" in median_gaps(record, timed=True))

    def met(record: Arrays) -> bool:
        gap = median_gaps(record, timed=True)
        return gap["l-bfgs-b"] <= gap[best(record, timed=True)] + TIE

    return count("where L-BFGS-B has the smallest gap", smooth, met, len(smooth))


@claim("anogen-c-13", page=PAGE, needs=needs)
def conclusions_agree(*records: Arrays) -> Finding:
    """Compare what most images of evolution and of the best optimiser look like, after equal seconds."""
    quantity = "where evolution and the optimiser of the smallest gap agree on whether most images look like the digit"
    return count(quantity, records, lambda record: agree(record, timed=True), MOST)
