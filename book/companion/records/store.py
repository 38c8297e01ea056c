"""Records on disk: `<experiment>/<label>.npz` with the arrays, and a `.json` with their provenance."""

import hashlib
import importlib
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import numpy as np

from anogen import paths
from anogen.datasets.formats import DamagedError, npz
from anogen.detectors import CATALOGUE
from anogen.errors import InputError
from anogen.scorers.registry import scorer_modules
from companion import digest
from companion.datasets.info import dataset_info
from companion.experiment import Arrays, Experiment

STRAY_AFTER = 86_400  # seconds after which a temporary file is that of a killed process
# The provenance that every record states, with the types.
META: dict[str, Any] = {
    "arrays": dict, "code": str, "created": str, "data": dict, "detectors": dict, "experiment": str, "inputs": dict,
    "parameters": dict, "platform": str, "scale": str, "seconds": (int, float), "seed": int, "threads": int,
    "versions": dict,
}  # fmt: skip


class MissingRecord(InputError):
    """No record of an experiment exists yet."""


@dataclass(frozen=True)
class Record:
    """A finished experiment: its arrays, and `meta`, their provenance."""

    id: str
    arrays: Mapping[str, np.ndarray]
    meta: Mapping[str, Any]
    path: Path

    def __getitem__(self, name: str) -> np.ndarray:
        """Return an array; the error for a wrong name lists the names."""
        try:
            return self.arrays[name]
        except KeyError:
            raise KeyError(f"record {self.id} has no array {name!r}: it has {', '.join(sorted(self.arrays))}") from None

    def parameter(self, name: str) -> Any:
        """Return the value of a parameter of the experiment."""
        return self.meta["parameters"][name]


def committed_folder() -> Path | None:
    """Return the folder of the book's own records, if there is a checkout."""
    root = paths.checkout()
    return root / "book" / "records" if root else None


def cached_folder() -> Path:
    """Return the folder of the records that this user computed."""
    return paths.cache() / "records"


def find(experiment: Experiment) -> Path | None:
    """Return the path of a record: the book's own first, then the user's if it is up to date; None if missing."""
    if committed := find_committed(experiment):
        return committed
    path = _file(cached_folder(), experiment)
    if not path.with_suffix(".json").is_file():
        return None
    meta = _meta(path)
    if meta.get("code") != code_digest(experiment):
        return None
    used = {asked: data["name"] for asked, data in meta.get("data", {}).items()}
    better = [asked for asked, name in used.items() if name not in (asked, dataset_info(asked).name)]
    return None if better else path  # its data replaced others, which are available by now


def find_committed(experiment: Experiment) -> Path | None:
    """Return the path of the book's own record of an experiment; None if missing."""
    folder = committed_folder()
    path = _file(folder, experiment) if folder else None
    if path:
        sys.audit("companion.lookup", str(path.with_suffix(".json")))  # a page depends on missing records, too
    return path if path and path.with_suffix(".json").is_file() else None


def load(experiment: Experiment) -> Record:
    """Return the record of an experiment; raises MissingRecord, or InputError if it is corrupt."""
    path = find(experiment)
    if path is None:
        raise MissingRecord(f"no record {experiment.id}: compute it with `anogen records compute {experiment.name}`")
    record = read(path)
    for name, value in json.loads(json.dumps(experiment.parameters)).items():
        if record.meta["parameters"].get(name, value) != value:  # a parameter that is new makes the record stale
            raise _corrupt(path, f"its .json says {name} = {record.meta['parameters'][name]}, its name {value}")
    return record


def read(path: Path) -> Record:
    """Read the record at a path and check every array against the hash that was written with it."""
    meta = _meta(path)
    if not path.is_file():  # but a folder, a pipe or a loop of links
        raise _corrupt(path, "its .npz is no file")
    try:
        arrays = npz(path)
        described = _described(arrays)
    except (DamagedError, AttributeError) as error:  # a member may be no array
        raise _corrupt(path, type(error.__cause__ or error).__name__) from None
    if meta["arrays"] != described:
        raise _corrupt(path, "its arrays are not those that were written")
    for array in arrays.values():
        array.flags.writeable = False
    return Record(f"{path.parent.name}/{path.stem}", arrays, meta, path)


def write(folder: Path, experiment: Experiment, arrays: Arrays, meta: Mapping[str, Any]) -> Record:
    """Write a record into a folder; a full disk leaves an older one alone. The `.json`, the last, makes it valid."""
    path = _file(folder, experiment)
    full = {**meta, "arrays": _described(arrays)}
    full["checksum"] = meta_checksum(full)
    with _replacing(path.with_suffix(".json")) as description, _replacing(path) as data:
        _put_arrays(data, arrays, compress=True)
        _put_meta(description, full)
        with suppress(OSError):  # killed from here on it is missing, not an old description of new arrays
            path.with_suffix(".json").unlink(missing_ok=True)
    return Record(experiment.id, arrays, full, path)


