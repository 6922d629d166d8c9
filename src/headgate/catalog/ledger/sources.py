"""The rows of every OpenTelemetry table as one relation: the text that replaces them in the ledger's queries.

The two schema versions are brought to one shape here, so that nothing above has to know them: attribute bags are maps of text.
"""

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from headgate.catalog.names import Name
from headgate.catalog.otel_tables import LOGS, METRICS, OtelKind

_LOGS = """SELECT event_name, time_unix_nano, observed_time_unix_nano, instrumentation_scope.name AS scope,
    {attributes} AS attributes,
    {resource} AS resource
  FROM {table}"""
_POINTS = """SELECT name, sum.value AS value, {times}start_time_unix_nano AS start_ns, {times}time_unix_nano AS time_ns,
    sum.aggregation_temporality AS temporality,
    {attributes} AS attributes,
    {resource} AS resource
  FROM {table}"""
_AS_MAP = "CAST(parse_json(to_json({bag})) AS MAP<STRING, STRING>)"
_FORMS = {LOGS: (_LOGS, "attributes"), METRICS: (_POINTS, "sum.attributes")}
_BAG = "CAST(NULL AS MAP<STRING, STRING>)"
_NONE = {
    LOGS: f"""SELECT CAST(NULL AS STRING) AS event_name, CAST(NULL AS BIGINT) AS time_unix_nano, CAST(NULL AS BIGINT) AS observed_time_unix_nano,
    CAST(NULL AS STRING) AS scope, {_BAG} AS attributes,
    {_BAG} AS resource
  WHERE false""",
    METRICS: f"""SELECT CAST(NULL AS STRING) AS name, CAST(NULL AS DOUBLE) AS value, CAST(NULL AS BIGINT) AS start_ns,
    CAST(NULL AS BIGINT) AS time_ns, CAST(NULL AS STRING) AS temporality, {_BAG} AS attributes,
    {_BAG} AS resource
  WHERE false""",
}


class OtelTable(msgspec.Struct, frozen=True):
    """An OpenTelemetry table of the catalog, and what it takes."""

    name: Name
    kind: OtelKind


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with every `{place}` that has a value replaced, all at once: a table's name may look like a place."""
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), template)


def recent(column: str, days: int) -> str:
    """The condition that a timestamp is within the last so many days; nothing if there is no limit. `column` is the text before it."""
    return f"{column} >= current_timestamp() - INTERVAL {days} DAYS" if days else ""


def recent_ns(column: str, days: int) -> str:
    """The same of a column of nanoseconds, which is left as it is stored: files that hold nothing so late are not opened."""
    return f"{column} >= unix_micros(current_timestamp() - INTERVAL {days} DAYS) * 1000" if days else ""


def listed(values: Iterable[str]) -> str:
    """Quoted texts for an IN, several to a line."""
    return textwrap.fill(", ".join(f"'{value}'" for value in values), 120, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def union(tables: Sequence[OtelTable], signal: str) -> str:
    """The rows of one signal over all tables that hold it; of no table, no rows of the same columns."""
    found = sorted({(table.name.sql, table.kind.version) for table in tables if table.kind.signal == signal})
    return "\n  UNION ALL\n  ".join(_select(signal, version, table) for table, version in found) or _NONE[signal]


def over_records(template: str, tables: Sequence[OtelTable], events: Iterable[str], days: int) -> str:
    """A query over the log records of these events; of the last so many days, or of all time. A record may be stored a day after it was made."""
    values = {"records": union(tables, LOGS), "events": listed(events), "recent": recent_ns("\n    AND observed_time_unix_nano", days and days + 1)}
    return filled(template, values)


def _select(signal: str, version: str, table: str) -> str:
    form, attributes = _FORMS[signal]
    bags = {"attributes": attributes, "resource": "resource.attributes"}
    if version == "v2":
        bags = {name: _AS_MAP.format(bag=bag) for name, bag in bags.items()}
    return form.format(table=table, times="sum." if version == "v1" else "", **bags)
