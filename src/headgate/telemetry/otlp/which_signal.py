"""Finds the signal of an export whose address does not name it: metrics, logs or traces, by what is in the body. It never guesses.

JSON: the name of its only list. Protobuf: the three requests share their outer structure, so each is tried in turn. A reading counts if it knows every
field, finds at least one item, and each item has the field that its signal always has. No item can pass for two signals:

    signal   required field    number, type           at this number the others have
    metric   name              1, text                log: fixed64; span: bytes that are no text (the trace id)
    log      time, observed    1 and 11, fixed64      metric: text, none; span: bytes, message
    span     start time        7, fixed64             metric: message; log: varint
"""

from collections.abc import Sequence

import msgspec
from opentelemetry.proto.logs.v1.logs_pb2 import ScopeLogs
from opentelemetry.proto.metrics.v1.metrics_pb2 import ScopeMetrics
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans

from headgate.catalog.otel_tables import LOGS, METRICS, SIGNALS, SPANS
from headgate.core.errors import BadRequest
from headgate.telemetry.otlp import export_body, piecewise, protobuf_repair
from headgate.telemetry.otlp.json_repair import repaired as repaired_json
from headgate.telemetry.otlp.messages import REQUESTS, Level, parse_level, scopes_in
from headgate.telemetry.otlp.wire import Malformed

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LISTS = {
    "resourceMetrics": METRICS, "resourceLogs": LOGS, "resourceSpans": SPANS,
    "resource_metrics": METRICS, "resource_logs": LOGS, "resource_spans": SPANS,
}  # fmt: skip


def signal_of(content_type: str, body: bytes, among: Sequence[str] = SIGNALS) -> str:
    """The signal of a body, one of those in `among` if it is protobuf; or a refusal."""
    is_json = export_body.encoding_of(content_type) == export_body.JSON
    found = _of_json(body) if is_json else [signal for signal in among if _passes(signal, body)]
    if len(found) == 1:
        return found[0]
    what = f"could be of {' or of '.join(found)}" if found else "does not either: it holds no whole export of metrics, of logs or of spans"
    raise BadRequest(
        f"The address does not say which signal the export is of, and the body {what}. Send it to …/v1/metrics, …/v1/logs or …/v1/traces.",
        code="UNKNOWN_SIGNAL",
    )


def _of_json(body: bytes) -> list[str]:
    try:
        lists = _lists(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"The body is not OTLP/JSON: it is not an object of JSON ({error}).", code="MALFORMED_OTLP") from error
    found = {_LISTS[name] for name in lists if name in _LISTS}
    return [signal for signal in SIGNALS if signal in found]


def _lists(body: bytes) -> dict[str, msgspec.Raw]:
    try:
        return _OBJECT.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _OBJECT.decode(repaired_json(body))


def _passes(signal: str, body: bytes) -> bool:
    try:
        return _is_whole(signal, body)
    except BadRequest:
        pass
    try:
        readable, losses = protobuf_repair.repaired(REQUESTS[signal].DESCRIPTOR, body)
        return not losses.words() and _is_whole(signal, readable)
    except (BadRequest, Malformed):
        return False


def _is_whole(signal: str, body: bytes) -> bool:
    """Whether every byte has a field, and every item what its signal is never without. Raises `BadRequest` for what cannot be read."""
    found: list[bool] = []

    def look(level: int, piece: bytes) -> bytes:
        message = parse_level(signal, level, piece)
        size = message.ByteSize()
        message.DiscardUnknownFields()
        marks = _marks(message)
        found.append(message.ByteSize() == size and all(marks))
        seen.append(bool(marks))
        return piece

    seen: list[bool] = []
    piecewise.rewritten(signal, body, look)
    return all(found) and any(seen)


def _marks(message: Level) -> list[object]:
    """Of each item what none of its signal is without."""
    marks: list[object] = []
    for scope in scopes_in(message):
        match scope:
            case ScopeMetrics():
                # A name that had to be repaired could be anything.
                marks += [metric.name and "\ufffd" not in metric.name for metric in scope.metrics]
            case ScopeLogs():
                marks += [record.time_unix_nano or record.observed_time_unix_nano for record in scope.log_records]
            case ScopeSpans():
                marks += [span.start_time_unix_nano for span in scope.spans]
    return marks
