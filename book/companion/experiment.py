"""The Experiment interface: parameters in, arrays out; seeded, without plotting, cut into independent cells."""

import hashlib
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from anogen.errors import InputError

Arrays = dict[str, np.ndarray]
Inputs = Mapping[str, Mapping[str, np.ndarray]]
LONGEST_LABEL = 120  # it becomes a file name
SCALES = ("quick", "laptop", "paper")
LARGEST_SEED = 2**31 - 1  # a larger one is replaced by its hash
LARGEST = 10_000_000  # of any number: more generations, runs or points fill the memory or take years


class Slice(NamedTuple):
    """A point where a cell may be interrupted, with the state from which a later call resumes, bit for bit."""

    done: float  # finished fraction of the cell, 0..1
    state: Callable[[], Arrays]  # returns a copy of everything that the next step depends on


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """Parameters of one experiment; the defaults are the source's own values.

    A subclass names its records (`name`), says what `quick` replaces, and implements `compute`. Work that can be
    done in any order is cut into `cells`; a cell that takes long overrides `steps` so that it can be interrupted.
    """

    name: ClassVar[str]
    quick: ClassVar[Mapping[str, Any]] = {}
    paper: ClassVar[Mapping[str, Any]] = {}
    named: ClassVar[tuple[str, ...]] = ()  # parameters that a record's label always states
    # The attributes whose values span the cells, outermost first: a sequence, or a number n for 0, ..., n - 1.
    axes: ClassVar[tuple[str, ...]] = ()
    halved: ClassVar[str] = ""  # the array that is kept as float16
    # A cell's work is the product of these parameters, of a sequence its last value.
    effort: ClassVar[tuple[str, ...]] = ("generations", "iterations", "epochs")
    least: ClassVar[Mapping[str, int]] = {}  # the smallest allowed values of parameters, besides those of base classes
    increasing: ClassVar[tuple[str, ...]] = ()  # parameters that are ascending numbers from 1 on
    # Whether every platform computes the same numbers up to rounding: nothing is searched for or trained by gradients.
    exact: ClassVar[bool] = False
    listed: ClassVar[Mapping[str, str]] = {}  # arrays that are the values of a parameter: its name, by theirs

    scale: str = "laptop"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise InputError(f"unknown scale {self.scale!r}: choose one of {', '.join(SCALES)}")
        if self.seed < 0:
            raise InputError(f"seed {self.seed} is negative: give 0 or more")
        if self.seed > LARGEST_SEED:  # scikit-learn takes 32 bits, and some experiments count up from the seed
            digest = hashlib.sha256(str(self.seed).encode()).digest()
            object.__setattr__(self, "seed", int.from_bytes(digest[:4], "big") & LARGEST_SEED)
        for name, value in self.parameters.items():
            for number in value if isinstance(value, tuple) else (value,):
                if isinstance(number, int | float) and name != "seed" and abs(number) > LARGEST:
                    raise InputError(f"{name} = {number:g} is more than a computer can do: give at most {LARGEST:,}")
        for kind in type(self).__mro__:
            for name, minimum in vars(kind).get("least", {}).items():
                at_least(minimum, **{name: getattr(self, name)})
        ascending(**{name: getattr(self, name) for name in self.increasing})

    @classmethod
    def at(cls, scale: str = "laptop", **explicit: Any) -> Self:
        """Return the experiment at a scale; an explicitly given parameter wins over the scale's."""
        changed = {"quick": cls.quick, "paper": cls.paper}.get(scale, {})
        return cls(**{**changed, **explicit, "scale": scale})

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters by name, as plain Python values."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @property
    def label(self) -> str:
        """Name of the record in its folder: the `named` parameters and those that differ from the defaults."""
        stated = [f.name for f in fields(self) if f.name in self.named or getattr(self, f.name) != f.default]
        changed = [f"{name}-{_word(getattr(self, name))}" for name in stated]
        text = "_".join(changed) or "default"
        return text if len(text) <= LONGEST_LABEL else f"{text[:60]}_{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    @property
    def id(self) -> str:
        """`experiment/label`, which names the record."""
        return f"{self.name}/{self.label}"

    def requires(self) -> dict[str, "Experiment"]:
        """Return the experiments whose arrays this one needs, by role."""
        return {}

    def kept(self) -> bool:
        """Return whether the book keeps the record; if not, who needs it computes it again, into the cache."""
        return True

    def datasets(self) -> tuple[str, ...]:
        """Return the names of the data sets that this experiment reads."""
        return (self.dataset,) if hasattr(self, "dataset") else ()

    def uses(self) -> tuple[str, ...]:
        """Return the detectors that the experiment trains: catalogue names, with or without options, or `module:Class`.

        By default they are its parameter `detectors`, or else `detector`. The record's digest covers their code.
        """
        if hasattr(self, "detectors"):
            return tuple(self.detectors)
        detector = getattr(self, "detector", None)
        return (detector,) if isinstance(detector, str) else ()

    def cells(self) -> Sequence[tuple]:
        """Return the independent pieces of the work: the combinations of the values of `axes`."""
        return list(itertools.product(*map(self._values, self.axes)))

    def _values(self, axis: str) -> Sequence[Any]:
        values = getattr(self, axis)
        return range(values) if isinstance(values, int) else tuple(values)

    def rng(self, *key: int) -> np.random.Generator:
        """Return the random generator of one piece, independent of all others: it depends on seed and key alone."""
        return np.random.Generator(np.random.SFC64(np.random.SeedSequence([self.seed, *key])))

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Compute one cell; pure: it depends on the parameters, the cell and the inputs alone."""
        raise TypeError(f"{type(self).__name__} implements neither compute nor steps")

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Compute one cell, yielding a `Slice` wherever it may be interrupted and, last, its arrays.

        `state` is what an earlier slice held; the result is the same bit for bit as without the interruption.
        """
        yield self.compute(cell, inputs)

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Put the cells' arrays together, in the order of `cells`: stacked along the `axes`, with the `common` ones."""
        return stack(parts, *(len(self._values(axis)) for axis in self.axes), halved=self.halved) | self.common(inputs)

    def common(self, inputs: Inputs) -> Arrays:
        """Return the arrays that no cell computes, such as the values of an axis."""
        return {name: np.array(getattr(self, parameter)) for name, parameter in self.listed.items()}

    def run(self, inputs: Inputs | None = None) -> Arrays:
        """Compute all cells in this process, and the required experiments unless their arrays are passed."""
        if inputs is None:
            inputs = {role: needed.run() for role, needed in self.requires().items()}
        parts = []
        for cell in self.cells():
            *_, last = self.steps(cell, inputs)
            assert isinstance(last, dict), "steps must end with the cell's arrays"
            parts.append(last)
        return self.collect(parts, inputs)

    def work(self) -> float:
        """Return the amount of work, in any unit, to predict the time from that of a smaller experiment."""
        efforts = (getattr(self, name, 1) for name in self.effort)
        return float(math.prod([len(self.cells()), *(e[-1] if isinstance(e, tuple) else e for e in efforts)]))

    def witness(self) -> "Experiment":
        """Return the small experiment that is recomputed to check that new code gives the old numbers."""
        return type(self).at("quick")


