"""The error codes that a client can meet: those in every module that the serving process imports, directly or through others; and all there are."""

import ast
from functools import cache
from itertools import starmap

from tests.tidy.source import PACKAGE, trees

_ROOTS = ("headgate.app.serving",)
_FAILURES = "headgate.upstream.failure"


@cache
def served_codes() -> frozenset[str]:
    """The codes of the modules that serve."""
    found: set[str] = set()
    waiting, seen = list(_ROOTS), set()
    trees = _trees()
    while waiting:
        module = waiting.pop()
        if module in seen or module not in trees:
            continue
        seen.add(module)
        waiting += _imported(trees[module])
        found |= _codes_in(module, trees[module])
    return frozenset(found)


@cache
def all_codes() -> frozenset[str]:
    """The codes of every module."""
    return frozenset().union(*starmap(_codes_in, _trees().items()))


def _codes_in(module: str, tree: ast.Module) -> set[str]:
    """Every `code="…"` of a module; of the upstream client's words for failures, also those that are returned with them."""
    found = set()
    for node in ast.walk(tree):
        named = node.value if isinstance(node, ast.keyword) and node.arg == "code" else _returned(node) if module == _FAILURES else _failed(node)
        if isinstance(named, ast.Constant) and isinstance(named.value, str) and named.value:
            found.add(named.value)
    return found


def _failed(node: ast.AST) -> ast.expr | None:
    """The class of an error that a macro raises."""
    return node.args[0] if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_fail" else None


def _returned(node: ast.AST) -> ast.expr | None:
    """The first of two things that are returned together."""
    return node.value.elts[0] if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) else None


def _trees() -> dict[str, ast.Module]:
    named = {}
    for path, tree in trees():
        parts = ["headgate", *path.relative_to(PACKAGE).with_suffix("").parts]
        named[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = tree
    return named


def _imported(tree: ast.Module) -> list[str]:
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return names
