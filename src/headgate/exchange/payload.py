"""From what an exchange said to the row that is logged of it: which exchanges are logged, a stream assembled into one body, secrets taken out, sizes bounded.

Works beside the event loop, after the exchange has ended. It writes nothing and knows no table.
"""

import codecs
from typing import Protocol

import msgspec

from headgate.core import json_reading
from headgate.core.endpoint import PayloadRule
from headgate.core.payload import MAX_REQUEST_SIZE_EXCEEDED, MAX_RESPONSE_SIZE_EXCEEDED, LoggedPayload
from headgate.core.record import FAILED, Outcome
from headgate.exchange.content import ExchangeContent

_ASSEMBLED_BYTES_MAX = 32 << 20  # a longer stream is kept as it came
_DEPTH_MAX = 500
_PIECE_BYTES = 64 << 10


class Redacts(Protocol):
    """Takes out of content what must not be stored. May raise a `GatewayError`: then nothing of the content is stored."""

    def text(self, text: str) -> str:
        """The text without it; the very same text if there is nothing."""

    def value(self, value: object) -> object:
        """The same for a JSON value."""


class PayloadRules(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all endpoints. `table` is a prefix as written, empty for none."""

    table: str = ""
    sampling: float = 1.0
    redactor: Redacts | None = None
    bytes_max: int = 10 << 20


class Plan(msgspec.Struct, frozen=True):
    """Where an exchange is logged, and the share of exchanges that was."""

    table: str
    sampling: float


class Logged(msgspec.Struct, frozen=True):
    """A row, and the bodies that are too large for it: empty where they are not."""

    row: LoggedPayload
    large_request: str = ""
    large_response: str = ""


def table_of(rule: PayloadRule, rules: PayloadRules) -> str:
    """The table that an endpoint's exchanges are logged in, as written; empty for none."""
    return "" if rule.paused else rule.table or rules.table


def plan(rule: PayloadRule, rules: PayloadRules, content: ExchangeContent) -> Plan | None:
    """Whether an exchange is logged, and where. Errors always are; of the others the share that is asked for, decided by the request's id."""
    table = table_of(rule, rules)
    if not table or not content.generates:
        return None
    outcome = content.outcome
    if outcome.status_code >= 400 or outcome.ended in FAILED:
        return Plan(table, 1.0)
    sampling = rules.sampling if rule.sampling < 0 else rule.sampling
    return Plan(table, sampling) if _fraction(outcome.intent.request_id) < sampling else None


def logged(content: ExchangeContent, sampling: float, rules: PayloadRules) -> Logged:
    """The row of an exchange."""
    request = _request(content, rules)
    response = _response(content, rules)
    large_request = len(content.request) > rules.bytes_max
    large_response = len(response) > rules.bytes_max or not content.complete
    codes = [MAX_REQUEST_SIZE_EXCEEDED] if large_request else []
    codes += [MAX_RESPONSE_SIZE_EXCEEDED] if large_response else []
    row = payload_row(content.outcome, sampling, None if large_request else request, None if large_response else response)
    row = msgspec.structs.replace(row, error_codes=tuple(codes))
    return Logged(row, request if large_request else "", response if large_response else "")


def _fraction(request_id: str) -> float:
    """A number from 0 to below 1 that belongs to a request for ever: of its id the part that is random."""
    digits = request_id[-13:]
    try:
        return int(digits, 16) / 16.0 ** len(digits)
    except ValueError:
        return 0.0


def _request(content: ExchangeContent, rules: PayloadRules) -> str:
    text = _text(content.request)
    return _clean_text(text, rules, parse=len(content.request) <= rules.bytes_max)


def _response(content: ExchangeContent, rules: PayloadRules) -> str:
    """The answer as one JSON value; what is none is one text."""
    data = b"".join(content.answer)
    assembled = content.assemble(data) if content.assemble is not None and len(data) <= _ASSEMBLED_BYTES_MAX else None
    if assembled is not None:
        clean = assembled if rules.redactor is None else rules.redactor.value(assembled)
        return _encode(clean)
    text = _text(data)
    if content.assemble is None and _is_json(data):
        return _clean_text(text, rules, parse=len(data) <= rules.bytes_max)
    return _encode(text if rules.redactor is None else rules.redactor.text(text))


def _clean_text(text: str, rules: PayloadRules, *, parse: bool) -> str:
    """The text, untouched where nothing is redacted. JSON is looked into by its values, so that no way of writing a character hides any."""
    if rules.redactor is None:
        return text
    if not parse:
        return rules.redactor.text(text)
    try:
        value = json_reading.decode_in_steps(text.encode(), _DEPTH_MAX)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError, json_reading.TooDeep):
        return rules.redactor.text(text)
    clean = rules.redactor.value(value)
    return text if clean is value else _encode(clean)


def _encode(value: object) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except (UnicodeEncodeError, RecursionError, OverflowError):  # half a surrogate pair, written as an escape
        return msgspec.json.encode(repr(value).encode("utf-8", "replace").decode()).decode()


def _text(data: bytes) -> str:
    """The data as text, decoded in steps that keep no other thread waiting for long."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    pieces = [decoder.decode(data[at : at + _PIECE_BYTES]) for at in range(0, len(data), _PIECE_BYTES)]
    return "".join((*pieces, decoder.decode(b"", final=True)))


def _is_json(data: bytes) -> bool:
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def payload_row(outcome: Outcome, sampling: float, request: str | None, response: str | None) -> LoggedPayload:
    """What is logged of an exchange, with these texts of its request and answer."""
    intent = outcome.intent
    return LoggedPayload(
        request_id=intent.request_id,
        event_time_ns=intent.started_at_ns,
        endpoint=intent.endpoint,
        requester=intent.requester,
        status_code=outcome.status_code,
        latency_ms=outcome.latency_ms,
        time_to_first_byte_ms=outcome.time_to_first_byte_ms,
        sampling_fraction=sampling,
        request=request,
        response=response,
        provider=intent.provider,
        model_sent=intent.model_sent,
        session_id=intent.session_id,
        url=intent.path,
        api_type=intent.api_type,
        request_tags=intent.request_tags,
    )
