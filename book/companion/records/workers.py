"""Executors that compute slices: this process, worker processes of this machine, or those of a Dask cluster."""

import logging
import os
import re
import signal
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from typing import Any

from anogen.errors import InputError

TIMEOUT = 10  # seconds for a scheduler to answer


class LostTask(Exception):
    """A task whose result will never arrive, though the workers are well."""


class Workers(Executor, ABC):
    """An executor whose tasks are slices; each runs on one thread, and none writes files."""

    remote = False  # whether the workers may have other code and data than this process

    @property
    @abstractmethod
    def count(self) -> int:
        """The number of slices that are computed at a time; it may change."""

    def result(self, future: Future[Any]) -> Any:
        """Return the result of a completed future; raises LostTask if the task is to be repeated."""
        return future.result()


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

    count = 0

    def __init__(self, count: int) -> None:
        super().__init__(count, mp_context=get_context("spawn"), initializer=_init_worker)
        self.count = count


def _init_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, args=(parent_process(),), daemon=True).start()


def _exit_with_parent(parent: BaseProcess | None) -> None:
    """End this worker when its parent process has ended, killed for example."""
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def local(jobs: int) -> Iterator[Workers]:
    """Yield an executor with `jobs` workers on this machine; an exception ends them immediately."""
    workers: Workers = ProcessExecutor(jobs) if jobs > 1 else InlineExecutor()
    try:
        yield workers
    except BaseException as error:
        for process in list(getattr(workers, "_processes", None) or {}):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
        workers.shutdown(wait=False, cancel_futures=True)
        if isinstance(error, BrokenProcessPool):
            why = "a worker process was killed, perhaps for lack of memory"
            raise InputError(f"{why}: repeat the command to resume, with fewer --jobs") from None
        raise
    workers.shutdown()


class Cluster(Workers):
    """An executor on a Dask cluster. If a worker dies, Dask moves its slice, from the same state, to another one."""

    remote = True

    def __init__(self, client: Any, address: str) -> None:
        self.client, self.address = client, address
        self._executor = client.get_executor(pure=False)
        self._futures: list[Future[Any]] = []

    @property
    def count(self) -> int:
        """The number of worker processes, at least 1; without any, slices wait for the first to join."""
        return max(1, self.n_connected)

    @property
    def n_connected(self) -> int:
        """The number of worker processes connected now."""
        return len(self.client.ncores())

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call the function on a worker; Dask sends its arguments as they are, since they are those of a `partial`."""
        future: Future[Any] = self._executor.submit(partial(fn, *args, **kwargs))
        self._futures = [*(one for one in self._futures if not one.done()), future]
        return future

    def result(self, future: Future[Any]) -> Any:
        """Return the result of a completed future."""
        from distributed import KilledWorker

        try:
            return future.result()
        except KilledWorker as error:
            why = f"several workers of {self.address} died of one slice ({_short(error)})"
            raise InputError(f"{why}: give them more memory, then repeat the command to resume") from None
        except CancelledError:
            raise LostTask if self.client.status == "running" else self.lost() from None

    def lost(self) -> InputError:
        """Return the error for a lost scheduler."""
        return InputError(f"the scheduler at {self.address} is lost: restart it, then repeat the command to resume")

    def cancel(self) -> None:
        """Cancel all tasks; the workers keep running."""
        if self.client.status == "running":
            self._executor.shutdown(wait=False)
            wait(self._futures, timeout=TIMEOUT)  # running tasks raise when the client closes


@contextmanager
def connect(address: str) -> Iterator[Cluster]:
    """Yield an executor on the cluster whose scheduler has this address; unfinished tasks are cancelled at the end."""
    try:
        from distributed import Client
        from distributed.comm.core import CommClosedError
    except ImportError:
        raise InputError('a Dask cluster needs the extra `cluster`: pip install "anogen[cluster]"') from None
    # Without an address Dask would start its own cluster; with a web socket it would wait for ever.
    parts = re.fullmatch(r"(?:(?:tcp|tls)://)?\[?([^/\s]+?)\]?:(\d{1,5})", address)
    if not parts:
        raise InputError(f"{address!r} is not a valid scheduler address: use one such as tcp://HOST:8786")
    try:
        socket.create_connection((parts[1], int(parts[2])), TIMEOUT).close()  # fails immediately if nothing listens
        client = Client(address, timeout=TIMEOUT, set_as_default=False)
    except (OSError, ValueError, TypeError, OverflowError) as error:
        raise InputError(
            f"no Dask scheduler answers at {address!r} ({_short(error)}): start one with `dask scheduler`, "
            "and pass the address that it prints, such as tcp://HOST:8786"
        ) from None
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL + 1)  # the error says it in one line
    with client:
        cluster = Cluster(client, address)
        try:
            yield cluster
        except CommClosedError:
            raise cluster.lost() from None
        finally:
            cluster.cancel()


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__
