"""Locations of the code behind a figure, table or claim: its function, its experiments and its claim checks."""

import inspect
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, Literal, NamedTuple

from anogen.paths import require_checkout
from companion.chapters import chapters
from companion.claims import equations, inventory
from companion.claims.base import ClaimCheck, claim_checks
from companion.experiment import Experiment
from companion.figures.registry import function_of
from companion.site.record_info import claims_of, entry

Kind = Literal["figure", "table", "experiment", "claim", "formula", "module"]


class Location(NamedTuple):
    """A line of the project's code, where something is defined or mentioned."""

    kind: Kind
    name: str  # of the function, class or module
    path: str  # relative to the root of the checkout, with forward slashes
    line: int  # counted from 1


def locate(id_: str, records: Sequence[str] = ()) -> list[Location]:
    """Return the code behind a figure, table, claim or formula: its function, its experiments, its claim checks.

    The experiments are those of the `records`, or else those that its claims need, or else those of its chapter.
    """
    item = entry(id_)
    if isinstance(item, inventory.Equation):
        path = equations.IMPLEMENTATIONS[id_]
        return [_location("formula", resolve_name(path))._replace(name=path.replace(":", "."))]
    function = None if isinstance(item, inventory.Claim) else function_of(id_)
    if item is None and function is None:
        inventory.by_id(id_)  # raises
    kind: Kind = "table" if isinstance(item, inventory.Table) or "-table-" in id_ else "figure"
    claims = [item] if isinstance(item, inventory.Claim) else claims_of(id_)
    checks = [claim_checks()[claim.id] for claim in claims if claim.id in claim_checks()]
    classes = _classes()
    experiments = [classes.get(record.partition("/")[0]) for record in records]
    experiments = experiments or [class_ for check in checks for class_ in _needed(check)]
    if not experiments and function is not None and not getattr(item, "drawn", False):
        experiments = _of_chapter(id_, function.__module__)
    found = [_location(kind, function)] if function else []
    found += [_location("experiment", class_) for class_ in dict.fromkeys(experiments) if class_]
    found += [_location("claim", check.function) if check.function else _untested(check) for check in checks]
    return list(dict.fromkeys(found))


@cache
def _needed(check: ClaimCheck) -> tuple[type[Experiment], ...]:
    """Return the classes of the experiments whose records a claim check reads."""
    return tuple(dict.fromkeys(map(type, check.needs())))


def _classes() -> dict[str, type[Experiment]]:
    """Return the classes of experiments by their names, which are the folders of their records."""
    for chapter in chapters().values():
        chapter.experiments()
    classes: list[type[Experiment]] = [Experiment]
    for class_ in classes:
        classes += class_.__subclasses__()
    return {class_.name: class_ for class_ in classes if "name" in vars(class_)}


def _of_chapter(id_: str, module: str) -> list[Any]:
    """Return the classes of the experiments of the chapter that shows a figure, or else has the module."""
    showing = [one for one in chapters().values() if f'"{id_}"' in one.notebook.read_text(encoding="utf8")]
    for chapter in showing + [one for one in chapters().values() if module.startswith(f"{one.package}.")]:
        if experiments := chapter.experiments():
            return [type(one) for one in experiments.chapter_experiments().values()]
    return []


@cache
def mentions(pattern: re.Pattern[str]) -> dict[str, list[Location]]:
    """Return where code and comments mention a pattern's matches, by match: the first line of each module."""
    found: dict[str, list[Location]] = {}
    root = require_checkout()
    for path in [*sorted((root / "anogen").rglob("*.py")), *sorted((root / "notebooks").rglob("*.py"))]:
        relative, first = path.relative_to(root), dict[str, int]()
        for number, line in enumerate(path.read_text(encoding="utf8").splitlines(), start=1):
            for match in pattern.findall(line):
                first.setdefault(match, number)
        name = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
        for match, number in first.items() if path.name != "notebook.py" else ():
            found.setdefault(match, []).append(Location("module", name, relative.as_posix(), number))
    return found


def _location(kind: Kind, item: Callable[..., Any]) -> Location:
    """Return where a function or class is defined; a decorated one at its `def`, not at the decorator."""
    item = inspect.unwrap(item)
    lines, start = inspect.getsourcelines(item)
    offset = next(i for i, line in enumerate(lines) if re.match(r"\s*(async def|def|class)\b", line))
    name = item.__name__ if "<locals>" in item.__qualname__ else item.__qualname__
    return Location(kind, name, _relative(inspect.getsourcefile(item)), start + offset)


def _untested(check: ClaimCheck) -> Location:
    """Return where a claim is registered as not tested: the line that names it."""
    for module in chapters()[check.page].claims():
        before, found, _ = inspect.getsource(module).partition(f'"{check.claim}"')
        if found:
            return Location("claim", "untested", _relative(module.__file__), before.count("\n") + 1)
    raise LookupError(f"no module of chapter {check.page} names {check.claim}")


def _relative(path: str | None) -> str:
    return Path(path or "").resolve().relative_to(require_checkout()).as_posix()
