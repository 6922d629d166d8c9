"""OTLP over HTTP: three paths for clients that can set headers, and a form of the URL that holds token and table for clients that cannot.
Either form also works without the signal at the path's end, for clients that post all three signals to one address: the signal is then read from the body.

It authenticates before it reads a body and answers in the words and the encoding of the protocol. A token in a path goes no further than authentication;
no path is ever logged here. A small export whose caller is known by the snapshot goes the short way (`open`): no task is made for it, and its answer is
given when the journal says that it is on the disk.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

import msgspec

from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, GatewayError, NotFound, TooLarge, Unavailable
from headgate.core.escaping import escaped
from headgate.core.headers import Headers
from headgate.core.principal import Principal
from headgate.exchange.headers import value_of
from headgate.exchange.ports import ClientStream
from headgate.telemetry.export_reading import LARGE_BYTES, Incoming
from headgate.telemetry.ingest import SIGNAL_MARK, Ingest
from headgate.telemetry.otlp import export_body
from headgate.telemetry.otlp.messages import Export
from headgate.web.asgi import ClientLeft, Receive, Scope, Send, client_address, client_stream, read_body
from headgate.web.direct_cycle import Take
from headgate.web.rare_log import RareLog

PREFIX = "/api/2.0/otel/"
BARE = "/api/2.0/otel"
_EXACT = {f"{PREFIX}v1/{word}": signal for word, signal in export_body.SIGNAL_OF_PATH.items()}
_EXACT_TARGETS = {path.encode(): signal for path, signal in _EXACT.items()}
_WITH_TOKEN = re.compile(rf"{PREFIX}t/([^/]{{1,512}})/([^/]{{1,800}})(?:/v1/(metrics|logs|traces)|/?)")
# The header of the page's configurations, and of Zerobus, whose tables are of the newer schema.
_TABLE_HEADERS = {b"x-databricks-uc-table-name": "v1", b"x-databricks-zerobus-table-name": "v2"}
_GRPC_CODES = {400: 3, 401: 16, 403: 7, 404: 5, 405: 12, 413: 3, 415: 3, 429: 8, 503: 14}
_NAME_CHARS_MAX = 255
_REASON_CHARS_MAX = 500
_log = logging.getLogger("headgate.web")


class OtlpDoor(msgspec.Struct, frozen=True):
    """What the door is given. `caller` says who asks, by the request's headers, the token of its path where there is one, and the client's
    address; `known` says it by the snapshot alone, from the headers, and raises where the store may know more.
    """

    ingest: Ingest
    caller: Callable[[Headers, str, str], Awaitable[Principal]]
    known: Callable[[Headers], Principal]
    clock: Clock
    body_bytes_max: int


class RefusedExports:
    """The log's lines of exports that were refused, for most clients drop such an export and say nothing. One for each door.

    A line holds words of the sender's, so it is printable and short. It is logged once in a while for each sender and kind of refusal, whatever tables
    the sender names, so that a sender cannot fill the log.
    """

    def __init__(self, clock: Clock) -> None:
        self._rare_log = RareLog(clock)

    def tell(self, principal: str, signal: str, table: str, error: GatewayError) -> None:
        """Log a refusal, unless one like it was logged a moment ago."""
        named = table[:_NAME_CHARS_MAX]
        reason = escaped(error.message.partition("\n")[0][:_REASON_CHARS_MAX])
        text = "%s of %r for the table %r were refused with %d: %s"
        self._rare_log.warn((principal, error.status), text, signal or "exports", principal, named, error.status, reason)

    def tell_stranger(self, error: GatewayError) -> None:
        """Log that somebody without a valid token was refused, without a word of theirs."""
        self._rare_log.warn(("strangers", error.status), "exports without a valid token are refused with %d", error.status)


class _Route(NamedTuple):
    signal: str  # empty where the body has to say it
    token: str = ""
    table: str = ""


class _Asked(NamedTuple):
    """What the head of an export says, on the short way."""

    principal: Principal
    signal: str
    media: str
    coding: str
    table: str
    version: str


class Otlp:
    """A bare ASGI callable for `BARE` and every path below `PREFIX`, with a short way for small exports."""

    def __init__(self, door: OtlpDoor) -> None:
        self._door = door
        self._refused = RefusedExports(door.clock)
        self._waiting: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        client, drive = client_stream(scope, receive, send)
        headers: Headers = scope["headers"]
        media = value_of(headers, b"content-type").decode("latin-1")
        try:
            _acknowledge(client, media, await self._take(scope, receive, media))
        except GatewayError as error:
            _refuse(client, error, media)
        except ClientLeft:
            pass
        except Exception:  # ruff: ignore[blind-except] the server's edge
            _tell_bug(client, media)
        if drive is not None:
            await drive()

    def open(self, target: bytes, headers: Headers, _address: str) -> Take | None:
        """The short way for an export of a stated, small size that may be taken at once; every refusal that its head earns is worded over ASGI."""
        signal = _EXACT_TARGETS.get(target)
        if signal is None:
            return None
        first = dict(reversed(headers))
        stated = first.get(b"content-length", b"")
        if not stated.isdigit() or int(stated) >= LARGE_BYTES or int(stated) > self._door.body_bytes_max:
            return None
        try:
            principal = self._door.known(headers)
            table, version = table_of(headers)
        except GatewayError:
            return None
        media = first.get(b"content-type", b"").decode("latin-1")
        coding_name = first.get(b"content-encoding", b"").decode("latin-1")
        return partial(self._run, _Asked(principal, signal, media, coding_name, table, version))

    def _run(self, asked: _Asked, body: bytes, client: ClientStream) -> None:
        try:
            incoming = self._incoming(asked, body)
            if not self._door.ingest.begin(asked.principal, incoming, partial(self._end, asked, client)):
                task = asyncio.get_running_loop().create_task(self._wait(asked, incoming, client))
                self._waiting.add(task)
                task.add_done_callback(self._waiting.discard)
        except GatewayError as error:
            self._refuse(asked, client, error)
        except Exception:  # ruff: ignore[blind-except] the server's edge
            _tell_bug(client, asked.media)

    async def _wait(self, asked: _Asked, incoming: Incoming, client: ClientStream) -> None:
        """For an export that cannot be taken at once after all: its table is looked for in the store, or it is large once unpacked."""
        try:
            _acknowledge(client, asked.media, await self._door.ingest.take(asked.principal, incoming))
        except GatewayError as error:
            self._refuse(asked, client, error)
        except Exception:  # ruff: ignore[blind-except] the server's edge
            _tell_bug(client, asked.media)

    def _end(self, asked: _Asked, client: ClientStream, export: Export, trouble: Unavailable | None) -> None:
        """Answer an export that is kept, or say why it is not."""
        try:
            if trouble is None:
                _acknowledge(client, asked.media, export)
            else:
                self._refuse(asked, client, trouble)
        except Exception:  # ruff: ignore[blind-except] others wait for the same call of the journal
            _log.exception("the end of an OTLP export could not be told")
            client.abort()

    def _refuse(self, asked: _Asked, client: ClientStream, error: GatewayError) -> None:
        self._refused.tell(asked.principal.name, asked.signal, asked.table, error)
        _refuse(client, error, asked.media)

    async def _take(self, scope: Scope, receive: Receive, media: str) -> Export:
        door, headers = self._door, scope["headers"]
        route = _route(scope["path"])
        if scope["method"] != "POST":
            raise NotFound("Exports are sent with POST.", status=405)
        try:
            principal = await door.caller(headers, route.token, client_address(scope))
        except GatewayError as error:
            self._refused.tell_stranger(error)
            raise
        table = route.table
        try:
            table, version = (route.table, "v1") if route.table else table_of(headers)
            self._check_length(headers)
            body = await read_body(receive, door.body_bytes_max)
            coding = value_of(headers, b"content-encoding").decode("latin-1")
            return await door.ingest.take(principal, self._incoming(_Asked(principal, route.signal, media, coding, table, version), body))
        except GatewayError as error:
            # Most clients drop an export that is refused and say nothing: somebody should.
            self._refused.tell(principal.name, route.signal, table, error)
            raise

    def _incoming(self, asked: _Asked, body: bytes) -> Incoming:
        return Incoming(
            signal=asked.signal,
            content_type=asked.media,
            body=body,
            table=asked.table,
            version=asked.version,
            coding=asked.coding,
            bytes_max=self._door.body_bytes_max,
        )

    def _check_length(self, headers: Headers) -> None:
        stated = value_of(headers, b"content-length")
        if stated.isdigit() and int(stated) > self._door.body_bytes_max:
            raise TooLarge(f"The export is larger than {self._door.body_bytes_max} bytes; send smaller batches.", code="BODY_TOO_LARGE")


def _route(path: str) -> _Route:
    signal = _EXACT.get(path)
    if signal is not None:
        return _Route(signal)
    if path in {BARE, PREFIX}:
        return _Route("")
    found = _WITH_TOKEN.fullmatch(path)
    if found is None:
        raise NotFound(f"Exports go to {PREFIX}v1/metrics, …/logs or …/traces.")
    token, prefix, word = found.groups()
    return _Route(export_body.SIGNAL_OF_PATH.get(word, ""), token, prefix if SIGNAL_MARK in prefix else f"{prefix}_otel_{SIGNAL_MARK}")


def table_of(headers: Headers) -> tuple[str, str]:
    """The table that a header names, and the schema of one that would be made for it."""
    given = [(value.decode("latin-1"), _TABLE_HEADERS[name]) for name, value in headers if name in _TABLE_HEADERS and value]
    if len({table for table, _ in given}) > 1:
        raise BadRequest("The export names two tables; send one table header.", code="INVALID_PARAMETER_VALUE")
    return min(given, default=("", "v1"))  # the page's header goes first


def _acknowledge(client: ClientStream, media: str, export: Export) -> None:
    answer = export_body.answer(export, media)
    client.start(200, _head(media, answer))
    client.finish(answer)


def _tell_bug(client: ClientStream, media: str) -> None:
    """A bug is told as one, without its text. To be called where it is caught."""
    _log.exception("an OTLP export failed")
    _refuse(client, GatewayError("Headgate failed; its log has the reason."), media)


def _refuse(client: ClientStream, error: GatewayError, media: str) -> None:
    encoding = export_body.PROTOBUF if export_body.is_protobuf(media) else export_body.JSON
    body = export_body.failure(_GRPC_CODES.get(error.status, 13), error.message, encoding)
    headers = _head(encoding, body)
    if error.retry_after_s is not None:
        headers.append((b"retry-after", b"%d" % max(1, round(error.retry_after_s))))
    if error.status == 405:
        headers.append((b"allow", b"POST"))
    client.start(error.status, headers)
    client.finish(body)


def _head(media: str, body: bytes) -> Headers:
    kind = export_body.JSON if export_body.is_json(media) else export_body.PROTOBUF
    return [(b"content-type", kind.encode()), (b"content-length", b"%d" % len(body))]
