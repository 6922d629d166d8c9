"""Intents and outcomes as bytes: the bodies of the journal's frames. Encoding a record never fails, whatever a provider or client put into it."""

from typing import Final

import msgspec

from headgate.core.record import Intent, Outcome
from headgate.storage.journal.record_keys import IntentKey, OutcomeKey

BIGINT_MAX: Final = (1 << 63) - 1


_OPEN_MAX: Final = 10_000

_raw: Final = msgspec.Raw
_replaced: Final = msgspec.structs.replace  # compiled code looks up by name what is not Final


class RecordCodec:
    """Encoder and decoders, made once for one owner. The bytes of an intent are kept until its outcome, which contains it, is encoded."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[Intent, bytes]] = {}  # by the id of the request
        self.encoder = msgspec.msgpack.Encoder()
        self.intents = msgspec.msgpack.Decoder(Intent)
        self.outcomes = msgspec.msgpack.Decoder(Outcome)
        self.intent_keys = msgspec.msgpack.Decoder(IntentKey)
        self.outcome_keys = msgspec.msgpack.Decoder(OutcomeKey)

    def open(self, intent: Intent) -> bytes:
        """The bytes of an intent whose outcome follows."""
        body = self.encode(intent)
        if len(self._open) < _OPEN_MAX:
            self._open[intent.request_id] = intent, body
        return body

    def close(self, outcome: Outcome) -> bytes:
        """The bytes of an outcome, in which those of its intent are not made again."""
        intent = outcome.intent
        known = self._open.pop(intent.request_id, None)
        if known is not None and known[0] is intent:
            try:
                return self.encoder.encode(_replaced(outcome, intent=_raw(known[1])))
            except (UnicodeEncodeError, OverflowError):
                return self.encode(outcome)
        return self.encode(outcome)

    def forget(self, intent: Intent) -> None:
        """Its outcome is not encoded."""
        self._open.pop(intent.request_id, None)

    def encode(self, record: Intent | Outcome) -> bytes:
        """The record's bytes. Text that is no text (half a surrogate pair) and numbers beyond 64 bits are replaced by the nearest that can be kept."""
        try:
            return self.encoder.encode(record)
        except (UnicodeEncodeError, OverflowError):
            return self.encoder.encode(_kept(msgspec.to_builtins(record)))


def make_codec() -> RecordCodec:
    """A codec for one owner."""
    return RecordCodec()


def within_bigint(outcome: Outcome) -> Outcome:
    """The same outcome with every number cut to what a BIGINT holds."""
    return msgspec.convert(_kept(msgspec.to_builtins(outcome)), Outcome)


def _kept(value: object) -> object:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case bool():
            return value
        case int():
            return max(-BIGINT_MAX, min(BIGINT_MAX, value))
        case list() | tuple():
            return [_kept(item) for item in value]
        case dict():
            return {_kept(key): _kept(item) for key, item in value.items()}
        case _:
            return value