def _word(value: Any) -> str:
    """Write a parameter's value as part of a file name."""
    text = "+".join(_word(v) for v in value) if isinstance(value, tuple) else str(value)
    return "".join(c if c.isalnum() or c in "+-." else "-" for c in text)


def stack(parts: Sequence[Arrays], *shape: int, halved: str = "") -> Arrays:
    """Stack the arrays of cells along leading axes of the given shape; the `halved` one is kept as float16."""
    stacked = {key: np.stack([part[key] for part in parts]).reshape((*shape, *parts[0][key].shape)) for key in parts[0]}
    return stacked | ({halved: stacked[halved].astype(np.float16)} if halved else {})


def at_least(minimum: int, **values: int) -> None:
    """Raise `InputError` for the first value that is below the minimum."""
    for name, value in values.items():
        if value < minimum:
            raise InputError(f"{name} = {value} is too small: give {minimum} or more")


def ascending(**values: Sequence[int]) -> None:
    """Raise `InputError` for the first list that is not of ascending numbers from 1 on."""
    for name, value in values.items():
        if not value or value[0] < 1 or list(value) != sorted(set(value)):
            raise InputError(f"{name} = {tuple(value)} is invalid: give ascending numbers from 1 on")


def digits(*values: int) -> None:
    """Raise `InputError` for the first value that is not a digit."""
    for value in values:
        if value not in range(10):
            raise InputError(f"digit {value} does not exist: choose from 0 to 9")


def fraction(**values: float) -> None:
    """Raise `InputError` for the first value outside [0, 1]; the message converts a percentage."""
    for name, value in values.items():
        if not 0 <= value <= 1:
            hint = f"did you mean {value / 100:g}?" if 1 < value <= 100 else "give a number from 0 to 1"
            raise InputError(f"{name} = {value:g} is not a fraction: {hint}")
