"""What of the ledger is not settled, as relations that views of the settled ledger read. Pure text.

Their rows are computed once for all queries of a moment (`storage.query.live_rows`): the texts are long, and a page asks many queries at once.

A session that has a part in this time is put together anew from all of its parts, and takes the place of the settled one. What may belong together is put
together anew as a whole: a thread of a sub-agent of Codex and the session that names it, so every such session and thread of the ledger.
"""

from collections.abc import Sequence
from itertools import starmap

import msgspec

from headgate.catalog.ledger import client_sessions_view, sessions_view
from headgate.catalog.ledger.part_texts import part_texts
from headgate.catalog.ledger.settled import CLIENT_SESSIONS, SESSIONS, TOOLS, WHOLE_SESSIONS, SettledTime, columns_of, rows_of
from headgate.catalog.ledger.sources import OtelTable, Stretch, bracketed, filled
from headgate.catalog.names import Name
from headgate.catalog.statements import CreateTable
from headgate.catalog.types import Field, Structure, parse_text


class LiveRelation(msgspec.Struct, frozen=True):
    """A relation: its name, the query that gives its rows, and their columns."""

    name: Name
    text: str
    schema: Structure


def live_name(table: CreateTable) -> Name:
    """The name of the relation with the rows that the table has not yet. No catalog has it, so no statement of a user can name it."""
    return table.name.parent.child(table.name.leaf.replace("settled_", "live_", 1))


def live_relations(usage: Name, tables: Sequence[OtelTable], days: int, known: SettledTime) -> tuple[LiveRelation, ...]:
    """The relations, where something is settled."""
    found = list(starmap(_relation, part_texts(usage, tables, known.live, known, live_name(TOOLS).sql)))
    if known.whole:
        touched = Field("touched", parse_text("string"))
        found.append(LiveRelation(live_name(WHOLE_SESSIONS), _sessions_text(known, days), Structure((touched, *columns_of(WHOLE_SESSIONS)))))
    return tuple(found)


def _relation(table: CreateTable, text: str) -> LiveRelation:
    return LiveRelation(live_name(table), text, Structure(columns_of(table)))


def with_whole(known: SettledTime, days: int) -> str:
    """The view of sessions, where whole ones are settled."""
    columns = ", ".join(field.name for field in columns_of(WHOLE_SESSIONS))
    values = {
        "columns": columns,
        "table": WHOLE_SESSIONS.name.sql,
        "edition": str(known.edition),
        "live": live_name(WHOLE_SESSIONS).sql,
        "shown": Stretch(days=days).shown("\n  AND", "ended_at"),
    }
    return filled(_WHOLE, values)


def _sessions_text(known: SettledTime, days: int) -> str:
    parts, reports = _touched(SESSIONS, "session", known, days), _touched(CLIENT_SESSIONS, "session_id", known, days)
    values = {
        "settled": bracketed(rows_of(SESSIONS, known, days)),
        "live_sessions": live_name(SESSIONS).sql,
        "live_reports": live_name(CLIENT_SESSIONS).sql,
        "sessions": bracketed(sessions_view.text(parts, bracketed(client_sessions_view.text(reports)))),
    }
    return filled(_TOUCHED, values)


def _touched(table: CreateTable, column: str, known: SettledTime, days: int) -> str:
    """The settled parts of what is touched, and the parts that are not settled."""
    settled = f"SELECT * FROM {bracketed(rows_of(table, known, days))} AS settled WHERE {column} IN (SELECT session FROM touched)"  # ruff: ignore[hardcoded-sql-expression] - all of it is ours
    return bracketed(f"{settled}\nUNION ALL\nSELECT * FROM {live_name(table).sql}")


_WHOLE = """-- Sessions as they are settled, and anew those that go on since.
SELECT {columns}
FROM {table}
WHERE edition = {edition} AND session_id NOT IN (SELECT touched FROM {live}){shown}
UNION ALL
SELECT {columns}
FROM {live}
WHERE session_id IS NOT NULL{shown}
"""
_TOUCHED = """-- What has a part in the time that is not settled, and what became of it.
WITH threads AS (
  SELECT session, thread
  FROM (
    SELECT session, subagent_ids FROM {settled} AS settled WHERE agent = 'codex' AND named AND size(subagent_ids) > 0
    UNION ALL
    SELECT session, subagent_ids FROM {live_sessions} WHERE agent = 'codex' AND named
  ) AS parts LATERAL VIEW explode(subagent_ids) every_thread AS thread
  WHERE thread <> session
),
touched AS (
  SELECT session FROM {live_sessions} UNION SELECT session_id FROM {live_reports} UNION SELECT session FROM threads UNION SELECT thread FROM threads
)
SELECT t.session AS touched, s.*
FROM touched AS t LEFT JOIN {sessions} AS s ON s.session_id = t.session
"""
