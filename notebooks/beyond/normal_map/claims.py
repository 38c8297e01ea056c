"""The claims of chapter `normal-map`."""

from companion.claims.base import Arrays, Case, Finding, at_least, at_most, claim
from companion.experiment import Experiment
from notebooks.beyond.normal_map.experiments import chapter_experiments
from notebooks.beyond.normal_map.figures import shares

PAGE = "normal-map"
MOST, HALF = 4, 0.5  # of six detectors; of the reached cells
SECONDS = 120.0  # of processor time: 60 on two cores


def needs() -> list[Experiment]:
    """Return the experiments of all detectors."""
    return list(chapter_experiments().values())


def fast() -> list[Experiment]:
    """Return the experiment with CBLOF."""
    return [chapter_experiments(detectors=["cblof"])["cblof"]]


@claim("anogen-c-14", page=PAGE, needs=fast)
def maps_are_fast(record: Arrays) -> Finding:
    """Add up the processor seconds of the islands."""
    part = at_most("processor seconds for 1,000,000 evaluations", float(record["seconds"].sum()), SECONDS)
    return Finding(cause="detector", cases=(Case((part,)),), random=False)


@claim("anogen-c-15", page=PAGE, needs=needs)
def most_normal_cells_hold_no_digit(*records: Arrays) -> Finding:
    """Count the detectors with a share of at least half."""
    count = sum(shares(record)["no digit"] >= HALF for record in records)
    part = at_least(f"detectors of {len(records)} with no digit in most cells", count, MOST)
    return Finding(cause="detector", cases=(Case((part,)),), random=False)
