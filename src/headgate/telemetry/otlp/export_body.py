"""OTLP requests on the wire: is this a well-formed export, how many items does it hold, which of them cannot be kept, and what is answered.

Nothing is turned into rows here: what passes is kept as protobuf, byte for byte, so that the way to the 200 stays short.
"""

import functools

import msgspec

from headgate.catalog.otel_tables import LOGS, METRICS, SPANS
from headgate.core.errors import BadRequest, UnsupportedMedia
from headgate.telemetry.otlp import json_export, protobuf_repair, survey
from headgate.telemetry.otlp.losses import Losses
from headgate.telemetry.otlp.messages import REQUESTS, Export
from headgate.telemetry.otlp.wire import Malformed, varint

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
# The last part of the export URL -> the kind of table it fills.
SIGNAL_OF_PATH = {"metrics": METRICS, "logs": LOGS, "traces": SPANS}

_REJECTED = {METRICS: "rejectedDataPoints", LOGS: "rejectedLogRecords", SPANS: "rejectedSpans"}


def read(signal: str, content_type: str, body: bytes, lists_max: int = 1 << 20) -> Export:
    """The export in a body of either encoding; JSON becomes protobuf. Refuses a body that is no export, or of which no item can be kept.

    `lists_max` bounds the resources and scopes of JSON; those of protobuf are counted before.
    """
    if encoding_of(content_type) != JSON:
        return validate(signal, body)
    payload, losses = json_export.to_protobuf(REQUESTS[signal].DESCRIPTOR, body, lists_max)
    return _with_losses(validate(signal, payload), losses)


def encoding_of(content_type: str) -> str:
    """`PROTOBUF` or `JSON`; anything else is refused."""
    encoding = _media(content_type)
    if encoding not in {PROTOBUF, JSON}:
        told = encoding or "is missing and"
        raise UnsupportedMedia(f"The content type {told} is not taken; send {PROTOBUF} or {JSON}.", code="UNSUPPORTED_MEDIA_TYPE")
    return encoding


def is_json(content_type: str) -> bool:
    """Whether a header names JSON, whatever its case and parameters."""
    return _media(content_type) == JSON


def is_protobuf(content_type: str) -> bool:
    """Whether a header names protobuf, whatever its case and parameters."""
    return _media(content_type) == PROTOBUF


@functools.lru_cache(maxsize=256)
def _media(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def validate(signal: str, payload: bytes) -> Export:
    """The export in a protobuf body, checked by the official classes. What cannot be read is repaired or left out, as long as an item is left."""
    try:
        return survey.survey(signal, payload)
    except BadRequest as refused:
        try:
            readable, losses = protobuf_repair.repaired(REQUESTS[signal].DESCRIPTOR, payload)
        except Malformed:
            raise refused from None
        export = survey.survey(signal, readable)
        if losses.items and not export.accepted:
            raise
        return _with_losses(export, losses)


def _with_losses(export: Export, losses: Losses) -> Export:
    words = losses.words()
    if not words:
        return export
    reason = f"{words}. {export.reason}" if export.reason else words
    return msgspec.structs.replace(export, rejected=export.rejected + losses.items, reason=reason)


def answer(export: Export, content_type: str) -> bytes:
    """The body of a 200 in the encoding of the request: empty, or a partial success with count and reason."""
    if not export.rejected and not export.reason:
        return b"{}" if is_json(content_type) else b""
    name = _REJECTED[export.signal]
    if is_json(content_type):
        return msgspec.json.encode({"partialSuccess": {name: str(export.rejected), "errorMessage": export.reason}})
    # ExportPartialSuccess is the same in all three services: the count is field 1, the message field 2.
    reason = export.reason.encode()
    inside = b"\x08" + varint(export.rejected) + b"\x12" + varint(len(reason)) + reason
    return b"\x0a" + varint(len(inside)) + inside


def failure(code: int, message: str, content_type: str) -> bytes:
    """A `google.rpc.Status` as the specification asks of every 4xx and 5xx, in the encoding of the request; `code` is gRPC's."""
    if is_json(content_type):
        return msgspec.json.encode({"code": code, "message": message})
    text = message.encode()
    return b"\x08" + varint(code) + b"\x12" + varint(len(text)) + text
