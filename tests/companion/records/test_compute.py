"""Computing records: the arrays are the same however often the computation is killed, and by how many processes."""

import os
import signal
import sys
import time
import warnings
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from anogen import paths
from anogen.errors import InputError
from companion import digest, records
from companion.records import slices, store

computing = sys.modules["companion.records.compute"]  # the name `companion.records.compute` is the function


def work_files():
    return sorted(p.name for p in (paths.cache() / "work").rglob("*") if p.is_file())


def stop_at(done):
    """Return a report that interrupts a computation at a number of finished cells."""

    def stop(progress):
        if progress.done >= done:
            raise KeyboardInterrupt

    return stop


def stored_steps():
    """How many steps of walks an unfinished computation has stored."""
    newest = {p.name.partition(".")[0]: p for p in sorted((paths.cache() / "work").rglob("[0-9]*.npz"), reverse=True)
              if "seconds" not in p.name}  # fmt: skip
    return sum(len(slices.read(p)["path"]) - 1 for p in newest.values())  # `0.npz` rather than `0.state.npz`


def forked(action):
    """Run in a child process, and return how it ended: its exit status, or minus the signal that ended it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking where threads could exist
        child = os.fork()
    if child == 0:
        try:
            action()
            os._exit(0)
        except BaseException:  # noqa: BLE001
            os._exit(1)
    return child


def ended(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def same(record, arrays):
    return digest.of_arrays(record.arrays) == digest.of_arrays(arrays)


def test_a_record_holds_the_arrays_and_where_they_come_from(toys, own_cache):
    walk = toys.Walk(seed=3)
    record = records.compute(walk)
    assert same(record, walk.run())
    assert record.id == "toy-walk/seed-3"
    assert record.path == own_cache / "records" / "toy-walk" / "seed-3.npz"
    meta = record.meta
    assert meta["parameters"] == {"scale": "laptop", "seed": 3, "length": 8, "walkers": 2}
    assert (meta["scale"], meta["seed"], meta["threads"]) == ("laptop", 3, 1)
    assert meta["code"] == store.code_digest(walk)
    assert meta["arrays"]["paths"]["shape"] == [2, 9]
    assert meta["seconds"] >= 0 and "torch" in meta["versions"] and meta["created"]
    assert not work_files()


def test_a_record_is_computed_once(toys, monkeypatch):
    walk = toys.Walk()
    first = records.get(walk)
    monkeypatch.setattr(toys, "steps_taken", 0)
    assert same(records.get(walk), first.arrays)
    assert toys.steps_taken == 0


def test_what_is_required_is_computed_first_and_remembered(toys):
    ends = records.compute(toys.Ends())
    walk = records.load(toys.Walk())
    assert np.array_equal(ends["ends"], walk["paths"][:, -1])
    assert ends.meta["inputs"] == {"walk": computing.input_digest(walk)}
    assert same(ends, toys.Ends().run())


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_any_write_a_computation_goes_on_to_the_same_bits(toys, own_cache, monkeypatch, tiny_slices, moment):
    """SIGKILL at the n-th file that is moved into place, for every n."""
    walk = toys.Walk(length=3)
    whole, replace, kills = walk.run(), Path.replace, 0

    for n in range(100):
        monkeypatch.setenv("ANOGEN_CACHE", str(own_cache / str(n)))
        written = 0

        def deadly(self, target, n=n):
            nonlocal written
            if written == n and moment == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            replace(self, target)
            if written == n and moment == "after":
                os.kill(os.getpid(), signal.SIGKILL)
            written += 1

        def action(deadly=deadly):
            Path.replace = deadly
            records.compute(walk)

        status = ended(forked(action))
        if status == 0:
            break
        assert status == -signal.SIGKILL
        kills += 1
        toys.steps_taken, stored = 0, stored_steps()
        assert same(records.get(walk), whole)
        assert toys.steps_taken in (0, 2 * walk.length - stored)  # none if the kill came after the record was written
    assert kills >= 2 * 2 * walk.length


@pytest.mark.parametrize("times", [1, 4])
def test_killed_at_any_time_a_computation_goes_on_to_the_same_bits(toys, monkeypatch, tiny_slices, times):
    """SIGKILL from outside, wherever the child happens to be; several kills in a row."""
    walk = toys.Walk(length=12)
    monkeypatch.setenv("TOY_PAUSE", "0.01")
    rng = np.random.default_rng(times)
    for _ in range(times):
        child = forked(lambda: records.compute(walk))
        time.sleep(rng.uniform(0.02, 0.15))
        os.kill(child, signal.SIGKILL)
        ended(child)
    assert same(records.get(walk), walk.run())


def test_a_begun_cell_goes_on_and_restart_begins_anew(toys, tiny_slices):
    walk = toys.Walk()

    stop = stop_at(0.5)
    toys.steps_taken = 0
    with pytest.raises(KeyboardInterrupt):
        records.compute(walk, report=stop)
    assert "0.state.npz" in work_files()
    with pytest.raises(records.MissingRecord):
        records.load(walk)

    taken, stored = toys.steps_taken, stored_steps()
    assert stored > 0
    with pytest.raises(KeyboardInterrupt):
        records.compute(walk, restart=True, report=stop)
    assert toys.steps_taken == 2 * taken
    assert stored_steps() == stored

    whole = walk.run()
    toys.steps_taken = 0
    assert same(records.compute(walk), whole)
    assert toys.steps_taken == 2 * walk.length - stored


@pytest.mark.parametrize(("name", "done"), [("0.npz", 1.1), ("0.state.npz", 0.5), ("0.seconds.npz", 0.5)])
@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 and nothing else", None], ids=["empty", "garbage", "truncated"])
def test_a_damaged_checkpoint_is_set_aside_and_its_work_repeated(toys, tiny_slices, capsys, name, done, damage):
    walk = toys.Walk()
    with pytest.raises(KeyboardInterrupt):
        records.compute(walk, report=stop_at(done))
    [path] = (paths.cache() / "work").glob(f"*/{name}")
    path.write_bytes(path.read_bytes()[:100] if damage is None else damage)
    assert same(records.compute(walk), walk.run())
    [line] = capsys.readouterr().err.splitlines()
    assert "is damaged" in line and line.endswith("its work is repeated")


def test_an_unfinished_computation_of_other_code_is_not_gone_on_with(toys, tiny_slices, monkeypatch):
    walk = toys.Walk()
    with pytest.raises(KeyboardInterrupt):
        records.compute(walk, report=stop_at(1))
    monkeypatch.setattr(toys, "BIAS", 1.0)
    monkeypatch.setattr(store, "code_digest", lambda _: "another")
    assert same(records.compute(walk), walk.run())


@pytest.mark.slow
def test_any_number_of_processes_gives_the_same_bits(toys, monkeypatch):
    walk = toys.Walk(walkers=5)
    seen = []
    parallel = records.compute(walk, jobs=2, report=seen.append)
    assert same(parallel, walk.run())
    assert parallel.path.read_bytes() == records.compute(walk, jobs=1).path.read_bytes()
    assert (seen[0].done, seen[-1].done, seen[-1].cells) == (0, 5, 5)


@pytest.mark.slow
def test_workers_do_not_outlive_a_killed_computation(toys, monkeypatch):
    monkeypatch.setenv("TOY_PAUSE", "0.05")
    child = forked(lambda: records.compute(toys.Walk(length=10_000), jobs=2))
    while len(workers := children_of(child)) < 2:
        assert alive(child)
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    ended(child)
    deadline = time.monotonic() + 600  # for a test that fails; they end within seconds, within a minute if busy
    while any(alive(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [pid for pid in workers if alive(pid)]


def children_of(pid):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_progress_only_grows(toys, tiny_slices):
    seen = []
    records.compute(toys.Walk(), report=seen.append)
    done = [progress.done for progress in seen]
    assert done[0] == 0 and done[-1] == 2
    assert all(a <= b for a, b in pairwise(done))
    assert any(0 < d < 1 for d in done)
    assert {progress.id for progress in seen} == {"toy-walk/default"}


def test_a_cell_that_fails_says_why_and_the_finished_ones_are_kept(toys, tiny_slices):
    with pytest.raises(ZeroDivisionError, match="in the last cell"):
        records.compute(toys.Breaks())
    assert "0.npz" in work_files()
    assert not list((paths.cache() / "records").rglob("*"))


def test_a_cache_that_cannot_be_written_is_named(toys, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ANOGEN_CACHE", str(tmp_path / "file"))
    with pytest.raises(InputError, match=r"cannot write .*file"):
        records.get(toys.Walk())
