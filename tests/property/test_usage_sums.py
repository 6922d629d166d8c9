"""Sums of hours say what the rows say, for any order of appends, sums, merges and deletions, with any filters."""

import asyncio
import datetime as dt
import shutil
from unittest import mock

import pytest
from deltalake import DeltaTable
from hypothesis import given
from hypothesis import strategies as st

from headgate.app import usage_summing
from headgate.storage.delta import delta_table
from headgate.storage.query.compile_memory import CompileMemory
from headgate.web.ui.filters import read_filters
from tests.fakes.examples import examples
from tests.fakes.parsers import HereParsers
from tests.fakes.records import AT_NS
from tests.fakes.summed_usage import SummedUsage, passed

_BEGINS = dt.datetime.fromtimestamp(AT_NS // 10**9, dt.UTC)
_OF_ROWS = (
    "user, agent, model, provider, endpoint, request_tags, status_code, ended, charge_status, origin, session_id, sum(spend) AS spend, "
    "sum(total_tokens) AS tokens, sum(cache_read_tokens) AS read, sum(cache_write_tokens) AS written, "
    "round(sum(read_saved), 9) AS saved, round(sum(write_premium), 9) AS premium"
)
_PAIRS = (
    (
        (
            f"SELECT bucket, {_OF_ROWS}, count(*) AS requests, min(event_time) AS first, max(event_time) AS last, count(*) FILTER (WHERE spend > 0) AS charged "
            "FROM {} GROUP BY ALL"
        ),
        (
            f"SELECT bucket, {_OF_ROWS}, sum(requests) AS requests, min(first_time) AS first, max(last_time) AS last, "
            "coalesce(sum(requests) FILTER (WHERE charged), 0) AS charged FROM {} GROUP BY ALL"
        ),
        ("usage", "usage_hours", "before", "before_hours"),
    ),
    (
        (
            "SELECT bucket, user, model, kind, sum(spend) AS spend, sum(output_spend) AS output, sum(fresh_input_tokens) AS fresh, "
            "count(*) FILTER (WHERE first_line) AS requests FROM {} GROUP BY ALL"
        ),
        (
            "SELECT bucket, user, model, kind, sum(spend) AS spend, sum(output_spend) AS output, sum(fresh_input_tokens) AS fresh, "
            "sum(requests) AS requests FROM {} GROUP BY ALL"
        ),
        ("lines", "line_hours", "lines_before", "line_hours_before"),
    ),
    (
        (
            "SELECT bucket, percentile((unix_micros(try_element_at(routing_information.attempts, 1).start_time) - unix_micros(event_time)) / 1000, "
            "array(0.5, 0.95)) AS waits FROM {} GROUP BY bucket"
        ),
        (
            "SELECT bucket, percentile(wait_us / 1000, array(0.5, 0.95)) AS waits "
            "FROM (SELECT bucket, explode(before_try_us) AS wait_us FROM {}) AS every_wait GROUP BY bucket"
        ),
        ("usage", "usage_hours", "before", "before_hours"),
    ),
)
# Over the rows, what the relations of caches say.
_INPUT, _CHEAP = "rates.input_mtok", "coalesce(rates.cache_read_mtok, rates.input_mtok)"
_5M, _1H = "coalesce(rates.cache_write_5m_mtok, rates.input_mtok)", "coalesce(rates.cache_write_1h_mtok, rates.cache_write_5m_mtok, rates.input_mtok)"
_LOST = (
    f"least(lost, write_5m) * ({_5M} - {_CHEAP}) + least(greatest(lost - write_5m, 0), write_1h) * ({_1H} - {_CHEAP}) "
    f"+ greatest(lost - write_5m - write_1h, 0) * ({_INPUT} - {_CHEAP})"
)
_BROKEN = f"""
  WITH turns AS (
    SELECT bucket, session_id, user, agent, model, request_id, event_time, input_tokens, rates, coalesce(cache_read_tokens, 0) AS read,
      coalesce(cache_write_5m_tokens, 0) AS write_5m, coalesce(cache_write_1h_tokens, 0) AS write_1h, row_number() OVER before_it AS request,
      lag(request_id) OVER before_it AS earlier, lag(event_time) OVER before_it AS earlier_at, lag(input_tokens) OVER before_it AS input_before,
      lag(coalesce(cache_read_tokens, 0) + cache_write_tokens) OVER before_it AS cached, lag(cache_write_1h_tokens) OVER before_it AS hour_before
    FROM usage WHERE session_id IS NOT NULL AND input_tokens > 0 AND ended IN ('completed', 'client_gone', 'cut')
    WINDOW before_it AS (PARTITION BY session_id, subagent_id, model ORDER BY event_time, request_id)
  ),
  broken AS (SELECT *, cached - read AS lost FROM turns WHERE cached >= 1024 AND input_tokens >= input_before AND read < cached / 2)
  SELECT bucket, session_id, user, agent, model, request_id, event_time, request, earlier, earlier_at, CAST(cached AS BIGINT) AS cached,
    CAST(read AS BIGINT) AS read, CAST(({_LOST}) / 1000000 AS DECIMAL(38, 12)) AS lost_usd,
    CASE WHEN unix_micros(event_time) - unix_micros(earlier_at) > CASE WHEN hour_before > 0 THEN 3600000000 ELSE 300000000 END THEN 'expired'
      WHEN write_5m + write_1h > 0 THEN 'changed' ELSE 'changed or missed' END AS why
  FROM broken"""
_UNREAD = f"""
  WITH reads AS (
    SELECT session_id AS read_session, subagent_id AS read_subagent, model AS read_model, max(struct(event_time, request_id)) AS last_read
    FROM usage WHERE session_id IS NOT NULL AND input_tokens > 0 AND cache_read_tokens > 0 GROUP BY ALL
  ),
  writes AS (
    SELECT user, agent, model, cache_write_tokens AS written, coalesce(struct(event_time, request_id) < last_read, false) AS read_later,
      CAST((coalesce(cache_write_5m_tokens, 0) * ({_5M} - {_INPUT}) + coalesce(cache_write_1h_tokens, 0) * ({_1H} - {_INPUT})) / 1000000
        AS DECIMAL(38, 12)) AS premium
    FROM usage LEFT JOIN reads ON read_session = session_id AND read_subagent <=> subagent_id AND read_model <=> model
    WHERE session_id IS NOT NULL AND input_tokens > 0
  )
  SELECT user, agent, model, sum(written) AS written, sum(written) FILTER (WHERE NOT read_later) AS unread,
    sum(premium) FILTER (WHERE NOT read_later) AS premium
  FROM writes WHERE written > 0 GROUP BY ALL"""
_OF_CACHES = (
    (
        _BROKEN,
        "SELECT bucket, session_id, user, agent, model, request_id, event_time, request, earlier, earlier_at, cached, read, lost_usd, why FROM broken_prefixes",
    ),
    (
        _UNREAD,
        "SELECT user, agent, model, sum(written) AS written, sum(unread) AS unread, sum(premium) AS premium FROM cache_writes GROUP BY ALL",
    ),
)
_FILTERS = st.sampled_from(["", "agent=codex", "tag=team:tools", "status=4xx", "user=ada@example.com&model=claude-opus-4-6", "provider=none"])
_MINUTES = st.integers(0, 3 * 60)
_CACHED = st.builds(lambda usage, session: 1000 + 10 * usage + session, st.integers(0, 3), st.integers(0, 5))
# Few kinds in few hours: several rows of each sum.
_ROWS = st.lists(
    st.tuples(st.integers(0, 3 * 3600), st.sampled_from([0, 1, 22, 33, 66, 73, 200, 321]) | _CACHED),
    min_size=8,
    max_size=30,
)
_STEPS = st.lists(st.one_of(_ROWS, _ROWS, st.sampled_from(["append", "append", "sum", "merge", "forget", "vacuum"])), min_size=3, max_size=10)


@pytest.fixture(scope="module")
def compiler():
    """One for all examples."""
    return CompileMemory(HereParsers())


async def _all_steps(place, steps, spans):
    for number, step in enumerate([*steps, "append", "sum", *steps[:1]]):
        if isinstance(step, list):
            place.waiting += [passed(f"{number}-{each}", at_s, kind) for each, (at_s, kind) in enumerate(step)]
        else:
            await _one(place, step)
    for begins, minutes, query in [*spans, (-60, 600, "")]:
        filters = _between(begins, begins + minutes, query)
        for plain, summed, names in _PAIRS:
            for rows, hours in (names[:2], names[2:]):
                assert await place.ask(plain.format(rows), filters) == await place.ask(summed.format(hours), filters)
        for plain, summed in _OF_CACHES:
            assert await place.ask(plain, filters) == await place.ask(summed, filters)


async def _one(place, step):
    table = delta_table.open_table(place.path)
    match step:
        case "append" if place.waiting:
            place.append()
        case "sum":
            await place.sum()
        case "merge" if table is not None:
            table.optimize.compact()
        case "forget" if table is not None:
            delta_table.delete_rows(table, "requester = 'bob@example.com' AND session_id = 's-2'")
        case "vacuum" if table is not None:
            DeltaTable(place.path).vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False, full=True)


def _between(first, last, query):
    moments = [(_BEGINS + dt.timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M") for minute in (first, last)]
    return read_filters(f"from={moments[0]}&to={moments[1]}&{query}", _BEGINS + dt.timedelta(days=1))


@examples(8)
@given(steps=_STEPS, spans=st.lists(st.tuples(_MINUTES, st.integers(1, 300), _FILTERS), min_size=1, max_size=2))
def test_sums_are_what_the_rows_are(compiler, tmp_path_factory, steps, spans):
    """Every number of the rows, over a time that begins and ends anywhere, and in the period before it."""
    folder = tmp_path_factory.getbasetemp() / "sums"  # always the same one, so that nothing is compiled twice
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with mock.patch.object(usage_summing, "ROWS_MIN", 3):
        asyncio.run(_all_steps(SummedUsage(folder, compiler), steps, spans))
