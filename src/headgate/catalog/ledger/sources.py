"""The rows of every OpenTelemetry table as one relation: the text that replaces them in the ledger's queries.

The two schema versions are brought to one shape here, so that nothing above has to know them: attribute bags are maps of text.
"""

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from headgate.catalog.names import Name
from headgate.catalog.otel_tables import LOGS, METRICS, OtelKind

_SECOND_US = 1_000_000
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


def bracketed(query: str) -> str:
    """A query as a relation."""
    return f"(\n{query})"


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """The time that a query is about: the last so many days, or from one moment to another, or all of it. Moments are microseconds since 1970.

    What belongs to a row may lie outside of the stretch, so a query reads more than it shows: a day more of the last days, `margin_s` at both ends of
    a stretch that has ends. `end_us` 0 is no end.
    """

    days: int = 0
    start_us: int = 0
    end_us: int = 0
    margin_s: int = 0

    @property
    def bounded(self) -> bool:
        """Whether it has a beginning of its own, so that what is before it belongs to another stretch."""
        return self.start_us > 0

    @property
    def widened(self) -> "Stretch":
        """All that is read of it, as a stretch of its own."""
        margin_us = self.margin_s * _SECOND_US
        return Stretch(start_us=self.start_us - margin_us, end_us=self.end_us and self.end_us + margin_us)

    def read(self, lead: str, column: str) -> str:
        """The condition on a timestamp of rows that are read; nothing if there is no limit. `lead` is the word before it, and the space."""
        return self._of_times(lead, column, self.days and self.days + 1, self.margin_s * _SECOND_US)

    def read_ns(self, lead: str, column: str) -> str:
        """The same of a column of nanoseconds, which is left as it is stored: files that hold nothing so late are not opened."""
        if self.days:
            return f"{lead} {column} >= unix_micros(current_timestamp() - INTERVAL {self.days + 1} DAYS) * 1000"
        return self._between(lead, column, self.margin_s * _SECOND_US, 1000)

    def shown(self, lead: str, column: str) -> str:
        """The condition on a timestamp of rows that are shown."""
        return self._of_times(lead, column, self.days, 0)

    def own(self, lead: str, column: str) -> str:
        """The condition on microseconds of what belongs to a stretch that has ends."""
        return self._between(lead, column, 0, 1)

    def _of_times(self, lead: str, column: str, days: int, margin_us: int) -> str:
        if days:
            return f"{lead} {column} >= current_timestamp() - INTERVAL {days} DAYS"
        limits = [f"{column} {sign} timestamp_micros({moment})" for sign, moment in self._limits(margin_us)]
        return f"{lead} {' AND '.join(limits)}" if limits else ""

    def _between(self, lead: str, column: str, margin_us: int, factor: int) -> str:
        limits = [f"{column} {sign} {moment * factor}" for sign, moment in self._limits(margin_us)]
        return f"{lead} {' AND '.join(limits)}" if limits else ""

    def _limits(self, margin_us: int) -> list[tuple[str, int]]:
        limits = [(">=", self.start_us - margin_us)] if self.start_us else []
        return [*limits, ("<", self.end_us + margin_us)] if self.end_us else limits


EVER = Stretch()


def listed(values: Iterable[str]) -> str:
    """Quoted texts for an IN, several to a line."""
    return textwrap.fill(", ".join(f"'{value}'" for value in values), 120, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def union(tables: Sequence[OtelTable], signal: str) -> str:
    """The rows of one signal over all tables that hold it; of no table, no rows of the same columns."""
    found = sorted({(table.name.sql, table.kind.version) for table in tables if table.kind.signal == signal})
    return "\n  UNION ALL\n  ".join(_select(signal, version, table) for table, version in found) or _NONE[signal]


def over_records(template: str, tables: Sequence[OtelTable], events: Iterable[str], stretch: Stretch) -> str:
    """A query over the log records of these events. A record may be stored a day after it was made."""
    values = {"records": union(tables, LOGS), "events": listed(events), "recent": stretch.read_ns("\n    AND", "observed_time_unix_nano")}
    return filled(template, {**values, "called": stretch.own("\nHAVING", "min(time_us)")})


def _select(signal: str, version: str, table: str) -> str:
    form, attributes = _FORMS[signal]
    bags = {"attributes": attributes, "resource": "resource.attributes"}
    if version == "v2":
        bags = {name: _AS_MAP.format(bag=bag) for name, bag in bags.items()}
    return form.format(table=table, times="sum." if version == "v1" else "", **bags)
