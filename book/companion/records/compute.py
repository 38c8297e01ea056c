"""Compute records: what is missing, in slices that are stored as they end, so that a killed computation goes on."""

from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

from anogen.errors import InputError
from anogen.machine import fingerprint, one_thread
from anogen.progress import Progress, Report
from companion.experiment import Arrays, Experiment, Inputs
from companion.records import digest, machine, slices, store
from companion.records.checkpoint import Work
from companion.records.slices import Basis, Result
from companion.records.store import Record
from companion.records.workers import Lost, Workers, local

SLICE_SECONDS = 5.0  # how much work a kill may cost, and how often the progress moves
LOSSES = 5  # of one slice in a row, before it is given up


def get(experiment: Experiment, *, jobs: int = 1, report: Report | None = None) -> Record:
    """Return the record of an experiment; if there is none, compute it into the user's cache."""
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
    """Compute an experiment and what it requires, going on from what an interrupted call has left.

    Parameters
    ----------
    folder
        Where the record goes; the user's cache by default.
    jobs
        Number of processes; the arrays are the same for any number.
    workers
        Who computes instead, for example `cluster.connect(address)` gives them; the arrays are the same on machines
        of the same kind.
    restart
        Discard what an interrupted call has left.
    report
        Called with a `Progress` whenever something was stored.
    """
    folder = folder or store.cached_folder()
    basis = Basis.of(experiment)  # now: the files may be edited while this runs
    needed = {
        role: _required(required, folder, jobs, workers, report) for role, required in experiment.requires().items()
    }
    inputs: Inputs = {role: dict(record.arrays) for role, record in needed.items()}
    work = Work(experiment, basis)
    if restart:
        work.discard()
    with nullcontext(workers) if workers else local(jobs) as able, one_thread():
        parts = _Cells(experiment, inputs, basis, work, able, report).run()
        arrays = experiment.collect(parts, inputs)
    meta = machine.provenance(experiment) | {
        "code": basis.code,
        "inputs": {role: input_digest(record) for role, record in needed.items()},
        "platform": " + ".join(sorted({fingerprint(), *work.platforms()})),
        "seconds": round(work.seconds(), 2),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if folder != store.cached_folder():  # a record that is to be kept; a cached one is recomputed when code changes
        meta["witness"] = machine.witness(experiment.witness())
    record = store.write(folder, experiment, arrays, meta)
    work.discard()
    return record


def input_digest(record: Record) -> str:
    """Return what a record keeps of one that it was computed from: its id and a digest of its arrays."""
    return f"{record.id} {digest.of_arrays(record.arrays)[:16]}"


def _required(
    experiment: Experiment, folder: Path, jobs: int, workers: Workers | None, report: Report | None
) -> Record:
    try:
        return store.load(experiment)
    except store.MissingRecord:
        return compute(experiment, folder=folder, jobs=jobs, workers=workers, report=report)


class _Cells:
    """Runs every cell to its end, slice by slice, whoever computes them; only this process writes."""

    def __init__(
        self,
        experiment: Experiment,
        inputs: Inputs,
        basis: Basis,
        work: Work,
        workers: Workers,
        report: Report | None,
    ) -> None:
        self.experiment, self.inputs, self.work, self.workers, self.report = experiment, inputs, work, workers, report
        self.basis = basis if workers.apart else None
        self.cells = list(experiment.cells())
        self.parts = {i: part for i in range(len(self.cells)) if (part := work.part(i)) is not None}
        self.begun: dict[int, float] = {}
        self.lost: dict[int, int] = {}
        self.running: dict[Future[Result], int] = {}

    def run(self) -> list[Arrays]:
        """Return the arrays of all cells, in their order."""
        self._tell()
        waiting = [i for i in range(len(self.cells)) if i not in self.parts]
        while waiting or self.running:
            # One cell a worker at a time, so that begun cells end before new ones begin.
            for _ in range(self.workers.count - len(self.running) if waiting else 0):
                if waiting:
                    index = waiting.pop(0)
                    self._submit(index, self.work.state(index))
            for future in wait(self.running, return_when=FIRST_COMPLETED).done:
                self._receive(self.running.pop(future), future)
                self._tell()
        return [self.parts[i] for i in range(len(self.cells))]

    def _submit(self, index: int, state: Arrays | None) -> None:
        task = (self.experiment, self.cells[index], self.inputs, state, SLICE_SECONDS, self.basis)
        self.running[self.workers.submit(slices.work, *task)] = index

    def _receive(self, index: int, future: Future[Result]) -> None:
        """Store what came, and have the rest of the cell done."""
        try:
            result = future.result()
        except Lost:
            self.lost[index] = self.lost.get(index, 0) + 1
            if self.lost[index] >= LOSSES:
                raise InputError(
                    f"a slice of {self.experiment.id} was lost {LOSSES} times: look at the workers' logs; "
                    "the same command goes on from what is stored"
                ) from None
            self._submit(index, self.work.state(index))
            return
        self.work.put(index, result)
        self.lost.pop(index, None)
        if result.finished:
            self.parts[index] = result.arrays
            self.begun.pop(index, None)
        else:
            self.begun[index] = result.fraction
            self._submit(index, result.arrays)

    def _tell(self) -> None:
        if self.report:
            done = len(self.parts) + sum(self.begun.values())
            self.report(Progress(self.experiment.id, done, len(self.cells)))
