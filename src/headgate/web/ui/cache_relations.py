"""Two relations of what agent sessions did with providers' caches, as queries: requests whose cached prefix broke, and what was written and never read.

Most sessions are wholly in the range and in one data file: what is asked of those is in `cache_runs`. Of the others, and of every session where a filter
compares what a run does not say, the rows of the usage table are read. Pure text.
"""
# ruff: file-ignore[hardcoded-sql-expression] - every name and condition in it is ours

import msgspec

from headgate.catalog import cache_runs

_GROUP = "session_id, subagent_id, model"
_WRITTEN = "coalesce(cache_write_5m_tokens, 0) + coalesce(cache_write_1h_tokens, 0)"
_AGENT = "coalesce(agent, 'unknown') AS agent"


class CacheRows(msgspec.Struct, frozen=True, kw_only=True):
    """What is read: where the tables are, and the conditions of the range and the filters on rows, and on runs where those say enough."""

    place: str
    rows: str
    runs: str = ""


def broken_prefixes(read: CacheRows) -> str:
    """Every request that broke, with the session, user, agent and model of its row."""
    names = ", ".join(cache_runs.BROKEN)
    found = ", ".join(f"{text} AS {name}" for name, text in cache_runs.BROKEN.items())
    turns = cache_runs.turns(
        f"{read.place}usage",
        _of_rows(read, f"{cache_runs.WITH_INPUT} AND ended IN ('completed', 'client_gone', 'cut')"),
        beside=("requester", "agent"),
    )
    single = f"SELECT session_id, requester AS user, {_AGENT}, model, {found}\n  FROM ({turns}) AS every_turn\n  WHERE {cache_runs.IS_BROKEN}"
    if not read.runs:
        return single
    summed = ", ".join(f"one.{name} AS {name}" for name in cache_runs.BROKEN)
    return f"""WITH {_runs(read, "broken")}
  SELECT session_id, requester AS user, {_AGENT}, model, {summed}
  FROM runs LATERAL VIEW explode(broken) every_one AS one
  WHERE session_id NOT IN (SELECT session_id FROM parted)
  UNION ALL
  SELECT session_id, user, agent, model, {names} FROM ({single}) AS every_single"""


def cache_writes(read: CacheRows) -> str:
    """What was written to caches, by session, sub-agent and model, or request by request."""
    where = _of_rows(read, cache_runs.WITH_INPUT)
    single = f"""SELECT user, agent, model, written, CASE WHEN NOT read_later THEN written END AS unread, CASE WHEN NOT read_later THEN premium END AS premium
  FROM (
    SELECT requester AS user, {_AGENT}, model, written, premium, {cache_runs.later_read(_GROUP)} AS read_later
    FROM (
      SELECT session_id, subagent_id, {cache_runs.MODEL} AS model, requester, agent, event_time, request_id, cache_read_tokens,
        {_WRITTEN} AS written, {cache_runs.PREMIUM} AS premium
      FROM {read.place}usage
      WHERE {where}
    ) AS every_write
  ) AS every_row
  WHERE written > 0"""
    if not read.runs:
        return single
    return f"""WITH {_runs(read, "written, unread, premium")}
  SELECT requester AS user, {_AGENT}, model, written, unread, premium
  FROM runs
  WHERE written > 0 AND session_id NOT IN (SELECT session_id FROM parted)
  UNION ALL
  SELECT * FROM ({single}) AS every_single"""


def _runs(read: CacheRows, columns: str) -> str:
    """The runs of the range; and the sessions of which one has several runs for a model, or is partly outside.

    Those sessions are put into one array and taken out again, so that the engine expects few of them: it keeps the side of a join that it expects to be
    smaller in memory, and would keep all rows of usage.
    """
    return f"""runs AS (
    SELECT {_GROUP}, requester, agent, first_time, last_time, {columns}
    FROM {read.place}cache_runs
    WHERE {read.runs}
  ),
  parted AS (
    SELECT session_id
    FROM (
      SELECT collect_set(session_id) AS sessions
      FROM (
        SELECT session_id FROM runs GROUP BY {_GROUP}
        HAVING count(*) > 1 OR min(first_time) < :range_from OR max(last_time) >= :range_to
      ) AS every_parted
    ) AS together LATERAL VIEW explode(sessions) every_session AS session_id
  )"""


def _of_rows(read: CacheRows, rows: str) -> str:
    parted = " AND session_id IN (SELECT session_id FROM parted)" if read.runs else ""
    return f"{read.rows} AND {rows}{parted}"
