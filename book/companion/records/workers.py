"""Who computes: this process, or worker processes of this machine. `cluster` has those of other machines."""

import os
import signal
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from typing import Any

from anogen.errors import InputError


class Lost(Exception):
    """A result that nobody will hand back, though the workers are well."""


class Workers(Executor, ABC):
    """An executor whose tasks are slices: each on one thread, none of them writes."""

    apart = False  # whether they may have other code and data than this process

    @property
    @abstractmethod
    def count(self) -> int:
        """How many slices are computed at a time; it may change."""


class Here(Workers):
    """Works in this process, at once."""

    count = 1

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call the function."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  handed to whoever asks for the result
            future.set_exception(error)
        return future


class Processes(ProcessPoolExecutor, Workers):
    """Worker processes with one thread each; Ctrl-C is the business of the process that writes."""

    def __init__(self, count: int) -> None:
        super().__init__(count, mp_context=get_context("spawn"), initializer=_deaf)
        self._count = count

    @property
    def count(self) -> int:
        """Their number."""
        return self._count


@contextmanager
def local(jobs: int) -> Iterator[Workers]:
    """Give the workers for so many jobs; an exception ends them at once.

    Raises
    ------
    InputError
        If one of them was killed.
    """
    workers: Workers = Processes(jobs) if jobs > 1 else Here()
    try:
        yield workers
    except BaseException as error:
        for process in list(getattr(workers, "_processes", None) or {}):
            _end(process)
        workers.shutdown(wait=False, cancel_futures=True)
        if isinstance(error, BrokenProcessPool):
            raise InputError(
                "a worker process was killed, perhaps for want of memory: the same command goes on from what is "
                "stored; give fewer --jobs"
            ) from None
        raise
    workers.shutdown()


def _end(process: int) -> None:
    try:
        os.kill(process, signal.SIGTERM)
    except ProcessLookupError:
        return


def _deaf() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent_process(),), daemon=True).start()


def _end_with(parent: BaseProcess | None) -> None:
    """End this worker when the process that writes is no more, killed for example: nobody would ask for its results."""
    if parent is not None:
        parent.join()
        os._exit(1)
