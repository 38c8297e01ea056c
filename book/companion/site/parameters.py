"""The parameters of a chapter: what its notebook states, and what a reader gives instead."""

import ast
import difflib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import jupytext

from anogen.errors import InputError
from companion.chapters import chapter as find_chapter
from companion.experiment import SCALES

KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


def parameters(chapter: str) -> dict[str, Any]:
    """Return the parameters of `chapter` with their defaults, read from its parameters cell without running it."""
    path = find_chapter(chapter).notebook
    stated: dict[str, Any] = {}
    for cell in jupytext.read(path).cells:
        if "parameters" in cell.metadata.get("tags", []):
            for statement in ast.parse(cell.source).body:
                stated |= _assignment(statement, path)
    return stated


def _assignment(statement: ast.stmt, path: Path) -> dict[str, Any]:
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
        ):
            with suppress(ValueError):
                return {name: ast.literal_eval(value)}
    raise InputError(f"{path.name}: {ast.unparse(statement)!r} in the parameters cell is not a name = literal")


def quick_parameters(chapter: str) -> dict[str, Any]:
    """Return the parameters that the chapter's experiments replace at scale quick."""
    return dict(getattr(find_chapter(chapter).experiments(), "QUICK", {}))


def check(chapter: str, values: Mapping[str, object], scale: str = "laptop") -> dict[str, Any]:
    """Return all parameters of `chapter`: the given `values`, then those of `scale`, then the notebook's defaults.

    Values from a command line are strings; each is read as the type of its default (see `convert`).
    """
    defaults = parameters(chapter)
    for name in values:
        if name not in defaults:
            raise InputError(f"{chapter} has no parameter {name!r}: {_suggest(name, list(defaults))}")
    explicit = {name: convert(name, value, defaults[name]) for name, value in values.items()}
    for asked in (scale, explicit.get("scale", scale)):
        if asked not in SCALES:
            raise InputError(f"unknown scale {asked!r}: {_suggest(asked, SCALES)}")
    at_scale = {"scale": scale} if "scale" in defaults else {}
    if {**at_scale, **explicit}.get("scale") == "quick":
        at_scale |= {name: value for name, value in quick_parameters(chapter).items() if name in defaults}
    return defaults | at_scale | explicit


def _suggest(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(known) or 'none'}"


def convert(name: str, value: object, default: object) -> Any:
    """Return `value` as the type of `default`, a plain value or a list of these, which takes a single value."""
    parsed = _literal(value)
    if isinstance(default, list):
        if isinstance(parsed, str) and (not default or isinstance(default[0], str)):
            parsed = parsed.strip().removeprefix("[").removesuffix("]").split(",")  # a shell takes the quotes away
            parsed = [item.strip() for item in parsed if item.strip()]
        items = list(parsed) if isinstance(parsed, list | tuple) else [parsed]
        if not items:
            raise InputError(f"{name}={value!r} is empty: give at least one value, such as {name}={default}")
        return [convert(name, item, default[0]) if default else str(item) for item in items]  # no default: names
    if isinstance(default, str) and isinstance(value, str):
        return parsed if isinstance(parsed, str) else value
    if isinstance(default, bool) and isinstance(parsed, str):
        parsed = {"true": True, "false": False}.get(parsed.lower(), parsed)
    if isinstance(default, float) and type(parsed) is int:
        parsed = float(parsed)
    if type(parsed) is not type(default):
        raise InputError(f"{name}={value!r} should be {KINDS[type(default)]}, such as {name}={default}")
    return parsed


def _literal(value: object) -> Any:
    """Return the Python literal that the text `value` writes, or `value` itself."""
    if not isinstance(value, str):
        return value
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return value
