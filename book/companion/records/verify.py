"""The book's own records: which there should be, whether each is still good, and how to check it."""

import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Literal, NamedTuple

from anogen.errors import InputError
from anogen.machine import fingerprint, one_thread
from companion.chapters import chapter_experiments, chapters
from companion.datasets.info import stated
from companion.experiment import Experiment
from companion.records import digest, machine, store
from companion.records.compute import input_digest
from companion.records.store import Record

State = Literal["ok", "stale", "missing", "corrupt"]


class Row(NamedTuple):
    """A line of `anogen records list`."""

    id: str
    state: State
    scale: str
    seconds: float | None  # of computation, summed over processes
    size: int  # bytes on disk
    why: str = ""  # what is wrong


class Check(NamedTuple):
    """What a verification found."""

    id: str
    agrees: bool
    how: str  # what was compared


def book(chapter: str | None = None) -> dict[str, Experiment]:
    """Return the experiments of the book's chapters, or of one, by id; what one requires comes before it."""
    found: dict[str, Experiment] = {}

    def add(experiment: Experiment) -> None:
        for needed in experiment.requires().values():
            add(needed)
        found.setdefault(experiment.id, experiment)

    for name in [chapter] if chapter else chapters():
        for experiment in chapter_experiments(name).values():
            add(experiment)
    return found


def select(names: list[str], chapter: str | None = None) -> dict[str, Experiment]:
    """Return the experiments of the book, or of a chapter, named by id or by experiment; all for no names."""
    known = book(chapter)
    chosen: dict[str, Experiment] = {}
    for name in names:
        hits = {id_: e for id_, e in known.items() if name in {id_, e.name}}
        if not hits:
            raise InputError(f"unknown record {name!r}: `anogen records list` names them all")
        chosen |= hits
    return chosen or known


def rows(experiments: dict[str, Experiment]) -> Iterator[Row]:
    """Say of each experiment in which state its committed record is."""
    for id_, experiment in experiments.items():
        path = store.find_committed(experiment)
        if path is None:
            yield Row(id_, "missing", experiment.scale, None, 0, "compute it: anogen records compute")
            continue
        try:
            record = store.read(path)
        except InputError as error:
            yield Row(id_, "corrupt", experiment.scale, None, 0, str(error))
            continue
        state, why = _judge(record, experiment)
        size = sum(p.stat().st_size for p in (path, path.with_suffix(".json")))
        yield Row(id_, state, record.meta["scale"], record.meta["seconds"], size, why)


def _judge(record: Record, experiment: Experiment) -> tuple[State, str]:
    if record.meta["code"] != store.code_digest(experiment):
        return "stale", "its code has changed since: anogen records verify --restamp"
    for role, needed in experiment.requires().items():
        path = store.find_committed(needed)
        try:
            same = path is None or record.meta["inputs"].get(role) == input_digest(store.read(path))
        except InputError:
            return "stale", f"{needed.id}, which it was computed from, is corrupt"
        if not same:
            return "stale", f"{needed.id}, which it was computed from, is another now: compute it again"
    return "ok", ""


def check_witness(experiment: Experiment) -> Check:
    """Recompute the witness of a committed record with today's code, and compare."""
    record = store.load(experiment)
    witness = record.meta["witness"]
    same = witness["platform"] == fingerprint()
    how = "bytes" if same else f"means and deviations within {witness['tolerance']:g}"
    agrees = machine.agrees(witness, machine.run_quick(experiment.witness()), experiment)
    return Check(experiment.id, agrees, f"witness, {how}")


def restamp(experiment: Experiment) -> Check:
    """Accept today's code, and its names of the parameters, for a committed record whose witness it reproduces."""
    check = check_witness(experiment)
    record = store.load(experiment)
    code = store.code_digest(experiment)
    if check.agrees and record.meta["code"] != code:
        store.write_meta(record.path, {**record.meta, "code": code, "parameters": experiment.parameters})
    return check


def check_record(experiment: Experiment) -> Check:
    """Recompute a committed record from the committed records that it requires, and compare its arrays.

    Times are measurements and never the same twice: an experiment names the arrays that hold them as its `timings`.
    """
    record = store.load(experiment)
    timings = getattr(experiment, "timings", ())
    stored = {key: array for key, array in record.arrays.items() if key not in timings}
    inputs = {role: store.load(needed).arrays for role, needed in experiment.requires().items()}
    for asked in _absent(record):
        raise InputError(
            f"record {experiment.id} needs {asked}, which is not to be had here: anogen data fetch {asked}"
        )
    with one_thread():
        arrays = {key: array for key, array in experiment.run(inputs).items() if key not in timings}
    if record.meta["platform"] == fingerprint():
        return Check(experiment.id, digest.of_arrays(arrays) == digest.of_arrays(stored), "record, bytes")
    agrees = machine.close(machine.summary(stored), machine.summary(arrays), experiment.tolerance, experiment)
    return Check(experiment.id, agrees, f"record, means and deviations within {experiment.tolerance:g}")


def _absent(record: Record) -> Iterator[str]:
    """Yield the data sets that a record was computed from and that are not to be had here as they were."""
    for asked, data in record.meta["data"].items():
        try:
            same = stated(asked).sha256 == data["sha256"]
        except InputError:
            same = False
        if not same:
            yield asked


def draw(experiments: dict[str, Experiment], seconds: float = 60.0) -> dict[str, Experiment]:
    """Return one experiment, drawn at random from those whose committed record took less than so many seconds.

    Records whose data are not to be had here cannot be recomputed here, and are left out.
    """
    cheap = [row.id for row in rows(experiments) if row.seconds is not None and row.seconds < seconds]
    for chosen in secrets.SystemRandom().sample(cheap, len(cheap)):
        if not any(_absent(store.load(experiments[chosen]))):
            return {chosen: experiments[chosen]}
    raise InputError(f"no record that can be recomputed here took less than {seconds:g} s: name one to verify")


def predicted_seconds(experiment: Experiment) -> float:
    """Return how long an experiment will take: as long as its record took, or by the ratio of work to its witness's."""
    with suppress(InputError):  # missing or corrupt: else its own time is the best prediction
        return float(store.load(experiment).meta["seconds"])
    small = experiment.witness()
    began = time.perf_counter()
    machine.run_quick(small)
    return (time.perf_counter() - began) * experiment.work() / small.work()
