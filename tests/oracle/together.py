"""Expressions that Headgate answers many at a time, as one statement. What is not right that way is asked again by itself, so each verdict is its own."""

from tests.oracle import verdict
from tests.oracle.ours import Ours
from tests.oracle.statements import ALONE

_GROUP = 32


def answers(rows: list[dict[str, object]], ours: Ours) -> list[dict[str, object]]:
    """Headgate's answer to each statement of these expected rows."""
    group: list[tuple[int, dict[str, object]]] = []
    found: dict[int, dict[str, object]] = {}
    for place, row in enumerate(rows):
        if "error" in row or len(row["rows"]) != 1 or ALONE.search(str(row["sql"])):
            found[place] = ours.answer(str(row["sql"]))
        else:
            group.append((place, row))
    for start in range(0, len(group), _GROUP):
        _ask(group[start : start + _GROUP], ours, found)
    return [found[place] for place in range(len(rows))]


def _ask(group: list[tuple[int, dict[str, object]]], ours: Ours, found: dict[int, dict[str, object]]) -> None:
    if len(group) == 1:
        found[group[0][0]] = ours.answer(str(group[0][1]["sql"]))
        return
    whole = ours.answer("SELECT " + ", ".join(str(row["sql"]).removeprefix("SELECT ") for _, row in group))
    if "error" in whole or len(whole["rows"]) != 1 or len(whole["names"]) != sum(len(row["names"]) for _, row in group):
        half = len(group) // 2
        _ask(group[:half], ours, found)
        _ask(group[half:], ours, found)
        return
    at = 0
    for place, row in group:
        part = slice(at, at + len(row["names"]))
        at = part.stop
        answer = {"names": whole["names"][part], "types": whole["types"][part], "rows": [whole["rows"][0][part]]}
        right = verdict.of(str(row["sql"]), row, answer).reason in {"", "names"}
        found[place] = answer if right else ours.answer(str(row["sql"]))
