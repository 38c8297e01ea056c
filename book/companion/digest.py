"""Digests of code and of arrays, which a record stores to detect that either has changed."""

import ast
import hashlib
import importlib.util
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

MODULE = re.compile(r"\w+(\.\w+)+(:\w+)?")
PACKAGES = frozenset({"anogen", "companion", "notebooks"})
# Module-level names that register or export code and compute nothing. They are left out of the digest, and so are the
# modules that they name: those of the detectors in `Experiment.uses()` are added by `store.code_digest`.
LISTINGS = frozenset({
    "CATALOGUE", "HOMES", "QUICK", "_EXPORTS", "__all__", "__dir__", "__getattr__", "__version__",
    "TYPE_CHECKING", "chapter_experiments",
})  # fmt: skip


def of_array(array: np.ndarray) -> str:
    """Return the sha256 of an array's dtype, shape and bytes."""
    head = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()


def of_arrays(arrays: Mapping[str, np.ndarray]) -> str:
    """Return one sha256 for named arrays, whatever their order."""
    return hashlib.sha256("".join(f"{k}:{of_array(arrays[k])};" for k in sorted(arrays)).encode()).hexdigest()


def of_code(*modules: str) -> str:
    """Return the sha256 of modules and of all modules of the project that they import, directly or not."""
    texts = canonical_texts(*modules)
    return hashlib.sha256("".join(f"{name}={texts[name]};" for name in sorted(texts)).encode()).hexdigest()


def canonical_texts(*modules: str) -> dict[str, str]:
    """Return the code of modules and of those of the project that they import, without comments, layout, `LISTINGS`."""
    packages = PACKAGES | {module.partition(".")[0] for module in modules}
    seen: dict[str, str] = {}
    queue = list(modules)
    while queue:
        name = queue.pop()
        if name in seen:
            continue
        spec = importlib.util.find_spec(name)
        assert spec is not None and spec.origin is not None, name
        seen[name], imported = _read(Path(spec.origin), Path(spec.origin).stat().st_mtime_ns)
        queue += [m for m in imported if m.partition(".")[0] in packages and _is_module(m)]
    return seen


@cache
def _read(path: Path, _modified: int) -> tuple[str, tuple[str, ...]]:
    """Return the canonical text of a source file and the names of what it imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if LISTINGS.isdisjoint(_defined(node))]
    imported: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and MODULE.fullmatch(node.value):
            imported.append(node.value.partition(":")[0])  # imported by name: `package.module:Class`
        elif isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            match node.body:
                case [ast.Expr(ast.Constant(str())), *rest]:  # a docstring
                    node.body = rest
    return _canonical(tree), tuple(imported)


def _defined(node: ast.stmt) -> set[str]:
    """Return the names that a statement at module level defines."""
    match node:
        case ast.FunctionDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {target.id for target in targets if isinstance(target, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.If(test=ast.Name(id=name)):
            return {name}
    return set()


def _canonical(node: object) -> str:
    """Write a syntax tree so that all supported Python versions write the same: without empty fields."""
    if isinstance(node, ast.AST):
        named = {name: getattr(node, name, None) for name in node._fields if name not in {"kind", "type_comment"}}
        written = ",".join(f"{name}={_canonical(v)}" for name, v in named.items() if v is not None and v != [])
        return f"{type(node).__name__}({written})"
    if isinstance(node, list):
        return f"[{','.join(map(_canonical, node))}]"
    return repr(node)


@cache
def _is_module(name: str) -> bool:
    """Return whether a dotted name is a module; `from package import name` may import either."""
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return False
    return spec is not None and spec.origin is not None
