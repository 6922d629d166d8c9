"""Where the ledger begins and how much it holds: a query for the moment of its oldest row and the number of rows. Text alone."""

from collections.abc import Sequence

from headgate.catalog.ledger.sources import OtelTable, union
from headgate.catalog.names import Name
from headgate.catalog.otel_tables import LOGS, METRICS


def extent_text(usage: Name, tables: Sequence[OtelTable], oldest_us: int) -> str:
    """One row: microseconds since 1970 of the oldest row that is not older than `oldest_us`, or NULL, and the number of rows since."""
    oldest_ns = oldest_us * 1000
    return f"""SELECT min(at_us) AS at_us, CAST(sum(rows) AS BIGINT) AS rows
FROM (
  SELECT unix_micros(min(event_time)) AS at_us, count(*) AS rows FROM {usage.sql} WHERE event_time >= timestamp_micros({oldest_us})
  UNION ALL
  SELECT min(observed_time_unix_nano) div 1000, count(*) FROM ({union(tables, LOGS)}) AS records WHERE observed_time_unix_nano >= {oldest_ns}
  UNION ALL
  SELECT min(time_ns) div 1000, count(*) FROM ({union(tables, METRICS)}) AS points WHERE time_ns >= {oldest_ns}) AS every"""  # ruff: ignore[hardcoded-sql-expression] - quoted names of the catalog, and a number
