"""A Dask cluster computes the same bits as this process, and loses nothing when a worker is killed."""

import os
import signal
import sys
from collections import Counter
from concurrent.futures import CancelledError, Future
from types import SimpleNamespace

import pytest

from anogen import datasets
from anogen.cli import main
from anogen.errors import InputError
from anogen.machine import fingerprint, threads
from companion import digest, records
from companion.records import slices, verify
from companion.records import workers as executors
from companion.records.slices import Checkpoint, Fingerprint
from companion.records.workers import InlineExecutor, LostTask
from companion.studies.retraining import Retraining
from notebooks.thesis.background.experiments import RocCurve

computing = sys.modules["companion.records.compute"]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A real scheduler with two worker processes, which write a log of the steps that they take."""
    from distributed import LocalCluster

    log = tmp_path_factory.mktemp("cluster") / "log"
    log.touch()
    environment = {"TOY_LOG": str(log), "TOY_PAUSE": "0.05"}
    options = {"host": "127.0.0.1", "dashboard_address": None, "env": environment}
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, **options) as local:
        yield SimpleNamespace(address=local.scheduler_address, log=log)


@pytest.fixture
def workers(running):
    with executors.connect(running.address) as connected:
        yield connected


def steps(running):
    return [tuple(map(int, line.split())) for line in running.log.read_text().splitlines()]


def same(record, arrays):
    return digest.of_arrays(record.arrays) == digest.of_arrays(arrays)


@pytest.mark.slow
def test_a_cluster_gives_the_bits_of_a_serial_run(toys, workers, tiny_slices):
    walk, seen = toys.Walk(walkers=3, seed=1), []
    record = records.compute(walk, workers=workers, report=seen.append)
    assert workers.n_connected == 2
    assert same(record, walk.run())
    assert len(seen) == 1 + 3 * (walk.length + 1)  # a checkpoint a step
    assert record.meta["platform"] == fingerprint()
    assert same(records.compute(toys.Ends(length=4), workers=workers), toys.Ends(length=4).run())
    with pytest.raises(ZeroDivisionError, match="in the last cell"):
        records.compute(toys.Breaks(length=2), workers=workers)


@pytest.mark.slow
def test_an_experiment_of_the_book_too(workers, monkeypatch):
    monkeypatch.setattr(computing, "SLICE_SECONDS", 0.05)
    evolved = Retraining.at("quick", detector="gmm", generations=40, trainings=1, starts=2)
    record = records.compute(evolved, workers=workers)
    with threads(1):
        assert same(record, evolved.run())


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(toys, running, workers, tiny_slices):
    walk, killed, before = toys.Walk(walkers=2, length=12, seed=2), [], len(steps(running))

    def kill(progress):
        if progress.done > 0.5 and not killed:
            killed.append(steps(running)[-1][0])  # it is at work on the next step by now
            os.kill(killed[0], signal.SIGKILL)

    record = records.compute(walk, workers=workers, report=kill)
    taken = steps(running)[before:]
    assert same(record, walk.run())
    assert {pid for pid, *_ in taken} > set(killed)
    times = Counter((cell, step) for _, cell, step in taken)
    assert set(times) == {(cell, step) for cell in range(2) for step in range(1, 13)}
    # Only what had been done of the slices of that one worker is done again: everything else came from checkpoints.
    assert sum(times.values()) <= 2 * 12 + 1


@pytest.mark.slow
def test_what_a_cluster_began_goes_on_anywhere(toys, running, workers, tiny_slices):
    walk = toys.Walk(seed=3)

    def stop(progress):
        if progress.done >= 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        records.compute(walk, workers=workers, report=stop)
    done = Checkpoint(walk, Fingerprint.compute(walk))
    stored = sum(len((done.part(i) or done.state(i) or {"path": [0]})["path"]) - 1 for i in range(2))
    assert stored >= walk.length
    toys.steps_taken = 0
    assert same(records.compute(walk), walk.run())
    assert toys.steps_taken == 2 * walk.length - stored + 2 * walk.length  # the last are those of run()


@pytest.mark.slow
def test_the_command_computes_on_a_cluster(running, book, monkeypatch, capsys):
    curve = RocCurve.at("quick", points=500)
    monkeypatch.setattr("companion.records.verify.book", lambda _chapter=None: {curve.id: curve})
    assert main(["records", "compute", "--dask", running.address]) == 0
    assert capsys.readouterr().out == "1 records computed, 0 were there\n"
    record = records.load(curve)
    assert record.path.is_relative_to(book) and same(record, curve.run())


@pytest.fixture
def nothing_to_do(monkeypatch):
    """Select no record: the state of all of them takes seconds, and the address is refused before any is computed."""
    monkeypatch.setattr(verify, "select", lambda _names, _chapter: {})


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://127.0.0.1:9", ["no Dask scheduler answers", "refused", "dask scheduler"]),
        ("127.0.0.1:99999", ["99999", "dask scheduler"]),
        ("", ["''", "tcp://HOST:8786"]),
        ("localhost", ["'localhost'", "tcp://HOST:8786"]),
        ("ws://127.0.0.1:9", ["'ws://127.0.0.1:9'", "tcp://HOST:8786"]),
    ],
)
def test_an_address_where_no_scheduler_is(nothing_to_do, capsys, address, words):
    assert main(["records", "compute", "--dask", address]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and all(word in told for word in words), told


def test_without_dask_the_extra_is_named(nothing_to_do, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["records", "compute", "--dask", "tcp://127.0.0.1:9"]) == 2
    assert 'pip install "anogen[cluster]"' in capsys.readouterr().err


def test_jobs_and_a_cluster_exclude_each_other(capsys):
    assert main(["records", "compute", "--jobs", "2", "--dask", "tcp://127.0.0.1:9"]) == 2
    assert "exclude each other" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"code": "another"}, ["other code of retraining", "restart"]),
        ({"data": (("mnist-5k", "another"),)}, ["another mnist-5k", "anogen data fetch mnist-5k", "ANOGEN_DATA"]),
        ({"versions": (("numpy", "1.0"),)}, ["another numpy", "numpy==1.0"]),
    ],
)
def test_a_worker_with_other_code_data_or_packages_refuses(changed, words):
    experiment = Retraining.at("quick")
    basis = Fingerprint.compute(experiment)
    assert basis.data == (("mnist-5k", datasets.load("mnist-5k").sha256),)
    slices.check(experiment, basis)
    changed = {k: v + getattr(basis, k)[len(v) :] if k == "versions" else v for k, v in changed.items()}
    with pytest.raises(InputError) as caught:
        slices.check(experiment, basis._replace(**changed))
    assert all(word in str(caught.value) for word in words)


def test_a_worker_keeps_to_the_code_that_it_has_loaded(toys, monkeypatch):
    walk = toys.Walk()
    basis = Fingerprint.compute(walk)
    slices.check(walk, basis)
    monkeypatch.setattr(digest, "of_code", lambda _: "edited since")
    slices.check(walk, basis)
    with pytest.raises(InputError, match="restart it"):
        slices.check(walk, Fingerprint.compute(walk, "edited since"))


class Unlucky(InlineExecutor):
    """Some results never come."""

    def __init__(self, lose):
        self.lose, self.asked = lose, 0

    def submit(self, fn, /, *args, **kwargs):
        self.asked += 1
        if self.asked in self.lose:
            future = Future()
            future.set_exception(LostTask())
            return future
        return super().submit(fn, *args, **kwargs)


def test_a_lost_slice_is_asked_for_again_from_the_last_checkpoint(toys, tiny_slices):
    walk = toys.Walk()
    toys.steps_taken = 0
    record = records.compute(walk, workers=Unlucky({1, 4, 5, 12}))
    assert toys.steps_taken == 2 * walk.length
    assert same(record, walk.run())
    with pytest.raises(InputError, match=r"lost 5 times.*repeat the command"):
        records.compute(toys.Walk(seed=9), workers=Unlucky(range(3, 100)))


@pytest.mark.parametrize(
    ("status", "raised", "error", "words"),
    [
        ("running", CancelledError(), LostTask, None),
        ("closed", CancelledError(), InputError, r"scheduler at tcp://s:1 is lost.*repeat the command"),
    ],
)
def test_what_dask_gave_up_is_told(status, raised, error, words):
    one = object.__new__(executors.Cluster)
    one.address, one.client = "tcp://s:1", SimpleNamespace(status=status)
    future = Future()
    future.set_exception(raised)
    with pytest.raises(error, match=words):
        one.result(future)
