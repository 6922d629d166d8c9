"""Reads the requests of the last days from the usage table, page by page, and has them replayed on a thread. Implements `WhatIfQuestions`.

It reads a bounded number of requests: where there are more, it begins with the first day from which they fit.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from headgate.admin.page_queries import PageQueries, PageQuery, PageRows
from headgate.admin.statement_ports import Parameter
from headgate.admin.what_if import WhatIfAnswer, WhatIfAsked
from headgate.admin.what_if_replay import PastRequest, WhatIfReplay
from headgate.config.entries import WrittenBudget, WrittenLimit
from headgate.config.objects import KINDS, entry_of
from headgate.config.problems import Problems
from headgate.core.budget import NANO_PER_USD
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest
from headgate.core.principal import USER, Principal
from headgate.metering.price import Rates
from headgate.policy.budgets import BudgetTable
from headgate.policy.limits import LimitTable

ROWS_MAX: Final = 250_000
PAGE_ROWS: Final = 25_000
_SECONDS_MAX: Final = 40.0
_DAY_US: Final = 86_400_000_000

_PER_DAY = """
SELECT unix_micros(date_trunc('DAY', event_time)) AS day, count(*) AS requests
FROM system.ai_gateway.usage WHERE event_time >= timestamp_micros(:since) GROUP BY 1 ORDER BY 1 DESC
"""
_ROWS = """
SELECT request_id, unix_micros(event_time) AS begun, latency_ms, coalesce(downgraded_from, endpoint_name) AS endpoint, requester, requester_type,
       principal_id, token_id, agent, session_id, {tags} AS tags, request_bytes, input_tokens, output_tokens, charge, charge_status,
       rates.input_mtok AS input_mtok, rates.cache_read_mtok AS read_mtok, rates.cache_write_5m_mtok AS write_mtok,
       rates.cache_write_1h_mtok AS write_1h_mtok, rates.output_mtok AS output_mtok
FROM system.ai_gateway.usage
WHERE event_time >= timestamp_micros(:since) AND event_time < timestamp_micros(:until) AND ended <> 'refused' AND requester IS NOT NULL
  AND (event_time > timestamp_micros(:since) OR request_id > :after)
