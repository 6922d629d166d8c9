"""Names say what a thing is: words that say nothing are banned, and nothing stands twice under two versions."""

import ast
import re

from tests.tidy.source import modules, name, trees

BANNED = {"utils", "util", "helpers", "helper", "common", "manager", "handler", "processor", "misc", "v2", "v3", "new", "old"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def test_no_module_is_named_after_nothing() -> None:
    """No module has a banned name, and none begins with `base`."""
    bad = [name(path) for path in modules() if path.stem in BANNED or path.stem.startswith("base")]

    assert not bad


def test_no_class_is_named_after_nothing() -> None:
    """No class ends in a word that says nothing about it."""
    bad = [
        f"{name(path)}:{node.name}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and re.search(r"(Manager|Handler|Helper|Processor|Util|Utils|V2|V3)$|^Base", node.name)
    ]

    assert not bad


def test_nothing_is_left_unfinished() -> None:
    """No module carries a note of work that was put off."""
    bad = [name(path) for path in modules() if UNFINISHED.search(path.read_text(encoding="utf-8"))]

    assert not bad


def test_no_module_level_state_changes() -> None:
    """No module binds a name through `global`."""
    bad = [name(path) for path, tree in trees() if any(isinstance(node, ast.Global) for node in ast.walk(tree))]

    assert not bad
