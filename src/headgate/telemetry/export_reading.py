"""From the bytes of a request to an export: unpacked, counted, read, redacted. Plain computing, on the event loop for small bodies and beside it for others.

What an export may cost is said here, in one place (`IngestLimits`), and is looked at before anything is built of it.
"""

import msgspec

from headgate.catalog.otel_tables import SIGNALS
from headgate.core.errors import TooLarge
from headgate.telemetry import content_coding, redact
from headgate.telemetry.otlp import export_body, part_count, which_signal
from headgate.telemetry.otlp.messages import REQUESTS, Export
from headgate.telemetry.redact import Redaction
from headgate.telemetry.seen_exports import digest

LARGE_BYTES = 128 << 10  # from here on a body is worked on beside the event loop
_MEGABYTES = 20


class IngestLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds. Each resource and scope is work of its own: `lists_max` bounds both together. A message is two bytes on the wire and fifty in memory, so `messages_max` and `json_marks_max` bound what is built of a small body.

    An export repeats its resource on each row, so a small body can be large rows: `unfolded_bytes_max` bounds those. `waiting_bytes_max` bounds the
    unpacked exports that are held at once, `large_at_once` those that are worked on beside the event loop, `large_per_caller` one caller's share of them, and
    `large_waiting_per_caller` how many of one caller may wait for a place.
    """

    items_max: int = 250_000
    lists_max: int = 50_000
    messages_max: int = 1_000_000
    json_marks_max: int = 1_500_000
    unfolded_bytes_max: int = 256 << 20
    waiting_bytes_max: int = 64 << 20
    backlog_bytes_max: int = 2 << 30
    large_at_once: int = 2
    large_per_caller: int = 1
    large_waiting_per_caller: int = 32


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """One request. `table` is a name as a header holds it; `{signal}` in it stands for the signal. `coding` is what the body is packed with, if it is.

    Where the address does not say the signal it is empty, and the body says it. `version` is the schema of a table that is made for it.
    """

    signal: str
    content_type: str
    body: bytes
    table: str
    version: str = "v1"
    coding: str = ""
    bytes_max: int = 16 << 20

    @property
    def unpacked_bytes_max(self) -> int:
        """How much memory the body may take once it is unpacked."""
        return self.bytes_max if self.coding else len(self.body)


class Opened(msgspec.Struct, frozen=True):
    """An export that was read, the size of its body and what it is known by among others of its table."""

    export: Export
    size: int
    digest: bytes


def is_small(incoming: Incoming) -> bool:
    """Whether a body is small enough to be handled immediately, as far as its packed form shows."""
    return not incoming.coding and len(incoming.body) < LARGE_BYTES


def small(incoming: Incoming) -> Incoming | None:
    """The same unpacked, if it is small enough to be worked on at once; `None` if it is not."""
    if len(incoming.body) >= LARGE_BYTES:
        return None
    if not incoming.coding:
        return incoming
    body = content_coding.decoded_if_small(incoming.coding, incoming.body, min(LARGE_BYTES, incoming.bytes_max))
    return None if body is None else msgspec.structs.replace(incoming, body=body, coding="")


def recognise(incoming: Incoming, limits: IngestLimits) -> str:
    """The signal that a body is of, or a refusal."""
    body = content_coding.decoded(incoming.coding, incoming.body, incoming.bytes_max)
    if export_body.encoding_of(incoming.content_type) == export_body.JSON:
        _check_marks(body, limits)
        return which_signal.signal_of(incoming.content_type, body)
    countable = [signal for signal in SIGNALS if not _has_too_many(signal, body, limits)]
    if not countable:
        raise _too_many(limits)
    return which_signal.signal_of(incoming.content_type, body, countable)


def opened(incoming: Incoming, table_id: str, limits: IngestLimits, redaction: Redaction | None) -> Opened:
    """The export in a request whose signal is known, or a refusal. It is counted before anything is built of it."""
    body = content_coding.decoded(incoming.coding, incoming.body, incoming.bytes_max)
    if export_body.encoding_of(incoming.content_type) == export_body.JSON:
        _check_marks(body, limits)
    elif _has_too_many(incoming.signal, body, limits):
        raise _too_many(limits)
    export = export_body.read(incoming.signal, incoming.content_type, body, limits.lists_max)
    if export.accepted > limits.items_max:
        raise TooLarge(f"The export holds {export.accepted} items; at most {limits.items_max} are taken at once.", code="TOO_MANY_ITEMS")
    if export.bytes_unfolded > limits.unfolded_bytes_max:
        size = export.bytes_unfolded >> _MEGABYTES
        raise TooLarge(f"With its resource repeated on each row the export is {size} MiB; send fewer rows at once.", code="EXPORT_TOO_LARGE")
    return Opened(redact.apply(export, redaction), len(body), digest(table_id, incoming.signal, body))


def _check_marks(body: bytes, limits: IngestLimits) -> None:
    if part_count.json_marks(body, limits.json_marks_max) > limits.json_marks_max:
        message = f"The export's JSON has more than {limits.json_marks_max:,} brackets and commas; send smaller batches."
        raise TooLarge(message, code="TOO_MANY_ITEMS")


def _has_too_many(signal: str, body: bytes, limits: IngestLimits) -> bool:
    if part_count.lists(body, limits.lists_max) > limits.lists_max:
        raise TooLarge(f"The export has more than {limits.lists_max:,} resources and scopes; send smaller batches.", code="TOO_MANY_ITEMS")
    return part_count.messages(REQUESTS[signal].DESCRIPTOR, body, limits.messages_max) > limits.messages_max


def _too_many(limits: IngestLimits) -> TooLarge:
    message = f"The export has more than {limits.messages_max:,} parts (resources, scopes, items, attributes and values); send smaller batches."
    return TooLarge(message, code="TOO_MANY_ITEMS")
