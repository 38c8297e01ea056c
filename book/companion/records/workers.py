"""Executors that compute slices: this process, or worker processes of this machine; `cluster` adds other machines."""

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


class LostTask(Exception):
    """A task whose result will never arrive, though the workers are well."""


class Workers(Executor, ABC):
    """An executor whose tasks are slices; each runs on one thread, and none writes files."""

    remote = False  # whether the workers may have other code and data than this process

    @property
    @abstractmethod
    def count(self) -> int:
        """The number of slices that are computed at a time; it may change."""


class InlineExecutor(Workers):
    """Computes in this process, immediately."""

    count = 1

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call the function and return its completed future."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  raised by `Future.result`
            future.set_exception(error)
        return future


class ProcessExecutor(ProcessPoolExecutor, Workers):
    """Worker processes with one thread each; they ignore Ctrl-C, which the process that writes handles."""

    def __init__(self, count: int) -> None:
        super().__init__(count, mp_context=get_context("spawn"), initializer=_init_worker)
        self._count = count

    @property
    def count(self) -> int:
        """The number of processes."""
        return self._count


@contextmanager
def local(jobs: int) -> Iterator[Workers]:
    """Yield an executor with `jobs` workers on this machine; an exception ends them immediately.

    Raises
    ------
    InputError
        If a worker was killed.
    """
    workers: Workers = ProcessExecutor(jobs) if jobs > 1 else InlineExecutor()
    try:
        yield workers
    except BaseException as error:
        for process in list(getattr(workers, "_processes", None) or {}):
            _end(process)
        workers.shutdown(wait=False, cancel_futures=True)
        if isinstance(error, BrokenProcessPool):
            raise InputError(
                "a worker process was killed, perhaps for lack of memory: repeat the command to resume, "
                "with fewer --jobs"
            ) from None
        raise
    workers.shutdown()


def _end(process: int) -> None:
    try:
        os.kill(process, signal.SIGTERM)
    except ProcessLookupError:
        return


def _init_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, args=(parent_process(),), daemon=True).start()


def _exit_with_parent(parent: BaseProcess | None) -> None:
    """End this worker when its parent process has ended, killed for example."""
    if parent is not None:
        parent.join()
        os._exit(1)
