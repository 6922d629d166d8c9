"""Everything public says what it owns; every test says in a sentence what it holds."""

import ast
from collections.abc import Iterator

from tests.tidy.source import ROOT, name, trees


def test_every_module_opens_with_what_it_owns() -> None:
    """Every module has a docstring."""
    assert not [name(path) for path, tree in trees() if not ast.get_docstring(tree)]


def test_everything_public_is_described() -> None:
    """Every public class, function and method has a docstring; dunders and what stands inside a function need none."""

    def undescribed(prefix: str, body: list[ast.stmt]) -> Iterator[str]:
        for node in body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                yield f"{prefix}{node.name}"
            if isinstance(node, ast.ClassDef):
                yield from undescribed(f"{prefix}{node.name}.", node.body)

    assert not [missing for path, tree in trees() for missing in undescribed(f"{name(path)}:", tree.body)]


def test_every_test_says_what_it_holds() -> None:
    """Every test function has a docstring."""
    missing = [
        f"{name(path)}:{node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]

    assert not missing
