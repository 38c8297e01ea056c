"""Workers of a Dask cluster, through joblib's Dask backend: on this machine, on others, or in jobs of a queue."""

import logging
import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from typing import Any

import joblib
from joblib.parallel import BatchedCalls

from anogen.errors import InputError
from companion.records.workers import LostTask, Workers

TIMEOUT = 10  # seconds for a scheduler to answer


@contextmanager
def connect(address: str) -> Iterator["Cluster"]:
    """Yield an executor on the cluster whose scheduler has this address; unfinished tasks are cancelled at the end.

    Raises
    ------
    InputError
        If Dask is not installed, no scheduler answers, or it is lost.
    """
    try:
        from distributed import Client
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
    from distributed.comm.core import CommClosedError

    with _silent("distributed.client"), client:  # the error says it in one line
        cluster = Cluster(client, address)
        try:
            yield cluster
        except CommClosedError:
            raise cluster.scheduler_lost() from None
        finally:
            cluster.cancel()


@contextmanager
def _silent(name: str) -> Iterator[None]:
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


class Cluster(Workers):
    """An executor on a Dask cluster. If a worker dies, Dask moves its slice, from the same state, to another one."""

    remote = True

    def __init__(self, client: Any, address: str) -> None:
        self.client, self.address = client, address
        # The backend itself, not `joblib.Parallel`: that would compute on the client when there is a single worker,
        # and would wait for ever for a task that Dask has given up.
        with joblib.parallel_config(backend="dask", client=client) as config:
            self.backend = config["backend"]
        self.backend.start_call()
        self._pending: set[Future[Any]] = set()

    @property
    def count(self) -> int:
        """The number of worker processes, at least 1; without any, slices wait for the first to join."""
        return max(1, self.n_connected)

    @property
    def n_connected(self) -> int:
        """The number of worker processes connected now."""
        return len(self.client.ncores())

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call the function on a worker. Large arrays must be inside dictionaries, which joblib sends with the task.

        joblib scatters bare arrays, which are lost with the worker that holds them.
        """
        future: Future[Any] = Future()
        self._pending.add(future)

        def set_result(raw: Future[Any]) -> None:
            try:
                (result,) = self._result(raw)
                future.set_result(result)
            except BaseException as error:  # noqa: BLE001  raised by `Future.result`
                future.set_exception(error)
            self._pending.discard(future)

        batch = BatchedCalls([(fn, args, kwargs)], self.backend.get_nested_backend())
        self.backend.submit(batch, callback=lambda _: None).add_done_callback(set_result)
        return future

    def cancel(self) -> None:
        """Cancel all tasks; the workers keep running."""
        from distributed import Future as Task

        if self.client.status == "running":
            self.client.cancel([Task(key, client=self.client) for key in list(self.client.futures)])
            wait(set(self._pending), timeout=TIMEOUT)  # running tasks raise when the client closes
        self.backend.stop_call()

    def _result(self, raw: Future[Any]) -> list[Any]:
        from distributed import CancelledError, KilledWorker

        try:
            return self.backend.retrieve_result_callback(raw.result())
        except KilledWorker as error:
            raise InputError(
                f"several workers of {self.address} died of one slice ({_short(error)}): give them more memory, "
                "then repeat the command to resume"
            ) from None
        except CancelledError:
            if self.client.status == "running":
                raise LostTask from None
            raise self.scheduler_lost() from None

    def scheduler_lost(self) -> InputError:
        """Return the error for a lost scheduler."""
        return InputError(f"the scheduler at {self.address} is lost: restart it, then repeat the command to resume")


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__