def _described(arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    return {
        key: {"shape": list(array.shape), "dtype": array.dtype.str, "sha256": digest.of_array(array)}
        for key, array in sorted(arrays.items())
    }


def write_meta(path: Path, meta: Mapping[str, Any]) -> None:
    """Write the `.json` of the record at a path, atomically."""
    with _replacing(path.with_suffix(".json")) as temporary:
        _put_meta(temporary, meta)


def save_arrays(path: Path, arrays: Mapping[str, np.ndarray], *, compress: bool = True) -> None:
    """Write arrays to an `.npz`, atomically; equal arrays give equal bytes."""
    with _replacing(path) as temporary:
        _put_arrays(temporary, arrays, compress)


def meta_checksum(meta: Mapping[str, Any]) -> str:
    """Return the SHA-256 of all that a description states but its `checksum`, which shows that nothing was edited."""
    rest = {key: value for key, value in meta.items() if key != "checksum"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _put_meta(path: Path, meta: Mapping[str, Any]) -> None:
    with path.open("x", encoding="utf-8") as file:
        sealed = {**meta, "checksum": meta_checksum(meta)}
        file.write(_one_line_each(sealed))
        file.flush()
        os.fsync(file.fileno())  # the disk may say only now that it is full


def _one_line_each(meta: Mapping[str, Any]) -> str:
    """Return JSON with a line for each key, which is a third smaller than one for each number."""
    texts = (f"{json.dumps(k)}: {json.dumps(v, sort_keys=True, ensure_ascii=False)}" for k, v in sorted(meta.items()))
    return "{\n " + ",\n ".join(texts) + "\n}\n"


def _put_arrays(path: Path, arrays: Mapping[str, np.ndarray], compress: bool) -> None:
    save = np.savez_compressed if compress else np.savez
    with path.open("xb") as file:
        save(file, **{key: arrays[key] for key in sorted(arrays)})  # type: ignore[arg-type]
        file.flush()
        os.fsync(file.fileno())


def code_digest(experiment: Experiment, of_code: Callable[..., str] = digest.of_code) -> str:
    """Return the digest of the code that computes an experiment and what it requires, its detectors' included."""
    used = {f"{path} {options}" for path, options, _ in map(implementation, implementations(experiment))}
    return hashlib.sha256("".join([of_code(*code_modules(experiment)), *sorted(used)]).encode()).hexdigest()


def code_modules(experiment: Experiment) -> list[str]:
    """Return the modules of an experiment, of those it requires and of their detectors, from which imports lead on."""
    own = {type(one).__module__ for one in (experiment, *experiment.requires().values())}
    return sorted(own.union(*(implementation(spec)[2] for spec in implementations(experiment))))


def implementations(experiment: Experiment) -> dict[str, str]:
    """Return the `module:Class` of each detector that an experiment and those it requires train."""
    specs = {spec for one in (experiment, *experiment.requires().values()) for spec in one.uses()}
    return {spec: implementation(spec)[0] for spec in sorted(specs)}


@cache
def implementation(spec: str) -> tuple[str, str, frozenset[str]]:
    """Return a detector's `module:Class`, the catalogue's options, and the project's modules that implement it."""
    name = spec.partition(":")[0]
    entry = CATALOGUE.get(name)
    path, options = (entry.path, entry.options) if entry else (spec, {})
    module, _, attribute = path.partition(":")
    homes = scorer_modules(getattr(importlib.import_module(module), attribute))
    top = module.partition(".")[0]
    # The version of an installed package is in the record; a user's own module is followed like the project's.
    own = top in digest.PACKAGES or top not in _installed()
    return path, str(options), frozenset({*homes, module} if own else homes)


@cache
def _installed() -> Mapping[str, list[str]]:
    """Return the distributions of each installed top-level package; listing them takes a tenth of a second."""
    return packages_distributions()


def _file(folder: Path, experiment: Experiment) -> Path:
    return folder / experiment.name / f"{experiment.label}.npz"


def _meta(path: Path) -> dict[str, Any]:
    try:
        meta = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        meta = None
    if not isinstance(meta, dict):
        raise _corrupt(path, "its .json cannot be read")
    for name, kind in META.items():
        if not isinstance(meta.get(name), kind):
            raise _corrupt(path, f"its .json has no valid {name!r}")
    stated = {"experiment": path.parent.name, **{name: meta["parameters"].get(name) for name in ("scale", "seed")}}
    for name, value in stated.items():
        if meta[name] != value:
            raise _corrupt(path, f"its .json says {name} = {meta[name]} and {value}")
    if meta.get("checksum", checksum := meta_checksum(meta)) != checksum:
        raise _corrupt(path, "its .json is not as it was written")
    return meta


def _corrupt(path: Path, why: str) -> InputError:
    return InputError(
        f"record {path.parent.name}/{path.stem} is corrupt ({why}): restore {path} (git checkout), "
        "or delete it and its .json and recompute it"
    )


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary file that replaces the target at the end, so that the target is complete or absent."""
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for stray in path.parent.glob(f".{'[0-9a-f]' * 16}.tmp"):
            with suppress(OSError):  # another process may have removed it
                if time.time() - stray.lstat().st_mtime > STRAY_AFTER:
                    stray.unlink()
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}; choose a writable folder") from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
