"""The gateway's service: from a request to the journey of an exchange, and from a refusal to the caller's own dialect.

It authenticates before a body is read, and leaves everything else to `exchange`. It never looks into a body.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Final, final

from headgate.core.access_token import AccessToken
from headgate.core.audit_event import GATEWAY
from headgate.core.errors import BadRequest, GatewayError, NotFound, Unauthenticated, UnknownModel, UnsupportedMedia
from headgate.core.ids import new_id
from headgate.core.scopes import PUBLIC
from headgate.dialects.faces import ClientFace
from headgate.dialects.scan_steps import LARGE_BYTES, Steps, result, scan_steps
from headgate.exchange.headers import request_ids
from headgate.exchange.inbound import Inbound, JudgedHead
from headgate.exchange.ports import ClientStream
from headgate.exchange.response_calls import ResponseCall
from headgate.policy.attribute import attribute, request_tags, trace_context
from headgate.policy.authenticate import TOKEN_HEADERS, client_credential_of
from headgate.policy.permit import allowed_names, permit, require_scope
from headgate.web.coded_bodies import CodedBodies, coding_of, without_coding
from headgate.web.denied_requests import Sender
from headgate.web.edge import Answer, Edge, answer, check_size
from headgate.web.gateway_parts import GatewayParts
from headgate.web.known_request import KnownRequest
from headgate.web.proxies import base_url
from headgate.web.response_waiting import ResponseWaiting
from headgate.web.routes import Match, advice, dialect_of_path, every_address
from headgate.web.service import OnBody, Opened, Request
from headgate.web.ui.bare_pages import for_browser, refused_page

_USE_HTTP: Final = 426  # Codex asks for a WebSocket first, and goes on by itself

_JSON: Final = b"application/json"


@final
class _Call:
    """One request at this service, and what its answer needs. `match` is `None` where no route has its path."""

    __slots__ = ("at_ns", "contact", "face", "match", "request", "request_id", "stream")

    def __init__(self, request: Request, stream: ClientStream, match: Match | None, face: ClientFace, given: tuple[str, int, str]) -> None:
        self.request = request
        self.stream = stream
        self.match = match
        self.face = face
        self.request_id, self.at_ns, self.contact = given

    def worded(self, error: GatewayError) -> Answer:
        """The error in the caller's dialect, or as a page for a person who opened an address that is no route."""
        if self.match is None and self.request.method == "GET" and for_browser(self.request.headers):
            status, headers, body = refused_page(error, self.contact)
        else:
            status, headers, body = self.face.error(error, self.request_id)
        return status, [*headers, *request_ids(self.request_id)], body


