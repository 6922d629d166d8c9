"""The gateway's door: from a request to the journey of an exchange, and from a refusal to the caller's own dialect.

It authenticates before it reads a body, reads the body under its limit, and leaves everything else to `exchange`. It never looks into a body.
An exchange whose caller is known by the snapshot can go the short way (`open`); all else, and every refusal that its head earns, goes over ASGI.
"""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import NoReturn

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, GatewayError, NotFound, Unauthenticated, UnknownModel, UnsupportedMedia
from headgate.core.headers import Headers
from headgate.core.ids import new_id
from headgate.dialects.faces import ClientFace
from headgate.dialects.scan_steps import LARGE_BYTES, Steps, result, scan_steps
from headgate.exchange.exchange import Exchanges
from headgate.exchange.headers import request_ids
from headgate.exchange.inbound import Inbound
from headgate.exchange.ports import ClientStream
from headgate.policy.attribute import attribute, request_tags, trace_context
from headgate.policy.permit import permit, require_scope
from headgate.web.asgi import ClientLeft, Receive, Scope, Send, check_size, client_address, client_stream, read_body
from headgate.web.authenticator import Authenticator
from headgate.web.coded_bodies import CodedBodies, coding_of, without_coding
from headgate.web.direct_cycle import Take
from headgate.web.proxies import base_url
from headgate.web.rare_log import RareLog
from headgate.web.refused_page import for_browser, refused_page
from headgate.web.routes import Match, RouteTable, dialect_of_path
from headgate.web.wrong_address import advice, every_address

_log = logging.getLogger("headgate.web")
_USE_HTTP = 426  # Codex asks for a WebSocket first, and goes on by itself

_JSON = b"application/json"


class Door(msgspec.Struct, frozen=True):
    """What the gateway is given."""

    routes: RouteTable
    dialects: Mapping[str, ClientFace]
    exchanges: Exchanges
    authenticator: Authenticator
    clock: Clock
    body_bytes_max: int
    public_url: str = ""


class _Asked(msgspec.Struct, frozen=True):
    """What a request's head says. `query` is without a credential."""

    request_id: str
    path: str
    query: str
    headers: Headers
    address: str
    at_ns: int


