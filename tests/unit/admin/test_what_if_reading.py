"""How the requests of the last days are read for a replay."""

import pytest

from headgate.admin import what_if_reading
from headgate.admin.page_queries import PageColumn, PageRows
from headgate.admin.what_if import WhatIfAsked
from headgate.admin.what_if_reading import WhatIfReader, past_request, replay_of
from headgate.core.errors import BadRequest
from headgate.metering.price import Rates
from tests.fakes.ports import FakeClock
from tests.fakes.principals import administrator

ROOT = administrator("root")
LIMIT = WhatIfAsked(kind="limit", document={"key": "user_default", "per": "minute", "requests": 1})
_NAMES = what_if_reading._UsageRow._fields


def row(number: int, begun_us: int, **fields) -> tuple[object, ...]:
    """A row as the query returns it."""
    return tuple(
        (dict.fromkeys(_NAMES) | {"request_id": f"r{number}", "begun_us": begun_us, "requester": "ada", "endpoint": "opus"} | fields).values()
    )


class Rows:
    """Answers the two queries from rows in memory, a few at a time, as the table would."""

    def __init__(self, rows, per_day=()) -> None:
        self.rows_there = rows
        self.per_day = per_day
        self.asked = []

    async def rows(self, query, principal):
        self.asked.append(query)
        given = {each.name: each.value for each in query.parameters}
        if "GROUP BY 1" in query.text:
            return _page(["day", "requests"], list(self.per_day))
        since = int(given["since"]), given["after"]
        following = [each for each in self.rows_there if (each[1], each[0]) > since and each[1] >= since[0]]
        page = _page(list(_NAMES), following[:2])
        return page if len(following) <= 2 else PageRows(columns=page.columns, values=page.values, truncated=True)


def _page(names, rows) -> PageRows:
    return PageRows(
        columns=tuple(PageColumn(name, "STRING") for name in names),
        values=[list(column) for column in zip(*rows, strict=True)] or [[] for _ in names],
    )


async def test_every_row_is_read_once_in_pages():
    """Also rows of the same moment at the end of a page."""
    now_us = FakeClock().wall_ns() // 1000
    rows = [row(number, now_us - 10 + number // 3) for number in range(7)]
    found = await WhatIfReader(Rows(rows), FakeClock()).what_if(LIMIT, ROOT)
    assert (found.requests, found.total.refused) == (7, 6)
    assert (found.to_ms, found.to_ms - found.from_ms) == (now_us // 1000, 30 * 86_400_000)


async def test_of_too_many_requests_the_latest_days_are_read(monkeypatch):
    """From the first day on from which they fit."""
    monkeypatch.setattr(what_if_reading, "ROWS_MAX", 100)
    now_us = FakeClock().wall_ns() // 1000
    days = [now_us - number * 86_400_000_000 for number in range(1, 4)]
    found = await WhatIfReader(Rows([], [(days[0], 60), (days[1], 30), (days[2], 20)]), FakeClock()).what_if(LIMIT, ROOT)
    assert found.from_ms == days[1] // 1000
    assert (await WhatIfReader(Rows([], [(days[0], 600)]), FakeClock()).what_if(LIMIT, ROOT)).from_ms < days[2] // 1000


def test_a_row_becomes_a_request():
    """What is NULL is nothing; groups are those of the name; money is in nano-dollars."""
    full = row(
        1, 5_000_000, latency_ms=250, requester_type="SERVICE_PRINCIPAL", principal_id="sp_1", request_bytes=401, input_tokens=90, output_tokens=7,
        charge=0.0125, charge_status="priced", input_mtok=5.0, output_mtok=25.0, tags={"team": "x"},
    )  # fmt: skip
    found = past_request(full, {"ada": frozenset({"staff"})})
    assert (found.ended_us, found.principal.id, found.principal.kind, found.principal.groups) == (5_250_000, "sp_1", "SERVICE_PRINCIPAL", {"staff"})
    assert (found.estimated_input, found.nano_usd, found.tags) == (100, 12_500_000, {"team": "x"})
    assert found.rates == Rates(5.0, None, None, None, 25.0, "", "", "")
    empty = past_request(row(2, 5), {})
    assert (empty.ended_us, empty.principal.id, empty.rates, empty.unpriced, empty.nano_usd) == (5, "ada", None, False, 0)


def test_what_is_replayed():
    """Tags are read only for what counts them; what is not valid is refused."""
    tagged = {"key": "request_tag", "request_tag_key": "team", "per": "day", "tokens": 5}
    budget = {"name": "b", "usd": 5.0, "per": "day"}
    assert [replay_of(WhatIfAsked(kind="limit", document=each))[1] for each in (LIMIT.document, tagged)] == [False, True]
    assert [replay_of(WhatIfAsked(kind="budget", document=budget | more))[1] for more in ({}, {"request_tag": {"team": "x"}})] == [False, True]
    for kind, document in (("limit", {"key": "king"}), ("limit", {"key": "user"}), ("budget", {"usd": "much"}), ("budget", {"name": "b"})):
        with pytest.raises(BadRequest, match=f"The {kind} is not valid"):
            replay_of(WhatIfAsked(kind=kind, document=document))
