"""Why a request has no room in a limit."""

from headgate.policy.counters import Counters
from headgate.policy.limit_denial import LimitDenial
from headgate.policy.limits import CountedFor, LimitTable
from headgate.policy.wants import Wants
from tests.fakes.limits import limit
from tests.fakes.principals import user


def test_a_denial_says_what_is_used_what_is_asked_and_how_long_to_wait():
    """In the measure that has no room."""
    one = limit("user_default", tokens=100)
    wants = Wants("req_1", LimitTable([one]).counts("opus", CountedFor(user("ada"), "tok_1", "codex", {})), 50, 20)
    counters = Counters()
    counters.hold(wants, 120.5)

    assert counters.hold(wants, 130.25) == LimitDenial(one, user("ada").id, "tokens", 100, 70, 70, 50.75)
