"""What limits, budgets and grants say at a moment."""

from headgate.exchange.reservation_store import MemoryReservations
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable
from headgate.routing.table import EndpointTable
from headgate.web.ui.governance import Governance
from tests.fakes.access import governance_of
from tests.fakes.browser import Browser
from tests.fakes.ports import FakeClock
from tests.fakes.principals import token_of, user


def test_what_applies_to_a_principal() -> None:
    """Its own limit in place of the default, with what is left; its share of the budget; the grants that name it."""
    found = governance_of(Browser()).applying("bob")
    assert [(each.whose, each.measure, each.maximum, each.left, each.share) for each in found.limits] == [("user bob", "tokens", 9000, 9000, 0.0)]
    assert [(state.budget.name, state.who) for state in found.budgets] == [("all", "bob")]
    assert [grant.endpoint for grant in found.grants] == ["gpt-*"]
    assert [each.whose for each in governance_of(Browser()).applying("ada").limits] == ["each user"]


def test_where_nothing_is_declared() -> None:
    """Nothing applies."""
    nothing = Snapshot(1, TokenTable({}), EndpointTable([], []))
    made = Governance(lambda: nothing, MemoryReservations(FakeClock()), lambda name: token_of(user(name)), lambda _asked: {})
    found = made.applying("ada")
    assert (found.limits, found.budgets, found.grants) == ([], (), ())
