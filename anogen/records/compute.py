"""Compute records: what is missing, in slices that are stored as they end, so that a killed computation goes on."""

import hashlib
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from anogen import datasets, paths
from anogen.experiments.base import Arrays, Experiment, Inputs
from anogen.records import digest, machine, store
from anogen.records.store import Record

SLICE_SECONDS = 5.0  # how much work a kill may cost, and how often the progress moves


class Progress(NamedTuple):
    """What a long computation reports."""

    id: str  # of the record
    done: float  # finished cells, the begun ones by their fraction
    cells: int


Report = Callable[[Progress], None]


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
    restart
        Discard what an interrupted call has left.
    report
        Called with a `Progress` whenever something was stored.
    """
    folder = folder or store.cached_folder()
    code = store.code_digest(experiment)  # now: the files may be edited while this runs
    needed = {role: _required(e, folder, jobs, report) for role, e in experiment.requires().items()}
    inputs: Inputs = {role: record.arrays for role, record in needed.items()}
    work = _Work(experiment)
    if restart:
        work.discard()
    with _executor(jobs) as executor, machine.one_thread():
        parts = _all_cells(experiment, inputs, work, executor, report)
        arrays = experiment.collect(parts, inputs)
    meta = machine.provenance(experiment) | {
        "code": code,
        "inputs": {role: input_digest(record) for role, record in needed.items()},
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


def _required(experiment: Experiment, folder: Path, jobs: int, report: Report | None) -> Record:
    try:
        return store.load(experiment)
    except store.MissingRecord:
        return compute(experiment, folder=folder, jobs=jobs, report=report)


class _Work:
    """The folder of an unfinished record: the parts of finished cells, the states of begun ones."""

    def __init__(self, experiment: Experiment) -> None:
        # Other code, or MNIST where its stand-in was used before, is other work.
        data = [datasets.load(name).sha256 for name in experiment.datasets()]
        text = f"{experiment.id} {store.code_digest(experiment)} {' '.join(data)}"
        key = hashlib.sha256(text.encode()).hexdigest()[:16]
        self.folder = paths.cache() / "work" / f"{experiment.name}-{key}"

    def part(self, index: int) -> Arrays | None:
        return _read(self.folder / f"{index}.npz")

    def state(self, index: int) -> Arrays | None:
        return _read(self.folder / f"{index}.state.npz")

    def put(self, index: int, result: "_Result") -> None:
        seconds = np.array(result.seconds + self._spent(index))
        if result.finished:
            store.save_arrays(self.folder / f"{index}.npz", result.arrays, compress=False)
            (self.folder / f"{index}.state.npz").unlink(missing_ok=True)
        else:
            store.save_arrays(self.folder / f"{index}.state.npz", result.arrays, compress=False)
        store.save_arrays(self.folder / f"{index}.seconds.npz", {"seconds": seconds}, compress=False)

    def _spent(self, index: int) -> float:
        spent = _read(self.folder / f"{index}.seconds.npz")
        return float(spent["seconds"]) if spent else 0.0

    def seconds(self) -> float:
        """Seconds of computation so far, summed over the cells whatever the number of processes."""
        return sum(self._spent(int(p.name.partition(".")[0])) for p in self.folder.glob("*.seconds.npz"))

    def discard(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class _Result(NamedTuple):
    """What a worker hands back: the cell's arrays, or the state from which to go on."""

    finished: bool
    fraction: float
    arrays: Arrays
    seconds: float


def _slice(experiment: Experiment, cell: tuple, inputs: Inputs, state: Arrays | None) -> _Result:
    """Work on one cell for `SLICE_SECONDS`, or to its end."""
    began = time.perf_counter()
    with machine.one_thread():
        for item in experiment.steps(cell, inputs, state):
            seconds = time.perf_counter() - began
            if isinstance(item, dict):
                return _Result(True, 1.0, item, seconds)
            if seconds >= SLICE_SECONDS:
                return _Result(False, item.done, item.state(), seconds)
    raise TypeError(f"{type(experiment).__name__}.steps ended without the cell's arrays")


def _all_cells(
    experiment: Experiment, inputs: Inputs, work: _Work, executor: Executor, report: Report | None
) -> list[Arrays]:
    """Run every cell to its end, slice by slice; only this process writes."""
    cells = list(experiment.cells())
    parts = {i: part for i in range(len(cells)) if (part := work.part(i)) is not None}
    begun: dict[int, float] = {}

    def tell() -> None:
        if report:
            report(Progress(experiment.id, len(parts) + sum(begun.values()), len(cells)))

    tell()
    waiting = iter([i for i in range(len(cells)) if i not in parts])
    running: dict[Future[_Result], int] = {}

    def submit(index: int, state: Arrays | None) -> None:
        running[executor.submit(_slice, experiment, cells[index], inputs, state)] = index

    # One cell a worker at a time, so that begun cells end before new ones begin.
    for index in _take(waiting, getattr(executor, "workers", 1)):
        submit(index, work.state(index))
    while running:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            index = running.pop(future)
            result = future.result()
            work.put(index, result)
            if result.finished:
                parts[index] = result.arrays
                begun.pop(index, None)
                for following in _take(waiting, 1):
                    submit(following, work.state(following))
            else:
                begun[index] = result.fraction
                submit(index, result.arrays)
            tell()
    return [parts[i] for i in range(len(cells))]


def _take(indices: Iterator[int], count: int) -> Iterable[int]:
    return list(islice(indices, count))


class _Here(Executor):
    """An executor that works in this process, when a result is asked for."""

    workers = 1

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  handed to whoever asks for the result
            future.set_exception(error)
        return future


class _Processes(ProcessPoolExecutor):
    """Worker processes with one thread each; Ctrl-C is the business of the process that writes."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers, mp_context=get_context("spawn"), initializer=_deaf)
        self.workers = workers


def _deaf() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent_process(),), daemon=True).start()


def _end_with(parent: BaseProcess | None) -> None:
    """End this worker when the process that writes is no more, killed for example: nobody would ask for its results."""
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _executor(jobs: int) -> Iterator[Executor]:
    """Give an executor for so many jobs; an exception ends its workers at once."""
    executor = _Processes(jobs) if jobs > 1 else _Here()
    try:
        yield executor
    except BaseException:
        for process in list(getattr(executor, "_processes", None) or {}):
            _end(process)
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()


def _end(process: int) -> None:
    try:
        os.kill(process, signal.SIGTERM)
    except ProcessLookupError:
        return


def _read(path: Path) -> Arrays | None:
    """Return the arrays of a file that is whole; files are moved into place, so a broken one is not there."""
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as file:
        return {key: file[key] for key in file.files}
