"""Is a committed record still good? Witnesses, restamps, and the list of states."""

import json

import numpy as np
import pytest

from anogen import paths
from anogen.errors import InputError
from companion import records
from companion.records import machine, store, verify


@pytest.fixture
def committed(toys, book):
    """The toys' records in the book."""
    return records.compute(toys.Ends(), folder=book), records.load(toys.Walk())


def edit(record, **changes):
    store.write_meta(record.path, {**record.meta, **changes})


@pytest.fixture
def other_code(monkeypatch):
    """Make as if the code had been edited since."""
    monkeypatch.setattr(store, "code_digest", lambda _: "edited")


def states(*experiments):
    return {row.id: row.state for row in verify.rows({e.id: e for e in experiments})}


def test_a_kept_record_carries_a_witness_and_a_cached_one_does_not(toys, committed):
    witness = committed[1].meta["witness"]
    small = toys.Walk.at("quick")
    assert witness["experiment"] == small.id == "toy-walk/scale-quick_length-5"
    assert machine.differing(witness, small.run()) == []
    [paths] = small.run().values()
    assert witness["arrays"]["paths"]["sha256"] == machine.digest.of_array(paths)
    assert "witness" not in records.compute(toys.Walk(seed=1)).meta


def test_a_witness_agrees_until_the_numbers_change(toys, committed, monkeypatch):
    check = verify.check_witness(toys.Walk())
    assert check == ("toy-walk/default", True, "witness, bytes")
    monkeypatch.setattr(toys, "BIAS", 1e-12)  # two machines of one name may differ by as much
    machine._computed.clear()
    assert verify.check_witness(toys.Walk()).how == "witness, within the tolerance"
    monkeypatch.setattr(toys, "BIAS", 1e-3)
    machine._computed.clear()
    assert verify.check_witness(toys.Walk()) == ("toy-walk/default", False, "witness, other paths")


@pytest.mark.parametrize(("bias", "agrees"), [(1e-12, True), (1e-3, True), (0.1, False)])
def test_elsewhere_a_witness_agrees_within_what_other_instructions_made_of_it(toys, book, monkeypatch, bias, agrees):
    def elsewhere(experiment):
        monkeypatch.setattr(toys, "BIAS", 1e-3)
        arrays = experiment.run()
        monkeypatch.setattr(toys, "BIAS", 0.0)
        return arrays

    monkeypatch.setattr(machine, "run_elsewhere", elsewhere)
    walk = records.compute(toys.Walk(), folder=book)
    edit(walk, witness={**walk.meta["witness"], "platform": "another"})
    monkeypatch.setattr(toys, "BIAS", bias)
    machine._computed.clear()
    assert verify.check_witness(toys.Walk()).agrees == agrees


def test_the_processor_does_not_matter_with_the_fixed_instruction_set(toys, book, monkeypatch):
    """The tolerance for other instruction sets is for another architecture, system or version only."""
    walk = records.compute(toys.Walk(), folder=book)
    arrays = {key: {**entry, "tolerance": 0.5} for key, entry in walk.meta["witness"]["arrays"].items()}
    system, architecture, *_ = machine.fingerprint().split()
    _, _, versions = machine.fingerprint().partition(" numpy ")
    monkeypatch.setattr(toys, "BIAS", 1e-3)
    for platform, agrees in (
        (f"{system} {architecture} Some Processor/1/2 AVX2 Haswell numpy {versions}", False),
        (f"{system} risc-v Some Processor/1/2 AVX2 Haswell numpy {versions}", True),
        (f"{system} {architecture} Some Processor/1/2 AVX2 Haswell numpy 1{versions}", True),
    ):
        edit(walk, witness={**walk.meta["witness"], "arrays": arrays, "platform": platform})
        machine._computed.clear()
        assert verify.check_witness(toys.Walk()).agrees == agrees


def test_a_witness_is_computed_without_the_trained_detectors_of_the_users_cache(toys):
    before = str(paths.cache())
    assert machine.run_quick(toys.Place())["cache"] != before
    assert str(paths.cache()) == before


ARRAYS = {
    "deterministic": np.linspace(0.1, 1.0, 50),
    "centred": np.random.default_rng(0).normal(size=500),
    "counts": np.arange(20),
    "choices": np.arange(40) % 3 == 0,
    "labels": np.array(["a", "b"]),
}


def witness_of(arrays, spread=0.0):
    limit = max(machine.ROUNDING, machine.MARGIN * spread)
    entry = {
        key: {"sha256": machine.digest.of_array(a), "summary": machine.summary(a), "tolerance": limit}
        for key, a in arrays.items()
    }
    return {"platform": "another", "arrays": entry}


@pytest.mark.parametrize("key", ["deterministic", "centred", "counts"])
@pytest.mark.parametrize("factor", [1.05, 0.95, 1.29])
@pytest.mark.parametrize("spread", [0.0, 0.003], ids=["exact", "chaotic"])
def test_five_percent_of_any_array_are_noticed_on_any_machine(key, factor, spread):
    witness = witness_of(ARRAYS, spread)
    assert machine.differing(witness, ARRAYS) == []
    assert machine.differing(witness, ARRAYS | {key: ARRAYS[key] * factor}) == [key]


