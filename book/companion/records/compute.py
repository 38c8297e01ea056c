"""Compute records: cell by cell, in slices that are stored as they end, so that an interrupted computation resumes."""

from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

from anogen.errors import InputError
from anogen.machine import fingerprint as platform_fingerprint
from anogen.machine import one_thread
from anogen.progress import Progress, Report
from companion.experiment import Arrays, Experiment, Inputs
from companion.records import digest, machine, slices, store
from companion.records.checkpoint import Checkpoint
from companion.records.slices import Fingerprint, Result
from companion.records.store import Record
from companion.records.workers import LostTask, Workers, local

SLICE_SECONDS = 5.0  # the work that a kill may cost, and the interval of progress reports
MAX_LOSSES = 5  # of one slice in a row


def get(experiment: Experiment, *, jobs: int = 1, report: Report | None = None) -> Record:
    """Return the record of an experiment; a missing one is computed into the user's cache."""
    try:
        return store.load(experiment)
    except store.MissingRecord:
        return compute(experiment, jobs=jobs, report=report)


def compute(
    experiment: Experiment,
    *,
    folder: Path | None = None,
    jobs: int = 1,
    workers: Workers | None = None,
    restart: bool = False,
    report: Report | None = None,
) -> Record:
    """Compute an experiment and those it requires, resuming an interrupted computation.

    Parameters
    ----------
    folder
        Where the record is written; the user's cache by default.
    jobs
        Number of processes; the arrays are the same for any number.
    workers
        The executor to use instead, such as that of `cluster.connect(address)`; the arrays are the same on machines
        of the same kind.
    restart
        Discard the checkpoint of an interrupted computation.
    report
        Called with a `Progress` after each stored slice.
    """
    folder = folder or store.cached_folder()
    fingerprint = Fingerprint.compute(experiment)  # before the work: files may be edited meanwhile
    needed = {
        role: _required(required, folder, jobs, workers, report) for role, required in experiment.requires().items()
    }
    inputs: Inputs = {role: dict(record.arrays) for role, record in needed.items()}
    checkpoint = Checkpoint(experiment, fingerprint)
    if restart:
        checkpoint.discard()
    with nullcontext(workers) if workers else local(jobs) as executor, one_thread():
        parts = _Cells(experiment, inputs, fingerprint, checkpoint, executor, report).run()
        arrays = experiment.collect(parts, inputs)
    meta = machine.provenance(experiment) | {
        "code": fingerprint.code,
        "inputs": {role: input_digest(record) for role, record in needed.items()},
        "platform": " + ".join(sorted({platform_fingerprint(), *checkpoint.platforms()})),
        "seconds": round(checkpoint.seconds(), 2),
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


def _required(
    experiment: Experiment, folder: Path, jobs: int, workers: Workers | None, report: Report | None
) -> Record:
    try:
        return store.load(experiment)
    except store.MissingRecord:
        return compute(experiment, folder=folder, jobs=jobs, workers=workers, report=report)


class _Cells:
    """Completes all cells, slice by slice, on any executor; only this process writes."""

    def __init__(
        self,
        experiment: Experiment,
        inputs: Inputs,
        fingerprint: Fingerprint,
        checkpoint: Checkpoint,
        workers: Workers,
        report: Report | None,
    ) -> None:
        self.experiment = experiment
        self.inputs = inputs
        self.checkpoint = checkpoint
        self.workers = workers
        self.report = report
        self.fingerprint = fingerprint if workers.remote else None
        self.cells = list(experiment.cells())
        self.parts = {i: part for i in range(len(self.cells)) if (part := checkpoint.part(i)) is not None}
        self.begun: dict[int, float] = {}
        self.lost: dict[int, int] = {}
        self.running: dict[Future[Result], int] = {}

    def run(self) -> list[Arrays]:
        """Return the arrays of all cells, in their order."""
        self._report()
        waiting = [i for i in range(len(self.cells)) if i not in self.parts]
        while waiting or self.running:
            # At most one cell per worker, so that begun cells end before new ones start.
            for _ in range(self.workers.count - len(self.running) if waiting else 0):
                if waiting:
                    index = waiting.pop(0)
                    self._submit(index, self.checkpoint.state(index))
            for future in wait(self.running, return_when=FIRST_COMPLETED).done:
                self._receive(self.running.pop(future), future)
                self._report()
        return [self.parts[i] for i in range(len(self.cells))]

    def _submit(self, index: int, state: Arrays | None) -> None:
        task = (self.experiment, self.cells[index], self.inputs, state, SLICE_SECONDS, self.fingerprint)
        self.running[self.workers.submit(slices.compute_slice, *task)] = index

    def _receive(self, index: int, future: Future[Result]) -> None:
        """Store a result and submit the rest of its cell."""
        try:
            result = future.result()
        except LostTask:
            self.lost[index] = self.lost.get(index, 0) + 1
            if self.lost[index] >= MAX_LOSSES:
                raise InputError(
                    f"a slice of {self.experiment.id} was lost {MAX_LOSSES} times: read the workers' logs, "
                    "then repeat the command to resume"
                ) from None
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
            done = len(self.parts) + sum(self.begun.values())
            self.report(Progress(self.experiment.id, done, len(self.cells)))
