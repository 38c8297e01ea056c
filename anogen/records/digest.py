"""Digests: of code, so that a record knows what computed it; of arrays, so that a record knows its own content."""

import ast
import hashlib
import importlib.util
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np

MODULE = re.compile(r"\w+(\.\w+)+(:\w+)?")


def of_array(array: np.ndarray) -> str:
    """Return the sha256 of an array's dtype, shape and bytes."""
    head = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()


def of_arrays(arrays: Mapping[str, np.ndarray]) -> str:
    """Return one sha256 for named arrays, whatever their order."""
    return hashlib.sha256("".join(f"{k}:{of_array(arrays[k])};" for k in sorted(arrays)).encode()).hexdigest()


def of_code(module: str) -> str:
    """Return the sha256 of a module and of every module of its package that it imports, directly or not.

    Comments, docstrings and layout do not count. Modules outside the package do not count either: their versions
    stand in the record.
    """
    package = module.partition(".")[0]
    seen: dict[str, str] = {}
    queue = [module]
    while queue:
        name = queue.pop()
        if name in seen:
            continue
        spec = importlib.util.find_spec(name)
        assert spec is not None and spec.origin is not None, name
        seen[name], imported = _read(Path(spec.origin), Path(spec.origin).stat().st_mtime_ns)
        queue += [m for m in imported if m.partition(".")[0] == package and _is_module(m)]
    return hashlib.sha256("".join(f"{k}={seen[k]};" for k in sorted(seen)).encode()).hexdigest()


@cache
def _read(path: Path, _modified: int) -> tuple[str, tuple[str, ...]]:
    """Return the canonical text of a source file and the names of what it imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and MODULE.fullmatch(node.value):
            imported.append(node.value.partition(":")[0])  # imported by name where it is needed: `package.module:Class`
        elif isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:]
    # What a module hands out only when it is asked for is not what an experiment computes with.
    tree.body = [node for node in tree.body if not (isinstance(node, ast.FunctionDef) and node.name == "__getattr__")]
    return _canonical(tree), tuple(imported)


def _canonical(node: object) -> str:
    """Write a syntax tree so that all supported Python versions write the same: without empty fields."""
    if isinstance(node, ast.AST):
        named = ((name, getattr(node, name, None)) for name in node._fields if name not in {"kind", "type_comment"})
        return (
            f"{type(node).__name__}({','.join(f'{k}={_canonical(v)}' for k, v in named if v is not None and v != [])})"
        )
    if isinstance(node, list):
        return f"[{','.join(map(_canonical, node))}]"
    return repr(node)


@cache
def _is_module(name: str) -> bool:
    """Tell whether a dotted name is a module; `from package import name` may import either."""
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return False
    return spec is not None and spec.origin is not None


def module_of(item: type | ModuleType) -> str:
    """Return the name of the module that defines a class."""
    return item.__module__ if isinstance(item, type) else item.__name__