def test_order_places_and_texts_are_noticed():
    witness = witness_of(ARRAYS)
    for key in ("deterministic", "counts", "choices", "labels"):
        assert machine.differing(witness, ARRAYS | {key: np.roll(ARRAYS[key], 1)}) == [key]
    assert machine.differing(witness, {}) == sorted(ARRAYS)
    assert machine.differing(witness, ARRAYS | {"new": np.ones(1)}) == ["new"]


def test_missing_and_infinite_values_are_summarised():
    a = {"a": np.full(3, np.nan), "b": np.array([1, np.inf, np.nan]), "c": np.zeros(0)}
    witness = witness_of(a)
    assert machine.differing(witness, a) == []
    assert machine.differing(witness, a | {"a": np.array([np.nan, 1.0, np.nan])}) == ["a"]


def test_the_record_itself_can_be_recomputed(toys, committed, monkeypatch):
    for experiment in (toys.Walk(), toys.Ends()):
        assert verify.check_record(experiment) == (experiment.id, True, "record, bytes")
    monkeypatch.setattr(toys, "BIAS", 0.5)
    assert not verify.check_record(toys.Walk()).agrees
    monkeypatch.setattr(toys, "BIAS", 1e-9)
    edit(committed[1], platform="another")
    assert verify.check_record(toys.Walk()) == ("toy-walk/default", True, "record, within the tolerance")
    monkeypatch.setattr(toys, "BIAS", 0.5)
    assert verify.check_record(toys.Walk()) == ("toy-walk/default", False, "record, other paths")


@pytest.mark.parametrize(("bias", "agrees"), [(1e-9, True), (1e-3, False)])
def test_an_exact_experiment_agrees_to_rounding_on_every_platform(toys, committed, monkeypatch, bias, agrees):
    edit(committed[1], platform="another")
    monkeypatch.setattr(toys, "BIAS", bias)
    assert verify.check_record(toys.Walk()).agrees
    monkeypatch.setattr(toys.Walk, "exact", True)
    assert verify.check_record(toys.Walk()).agrees == agrees


def test_times_are_not_expected_to_come_out_the_same_twice(toys, committed, monkeypatch):
    monkeypatch.setattr(toys, "BIAS", 0.5)
    assert not verify.check_record(toys.Walk()).agrees
    monkeypatch.setattr(toys.Walk, "timings", ("paths",), raising=False)
    assert verify.check_record(toys.Walk()).agrees


def test_restamp_accepts_new_code_with_the_old_witness(toys, committed, other_code):
    assert states(toys.Walk()) == {"toy-walk/default": "stale"}
    assert verify.restamp(toys.Walk()).agrees
    assert states(toys.Walk()) == {"toy-walk/default": "ok"}
    after = records.load(toys.Walk())
    assert after.meta == {**committed[1].meta, "code": "edited", "checksum": after.meta["checksum"]}
    assert np.array_equal(after["paths"], committed[1]["paths"])


def test_a_record_without_a_checksum_is_stale_until_it_is_restamped(toys, committed):
    path = committed[1].path.with_suffix(".json")
    meta = json.loads(path.read_text())
    path.write_text(json.dumps({key: value for key, value in meta.items() if key != "checksum"}))
    assert states(toys.Walk()) == {"toy-walk/default": "stale"}
    assert verify.restamp(toys.Walk()).agrees
    assert states(toys.Walk()) == {"toy-walk/default": "ok"} and json.loads(path.read_text()) == meta


def test_restamp_refuses_code_whose_witness_differs(toys, committed, other_code, monkeypatch):
    monkeypatch.setattr(toys, "BIAS", 1e-3)
    machine._computed.clear()
    before = committed[1].path.with_suffix(".json").read_bytes()
    assert not verify.restamp(toys.Walk()).agrees
    assert committed[1].path.with_suffix(".json").read_bytes() == before
    assert states(toys.Walk()) == {"toy-walk/default": "stale"}


def test_the_list_says_what_is_there(toys, committed, book):
    records.compute(toys.Walk(seed=1))  # the reader's own does not count
    walk, other, ends = toys.Walk(), toys.Walk(seed=1), toys.Ends()
    rows = {row.id: row for row in verify.rows({e.id: e for e in (walk, other, ends)})}
    assert {id_: row.state for id_, row in rows.items()} == {
        "toy-walk/default": "ok", "toy-walk/seed-1": "missing", "toy-ends/default": "ok",
    }  # fmt: skip
    path = committed[1].path
    assert rows["toy-walk/default"].size == path.stat().st_size + path.with_suffix(".json").stat().st_size
    assert rows["toy-walk/seed-1"].why == "compute it: anogen records compute"


