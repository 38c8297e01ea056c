"""Compute records: cell by cell, in slices that are stored as they end, so that an interrupted computation resumes."""

from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from anogen.errors import InputError
from anogen.machine import fingerprint as platform_fingerprint
from anogen.machine import threads
from anogen.progress import Progress, Report
from companion import digest
from companion.chapters import chapter_experiments
from companion.experiment import Arrays, Experiment, Inputs
from companion.records import machine, slices, store
from companion.records.slices import Checkpoint, Fingerprint, Result
from companion.records.store import MissingRecord, Record
from companion.records.workers import LostTask, Workers, local

SLICE_SECONDS = 5.0  # the work that a kill may cost, and the interval of progress reports
MAX_LOSSES = 5  # of one slice in a row


def get(experiment: Experiment, **options: Any) -> Record:
    """Return the record of an experiment; a missing one is computed, by default into the user's cache."""
    try:
        return store.load(experiment)
    except MissingRecord:
        return compute(experiment, **options)


def load_available(
    chapter: str, experiments: Mapping[str, Experiment], report: Report | None = None
) -> dict[str, Record]:
    """Return the records of a chapter by role; only those for a reader's own parameters are computed if missing."""
    own = set(chapter_experiments(chapter).values())
    records: dict[str, Record] = {}
    for role, experiment in experiments.items():
        with suppress(MissingRecord):
            records[role] = store.load(experiment) if experiment in own else get(experiment, report=report)
    return records


def compute(
    experiment: Experiment,
    *,
    folder: Path | None = None,
    jobs: int = 1,
    workers: Workers | None = None,
    restart: bool = False,
    report: Report | None = None,
) -> Record:
    """Compute an experiment and those it requires, and write the records into `folder`: by default the user's cache.

    An interrupted computation resumes unless `restart` is set. The arrays are the same for any number of processes
    (`jobs`), and on other `workers` of the same kind. `report` is called with a `Progress` after each stored slice.
    """
    folder = folder or store.cached_folder()
    options: dict[str, Any] = {"jobs": jobs, "workers": workers, "report": report}
    fingerprint = Fingerprint.compute(experiment)  # before the work: files may be edited meanwhile
    required = experiment.requires()
    needed = {role: get(one, folder=folder if one.kept() else None, **options) for role, one in required.items()}
    inputs: Inputs = {role: dict(record.arrays) for role, record in needed.items()}
    checkpoint = Checkpoint(experiment, fingerprint)
    if restart:
        checkpoint.discard()
    with nullcontext(workers) if workers else local(jobs) as executor, threads(1):
        expected = fingerprint if executor.remote else None
        arrays = experiment.collect(_Cells(experiment, inputs, expected, checkpoint, executor, report).run(), inputs)
    seconds, platforms = checkpoint.cost()
    seconds += sum(needed[role].meta["seconds"] for role, one in required.items() if not one.kept())
    meta = machine.provenance(experiment) | {
        "code": fingerprint.code,
        "inputs": {role: input_digest(record) for role, record in needed.items()},
        "platform": " + ".join(sorted({platform_fingerprint(), *platforms})),
        "seconds": round(seconds, 2),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if folder != store.cached_folder():  # a record that is to be kept; a cached one is recomputed when code changes
        meta["witness"] = machine.witness(experiment.witness())
    record = store.write(folder, experiment, arrays, meta)
    checkpoint.discard()
    return record


def input_digest(record: Record) -> str:
    """Return the id of a required record and the digest of its arrays, which the dependent record stores."""
    return f"{record.id} {digest.of_arrays(record.arrays)[:16]}"


@dataclass
class _Cells:
    """Completes all cells, slice by slice, on any executor; only this process writes."""

    experiment: Experiment
    inputs: Inputs
    expected: Fingerprint | None
    checkpoint: Checkpoint
    workers: Workers
    report: Report | None
    parts: dict[int, Arrays] = field(default_factory=dict)
    begun: dict[int, float] = field(default_factory=dict)
    lost: dict[int, int] = field(default_factory=dict)
    running: dict[Future[Result], int] = field(default_factory=dict)

    def run(self) -> list[Arrays]:
        """Return the arrays of all cells, in their order."""
        self.cells = list(self.experiment.cells())
        for index in range(len(self.cells)):
            if (part := self.checkpoint.part(index)) is not None:
                self.parts[index] = part
        self._report()
        waiting = [index for index in range(len(self.cells)) if index not in self.parts]
        while waiting or self.running:
            # At most one cell per worker, so that begun cells end before new ones start.
            free = max(0, self.workers.count - len(self.running)) if waiting else 0
            for index in waiting[:free]:
                self._submit(index, self.checkpoint.state(index))
            waiting = waiting[free:]
            for future in wait(self.running, return_when=FIRST_COMPLETED).done:
                self._receive(self.running.pop(future), future)
                self._report()
        return [self.parts[index] for index in range(len(self.cells))]

    def _submit(self, index: int, state: Arrays | None) -> None:
        task = (self.experiment, self.cells[index], self.inputs, state, SLICE_SECONDS, self.expected)
        self.running[self.workers.submit(slices.compute_slice, *task)] = index

    def _receive(self, index: int, future: Future[Result]) -> None:
        try:
            result: Result = self.workers.result(future)
        except LostTask:
            self.lost[index] = self.lost.get(index, 0) + 1
            if self.lost[index] >= MAX_LOSSES:
                why = f"a slice of {self.experiment.id} was lost {MAX_LOSSES} times"
                raise InputError(f"{why}: read the workers' logs, then repeat the command to resume") from None
            self._submit(index, self.checkpoint.state(index))
            return
        self.checkpoint.put(index, result)
        self.lost.pop(index, None)
        if result.finished:
            self.parts[index] = result.arrays
            self.begun.pop(index, None)
        else:
            self.begun[index] = result.fraction
            self._submit(index, result.arrays)

    def _report(self) -> None:
        if self.report:
            self.report(Progress(self.experiment.id, len(self.parts) + sum(self.begun.values()), len(self.cells)))
