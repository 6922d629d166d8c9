"""Spans as columns. A span without a start has its end, one without an end its start, and one without either the time of arrival."""

from typing import Any

import pyarrow as pa
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from headgate.storage.otlp import columns, lazy
from headgate.storage.otlp.bags import Bag, Bags
from headgate.storage.otlp.columns import Arrivals, Origins, hexadecimal, int32, int64

KINDS = {value.number: value.name for value in Span.SpanKind.DESCRIPTOR.values}
CODES = {value.number: value.name for value in Status.StatusCode.DESCRIPTOR.values}


class SpanColumns:
    """The spans of a batch, as lists. `times` are their starts."""

    def __init__(self, version: str, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self._bags = Bags(version)
        self._origins = Origins("spans", self._bags)
        self._rows: list[int] = []  # origins
        self.times: list[int] = []
        self._ends: list[int] = []
        self._texts: list[tuple[str | None, str | None, str, str | None, str, str]] = []  # ids, state, name, status message
        self._kinds: list[int] = []
        self._codes: list[int] = []
        self._attributes: list[Bag] = []
        self._numbers: list[tuple[int, int, int, int]] = []  # flags and the three dropped counts
        self._events: list[list[object]] = []
        self._links: list[list[object]] = []

    def read(self, batch: bytes) -> None:
        """Read a concatenation of requests."""
        for entry, resource_spans in enumerate(lazy.request("spans").FromString(batch).resource_spans):
            resource = self._origins.resource(resource_spans.resource, resource_spans.schema_url)
            for scope_spans in resource_spans.scope_spans:
                origin = self._origins.origin(resource, scope_spans.scope, scope_spans.schema_url, entry)
                self._rows += [origin] * len(scope_spans.spans)
                for span in scope_spans.spans:
                    self._span(span)
        self._fill_times()

    def _span(self, span: Any) -> None:  # ruff: ignore[any-type] - a message of a class made at run time
        status = span.status
        self.times.append(span.start_time_unix_nano)
        self._ends.append(span.end_time_unix_nano)
        self._texts.append((
            span.trace_id.hex() or None,
            span.span_id.hex() or None,
            span.trace_state,
            span.parent_span_id.hex() or None,
            span.name,
            status.message,
        ))
        self._kinds.append(span.kind)
        self._codes.append(status.code)
        self._attributes.append(self._bags.bag(span.attributes))
        self._numbers.append((span.flags, span.dropped_attributes_count, span.dropped_events_count, span.dropped_links_count))
        self._events.append([self._event(event) for event in span.events])
        self._links.append([self._link(link) for link in span.links])

    def _event(self, event: Any) -> dict[str, object]:  # ruff: ignore[any-type] - see `_span`
        return {
            "time_unix_nano": int64(event.time_unix_nano),
            "name": event.name,
            "attributes": self._bags.cell(self._bags.bag(event.attributes)),
            "dropped_attributes_count": int32(event.dropped_attributes_count),
        }

    def _link(self, link: Any) -> dict[str, object]:  # ruff: ignore[any-type] - see `_span`
        return {
            "trace_id": hexadecimal(link.trace_id),
            "span_id": hexadecimal(link.span_id),
            "trace_state": link.trace_state,
            "attributes": self._bags.cell(self._bags.bag(link.attributes)),
            "dropped_attributes_count": int32(link.dropped_attributes_count),
            "flags": int32(link.flags),
        }

    def _fill_times(self) -> None:
        if 0 not in self.times and 0 not in self._ends:
            return
        for row, (start, end) in enumerate(zip(self.times, self._ends, strict=True)):
            if not start or not end:
                known = start or end or self._arrivals.at_ns(self._origins.entry(self._rows[row]))
                self.times[row] = start or known
                self._ends[row] = end or known

    def columns(self, schema: pa.Schema) -> dict[str, pa.Array]:
        """Every column but those that v2 puts in front."""
        trace_ids, span_ids, states, parents, names, messages = zip(*self._texts, strict=True) if self._texts else ((),) * 6
        flags, attributes, events, links = zip(*self._numbers, strict=True) if self._numbers else ((),) * 4
        status = {"message": pa.array(messages, pa.string()), "code": columns.names(self._codes, CODES)}
        return {
            "trace_id": pa.array(trace_ids, pa.string()),
            "span_id": pa.array(span_ids, pa.string()),
            "trace_state": pa.array(states, pa.string()),
            "parent_span_id": pa.array(parents, pa.string()),
            "flags": columns.flags(flags),
            "name": pa.array(names, pa.string()),
            "kind": columns.names(self._kinds, KINDS),
            "start_time_unix_nano": columns.nanoseconds(self.times),
            "end_time_unix_nano": columns.nanoseconds(self._ends),
            "attributes": self._bags.column(self._attributes),
            "dropped_attributes_count": columns.flags(attributes),
            "events": pa.array(self._events, schema.field("events").type),
            "dropped_events_count": columns.flags(events),
            "links": pa.array(self._links, schema.field("links").type),
            "dropped_links_count": columns.flags(links),
            "status": columns.struct(schema.field("status").type, status),
            **self._origins.columns(pa.array(self._rows, pa.int32()), "span_schema_url"),
        }
