"""The demo in a serving process: it starts what fills the store, counts what that spent, and lets exchanges end."""

import datetime as dt
import sys

import msgspec

from headgate.app.demo_month.budgets import EACH_DAY, team_budget
from headgate.app.demo_month.cast import PEOPLE, WEB
from headgate.app.demo_month.messages import Filled
from headgate.app.demo_month.month import DemoMonth, DemoParts
from headgate.app.demo_month.spending import SpentOfBudget
from headgate.app.demo_month.stream import Stream
from headgate.exchange.declared_budgets import Budgets
from headgate.exchange.reservation_store import MemoryReservations
from headgate.metering.spending_prices import SpendingPrices
from headgate.policy.budgets import BudgetTable
from tests.fakes.budgets import budget
from tests.fakes.demo import CAST
from tests.fakes.ports import FakeClock
from tests.fakes.records import rates_of

NANO = 1_000_000_000


class _Journal:
    """Keeps what is written."""

    def __init__(self):
        self.outcomes = []

    def outcome(self, outcome):
        self.outcomes.append(outcome)

    def append(self, kind, body):
        raise AssertionError("there are no tables to write to")


def _parts(journal, answer, budgets=lambda: None, code=0):
    clock = FakeClock()
    program = f"import sys; sys.stdout.buffer.write({msgspec.json.encode(answer)!r}); sys.exit({code})"
    return DemoParts(command=(sys.executable, "-c", program), budgets=budgets, reservations=MemoryReservations(clock), journal=journal, clock=clock)


async def test_it_counts_the_month_and_goes_on():
    """What the month spent is in the budgets once they are in force, and so is each exchange after it, which ends now."""
    declared = [budget(team_budget(WEB), usd=100, per="month"), budget(EACH_DAY, usd=40, per="day", per_user=True)]
    budgets, in_force = Budgets(BudgetTable(declared), SpendingPrices(rates_of)), []
    now_ns = FakeClock().wall_ns()
    spent = (SpentOfBudget(team_budget(WEB), "", "", now_ns, 7 * NANO), SpentOfBudget("one that was deleted", "", "", now_ns, NANO))
    filled = Filled(exchanges=9, until_ns=now_ns, spent=spent, identities=dict(CAST.identities))
    journal = _Journal()
    recorded = []
    parts = msgspec.structs.replace(_parts(journal, filled, lambda: in_force[0] if in_force else None), recorded=recorded.append)
    month = DemoMonth(parts)

    await month.follow()
    assert not journal.outcomes
    await month.follow()
    in_force.append(budgets)
    for _ in range(3):
        parts.clock.now_s += 6.5
        await month.follow()
        await month.follow()

    assert len(journal.outcomes) == 4
    assert recorded == journal.outcomes
    assert journal.outcomes[-1].ended_at_ns == parts.clock.wall_ns()
    states = {state.budget.name: state for state in parts.reservations.budget_states(budgets.table)}
    assert states[team_budget(WEB)].spent >= 7 * NANO


async def test_a_process_that_fails_costs_the_demo_alone(caplog):
    """Its failure is logged, and it is tried again after a while; nothing is made up meanwhile."""
    journal = _Journal()
    parts = _parts(journal, Filled(), code=3)
    month = DemoMonth(parts)
    await month.follow()
    await month.follow()
    assert caplog.text.count("could not be filled: exit code 3") == 1
    parts.clock.now_s += 31
    await month.follow()

    assert caplog.text.count("could not be filled: exit code 3") == 2
    assert not journal.outcomes


async def test_a_store_that_is_no_demos_is_left_alone(caplog):
    """The reason is logged once, and nothing is tried again."""
    journal = _Journal()
    parts = _parts(journal, Filled(refused="/data has usage of the provider lab"))
    month = DemoMonth(parts)
    for _ in range(3):
        await month.follow()
        parts.clock.now_s += 60

    assert caplog.text.count("usage of the provider lab") == 1
    assert not journal.outcomes


def test_a_stream_is_the_same_of_the_same_seed():
    """It has sessions of several people, each exchange with an id of its own, and its end is the moment that it was asked for."""
    now_ns = int(dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC).timestamp()) * NANO
    moments = [now_ns + number * 4 * NANO for number in range(300)]
    stream, again = Stream(CAST, "one"), Stream(CAST, "one")
    found = [stream.next(moment)[1].outcome for moment in moments]

    assert found == [again.next(moment)[1].outcome for moment in moments]
    assert [outcome.ended_at_ns for outcome in found] == moments
    assert len({outcome.intent.request_id for outcome in found}) == len(found)
    assert {outcome.intent.requester for outcome in found} <= {person.name for person in PEOPLE}
    assert len({outcome.intent.session_id for outcome in found}) > 4
