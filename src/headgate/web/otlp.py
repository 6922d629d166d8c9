"""OTLP over HTTP: three paths for clients that can set headers, and a form of the URL that holds token and table for clients that cannot.
Either form also works without the signal at the path's end, for clients that post all three signals to one address: the signal is then read from the body.

It authenticates before a body is read and answers in the words and the encoding of the protocol. A token in a path goes no further than authentication;
no path is ever logged here. For a small export whose caller the snapshot knows no task is made: it is answered when the journal says that it is on the disk.
"""

import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
from typing import Any, NamedTuple

import msgspec

from headgate.core.audit_event import OTEL
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, GatewayError, NotFound, TooLarge, Unavailable
from headgate.core.escaping import escaped
from headgate.core.headers import Headers
from headgate.core.ids import new_id
from headgate.core.principal import Principal
from headgate.core.scopes import TELEMETRY
from headgate.exchange.ports import ClientStream
from headgate.policy.authenticate import token_tail
from headgate.policy.permit import require_scope
from headgate.policy.previews import Previews
from headgate.telemetry.export_reading import Incoming
from headgate.telemetry.ingest import SIGNAL_MARK, Ingest
from headgate.telemetry.otlp import export_body
from headgate.telemetry.otlp.messages import Export
from headgate.web.denied_requests import DeniedRequests, Sender
from headgate.web.edge import Answer, Edge, answer, check_size, retry_after, sender_of
from headgate.web.rare_log import RareLog
from headgate.web.service import OnBody, Opened, Request

PREFIX = "/api/2.0/otel/"
BARE = "/api/2.0/otel"
_EXACT = {f"{PREFIX}v1/{word}": signal for word, signal in export_body.SIGNAL_OF_PATH.items()}
_WITH_TOKEN = re.compile(rf"{PREFIX}t/([^/]{{1,512}})/([^/]{{1,800}})(?:/v1/(metrics|logs|traces)|/?)")
# The header of the page's configurations, and of Zerobus, whose tables are of the newer schema.
_TABLE_HEADERS = {b"x-databricks-uc-table-name": "v1", b"x-databricks-zerobus-table-name": "v2"}
_GRPC_CODES = {400: 3, 401: 16, 403: 7, 404: 5, 405: 12, 413: 3, 415: 3, 429: 8, 503: 14}
_NAME_CHARS_MAX = 255
EXPORT = "export"  # the action of an export in the audit table
_REASON_CHARS_MAX = 500


class OtlpParts(msgspec.Struct, frozen=True):
    """What the service is given. `caller` says who asks, by the request's headers, the token of its path where there is one, and the client's
    address; `known` says it by the snapshot alone, from headers and address, and raises where the store may know more. `previews` says whether exports are accepted.
    """

    ingest: Ingest
    caller: Callable[[Headers, str, str], Awaitable[Principal]]
    known: Callable[[Headers, str], Principal]
    previews: Callable[[], Previews]
    clock: Clock
    body_bytes_max: int
    denied: DeniedRequests | None = None


class RefusedExports:
    """The log's lines of exports that were refused, for most clients drop such an export and say nothing. One for each service.

    A line holds words of the sender's, so it is printable and short. It is logged once in a while for each sender and kind of refusal, whatever tables
    the sender names, so that a sender cannot fill the log.
    """

    def __init__(self, log: RareLog) -> None:
        self._rare_log = log

    def tell(self, principal: str, signal: str, table: str, error: GatewayError) -> None:
        """Log a refusal, unless one like it was logged a moment ago."""
        named = table[:_NAME_CHARS_MAX]
        reason = escaped(error.message.partition("\n")[0][:_REASON_CHARS_MAX])
        text = "%s of %r for the table %r were refused with %d: %s"
        self._rare_log.warn((principal, error.status), text, signal or "exports", principal, named, error.status, reason)

    def tell_stranger(self, error: GatewayError, address: str, tail: str) -> None:
        """Log that a client without a valid token was refused, without any text from it but the end of what looks like a token of Headgate's."""
        kind = ("strangers", tail or address, error.status)
        self._rare_log.warn(kind, "exports from %s without a valid token are refused with %d", sender_of(address, tail), error.status)


class _Route(NamedTuple):
    signal: str  # empty where the body has to say it
    token: str = ""
    table: str = ""


class _Head(NamedTuple):
    """What the head of an export says, and who sent it."""

    principal: Principal
    signal: str
    coding: str
    table: str
    version: str


class _Call(NamedTuple):
    """One request at this service, answered in the encoding of its media type."""

    request: Request
    stream: ClientStream
    first: Mapping[bytes, bytes]  # the first header of each name
    media: str

    def worded(self, error: GatewayError) -> Answer:
        """The error as the protocol says it."""
        encoding = export_body.PROTOBUF if export_body.is_protobuf(self.media) else export_body.JSON
        allow: Headers = [(b"allow", b"POST")] if error.status == 405 else []
        body = export_body.failure(_GRPC_CODES.get(error.status, 13), error.message, encoding)
        return error.status, [_content_type(encoding), *retry_after(error), *allow], body


