"""Log records as columns. A record without a time has its observed time, and without that the time of arrival: Codex sends none.

The event's name is the `event.name` attribute where there is one: the OTLP field is empty (Claude Code, Gemini CLI) or a line of source code (Codex).
"""

from typing import Any

import pyarrow as pa
from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber

from headgate.storage.otlp import columns, lazy, variant
from headgate.storage.otlp.bags import Bag, Bags, variants
from headgate.storage.otlp.columns import Arrivals, Origins
from headgate.storage.otlp.values import Value, text_of

SEVERITIES = {value.number: value.name for value in SeverityNumber.DESCRIPTOR.values}


class LogColumns:
    """The records of a batch, as lists."""

    def __init__(self, version: str, arrivals: Arrivals) -> None:
        self._version = version
        self._arrivals = arrivals
        self._bags = Bags(version)
        self._origins = Origins("logs", self._bags)
        self._rows: list[int] = []  # origins
        self.times: list[int] = []
        self._observed: list[int] = []
        self._severities: list[int] = []
        self._severity_texts: list[str] = []
        self._bodies: list[Value] = []
        self._attributes: list[Bag] = []
        self._dropped: list[int] = []
        self._flags: list[int] = []
        self._trace_ids: list[str | None] = []
        self._span_ids: list[str | None] = []
        self._event_names: list[str | None] = []

    def read(self, batch: bytes) -> None:
        """Read a concatenation of requests."""
        for entry, resource_logs in enumerate(lazy.request("logs").FromString(batch).resource_logs):
            resource = self._origins.resource(resource_logs.resource, resource_logs.schema_url)
            for scope_logs in resource_logs.scope_logs:
                origin = self._origins.origin(resource, scope_logs.scope, scope_logs.schema_url, entry)
                records = scope_logs.log_records
                self._rows += [origin] * len(records)
                for record in records:
                    self._record(record)
        self._fill_times()

    def _record(self, record: Any) -> None:  # ruff: ignore[any-type] - a message of a class made at run time
        bag = self._bags.bag(record.attributes)
        self._attributes.append(bag)
        self.times.append(record.time_unix_nano)
        self._observed.append(record.observed_time_unix_nano)
        self._severities.append(record.severity_number)
        self._severity_texts.append(record.severity_text)
        self._bodies.append(self._bags.body(record.body))
        self._dropped.append(record.dropped_attributes_count)
        self._flags.append(record.flags)
        self._trace_ids.append(record.trace_id.hex() or None)
        self._span_ids.append(record.span_id.hex() or None)
        self._event_names.append(self._bags.event_name(bag) or record.event_name or None)

    def _fill_times(self) -> None:
        if 0 in self._observed:
            for row, observed in enumerate(self._observed):
                if not observed:
                    self._observed[row] = self._arrivals.at_ns(self._origins.entry(self._rows[row]))
        if 0 in self.times:
            self.times = [time or self._observed[row] for row, time in enumerate(self.times)]

    def columns(self, _schema: pa.Schema) -> dict[str, pa.Array]:
        """Every column but those that v2 puts in front."""
        if self._version == "v2":
            body = variants([None if value is None else variant.encode(value) for value in self._bodies])
        else:
            body = pa.array([text_of(value) for value in self._bodies], pa.string())
        return {
            "event_name": pa.array(self._event_names, pa.string()),
            "trace_id": pa.array(self._trace_ids, pa.string()),
            "span_id": pa.array(self._span_ids, pa.string()),
            "time_unix_nano": columns.nanoseconds(self.times),
            "observed_time_unix_nano": columns.nanoseconds(self._observed),
            "severity_number": columns.names(self._severities, SEVERITIES),
            "severity_text": pa.array(self._severity_texts, pa.string()),
            "body": body,
            "attributes": self._bags.column(self._attributes),
            "dropped_attributes_count": columns.flags(self._dropped),
            "flags": columns.flags(self._flags),
            **self._origins.columns(pa.array(self._rows, pa.int32()), "log_schema_url"),
        }
