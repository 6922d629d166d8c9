"""Steps of a session as a person reads them: sub-agents inside of what called them, and the lines of cost and context. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Union

import msgspec

from headgate.web.ui.session_steps import SessionStep
from headgate.web.ui.sparkline import HEIGHT, WIDTH

_POINTS_MAX = 240


class SubAgent(msgspec.Struct):
    """A sub-agent: what it asked and was answered, with the sub-agents of its own, in their order."""

    name: str
    inside: list[Union[SessionStep, "SubAgent"]] = []

    @property
    def steps(self) -> Iterator[SessionStep]:
        """Every step in it, at any depth."""
        for each in self.inside:
            if isinstance(each, SessionStep):
                yield each
            else:
                yield from each.steps

    @property
    def count(self) -> int:
        """How many steps there are in it."""
        return sum(1 for _ in self.steps)

    @property
    def charge(self) -> Decimal:
        """What its priced exchanges cost together."""
        return sum((Decimal(step.row["charge"]) for step in self.steps if step.row["charge"] is not None), Decimal(0))


def outline(steps: Iterable[SessionStep], session_id: str) -> list[SessionStep | SubAgent]:
    """The steps with each sub-agent at the place of its first exchange, inside of its parent where that is named and known."""
    top = SubAgent("")
    known: dict[str, SubAgent] = {"": top, session_id: top}
    for step in steps:
        name = str(step.row["subagent_id"] or "")
        if name not in known:
            made = SubAgent(name)
            known.get(str(step.row["parent_subagent_id"] or ""), top).inside.append(made)
            known[name] = made
        known[name].inside.append(step)
    return top.inside


def running_costs(rows: Sequence[Mapping[str, Any]]) -> list[Decimal]:
    """After each exchange, what the session has cost so far."""
    total, found = Decimal(0), []
    for row in rows:
        total += Decimal(row["charge"]) if row["charge"] is not None else 0
        found.append(total)
    return found


def points(values: Sequence[Decimal | int]) -> str:
    """A line through the values from left to right, for an SVG of the size of a sparkline; empty for fewer than two."""
    if len(values) > _POINTS_MAX:
        values = [values[round(number * (len(values) - 1) / (_POINTS_MAX - 1))] for number in range(_POINTS_MAX)]
    most = max(values, default=0)
    if len(values) < 2 or not most:
        return ""
    step = WIDTH / (len(values) - 1)
    return " ".join(f"{number * step:.2f},{HEIGHT - 1 - float(value) / float(most) * (HEIGHT - 2):.2f}" for number, value in enumerate(values))
