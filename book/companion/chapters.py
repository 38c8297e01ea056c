"""The chapters of the book: one folder of `notebooks` each, found by their notebook; `_toc.yml` gives their order."""

import difflib
import importlib
import inspect
import re
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import yaml

from anogen.errors import InputError
from anogen.paths import require_checkout
from companion.experiment import Experiment


class Chapter(NamedTuple):
    """A chapter: `notebooks/<source>/<folder>/notebook.py`, and the modules next to it."""

    name: str  # as in the page's address: the folder's name with hyphens
    source: str  # thesis, tailored, review, anorand or beyond
    notebook: Path

    @property
    def package(self) -> str:
        """Return the dotted name of the chapter's folder."""
        return f"notebooks.{self.source}.{self.notebook.parent.name}"

    @property
    def title(self) -> str:
        """Return the first heading of the notebook."""
        heading = re.search(r"^# # (.+)$", self.notebook.read_text(encoding="utf8"), re.MULTILINE)
        return heading.group(1) if heading else self.name

    def experiments(self) -> ModuleType | None:
        """Import the chapter's `experiments.py`; None for a chapter that computes nothing."""
        if not self.notebook.with_name("experiments.py").is_file():
            return None
        return importlib.import_module(f"{self.package}.experiments")

    def claims(self) -> list[ModuleType]:
        """Import the modules of claims: the chapter's own, and those that the chapters of its source share."""
        return self._modules("claims*.py")

    def figures(self) -> list[ModuleType]:
        """Import the modules of figures and tables, in the same way."""
        return [*self._modules("figures*.py"), *self._modules("tables*.py")]

    def _modules(self, pattern: str) -> list[ModuleType]:
        folders = {self.package: self.notebook.parent}
        folders[f"notebooks.{self.source}.common"] = self.notebook.parents[1] / "common"
        paths = [(package, path) for package, folder in folders.items() for path in sorted(folder.glob(pattern))]
        return [importlib.import_module(f"{package}.{path.stem}") for package, path in paths]


def chapters() -> dict[str, Chapter]:
    """Return the chapters by name, in the order of the book."""
    return _chapters(require_checkout())


@cache
def _chapters(root: Path) -> dict[str, Chapter]:
    paths = root.glob("notebooks/*/*/notebook.py")
    found = {path.parent.name.replace("_", "-"): path for path in paths}
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf8"))
    files = [entry["file"] for part in contents["parts"] for entry in part["chapters"]]
    names = [Path(file).name for file in files if file.startswith("book/chapters/")]
    return {name: Chapter(name, found[name].parent.parent.name, found[name]) for name in names}


def chapter(name: str) -> Chapter:
    """Return a chapter by its name; the error for an unknown one suggests the nearest."""
    if name not in chapters():
        near = difflib.get_close_matches(name, chapters(), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(chapters())}"
        raise InputError(f"unknown chapter {name!r}: {hint}")
    return chapters()[name]


def chapter_experiments(name: str, scale: str = "laptop", **parameters: Any) -> dict[str, Experiment]:
    """Return the experiments of a chapter by role, for the given parameters of its notebook."""
    module = chapter(name).experiments()
    if module is None:
        return {}
    make = module.chapter_experiments
    known = inspect.signature(make).parameters.keys() - {"scale"}
    for unknown in sorted(parameters.keys() - known):
        raise InputError(f"chapter {name} has no parameter {unknown!r}: choose from {', '.join(sorted(known))}")
    return dict(make(scale=scale, **parameters))
