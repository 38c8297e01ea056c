"""Records for a page: the book's own are loaded but never computed while a page is built; a reader's are computed."""

from collections.abc import Mapping

from anogen.progress import Report
from companion.chapters import chapter_experiments
from companion.experiment import Experiment
from companion.records.compute import get
from companion.records.store import MissingRecord, Record, load


def load_available(
    chapter: str, experiments: Mapping[str, Experiment], report: Report | None = None
) -> dict[str, Record]:
    """Return the records of a chapter's experiments by role, without those of the book's own that are missing.

    Experiments with a reader's own parameters are computed. The book's own may take hours; `anogen records compute`
    computes them.
    """
    own = set(chapter_experiments(chapter).values())
    records: dict[str, Record] = {}
    for role, experiment in experiments.items():
        try:
            records[role] = load(experiment) if experiment in own else get(experiment, report=report)
        except MissingRecord:
            continue
    return records