class Gateway:
    """The service of the gateway's routes, and of every path that no other service has."""

    def __init__(self, parts: GatewayParts) -> None:
        self._parts = parts
        # What every request needs, where compiled code finds it at once.
        self._authenticator = parts.authenticator
        self._snapshot = parts.authenticator.snapshot
        self._last_used = parts.authenticator.last_used
        self._clock = parts.clock
        self._exchanges = parts.exchanges
        self._body_bytes_max = parts.body_bytes_max
        self._contact = parts.contact
        self._edge = Edge(parts.clock)
        self._coded = CodedBodies(parts.body_bytes_max)

    def open(self, request: Request, stream: ClientStream) -> Opened:
        """Find the route and the caller. A token that the snapshot does not know is looked for in the store: it may have been made a moment ago."""
        parts = self._parts
        match = parts.routes.find(request.method, request.path)
        face = parts.faces[match.route.dialect_of(request.headers) if match is not None else _dialect_of(request.path)]
        at_ns = self._clock.wall_ns()
        call = _Call(request, stream, match, face, (new_id("req", at_ns), at_ns, self._contact))
        if match is None:
            self._refuse(call, self._no_route(request))
            return None
        try:
            if match.route.access == PUBLIC:
                _answer_public(match.route.action, stream)
                return None
            key = _take_key(request)
            try:
                token = self._authenticator.known_token(request.headers, key, request.address)
            except GatewayError:
                return self._look_up(call, match, key)
            return self._admit(call, match, token)
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._refuse(call, error)
            return None

    def _open_again(self, known: KnownRequest, request: Request, stream: ClientStream) -> Opened:
        """Open a request whose head came before. Whose snapshot has changed, or whose token has ended, is read anew."""
        at_ns = self._clock.wall_ns()
        if not known.holds(self._snapshot(), request, at_ns / 1e9):
            request.again = None
            return self.open(request, stream)
        request_id = new_id("req", at_ns)
        inbound = known.inbound(request, request_id)
        inbound.received_at_ns, inbound.received_at_s = at_ns, self._clock.monotonic_s()
        self._last_used[inbound.head.token.id] = at_ns / 1e9
        return partial(self._run, _Call(request, stream, known.match, inbound.head.face, (request_id, at_ns, self._contact)), inbound)

    async def _look_up(self, call: _Call, match: Match, key: str) -> OnBody | None:
        request = call.request
        try:
            return self._admit(call, match, await self._authenticator.token(request.headers, key, request.address))
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._refuse(call, error)
            return None

    def _admit(self, call: _Call, match: Match, token: AccessToken) -> OnBody | None:
        """What happens with the body of a caller who is known; or its answer, where that needs no body."""
        if match.route.action == "response":
            return partial(self._read_response, call, match, token)
        if match.route.action != "exchange":
            answer(call.stream, 200, [(b"content-type", _JSON), *request_ids(call.request_id)], self._listed(call, match, token))
            return None
        request = call.request
        first = dict(reversed(request.headers))
        coding = None
        if b"content-encoding" in first:
            coding = coding_of(request.headers)
            request.headers = without_coding(request.headers)
        inbound = self._inbound(call, match, token, first)
        if coding:
            return partial(self._run_coded, call, inbound, coding)
        if coding is None and b"key=" not in request.target:
            request.again = partial(self._open_again, KnownRequest(self._snapshot(), match, inbound))
        return partial(self._run, call, inbound)

    def _inbound(self, call: _Call, match: Match, token: AccessToken, first: Mapping[bytes, bytes]) -> Inbound:
        """What is known before the body. `first` has the first header of each name."""
        request, route = call.request, match.route
        headers = request.headers
        media = first.get(b"content-type", b"")
        if media != _JSON and media.partition(b";")[0].strip().lower() != _JSON:
            raise UnsupportedMedia("The body must be JSON: send `content-type: application/json`.")
        trace_id, parent_span_id = trace_context(first.get(b"traceparent", b""))
        if route.operation is None:
            raise NotFound("No such route.")
        head = JudgedHead(call.face, route.operation, token, request.path)
        head.own = client_credential_of(headers) if not first.keys().isdisjoint(TOKEN_HEADERS) else None
        head.path_model = match.model
        head.query = request.query
        head.ip_address = request.address
        head.request_tags = request_tags(headers)
        inbound = Inbound(head, call.request_id, headers, attribute(headers, "", request.path), (call.at_ns, self._clock.monotonic_s()))
        inbound.trace_id, inbound.parent_span_id = trace_id, parent_span_id
        return inbound

    def _run(self, call: _Call, inbound: Inbound, body: bytes) -> None:
        inbound.body = body
        if LARGE_BYTES < len(body) <= self._body_bytes_max:
            self._check(call, inbound, scan_steps(body))
        else:
            self._exchange(call, inbound)

    def _check(self, call: _Call, inbound: Inbound, steps: Steps) -> None:
        """Do one step of looking at a large body. Everything else that is due on the event loop runs before the next one."""
        try:
            inbound.checked = result(steps)
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._refuse(call, error)
            return
        if inbound.checked is None:
            asyncio.get_running_loop().call_soon(self._check, call, inbound, steps)
        else:
            self._exchange(call, inbound)

    def _exchange(self, call: _Call, inbound: Inbound) -> None:
        try:
            check_size(len(inbound.body), self._body_bytes_max)
        except GatewayError as error:
            self._refuse(call, error)
            return
        try:
            self._exchanges.run(inbound, call.stream, _nobody_waits)
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._edge.refuse(call.stream, error, call.request_id, call.worded)

    async def _run_coded(self, call: _Call, inbound: Inbound, coding: str, body: bytes) -> None:
        """Unpack the body, and count what comes out until it is held no longer."""
        released = asyncio.get_running_loop().create_future()

        def on_released() -> None:
            if not released.done():
                released.set_result(None)

        try:
            inbound.body = await self._coded.unpack(coding, body)
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._refuse(call, error)
            return
        size = len(inbound.body)
        try:
            await _check_in_steps(inbound)
            self._exchanges.run(inbound, call.stream, on_released)
            await released
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._edge.refuse(call.stream, error, call.request_id, call.worded)
        finally:
            self._coded.release(size)

    def _listed(self, call: _Call, match: Match, token: AccessToken) -> bytes:
        """The models that the caller may ask for, or one of them."""
        route, face = match.route, call.face
        require_scope(token.principal, route.access)
        if route.action == "upgrade":
            raise BadRequest("WebSockets are not served here; use HTTP.", status=_USE_HTTP)
        snapshot = self._snapshot()
        snapshot.previews.require("coding_agents")
        if route.action == "models":
            listed = snapshot.endpoints.listing(face.speaks, allowed_names(token, snapshot.permissions, snapshot.endpoints.names_of))
            return face.models([*listed, *snapshot.endpoints.aliases(listed)], _parameters(call.request.query), snapshot.profiles.of)
        endpoint = snapshot.endpoints.resolve(match.model, face.speaks)
        if endpoint is None:
            raise UnknownModel(f"No endpoint answers to the model {match.model!r}.", code="model_not_found")
        permit(token, endpoint, snapshot.permissions, snapshot.endpoints.names_of)
        return face.model(endpoint)

    def _read_response(self, call: _Call, match: Match, token: AccessToken, _body: bytes) -> None:
        """Answer a request for a kept response, at once or when its provider has answered."""
        request, face = call.request, call.face
        waiting = ResponseWaiting(call.stream, request_ids(call.request_id), lambda error: self._refuse(call, error))
        try:
            require_scope(token.principal, match.route.access)
            self._snapshot().previews.require("coding_agents")
            asked = ResponseCall(
                method=request.method,
                response_id=match.response_id,
                part=match.route.path.partition("{response}")[2].lstrip("/"),
                query=request.query,
                face=face.name,
                speaks=face.speaks,
                token=token,
                own=client_credential_of(request.headers),
                headers=request.headers,
            )
            waiting.begin(self._exchanges.response_calls().ask(asked, waiting.done, waiting.failed))
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._refuse(call, error)

    def _no_route(self, request: Request) -> GatewayError:
        if self._parts.routes.knows_path(request.path):
            return NotFound(f"{request.method} is not served on this path.", status=405)
        base = base_url(request, self._parts.public_url)
        slip = advice(request.path, base)
        if slip is not None:
            return BadRequest(slip.text, code="wrong_address")  # not 404: Claude Code hides its text, and Codex asks five times more
        return NotFound(every_address(base))

    def _refuse(self, call: _Call, error: Exception) -> None:
        """Answer and log a request that was refused before it was an exchange, because it has no record."""
        request = call.request
        if isinstance(error, GatewayError) and error.status != _USE_HTTP:
            self._edge.warn_of(error, request, call.request_id, f"in the format {call.face.name}")
            if self._parts.denied is not None:
                route = call.match.route if call.match is not None else None
                action = route.operation.name if route is not None and route.operation is not None else route.action if route is not None else ""
                self._parts.denied.tell(error, Sender(request.headers, request.address, call.request_id), GATEWAY, action)
        self._edge.refuse(call.stream, error, call.request_id, call.worded)


def _answer_public(action: str, stream: ClientStream) -> None:
    """Answer a route that needs no caller."""
    if action == "probe":
        answer(stream, 200, [], b"")
    else:
        stream.start(204, [])
        stream.finish()


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
    """No task waits for the record of an exchange."""


def _take_key(request: Request) -> str:
    """Take a credential out of the query, where Gemini's clients may put it. It goes no further than authentication."""
    if b"key=" not in request.target:
        return ""
    kept: list[str] = []
    keys: list[str] = []
    for part in request.query.split("&"):
        name, _, value = part.partition("=")
        if name != "key":
            kept.append(part)
        elif value:
            keys.append(value)
    request.query = "&".join(kept)
    if len(set(keys)) > 1:
        raise Unauthenticated("The query holds two different keys. Send one Headgate token.", code="two_credentials")
    return keys[0] if keys else ""


def _parameters(query: str) -> dict[str, str]:
    return {name: value for name, _, value in (part.partition("=") for part in query.split("&") if part)}