class Otlp:
    """The service at `BARE` and every path below `PREFIX`."""

    def __init__(self, parts: OtlpParts) -> None:
        self._parts = parts
        self._edge = Edge(parts.clock)
        self._refused = RefusedExports(self._edge.rare_log)

    def open(self, request: Request, stream: ClientStream) -> Opened:
        """Find the route and the caller. A token in the path, or one that the snapshot does not know, is looked for in the store."""
        first = dict(reversed(request.headers))
        call = _Call(request, stream, first, first.get(b"content-type", b"").decode("latin-1"))
        try:
            route = _route(request)
            if route.token:
                return self._look_up(call, route)
            try:
                principal = self._parts.known(request.headers, request.address)
            except GatewayError:
                return self._look_up(call, route)
            return self._admit(call, route, principal)
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._refuse(call, error)
            return None

    async def _look_up(self, call: _Call, route: _Route) -> OnBody | None:
        request = call.request
        try:
            principal = await self._parts.caller(request.headers, route.token, request.address)
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            if isinstance(error, GatewayError):
                self._refused.tell_stranger(error, request.address, token_tail(request.headers, route.token))
            self._refuse(call, error)
            return None
        return self._admit(call, route, principal)

    def _admit(self, call: _Call, route: _Route, principal: Principal) -> OnBody | None:
        """What happens with the body of a caller who is known."""
        request, bytes_max = call.request, self._parts.body_bytes_max
        request.body_bytes_max = min(request.body_bytes_max, bytes_max)
        head = _Head(principal, route.signal, call.first.get(b"content-encoding", b"").decode("latin-1"), route.table, "v1")
        try:
            require_scope(principal, TELEMETRY)
            self._parts.previews().require("opentelemetry")
            if not route.table:
                table, version = table_of(request.headers)
                head = head._replace(table=table, version=version)
            _check_length(call.first.get(b"content-length", b""), bytes_max)
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._refuse(call, error, head)
            return None
        return partial(self._run, call, head)

    def _run(self, call: _Call, head: _Head, body: bytes) -> Coroutine[Any, Any, None] | None:
        """Accept an export, in this call where nothing but the disk has to be waited for: the journal's writer then ends it."""
        try:
            check_size(len(body), self._parts.body_bytes_max)
            incoming = self._incoming(call, head, body)
            if not head.signal or not self._parts.ingest.begin(head.principal, incoming, partial(self._end, call, head)):
                return self._wait(call, head, incoming)
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._refuse(call, error, head)
        return None

    async def _wait(self, call: _Call, head: _Head, incoming: Incoming) -> None:
        """Accept an export that has to wait: its signal is read from the body, its table is looked for in the store, or it is large."""
        try:
            _acknowledge(call, await self._parts.ingest.take(head.principal, incoming))
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._refuse(call, error, head)

    def _end(self, call: _Call, head: _Head, export: Export, trouble: Unavailable | None) -> None:
        """Answer an export that is in the journal, or say why it is not. Others wait for the same call of the journal, so this one never raises."""
        try:
            if trouble is None:
                _acknowledge(call, export)
            else:
                self._refuse(call, trouble, head)
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._refuse(call, error, head)

    def _incoming(self, call: _Call, head: _Head, body: bytes) -> Incoming:
        return Incoming(
            signal=head.signal,
            content_type=call.media,
            body=body,
            table=head.table,
            version=head.version,
            coding=head.coding,
            bytes_max=self._parts.body_bytes_max,
        )

    def _refuse(self, call: _Call, error: Exception, head: _Head | None = None) -> None:
        if head is not None and isinstance(error, GatewayError):
            self._refused.tell(head.principal.name, head.signal, head.table, error)
        request_id = new_id("req", self._parts.clock.wall_ns())
        if self._parts.denied is not None:
            sender = Sender(call.request.headers, call.request.address, request_id)
            self._parts.denied.tell(error, sender, OTEL, EXPORT, {"table": head.table} if head is not None else {})
        self._edge.refuse(call.stream, error, request_id, call.worded)


def _route(request: Request) -> _Route:
    route = _route_of(request.path)
    if request.method != "POST":
        raise NotFound("Exports are sent with POST.", status=405)
    return route


def _route_of(path: str) -> _Route:
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


def _check_length(stated: bytes, bytes_max: int) -> None:
    if stated.isdigit() and int(stated) > bytes_max:
        raise TooLarge(f"The export is larger than {bytes_max} bytes; send smaller batches.", code="BODY_TOO_LARGE")


def table_of(headers: Headers) -> tuple[str, str]:
    """The table that a header names, and the schema of one that would be made for it."""
    given = [(value.decode("latin-1"), _TABLE_HEADERS[name]) for name, value in headers if name in _TABLE_HEADERS and value]
    if len({table for table, _ in given}) > 1:
        raise BadRequest("The export names two tables; send one table header.", code="INVALID_PARAMETER_VALUE")
    return min(given, default=("", "v1"))  # the page's header has precedence


def _acknowledge(call: _Call, export: Export) -> None:
    answer(call.stream, 200, [_content_type(call.media)], export_body.answer(export, call.media))


def _content_type(media: str) -> tuple[bytes, bytes]:
    return b"content-type", (export_body.JSON if export_body.is_json(media) else export_body.PROTOBUF).encode()
