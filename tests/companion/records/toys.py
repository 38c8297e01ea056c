"""Experiments that take no time, in a module that other processes can import too."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from anogen import paths
from companion.experiment import Experiment, Slice, at_least

BIAS = 0.0  # tests change it as if somebody had changed the code
steps_taken = 0


@dataclass(frozen=True, kw_only=True)
class Walk(Experiment):
    """Random walks, one a cell, that can be interrupted after every step."""

    name = "toy-walk"
    quick: ClassVar = {"length": 5}
    tolerance = 0.1

    length: int = 8
    walkers: int = 2

    def __post_init__(self):
        super().__post_init__()
        at_least(1, length=self.length, walkers=self.walkers)

    def cells(self):
        return [(i,) for i in range(self.walkers)]

    def steps(self, cell, inputs, state=None):
        global steps_taken  # noqa: PLW0603
        rng = self.rng(*cell)
        path = [0.0]
        if state:
            path = list(state["path"])
            rng.bit_generator.state = {**rng.bit_generator.state, "state": {"state": state["random"]}}
        while len(path) <= self.length:
            time.sleep(float(os.environ.get("TOY_PAUSE", "0")))
            path.append(path[-1] + rng.normal() + BIAS)
            steps_taken += 1
            if "TOY_LOG" in os.environ:
                with Path(os.environ["TOY_LOG"]).open("a") as log:  # steps in other processes
                    log.write(f"{os.getpid()} {cell[0]} {len(path) - 1}\n")
            yield Slice(
                (len(path) - 1) / self.length,
                lambda: {"path": np.array(path), "random": rng.bit_generator.state["state"]["state"].copy()},
            )
        yield {"path": np.array(path)}

    def collect(self, parts, inputs):
        return {"paths": np.stack([part["path"] for part in parts])}


@dataclass(frozen=True, kw_only=True)
class Ends(Experiment):
    """Where the walks end."""

    name = "toy-ends"
    quick: ClassVar = {"length": 5}

    length: int = 8

    def requires(self):
        return {"walk": Walk(length=self.length, seed=self.seed)}

    def compute(self, cell, inputs):
        return {"ends": inputs["walk"]["paths"][:, -1], "name": np.array("ends")}


@dataclass(frozen=True, kw_only=True)
class Breaks(Walk):
    """The last cell fails."""

    name = "toy-breaks"

    def steps(self, cell, inputs, state=None):
        if cell == (self.walkers - 1,):
            raise ZeroDivisionError("in the last cell")
        yield from super().steps(cell, inputs, state)


@dataclass(frozen=True, kw_only=True)
class Place(Experiment):
    """The cache that the computation sees."""

    name = "toy-place"

    def compute(self, cell, inputs):
        return {"cache": np.array(str(paths.cache()))}
