"""Reading usage back: the table and the journal's tail as one set of rows, each exchange once, also while a gateway and its flusher are at work.

The order makes it exact. The flusher's standing is read first, then the table, then the list of segments, then the writer's lock. All rows of frames up
to the standing are in every table version that is opened later; the table's transaction number says which of the later ones are in it too; the rest is
folded from the segments, which stay for a quarter of an hour after their release. Only reads; needs no gateway, no table and no journal.
"""

import datetime as dt
from decimal import Decimal
from typing import Literal

import duckdb
import pyarrow as pa

from headgate.catalog.tables import USAGE
from headgate.core.clock import Clock, SystemClock
from headgate.metering.price import RatesOf
from headgate.storage import delta, journal_dir
from headgate.storage.fold import read_standing
from headgate.storage.journal_tails import outcomes_after
from headgate.storage.usage_rows import UsageRows

By = Literal["user", "agent", "model", "day", "session"]

_KEYS: dict[By, str] = {
    "user": "requester",
    "agent": "agent",
    "model": "coalesce(model_served, model_sent, model_asked)",
    "day": "CAST(event_time AT TIME ZONE 'UTC' AS DATE)",
    "session": "session_id",
}

_TABLE = "SELECT * FROM read_parquet($files, union_by_name = true)"
_TAIL = "SELECT * FROM tail"
_ROWS = "SELECT * FROM usage WHERE {since} ORDER BY event_time, request_id"

_GROUPED = """
SELECT {key} AS "{by}",
       count(*) AS requests,
       count(*) FILTER (ended <> 'completed') AS not_completed,
       sum(fresh_input_tokens)::BIGINT AS fresh_input_tokens,
       sum(cache_read_tokens)::BIGINT AS cache_read_tokens,
       sum(cache_write_5m_tokens)::BIGINT AS cache_write_5m_tokens,
       sum(cache_write_1h_tokens)::BIGINT AS cache_write_1h_tokens,
       sum(output_tokens)::BIGINT AS output_tokens,
       sum(reasoning_tokens)::BIGINT AS reasoning_tokens,
       sum(total_tokens)::BIGINT AS total_tokens,
       sum(charge) AS charge,
       count(*) FILTER (charge_status = 'unpriced') AS unpriced,
       count(*) FILTER (usage_estimated) AS estimated,
       min(event_time) AS first_time,
       max(event_time) AS last_time
FROM usage WHERE {since} GROUP BY ALL ORDER BY {order}
"""


class UsageView:
    """All usage rows as of one moment."""

    def __init__(self, files: list[str], tail: pa.Table) -> None:
        self._files = files
        self._tail = tail

    def rows(self, since_ns: int = 0) -> list[dict[str, object]]:
        """Every row since a moment, oldest first, as JSON takes it: times in ISO 8601 UTC, charges as numbers."""
        return self._fetch(_ROWS.format(since=_since(since_ns)))

    def grouped(self, by: By, since_ns: int = 0) -> list[dict[str, object]]:
        """Sums by one key of what arrived since a moment, the largest charge first; days in their order."""
        order = f'"{by}"' if by == "day" else "charge DESC NULLS LAST, requests DESC, 1"
        return self._fetch(_GROUPED.format(key=_KEYS[by], by=by, since=_since(since_ns), order=order))

    def _fetch(self, query: str) -> list[dict[str, object]]:
        with duckdb.connect(":memory:") as database:
            database.execute("SET TimeZone = 'UTC'")
            database.register("tail", self._tail)
            if self._files:
                answer = database.sql(f"WITH usage AS ({_TABLE} UNION ALL BY NAME {_TAIL}) {query}", params={"files": self._files})
            else:
                answer = database.sql(f"WITH usage AS ({_TAIL}) {query}")
            rows = answer.to_arrow_table().to_pylist(maps_as_pydicts="lossy")
        return [{name: _plain(value) for name, value in row.items()} for row in rows]


def read_usage(data_dir: str, rates_of: RatesOf, clock: Clock | None = None) -> UsageView:
    """The usage rows of a data directory as of now. `rates_of` prices those that are not in the table yet."""
    directory = journal_dir.journal_dir(data_dir)
    standing = read_standing(directory)
    app_id = journal_dir.read_app_id(directory)
    table = delta.open_table(delta.table_path(data_dir, USAGE))
    carried = standing.seq
    if table is not None and app_id is not None:
        carried = max(carried, delta.carried_seq(table, app_id))
    outcomes = outcomes_after(directory, standing, carried, (clock or SystemClock()).wall_ns())
    return UsageView([] if table is None else table.file_uris(), UsageRows(rates_of).fitting(outcomes)[0])


def _since(since_ns: int) -> str:
    return f"event_time >= make_timestamptz({int(since_ns) // 1000})"


def _plain(value: object) -> object:
    match value:
        case dt.datetime():
            return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
        case dt.date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case _:
            return value
