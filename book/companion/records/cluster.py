"""Workers of a Dask cluster, through joblib's Dask backend: on this machine, on others, or in the jobs of a queue."""

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
from companion.records.workers import Lost, Workers

PATIENCE = 10  # seconds in which a scheduler has to answer


@contextmanager
def connect(address: str) -> Iterator["Cluster"]:
    """Give the workers of the cluster whose scheduler has this address; what they still do in the end is dropped.

    Raises
    ------
    InputError
        If Dask is not installed, nothing answers there, or the scheduler is lost.
    """
    try:
        from distributed import Client
    except ImportError:
        raise InputError('a Dask cluster needs the extra `cluster`: pip install "anogen[cluster]"') from None
    # Given nothing Dask would start a cluster of its own, and given a web socket it would wait for ever.
    parts = re.fullmatch(r"(?:(?:tcp|tls)://)?\[?([^/\s]+?)\]?:(\d{1,5})", address)
    if not parts:
        raise InputError(f"{address!r} is no address of a Dask scheduler: give one such as tcp://HOST:8786")
    try:
        socket.create_connection((parts[1], int(parts[2])), PATIENCE).close()  # told at once if nothing listens
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError, OverflowError) as error:
        raise InputError(
            f"no Dask scheduler answers at {address!r} ({_short(error)}): start one with `dask scheduler`, "
            "and give the address that it prints, such as tcp://HOST:8786"
        ) from None
    from distributed.comm.core import CommClosedError

    with _silent("distributed.client"), client:  # what it logs is told in one line
        cluster = Cluster(client, address)
        try:
            yield cluster
        except CommClosedError:
            raise cluster.gone() from None
        finally:
            cluster.drop()


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
    """An executor on a Dask cluster. When a worker dies, Dask gives its slice, from the same state, to another."""

    apart = True

    def __init__(self, client: Any, address: str) -> None:
        self.client, self.address = client, address
        # The backend itself, not `joblib.Parallel`: that would compute on the client when there is a single worker,
        # and would wait for ever for a task that Dask has given up.
        with joblib.parallel_config(backend="dask", client=client) as config:
            self.backend = config["backend"]
        self.backend.start_call()
        self._awaited: set[Future[Any]] = set()

    @property
    def count(self) -> int:
        """The number of worker processes: the threads of one take turns. While there is none, slices wait for one."""
        return max(1, self.there)

    @property
    def there(self) -> int:
        """The number of worker processes that there are now."""
        return len(self.client.ncores())

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have the function called by a worker. Large arguments stand in dictionaries, which joblib sends along.

        It would scatter bare arrays, and those are lost with the worker that holds them.
        """
        future: Future[Any] = Future()
        self._awaited.add(future)

        def hand_over(raw: Future[Any]) -> None:
            try:
                (result,) = self._result(raw)
                future.set_result(result)
            except BaseException as error:  # noqa: BLE001  handed to whoever asks for the result
                future.set_exception(error)
            self._awaited.discard(future)

        batch = BatchedCalls([(fn, args, kwargs)], self.backend.get_nested_backend())
        self.backend.submit(batch, callback=lambda _: None).add_done_callback(hand_over)
        return future

    def drop(self) -> None:
        """Have nothing more done; the workers themselves go on to exist."""
        from distributed import Future as Task

        if self.client.status == "running":
            self.client.cancel([Task(key, client=self.client) for key in list(self.client.futures)])
            wait(set(self._awaited), timeout=PATIENCE)  # what is under way when the client leaves becomes an error
        self.backend.stop_call()

    def _result(self, raw: Future[Any]) -> list[Any]:
        from distributed import CancelledError, KilledWorker

        try:
            return self.backend.retrieve_result_callback(raw.result())
        except KilledWorker as error:
            raise InputError(
                f"several workers of {self.address} died of one slice ({_short(error)}): give them more memory; "
                "the same command goes on from what is stored"
            ) from None
        except CancelledError:
            if self.client.status == "running":
                raise Lost from None
            raise self.gone() from None

    def gone(self) -> InputError:
        """Return the error that tells of a lost scheduler."""
        return InputError(
            f"the scheduler at {self.address} is gone: start it again; the same command goes on from what is stored"
        )


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__
