"""The book's own records: which are required, the state of each, and how to check it."""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Literal, NamedTuple

from anogen.errors import InputError
from anogen.machine import fingerprint, threads
from companion import digest
from companion.chapters import chapter_experiments, chapters, with_required
from companion.datasets.info import dataset_info
from companion.experiment import Experiment
from companion.records import machine, store
from companion.records.compute import get, input_digest
from companion.records.store import Record

# Relative to an array's size: what a whole search or training may differ by between two platforms. The witness is the
# sharp check; it is too short for differences in rounding to grow.
FULL_ROUNDING = 0.25


class Row(NamedTuple):
    """The state of a record: a line of `anogen records list`."""

    id: str
    state: Literal["ok", "stale", "missing", "corrupt"]
    scale: str
    seconds: float | None  # of computation, summed over processes, with required records that are not kept
    size: int  # bytes on disk
    why: str = ""  # the problem and its remedy


class Check(NamedTuple):
    """The result of a verification, and how the record was compared."""

    id: str
    agrees: bool
    how: str


def book(chapter: str | None = None) -> dict[str, Experiment]:
    """Return the experiments whose records the book keeps, or a chapter of it, by id; each after those it requires."""
    names = list(chapters()) if chapter is None else [chapter]
    found = with_required(experiment for name in names for experiment in chapter_experiments(name).values())
    return {id_: experiment for id_, experiment in found.items() if experiment.kept()}


def select(names: list[str], chapter: str | None = None) -> dict[str, Experiment]:
    """Return the experiments of the book, or of a chapter, named by id or by experiment; all for no names."""
    known = book(chapter)
    chosen: dict[str, Experiment] = {}
    for name in names:
        hits = {id_: e for id_, e in known.items() if name in {id_, e.name}}
        if not hits:
            raise InputError(f"unknown record {name!r}: `anogen records list` lists them all")
        chosen |= hits
    return chosen or known


def rows(experiments: dict[str, Experiment]) -> Iterator[Row]:
    """Yield the state of the committed record of each experiment."""
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
        why = _why_stale(record, experiment)
        size = sum(p.stat().st_size for p in (path, path.with_suffix(".json")))
        yield Row(id_, "stale" if why else "ok", record.meta["scale"], record.meta["seconds"], size, why)


def _why_stale(record: Record, experiment: Experiment) -> str:
    """Return why a record is stale and the remedy; an empty text if it is not."""
    if record.meta["code"] != store.code_digest(experiment):
        return "its code has changed: anogen records verify --restamp"
    if "checksum" not in record.meta:
        return "its .json has no checksum: anogen records verify --restamp"
    for role, needed in experiment.requires().items():
        path = store.find_committed(needed)
        try:
            if path and not _same_arrays(record.meta["inputs"].get(role, ""), input_digest(store.read(path))):
                return f"{needed.id}, which it was computed from, has changed: recompute it"
        except InputError:
            return f"{needed.id}, which it was computed from, is corrupt"
    return ""


def _same_arrays(stated: str, current: str) -> bool:
    """Return whether two inputs, `id digest`, have the same arrays; a record may get another name."""
    return stated.split()[-1:] == current.split()[-1:]


def check_witness(experiment: Experiment) -> Check:
    """Recompute the witness of a committed record with today's code, and compare it array by array."""
    witness = store.load(experiment).meta["witness"]
    arrays = machine.run_quick(experiment.witness())
    differing = machine.differing(witness, arrays)
    same = not differing and all(
        digest.of_array(array) == witness["arrays"][key]["sha256"] for key, array in arrays.items()
    )
    return Check(experiment.id, not differing, _how("witness", same, differing))


def _how(what: str, same: bool, differing: list[str]) -> str:
    return f"{what}, {'other ' + ', '.join(differing) if differing else 'bytes' if same else 'within the tolerance'}"


def restamp(experiment: Experiment) -> Check:
    """Accept today's code and parameters for a record whose witness agrees; rewrite it only if they differ."""
    check = check_witness(experiment)
    record = store.load(experiment)
    stamp = {
        "code": store.code_digest(experiment),
        "detectors": store.implementations(experiment),
        "parameters": json.loads(json.dumps(experiment.parameters)),
    }
    required = {role: needed for role, needed in experiment.requires().items() if needed.kept()}
    inputs = {role: input_digest(store.load(needed)) for role, needed in required.items()}
    if all(_same_arrays(record.meta["inputs"].get(role, ""), text) for role, text in inputs.items()):
        stamp["inputs"] = {**record.meta["inputs"], **inputs}  # a required record may have another name
    if check.agrees and ("checksum" not in record.meta or any(record.meta[key] != stamp[key] for key in stamp)):
        store.write_meta(record.path, {**record.meta, **stamp})
    return check


def check_record(experiment: Experiment) -> Check:
    """Recompute a committed record from the committed records that it requires, and compare its arrays.

    On another platform, mean and deviation of an array may differ by `FULL_ROUNDING`, or as much as the witness does
    between two instruction sets, unless the experiment is `exact`: searches and trainings are chaotic. Arrays of times,
    which an experiment lists in `timings`, are not compared.
    """
    record = store.load(experiment)
    timings = set(getattr(experiment, "timings", ()))
    inputs = {role: get(needed).arrays for role, needed in experiment.requires().items()}
    for name in _unavailable(record):
        raise InputError(f"record {experiment.id} needs {name}, which is unavailable here: anogen data fetch {name}")
    with threads(1):
        arrays = experiment.run(inputs)
    exact = experiment.exact or record.meta["platform"] == fingerprint()
    witness = record.meta["witness"]["arrays"]
    differing, same = [], True
    for key in (record.arrays.keys() | arrays.keys()) - timings:
        if key not in record.arrays or key not in arrays:
            differing.append(key)
            continue
        spread = witness[key]["tolerance"] if key in witness else 0.0
        limit = machine.ROUNDING if exact else max(spread, FULL_ROUNDING)
        stored = record.arrays[key]
        known = machine.summary(stored)[: 4 if exact else 2]
        same = same and digest.of_array(stored) == digest.of_array(arrays[key])
        if not machine.agrees(arrays[key], digest.of_array(stored), known, limit):
            differing.append(key)
    return Check(experiment.id, not differing, _how("record", same, sorted(differing)))


def _unavailable(record: Record) -> Iterator[str]:
    """Yield the data sets of a record that are unavailable here, or differ."""
    for name, data in record.meta["data"].items():
        try:
            same = dataset_info(name).sha256 == data["sha256"]
        except InputError:
            same = False
        if not same:
            yield name


def draw(experiments: dict[str, Experiment], seconds: float = 60.0) -> dict[str, Experiment]:
    """Return a random experiment whose committed record took less than `seconds` and whose data are available."""
    cheap = [row.id for row in rows(experiments) if row.seconds is not None and row.seconds < seconds]
    for chosen in secrets.SystemRandom().sample(cheap, len(cheap)):
        if not any(_unavailable(store.load(experiments[chosen]))):
            return {chosen: experiments[chosen]}
    raise InputError(f"no record that can be recomputed here took less than {seconds:g} s: name a record to verify")


def predicted_seconds(experiment: Experiment) -> float:
    """Predict the seconds of an experiment: those of its record, or by the ratio of its work to its witness's."""
    with suppress(InputError):  # missing or corrupt
        return float(store.load(experiment).meta["seconds"])
    small = experiment.witness()
    began = time.perf_counter()
    machine.run_quick(small)
    return (time.perf_counter() - began) * experiment.work() / small.work()