def test_a_record_of_inputs_that_have_changed_is_stale(toys, committed, book):
    store.write(book, toys.Walk(), {"paths": np.zeros((2, 9))}, {**committed[1].meta})
    rows = list(verify.rows({"e": toys.Ends()}))
    assert rows[0].state == "stale"
    assert "toy-walk/default, which it was computed from, has changed" in rows[0].why


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_a_corrupt_record_is_listed_and_so_is_what_was_computed_from_it(toys, committed, suffix):
    path = committed[1].path.with_suffix(suffix)
    path.write_bytes(path.read_bytes()[:50])
    rows = {row.id: row for row in verify.rows({e.id: e for e in (toys.Walk(), toys.Ends())})}
    assert rows["toy-walk/default"].state == "corrupt"
    assert "git checkout" in rows["toy-walk/default"].why
    assert rows["toy-ends/default"].state == "stale"


def test_a_corrupt_record_in_the_readers_cache_does_not_stop_the_list(toys, book):
    path = records.compute(toys.Walk()).path
    path.with_suffix(".json").write_text("{")
    assert states(toys.Walk()) == {"toy-walk/default": "missing"}


def test_prediction_goes_by_the_record_or_by_the_ratio_of_work(toys, committed, monkeypatch):
    edit(committed[1], seconds=123.0)
    assert verify.predicted_seconds(toys.Walk()) == 123.0
    ticks = iter([10.0, 12.0])
    monkeypatch.setattr(verify.time, "perf_counter", lambda: next(ticks))
    assert verify.predicted_seconds(toys.Walk(walkers=6)) == pytest.approx(2.0 * 6 / 2)


def test_one_cheap_record_is_drawn(toys, committed):
    edit(committed[1], seconds=1000.0)
    known = {e.id: e for e in (toys.Walk(), toys.Ends(), toys.Walk(seed=1))}
    assert set(verify.draw(known)) == {"toy-ends/default"}
    with pytest.raises(InputError, match="took less than 0 s"):
        verify.draw(known, seconds=0)


def test_a_record_whose_data_are_not_to_be_had_is_not_drawn(toys, committed):
    other = {"mnist-5k": {"name": "mnist-5k", "sha256": "another"}}
    edit(committed[1], data=other)
    known = {e.id: e for e in (toys.Walk(), toys.Ends())}
    assert set(verify.draw(known)) == {"toy-ends/default"}
    edit(committed[0], data={"no-such-data": {"name": "no-such-data", "sha256": "any"}})
    with pytest.raises(InputError, match="no record that can be recomputed here"):
        verify.draw(known)
    with pytest.raises(InputError, match="needs no-such-data"):
        verify.check_record(toys.Ends())


def test_a_name_selects_a_record_or_all_of_an_experiment(all_experiments, monkeypatch):
    monkeypatch.setattr(verify, "book", lambda _chapter: all_experiments)
    everything = all_experiments
    id_ = next(iter(everything))
    assert set(verify.select([id_])) == {id_}
    assert set(verify.select(["roc-curve"])) == {i for i in everything if i.startswith("roc-curve/")}
    assert verify.select([]) == everything
    with pytest.raises(InputError, match="unknown record 'roc': `anogen records list` lists them all"):
        verify.select(["roc"])


def test_what_a_record_requires_stands_before_it(all_experiments):
    seen = set()
    for id_, experiment in all_experiments.items():
        assert {needed.id for needed in experiment.requires().values() if needed.kept()} <= seen
        seen.add(id_)


def test_a_witness_is_what_ci_can_recompute_everywhere(all_experiments):
    for experiment in all_experiments.values():
        small = experiment.witness()
        assert small.scale == "quick"
        needed = {name for one in (small, *small.requires().values()) for name in one.datasets()}
        assert needed <= {"mnist-5k", "uniform"}  # embedded, and noise that is drawn


def test_the_description_is_json_without_surprises(committed):
    text = committed[0].path.with_suffix(".json").read_text(encoding="utf-8")
    assert json.loads(text)["inputs"]["walk"].startswith("toy-walk/default ")
    lines = text.splitlines()
    assert (lines[0], lines[-1]) == ("{", "}") and len(lines) == len(json.loads(text)) + 2  # a line for each key
    assert [line.partition(":")[0] for line in lines[1:-1]] == [f' "{key}"' for key in sorted(json.loads(text))]


def test_a_record_that_is_not_kept_is_computed_again_by_who_needs_it(toys, book, other_code, monkeypatch):
    monkeypatch.setattr(toys.Walk, "kept", lambda _: False)
    walk = records.compute(toys.Walk())
    edit(walk, seconds=100.0)
    ends = records.compute(toys.Ends(), folder=book)
    assert not (book / "toy-walk").exists()
    assert ends.meta["seconds"] >= 100
    assert states(toys.Ends()) == {"toy-ends/default": "ok"}
    walk.path.with_suffix(".json").unlink()
    assert verify.check_record(toys.Ends()) == ("toy-ends/default", True, "record, bytes")
    edit(ends, code="older")
    assert verify.restamp(toys.Ends()).agrees
    assert records.load(toys.Ends()).meta["inputs"] == ends.meta["inputs"]