class Gateway:
    """A bare ASGI callable for the gateway's routes, with a short way for exchanges."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._rare_log = RareLog(door.clock)
        self._coded = CodedBodies(door.body_bytes_max)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request_id = new_id("req", self._door.clock.wall_ns())
        path: str = scope["path"]
        match = self._door.routes.find(scope["method"], path)
        dialect = self._door.dialects[match.route.dialect if match is not None else _dialect_of(path)]
        client, drive = client_stream(scope, receive, send)
        settled = asyncio.get_running_loop().create_future()
        recorded, unpacked_bytes = False, 0

        def on_settled() -> None:
            if not settled.done():
                settled.set_result(None)

        try:
            if match is None:
                self._refuse_route(scope, path)
            elif match.route.action == "exchange":
                inbound, unpacked_bytes = await self._received(scope, receive, match, request_id)
                await _check_in_steps(inbound)
                recorded = True
                self._door.exchanges.run(inbound, client, on_settled)
            else:
                await self._answer(scope, match, client, request_id)
                on_settled()
        except GatewayError as error:
            if not recorded:
                self._tell(dialect, error, client_address(scope))
            _answer_refusal(_worded(scope, match, dialect, error, request_id), request_id, client)
            on_settled()
        except ClientLeft:
            on_settled()
        except Exception:  # ruff: ignore[blind-except] the server's edge
            _tell_bug(dialect, request_id, client)
            on_settled()
        if drive is not None:
            await drive()
        try:
            await settled
        finally:
            self._coded.release(unpacked_bytes)

    def open(self, target: bytes, headers: Headers, address: str) -> Take | None:
        """The short way for an exchange that may begin at once. Half of what a small exchange costs over ASGI is the way, not the exchange."""
        path, _, query = target.decode("latin-1").partition("?")
        match = self._door.routes.find("POST", path)
        if match is None or match.route.action != "exchange" or "%" in path:
            return None
        at_ns = self._door.clock.wall_ns()
        try:
            query, key = _take_key(query)
            token = self._door.authenticator.known_token(headers, key)
            inbound = self._inbound(match, token, _Asked(new_id("req", at_ns), path, query, headers, address, at_ns))
        except GatewayError:
            return None  # worded on the other way, where a token made a moment ago may yet be found
        return partial(self._run, inbound)

    def _run(self, inbound: Inbound, body: bytes, client: ClientStream) -> None:
        inbound.body = body
        if LARGE_BYTES < len(body) <= self._door.body_bytes_max:
            self._check(inbound, client, scan_steps(body))
        else:
            self._exchange(inbound, client)

    def _check(self, inbound: Inbound, client: ClientStream, steps: Steps) -> None:
        """Take one step of the look at a large body; all that is due on the event loop goes before the next one."""
        try:
            inbound.checked = result(steps)
        except Exception:  # ruff: ignore[blind-except] the server's edge
            _tell_bug(inbound.dialect, inbound.request_id, client)
            return
        if inbound.checked is None:
            asyncio.get_running_loop().call_soon(self._check, inbound, client, steps)
        else:
            self._exchange(inbound, client)

    def _exchange(self, inbound: Inbound, client: ClientStream) -> None:
        recorded = False
        try:
            check_size(len(inbound.body), self._door.body_bytes_max)
            recorded = True
            self._door.exchanges.run(inbound, client, _nobody_waits)
        except GatewayError as error:
            if not recorded:
                self._tell(inbound.dialect, error, inbound.ip_address)
            _refuse(inbound.dialect, error, inbound.request_id, client)
        except Exception:  # ruff: ignore[blind-except] the server's edge
            _tell_bug(inbound.dialect, inbound.request_id, client)

    def _tell(self, dialect: ClientFace, error: GatewayError, address: str) -> None:
        """What is refused before it is an exchange has no row, so the log has it. Not the path, which may hold a secret that was put there by mistake."""
        if error.status != _USE_HTTP:
            code = f" {error.code}" if error.code else ""
            reason = error.message.partition("\n")[0][:500]
            text = "refused a request from %s in %s's format: %d%s: %s"
            self._rare_log.warn((address, error.status, error.code), text, address, dialect.name, error.status, code, reason)

    def _refuse_route(self, scope: Scope, path: str) -> NoReturn:
        if self._door.routes.knows_path(path):
            raise NotFound(f"{scope['method']} is not served on this path.", status=405)
        base = base_url(scope, self._door.public_url)
        slip = advice(path, base)
        if slip is not None:
            raise BadRequest(slip.text, code="wrong_address")  # not 404: Claude Code hides its text, and Codex asks five times more
        raise NotFound(every_address(base))

    async def _received(self, scope: Scope, receive: Receive, match: Match, request_id: str) -> tuple[Inbound, int]:
        """The whole request, and how many bytes of it were unpacked."""
        headers: Headers = scope["headers"]
        coding = coding_of(headers)
        at_ns = self._door.clock.wall_ns()
        token, query = await self._authenticate(scope, headers)
        plain = headers if coding is None else without_coding(headers)
        inbound = self._inbound(match, token, _Asked(request_id, scope["path"], query, plain, client_address(scope), at_ns))
        inbound.body = await read_body(receive, self._door.body_bytes_max)
        if not coding:
            return inbound, 0
        inbound.body = await self._coded.unpack(coding, inbound.body)
        return inbound, len(inbound.body)

    def _inbound(self, match: Match, token: AccessToken, asked: "_Asked") -> Inbound:
        """What is known before the body."""
        headers, path, route = asked.headers, asked.path, match.route
        first = dict(reversed(headers))
        _check_media(first)
        trace_id, parent_span_id = trace_context(first.get(b"traceparent", b""))
        if route.operation is None:
            raise NotFound("No such route.")
        return Inbound(
            request_id=asked.request_id,
            dialect=self._door.dialects[route.dialect],
            operation=route.operation,
            token=token,
            attribution=attribute(headers, "", path),
            headers=headers,
            path=path,
            path_model=match.model,
            query=asked.query,
            ip_address=asked.address,
            request_tags=request_tags(headers),
            trace_id=trace_id,
            parent_span_id=parent_span_id,
            received_at_ns=asked.at_ns,
            received_at_s=self._door.clock.monotonic_s(),
        )

    async def _authenticate(self, scope: Scope, headers: Headers) -> tuple[AccessToken, str]:
        query, key = _take_key(scope["query_string"].decode("latin-1"))
        return await self._door.authenticator.token(headers, key, client_address(scope)), query

    async def _answer(self, scope: Scope, match: Match, client: ClientStream, request_id: str) -> None:
        route, dialect = match.route, self._door.dialects[match.route.dialect]
        if route.action in {"probe", "ignore"}:
            client.start(*((200, [(b"content-length", b"0")]) if route.action == "probe" else (204, [])))
            client.finish()
            return
        headers: Headers = scope["headers"]
        token, query = await self._authenticate(scope, headers)
        require_scope(token, route.access)
        if route.action == "upgrade":
            raise BadRequest("WebSockets are not served here; use HTTP.", status=_USE_HTTP)
        endpoints = self._door.authenticator.snapshot().endpoints
        if route.action == "model":
            endpoint = endpoints.resolve(match.model, dialect.speaks)
            if endpoint is None:
                raise UnknownModel(f"No endpoint answers to the model {match.model!r}.", code="model_not_found")
            permit(token, endpoint)
            body = dialect.model(endpoint)
        else:
            body = dialect.models(endpoints.listing(dialect.speaks, token.endpoints), _parameters(query))
        client.start(200, [(b"content-type", _JSON), (b"content-length", b"%d" % len(body)), *request_ids(request_id)])
        client.finish(body)


def _refuse(dialect: ClientFace, error: GatewayError, request_id: str, client: ClientStream) -> None:
    _answer_refusal(dialect.error(error, request_id), request_id, client)


def _worded(scope: Scope, match: Match | None, dialect: ClientFace, error: GatewayError, request_id: str) -> tuple[int, Headers, bytes]:
    """The refusal in the caller's dialect, or as a page for a person who opened an address that is no route."""
    if match is None and scope["method"] == "GET" and for_browser(scope):
        return refused_page(error)
    return dialect.error(error, request_id)


