"""The workspace API where budgets are partly spent."""

from headgate.policy.budgets import BudgetTable, Spender
from headgate.policy.wants import WantedMoney
from tests.fakes.budgets import budget, nano
from tests.fakes.principals import user
from tests.unit.web.api.asking import House


def spending_house():
    """Ada has spent 4 dollars and has one reserved, Ben has spent 5."""
    house = House()
    house.budgets = BudgetTable([
        budget("each", per_user=True, usd=5),
        budget("all", "day", usd=20, zone="Europe/Berlin"),
        budget("session", of_session=True, usd=100),
        budget("ben", holder_kind="user", holder="ben", usd=5),
    ])
    now_ns = house.desk.clock.wall_ns()

    def reserve(name, usd, session=""):
        shares = house.budgets.shares(Spender(user(name), "opus", session_id=session))
        return house.counts.reserve(WantedMoney(shares, [nano(usd)] * len(shares), now_ns))

    for name, usd in (("ada", 4), ("ben", 5)):
        held = reserve(name, usd, "s1")
        house.counts.settle(held, [nano(usd)] * len(held))
    reserve("ada", 1, "s1")
    return house
