"""What mypyc needs of the modules in `compiled.txt`, and of those that use them. Where a rule is broken, a compiled wheel would differ from the source without a word."""

import ast
import dataclasses
import enum
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import msgspec

from tests.tidy.source import PACKAGE, ROOT

_CLASS = re.compile(r"^[ \t]*class \w+\(([^()]*)\):", re.MULTILINE)
_PATCHES = re.compile(r"\bpatch\b|\.(?:setattr|delattr)\(")
_PATCHERS = ("setattr", "object", "patch", "delattr")


def listed() -> list[str]:
    """The names of `compiled.txt`: paths below the package, without their ending."""
    return (ROOT / "compiled.txt").read_text(encoding="utf-8").split()


@cache
def compiled() -> dict[str, ModuleType]:
    """Each compiled module by its full name."""
    names = [f"headgate.{name.replace('/', '.')}" for name in listed()]
    return {name: importlib.import_module(name) for name in names}


@cache
def texts() -> dict[Path, str]:
    """Every module of the package and of the tests."""
    return {path: path.read_text(encoding="utf-8") for folder in (PACKAGE, ROOT / "tests") for path in sorted(folder.rglob("*.py"))}


def own_classes(module: ModuleType) -> list[type]:
    """The classes that a module defines."""
    return [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__]


def imported(tree: ast.Module) -> dict[str, str]:
    """What each imported name of a module means, in full."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.asname: alias.name for alias in node.names if alias.asname}
    return found


def patched(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The line and the full name of each attribute that a test replaces, where that can be read."""
    names = imported(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute | ast.Name) or not node.args:
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        if called not in _PATCHERS:
            continue
        target, *others = node.args
        if isinstance(target, ast.Constant) and isinstance(target.value, str):
            yield node.lineno, target.value
        elif isinstance(target, ast.Name | ast.Attribute) and others and isinstance(others[0], ast.Constant):
            first, _, rest = ast.unparse(target).partition(".")
            yield node.lineno, ".".join(part for part in (names.get(first, first), rest, str(others[0].value)) if part)


def bound_early(name: str) -> bool:
    """Whether compiled code finds this without looking into the module: a function, a class or a member of one, or a constant that is Final."""
    for module_name, module in compiled().items():
        if name.startswith(f"{module_name}."):
            first, _, member = name.removeprefix(f"{module_name}.").partition(".")
            meant = getattr(module, first, None)
            final = str(getattr(module, "__annotations__", {}).get(first, "")).startswith("typing.Final")
            return (
                final or (callable(meant) and getattr(meant, "__module__", "") in compiled()) or (bool(member) and not isinstance(meant, ModuleType))
            )
    return False


def test_the_list_is_in_order() -> None:
    """Every line names a module, once, in order; one of them tells which build runs."""
    names = listed()

    assert names == sorted(set(names))
    assert [name for name in names if not (PACKAGE / f"{name}.py").is_file()] == []
    assert "core/ids" in names


def test_no_compiled_module_defines_what_mypyc_changes() -> None:
    """A compiled Struct loses `frozen`, `array_like` and `kw_only`, an enumeration its members, a dataclass its options; a NamedTuple takes no memoryview."""
    wrong = [
        each.__qualname__
        for module in compiled().values()
        for each in own_classes(module)
        if issubclass(each, msgspec.Struct | enum.Enum) or dataclasses.is_dataclass(each) or "memoryview" in str(getattr(each, "__annotations__", ""))
    ]

    assert wrong == []


def test_no_interpreted_class_inherits_from_a_compiled_one() -> None:
    """Python refuses it when the module is loaded."""
    closed = {each.__name__ for module in compiled().values() for each in own_classes(module) if not getattr(each, "_is_protocol", False)}
    inside = {PACKAGE / f"{name}.py" for name in listed()}
    wrong = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path, text in texts().items()
        if path not in inside
        for found in _CLASS.finditer(text)
        for base in found[1].split(",")
        if base.strip() in closed and imported(ast.parse(text)).get(base.strip(), "").rpartition(".")[0] in compiled()
    ]

    assert wrong == []


def test_no_module_asks_for_the_type_of_a_coroutine() -> None:
    """A compiled async function returns an object of a type of its own: ask whether something can be called, or for `collections.abc.Coroutine`."""
    needles = ("CoroutineType", "iscoroutinefunction", "FunctionType")

    assert [
        str(path.relative_to(ROOT)) for path, text in texts().items() if path != Path(__file__) and any(needle in text for needle in needles)
    ] == []


def test_patches_are_found() -> None:
    """A module's function, a method and a Final constant are bound early; what is looked up in a module when it is used is not."""
    text = """
from headgate.core import ids as module
from headgate.upstream.connection import Connection
import os
monkeypatch.setattr(module, "new_id", print)
patch.object(Connection, "usable", print)
monkeypatch.setattr("headgate.core.ids.new_uuid", print)
monkeypatch.setattr(os, "write", print)
monkeypatch.setattr(module, "_RANDOM", 1)
"""
    found = dict(patched(ast.parse(text)))

    assert len(found) == 5
    assert [line for line, name in found.items() if bound_early(name)] == [5, 6, 7]


def test_no_test_patches_what_is_bound_early() -> None:
    """In a compiled wheel the patch would have no effect: give the object another part, or patch what it asks outside."""
    wrong = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path, text in texts().items()
        if _PATCHES.search(text)
        for line, name in patched(ast.parse(text))
        if bound_early(name)
    ]

    assert wrong == []