def _answer_refusal(answer: tuple[int, Headers, bytes], request_id: str, client: ClientStream) -> None:
    status, headers, body = answer
    client.start(status, [*headers, *request_ids(request_id), (b"content-length", b"%d" % len(body))])
    client.finish(body)


def _tell_bug(dialect: ClientFace, request_id: str, client: ClientStream) -> None:
    """A bug is told as one, without its text, and logged with the request's id."""
    _log.exception("%s failed", request_id)
    _refuse(dialect, GatewayError("Headgate failed. Its log has the reason under this request's id."), request_id, client)


def _dialect_of(path: str) -> str:
    """The dialect of a path that is no route."""
    slip = advice(path, "")
    return slip.dialect if slip is not None else dialect_of_path(path)


async def _check_in_steps(inbound: Inbound) -> None:
    """Look at a large body while other work goes on."""
    if len(inbound.body) > LARGE_BYTES:
        steps = scan_steps(inbound.body)
        while (checked := result(steps)) is None:  # ruff: ignore[async-busy-wait] each round does a part of the work
            await asyncio.sleep(0)
        inbound.checked = checked


def _nobody_waits() -> None:
    """On the short way no task waits for the record."""


def _check_media(headers: Mapping[bytes, bytes]) -> None:
    media = headers.get(b"content-type", b"")
    if media != _JSON and media.partition(b";")[0].strip().lower() != _JSON:
        raise UnsupportedMedia("The body must be JSON: send `content-type: application/json`.")
    if headers.get(b"content-encoding", b"") not in {b"", b"identity"}:
        raise UnsupportedMedia("A coded body goes the other way.")  # never shown: the short way sends it over ASGI, which takes the header away


def _take_key(query: str) -> tuple[str, str]:
    """A credential that stands in the query, as Gemini's clients may put it, apart from the rest; it goes no further than authentication."""
    if "key=" not in query:
        return query, ""
    kept: list[str] = []
    keys: list[str] = []
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name != "key":
            kept.append(part)
        elif value:
            keys.append(value)
    if len(set(keys)) > 1:
        raise Unauthenticated("The query holds two different keys. Send one Headgate token.", code="two_credentials")
    return "&".join(kept), keys[0] if keys else ""


def _parameters(query: str) -> dict[str, str]:
    return {name: value for name, _, value in (part.partition("=") for part in query.split("&") if part)}
