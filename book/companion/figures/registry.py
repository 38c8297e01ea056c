"""Registry of the functions behind figures and tables, for links to their lines and `anogen where`."""

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from companion.chapters import chapters

Function = TypeVar("Function", bound=Callable[..., Any])

_functions: dict[str, Callable[..., Any]] = {}  # filled when the chapters' modules are imported


def implements(*ids: str) -> Callable[[Function], Function]:
    """Register a function as the one behind figures or tables; ids of the book's own figures may end in ``*``."""

    def register(function: Function) -> Function:
        for id_ in ids:
            if _functions.setdefault(id_, function) is not function:
                raise ValueError(f"{id_} is implemented twice: by {_functions[id_].__name__} and {function.__name__}")
        return function

    return register


def function_of(id_: str) -> Callable[..., Any] | None:
    """Return the function that draws a figure or writes a table; None if no chapter registers one."""
    for chapter in chapters().values():
        chapter.figures()
    matches = (function for pattern, function in _functions.items() if fnmatchcase(id_, pattern))
    return _functions.get(id_) or next(matches, None)