ORDER BY event_time, request_id
"""


class _UsageRow(NamedTuple):
    """The columns that are read, in their order."""

    request_id: str
    begun_us: int
    latency_ms: int | None
    endpoint: str | None
    requester: str
    requester_type: str | None
    principal_id: str | None
    token_id: str | None
    agent: str | None
    session_id: str | None
    tags: dict[str, str] | None
    request_bytes: int | None
    input_tokens: int | None
    output_tokens: int | None
    charge: float | None
    charge_status: str | None
    input_mtok: float | None
    read_mtok: float | None
    write_mtok: float | None
    write_1h_mtok: float | None
    output_mtok: float | None


class WhatIfReader:
    """Answers over the queries of pages, with the privileges of the principal who asks."""

    def __init__(self, queries: PageQueries, clock: Clock) -> None:
        self._queries = queries
        self._clock = clock

    async def what_if(self, asked: WhatIfAsked, principal: Principal) -> WhatIfAnswer:
        """What would have happened."""
        begun_s = self._clock.monotonic_s()
        replay, tagged = replay_of(asked)
        now_us = self._clock.wall_ns() // 1000
        since_us = await self._since_us(now_us - asked.days * _DAY_US, principal)
        reading = _Reading(_ROWS.format(tags="request_tags" if tagged else "NULL"), since_us, now_us)
        while not reading.ended and self._clock.monotonic_s() - begun_s < _SECONDS_MAX:
            rows = await self._queries.rows(reading.query(), principal)
            await asyncio.to_thread(reading.replay, rows, replay, asked.groups)
        to_us = now_us if reading.ended else reading.since_us
        took_ms = round((self._clock.monotonic_s() - begun_s) * 1000)
        return msgspec.structs.replace(replay.answer(), from_ms=since_us // 1000, to_ms=to_us // 1000, took_ms=took_ms)

    async def _since_us(self, wanted_us: int, principal: Principal) -> int:
        """From when on the requests are few enough: the moment that is asked for, or the beginning of a later day."""
        query = PageQuery(text=_PER_DAY, parameters=(Parameter("since", str(wanted_us), "BIGINT"),), row_limit=1000)
        read, since_us = 0, wanted_us
        for day, requests in (await self._queries.rows(query, principal)).rows():
            read += _int(requests)
            if read > ROWS_MAX and since_us > wanted_us:
                return since_us
            since_us = max(wanted_us, _int(day))
        return wanted_us


class _Reading:
    """How far the rows were read. Of rows with the same moment, those with a larger id follow."""

    def __init__(self, text: str, since_us: int, until_us: int) -> None:
        self._text = text
        self.since_us = since_us
        self._until_us = until_us
        self._after = ""
        self.ended = False

    def query(self) -> PageQuery:
        """The query for the next rows."""
        parameters = (
            Parameter("since", str(self.since_us), "BIGINT"),
            Parameter("until", str(self._until_us), "BIGINT"),
            Parameter("after", self._after),
        )
        return PageQuery(text=self._text, parameters=parameters, row_limit=PAGE_ROWS)

    def replay(self, rows: PageRows, replay: WhatIfReplay, groups: Mapping[str, frozenset[str]]) -> None:
        """Replay these rows, and go on behind them."""
        values = rows.values
        for row in rows.rows():
            replay.add(past_request(row, groups))
        self.ended = not rows.truncated
        if len(rows):
            self._after, self.since_us = str(values[0][-1]), _int(values[1][-1])


def replay_of(asked: WhatIfAsked) -> tuple[WhatIfReplay, bool]:
    """The replay of a limit or budget, and whether it needs the tags of requests. Raises BadRequest for one that is not valid."""
    kind = KINDS[asked.kind]
    own = _entry(asked.kind, asked.document)
    problems = Problems("", {})
    others = [_entry(asked.kind, each) for each in asked.others] if asked.kind == "limit" else []
    compiled = kind.compile([own, *others], (), problems)
    if problems.found:
        raise BadRequest(f"The {asked.kind} is not valid: {problems.found[0].reason}.", code="INVALID_PARAMETER_VALUE")

    def names_of(name: str) -> tuple[str, ...]:
        return asked.names.get(name, (name,))

    if isinstance(own, WrittenLimit):
        return WhatIfReplay(limits=LimitTable(compiled, names_of), limit_id=compiled[0].id), own.key == "request_tag"
    return WhatIfReplay(budgets=BudgetTable(compiled, names_of)), bool(own.request_tag)


def past_request(row: Sequence[Any], groups: Mapping[str, frozenset[str]]) -> PastRequest:
    """A row as the replay takes it."""
    found = _UsageRow(*row)
    rates = None
    if found.input_mtok is not None:
        rates = Rates(found.input_mtok, found.read_mtok, found.write_mtok, found.write_1h_mtok, found.output_mtok, "", "", "")
    who = found.requester
    return PastRequest(
        request_id=found.request_id,
        begun_us=found.begun_us,
        ended_us=found.begun_us + (found.latency_ms or 0) * 1000,
        principal=Principal(id=found.principal_id or who, name=who, kind=found.requester_type or USER, groups=groups.get(who, frozenset())),
        endpoint=found.endpoint or "",
        token_id=found.token_id or "",
        agent=found.agent or "",
        session_id=found.session_id or "",
        tags=found.tags or {},
        estimated_input=((found.request_bytes or 0) + 1) // 4,
        input_tokens=found.input_tokens or 0,
        output_tokens=found.output_tokens or 0,
        nano_usd=round((found.charge or 0) * NANO_PER_USD),
        rates=rates,
        unpriced=found.charge_status == "unpriced",
        own_account=found.charge_status == "not_charged",
    )


def _entry(word: str, document: Mapping[str, Any]) -> WrittenLimit | WrittenBudget:
    entry, wrong = entry_of(KINDS[word], document)
    if wrong or not isinstance(entry, WrittenLimit | WrittenBudget):
        raise BadRequest(f"The {word} is not valid: {'; '.join(wrong)}.", code="INVALID_PARAMETER_VALUE")
    return entry


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0
