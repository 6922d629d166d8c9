"""The project's own source as the tidy tests see it: every module, parsed once."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "headgate"
PURE_LAYERS = ("dialects", "translation", "policy", "routing", "metering", "catalog")


@cache
def modules() -> tuple[Path, ...]:
    """Every module of the package."""
    return tuple(sorted(PACKAGE.rglob("*.py")))


@cache
def trees() -> tuple[tuple[Path, ast.Module], ...]:
    """Every module with its syntax tree."""
    return tuple((path, ast.parse(path.read_text(encoding="utf-8"))) for path in modules())


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def name(path: Path) -> str:
    """A path as people write it."""
    return str(path.relative_to(ROOT))
