"""Every change of the control state has an audit event: the one way to change it is `Database.writing`, and whoever goes it notes what is done."""

import ast

import pytest

from tests.tidy.allowed import UNAUDITED
from tests.tidy.source import PACKAGE, trees


def calls(node: ast.AST, name: str) -> bool:
    """Whether a function or method of this name is called within."""
    return any(
        isinstance(each, ast.Call)
        and ((isinstance(each.func, ast.Attribute) and each.func.attr == name) or (isinstance(each.func, ast.Name) and each.func.id == name))
        for each in ast.walk(node)
    )


def changing() -> dict[str, bool]:
    """Every function that changes the control state, and whether it notes that."""
    found = {}
    for path, tree in trees():
        module = path.relative_to(PACKAGE).with_suffix("").as_posix()
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and calls(node, "writing"):
                found[f"{module}.{node.name}"] = calls(node, "note") or calls(node, "note_all")
    return found


def test_every_change_of_the_control_state_is_noted() -> None:
    """In the same function, so that it is the same transaction."""
    noted = changing()
    silent = {where for where in noted if not noted[where]}
    assert silent - set(UNAUDITED) == set(), "call storage/state/audit_outbox.note in these transactions"
    assert sorted(set(UNAUDITED) - silent) == [], "these note what they do, or are gone: remove their lines from tests/tidy/allowed.py, UNAUDITED"
    assert len(noted) > 8


def test_every_change_of_principals_is_noted() -> None:
    """Their transaction is begun in one place and used in others, so each method that changes something notes it."""
    (tree,) = [tree for path, tree in trees() if path.relative_to(PACKAGE).as_posix() == "storage/state/principals.py"]
    methods = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and any(calls(node, word) for word in ("insert", "update", "delete"))
    ]
    assert {node.name: calls(node, "note") for node in methods} == {"put": True, "change_members": True, "strip": True}


@pytest.mark.parametrize("word", ["insert", "update", "delete"])
def test_nothing_else_changes_the_control_state(word: str) -> None:
    """A statement that changes it is executed where `writing` gave the connection; what clears the outbox, and upgrades, are the only others."""
    elsewhere = {
        path.relative_to(PACKAGE).as_posix()
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "sqlalchemy" and any(alias.name == word for alias in node.names)
    }
    assert {path.rpartition("/")[0] for path in elsewhere} <= {"storage/state", "storage/state/migrations/versions"}
