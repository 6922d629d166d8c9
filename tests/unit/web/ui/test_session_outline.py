"""Steps with sub-agents inside of what called them, and the lines of cost and context."""

from decimal import Decimal

from headgate.web.ui.session_outline import SubAgent, outline, points, running_costs
from headgate.web.ui.session_steps import SessionStep


def step(number: int, subagent: str | None = None, parent: str | None = None) -> SessionStep:
    """A step of a sub-agent."""
    return SessionStep(row={"number": number, "subagent_id": subagent, "parent_subagent_id": parent, "charge": "0.5"})


def shape(inside):
    """The numbers of the steps, with sub-agents as lists."""
    return [(each.name, shape(each.inside)) if isinstance(each, SubAgent) else each.row["number"] for each in inside]


def test_sub_agents_are_where_they_began():
    """Inside of their parents, also when several run at once; a parent that is not known is none."""
    steps = [step(1), step(2, "a"), step(3, "b", "a"), step(4, "a"), step(5), step(6, "c", "gone"), step(7, "s1")]
    found = outline(steps, "s1")
    assert shape(found) == [1, ("a", [2, ("b", [3]), 4]), 5, ("c", [6]), 7]
    assert (found[1].count, found[1].charge) == (3, Decimal("1.5"))


def test_a_sub_agent_that_is_its_own_parent_is_shown():
    """Once, at the top."""
    assert shape(outline([step(1, "a", "a"), step(2, "a", "a")], "s1")) == [("a", [1, 2])]


def test_costs_add_up():
    """What has no charge adds nothing."""
    assert running_costs([{"charge": "0.1"}, {"charge": None}, {"charge": "0.2"}]) == [Decimal("0.1"), Decimal("0.1"), Decimal("0.3")]


def test_lines():
    """From left to right, the highest at the top; fewer than two points are no line."""
    assert points([0, 5, 10]) == "0.00,23.00 50.00,12.00 100.00,1.00"
    assert (points([1]), points([0, 0]), points([])) == ("", "", "")
    assert points(list(range(5_000))).count(",") == 240
