"""What a protobuf export holds: how many items, which of them cannot be rows, and how large its rows become. It changes nothing."""

from collections.abc import Iterable

from opentelemetry.proto.logs.v1.logs_pb2 import ResourceLogs, ScopeLogs
from opentelemetry.proto.metrics.v1.metrics_pb2 import ResourceMetrics, ScopeMetrics
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans

from headgate.telemetry.otlp import piecewise
from headgate.telemetry.otlp.messages import Export, Level, Scope, parse_level, resources_in, scopes_in

_UNFOLDED_BOUND = 1 << 20  # below it, the bound that every row repeats the whole request is near enough


def survey(signal: str, payload: bytes) -> Export:
    """The export in a protobuf body. Refuses what the official classes cannot read."""
    tally = _Tally(signal)
    if len(payload) > piecewise.PIECE_BYTES:
        tally.large(0, payload)
        return tally.export(payload, len(payload) + tally.repeated)
    message = parse_level(signal, 0, payload)
    tally.count(scopes_in(message))
    unfolded = len(payload) * max(tally.rows, 1)
    if unfolded > _UNFOLDED_BOUND:
        tally.repeat(message)
        unfolded = len(payload) + tally.repeated
    return tally.export(payload, unfolded)


class _Tally:
    """Adds up what the scopes of an export hold."""

    def __init__(self, signal: str) -> None:
        self._signal = signal
        self.rows = 0
        self.repeated = 0  # bytes that occur once in the request and are repeated in the rows
        self._unknown = self._odd = 0
        self._first_unknown = ""

    def export(self, payload: bytes, unfolded: int) -> Export:
        """What was found. Spans with unusable ids are kept; the answer to the sender says that they cannot be joined."""
        reason = ""
        if self._unknown:
            reason = f"{self._unknown} metrics hold no data of a known kind, the first is {self._first_unknown[:120]!r}"
        elif self._odd:
            reason = f"{self._odd} spans have ids of the wrong length"
        return Export(self._signal, payload, self.rows, self._unknown, reason, unfolded)

    def large(self, level: int, data: bytes) -> None:
        """Count a message in pieces."""
        rows = own = 0
        for piece, is_below in piecewise.ranges(self._signal, level, data):
            here, before = 0, self.rows
            if is_below:
                self.large(level + 1, piece)
            else:
                message = parse_level(self._signal, level, piece)
                self.count(scopes_in(message))
                self.repeat(message)
                here = _own_bytes(message)
            # Values of one piece are repeated on the rows of the others too.
            inside = self.rows - before
            self.repeated += here * rows + own * inside
            own, rows = own + here, rows + inside

    def count(self, scopes: Iterable[Scope]) -> None:
        """Add the items of some scopes."""
        for scope in scopes:
            match scope:
                case ScopeLogs():
                    self.rows += len(scope.log_records)
                case ScopeSpans():
                    self.rows += len(scope.spans)
                    self._odd += sum(1 for span in scope.spans if len(span.trace_id) != 16 or len(span.span_id) != 8)
                case _:
                    self._count_points(scope)

    def _count_points(self, scope: ScopeMetrics) -> None:
        for metric in scope.metrics:
            kind = metric.WhichOneof("data")
            if kind is not None:
                self.rows += len(getattr(metric, kind).data_points)
                continue
            self._unknown += 1
            self._first_unknown = self._first_unknown or metric.name

    def repeat(self, message: Level) -> None:
        """Add what the rows of a message repeat of it."""
        for resource, scopes in resources_in(message):
            rows = 0
            for scope in scopes:
                inside, repeated = _items(scope)
                rows += inside
                self.repeated += repeated + inside * _own_bytes(scope)
            if resource is not None:
                self.repeated += rows * _own_bytes(resource)


def _own_bytes(message: Level) -> int:
    """What a resource or a scope says once for all that is in it."""
    match message:
        case ResourceLogs() | ResourceMetrics() | ResourceSpans():
            return message.resource.ByteSize() + len(message.schema_url)
        case ScopeLogs() | ScopeMetrics() | ScopeSpans():
            return message.scope.ByteSize() + len(message.schema_url)
        case _:
            return 0


def _items(scope: Scope) -> tuple[int, int]:
    """The rows of a scope, and what they repeat of the metrics they belong to."""
    match scope:
        case ScopeLogs():
            return len(scope.log_records), 0
        case ScopeSpans():
            return len(scope.spans), 0
        case _:
            rows = repeated = 0
            for metric in scope.metrics:
                kind = metric.WhichOneof("data")
                points = len(getattr(metric, kind).data_points) if kind is not None else 0
                rows += points
                repeated += points * (
                    len(metric.name) + len(metric.description) + len(metric.unit) + sum(item.ByteSize() for item in metric.metadata)
                )
            return rows, repeated
