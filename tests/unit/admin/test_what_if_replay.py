"""Past requests through a limit or a budget that is not stored, held against a second computation."""

import random
from collections import Counter, defaultdict

import pytest

from headgate.admin.what_if import Counted
from headgate.admin.what_if_replay import PastRequest, WhatIfReplay
from headgate.core.budget import FallbackRate
from headgate.core.principal import Principal
from headgate.metering.price import Rates
from headgate.policy.budgets import BudgetTable
from headgate.policy.limits import LimitTable
from tests.fakes.budgets import budget
from tests.fakes.limits import limit

DAY_US = 86_400_000_000
START_US = 1_700_000_000_000_000 // DAY_US * DAY_US
RATES = Rates(5.0, None, None, None, 25.0, "", "", "")


def past(number: int, who: str, at_us: int, **fields) -> PastRequest:
    """A request that ended when it began, and used 100 tokens of input and 10 of output for a cent."""
    values = {"ended_us": at_us, "input_tokens": 100, "output_tokens": 10, "estimated_input": 100, "nano_usd": 10_000_000, "rates": RATES}
    principal = Principal(id=f"usr_{who}", name=who, groups=frozenset(fields.pop("groups", ())))
    return PastRequest(**{"request_id": f"r{number:06}", "begun_us": at_us, "principal": principal, "endpoint": "opus"} | values | fields)


def replayed(requests, *limits, budgets=()):
    """What the first limit, or the budgets, would have done."""
    made = WhatIfReplay(LimitTable(limits), limits[0].id) if limits else WhatIfReplay(budgets=BudgetTable(budgets))
    for request in requests:
        made.add(request)
    return made.answer()


def test_requests_of_each_user_within_an_hour_counted_a_second_way():
    """A request is refused if its user had that many let through within the window and the part of it that still counts."""
    draw = random.Random(7)
    most, part_us = 10, 60_000_000
    requests, at_us = [], START_US
    for number in range(3_000):
        at_us += draw.randrange(60_000_000)
        requests.append(past(number, draw.choice("abc"), at_us))
    refused: Counter[str] = Counter()
    let: dict[str, list[int]] = defaultdict(list)
    first = {}
    for request in requests:
        who, part = request.principal.name, request.begun_us // part_us
        let[who] = [one for one in let[who] if one >= part - 60]
        if len(let[who]) < most:
            let[who].append(part)
        else:
            refused[who] += 1
            first.setdefault(who, request.begun_us // 1000)
    found = replayed(requests, limit("user_default", "hour", requests=most))
    assert refused
    assert {each.who: each.counts.refused for each in found.people} == dict(refused)
    assert {each.who: each.first_refused_ms for each in found.people} == first
    assert found.total == Counted(counted=3_000, refused=refused.total())
    assert sum(found.by_day.values()) == refused.total()
    assert found.firsts == {"refused": min(first.values())}


def test_money_of_each_day_counted_a_second_way():
    """A budget warns from half on, and blocks what would exceed it."""
    draw = random.Random(11)
    requests, at_us = [], START_US
    for number in range(2_000):
        at_us += draw.randrange(200_000_000)
        requests.append(past(number, draw.choice("ab"), at_us, nano_usd=draw.randrange(10**9), rates=None))
    spent: Counter[tuple[str, int]] = Counter()
    expected: Counter[str] = Counter()
    for request in requests:
        key = request.principal.name, request.begun_us // DAY_US
        if spent[key] > 20 * 10**9:  # nothing is reserved where no rate is known, so one request may go beyond
            expected["refused"] += 1
            continue
        expected["warned"] += spent[key] >= 10 * 10**9
        spent[key] += request.nano_usd
    found = replayed(requests, budgets=[budget(per="day", usd=20.0, per_user=True, actions="50 warn, 100 block")])
    assert expected["refused"] > 100
    assert found.total == Counted(counted=2_000, refused=expected["refused"], warned=expected["warned"])
    assert found.people_touched == 2


def test_a_downgrade_counts_where_the_other_endpoint_is_counted():
    """From half of the budget on; the other endpoint may be one that the budget does not count."""
    requests = [past(number, "ada", START_US + number, nano_usd=2 * 10**9) for number in range(20)]
    actions = "50 downgrade haiku, 100 block"
    everywhere = replayed(requests, budgets=[budget(usd=20.0, actions=actions)])
    assert (everywhere.total.downgraded, everywhere.total.refused) == (5, 10)
    opus_alone = replayed(requests, budgets=[budget(usd=20.0, actions=actions, endpoint="opus")])
    assert (opus_alone.total.downgraded, opus_alone.total.refused) == (15, 0)


def test_requests_at_the_same_time():
    """Those that have not ended when the next begins."""
    requests = [past(number, "ada", START_US + number * 1_000_000, ended_us=START_US + number * 1_000_000 + 2_500_000) for number in range(9)]
    assert replayed(requests, limit("user_default", concurrent=2)).total.refused == 3
    assert replayed(requests, limit("user_default", concurrent=3)).total.refused == 0


def test_only_what_the_limit_itself_refuses():
    """Other limits of the same principals take its place and refuse nothing; one group with room is enough."""
    own, group = limit("user", holder="ada", requests=1), limit("group", holder="staff", requests=1)
    requests = [past(number, who, START_US + number, groups=["staff", "crew"]) for number in range(10) for who in ("ada", "ben")]
    assert [each.who for each in replayed(requests, limit("user_default", requests=5), own).people] == ["ben"]
    assert replayed(requests, group).total.refused == 19
    assert replayed(requests, group, limit("group", holder="crew", requests=100)).people == ()


@pytest.mark.parametrize(("unpriced", "rate", "refused"), [("refuse", None, 10), ("pass", None, 0), ("rate", FallbackRate(1e6, 0.0), 9)])
def test_models_without_a_price(unpriced, rate, refused):
    """Are refused, pass, or count at the budget's own rate: a dollar a token here."""
    requests = [past(number, "ada", START_US + number, rates=None, unpriced=True, nano_usd=0) for number in range(10)]
    assert replayed(requests, budgets=[budget(usd=150.0, unpriced=unpriced, rate=rate)]).total.refused == refused


def test_what_is_not_counted():
    """Requests that their users paid for themselves, of other endpoints and of other tags."""
    requests = [past(number, "ada", START_US + number, own_account=True) for number in range(5)]
    assert replayed(requests, budgets=[budget(usd=0.0)]).total == Counted()
    assert replayed(requests, limit(endpoint="gpt-*", requests=1)).total == Counted()
    tagged = [past(number, "ada", START_US + number, tags={"team": "x"}) for number in range(5)]
    assert replayed(tagged, limit("request_tag", tag="team=y", requests=1)).total == Counted()
    assert replayed(tagged, limit("request_tag", tag="team", requests=1)).total == Counted(counted=5, refused=4)
