"""Records that a page shows if they are there: the book's own long computations are not begun while it is built."""

from collections.abc import Mapping

from companion.chapters import chapter_experiments
from companion.experiment import Experiment
from companion.records.compute import get
from companion.records.store import MissingRecord, Record, load


def load_available(chapter: str, experiments: Mapping[str, Experiment]) -> dict[str, Record]:
    """Return the records of a chapter's experiments by role, without those of the book's own that are not there yet.

    What a reader asked for with parameters of their own is computed. The book's own takes hours in places, and
    `anogen records compute` is what computes it: a page that is built before that leaves it out and says so.
    """
    own = set(chapter_experiments(chapter).values())
    found: dict[str, Record] = {}
    for role, experiment in experiments.items():
        try:
            found[role] = load(experiment) if experiment in own else get(experiment)
        except MissingRecord:
            continue
    return found
