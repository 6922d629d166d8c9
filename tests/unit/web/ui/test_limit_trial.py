"""The question of a trial, and its answer in words."""

from headgate.admin.what_if import WhatIfAnswer
from headgate.web.ui.governance import Governance
from headgate.web.ui.limit_trial import tried_in_words, what_if_asked
from tests.fakes.limit_pages import LimitDesk


def test_only_groups_that_are_named_are_in_the_question() -> None:
    """Of a limit and of those beside it; a budget is alone."""
    desk = LimitDesk()
    group = desk.objects.create("limit", {"key": "group", "principal": "staff", "per": "day", "requests": 1}, "root")
    others = desk.objects.all_of("limit")
    asked = []
    for member in ("bob", "ada"):
        governance = _governance(desk, member)
        asked.append(what_if_asked("limit", others[0], [group], governance))
    assert [each.groups for each in asked] == [{"bob": frozenset({"staff"})}, {"ada": frozenset({"staff"})}]
    budget = desk.objects.all_of("budget")[0]
    found = what_if_asked("budget", budget, [group], _governance(desk, "bob"))
    assert (found.kind, found.others, found.groups) == ("budget", (), {})


def test_days_and_their_share() -> None:
    """The day with the most is the whole bar; the days are in their order."""
    found = tried_in_words("x", WhatIfAnswer(by_day={"2026-11-02": 1, "2026-11-01": 4}, to_ms=30 * 86_400_000), 30)
    assert (found["days"], found["span_days"], found["shortened"]) == ([("2026-11-01", 4, 1.0), ("2026-11-02", 1, 0.25)], 30, False)


def _governance(desk: LimitDesk, member: str):
    return Governance(desk.snapshot, desk.reservations, lambda _name: None, lambda _asked: {}, lambda _group: (member,))
