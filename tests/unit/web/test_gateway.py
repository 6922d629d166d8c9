"""The gateway's service: who gets in, what is refused, and in which words."""

import asyncio
import gzip
import json
import logging
import zlib
from typing import Any

import msgspec
import pytest
import zstandard

from headgate.core.audit_event import AuditEvent
from headgate.dialects.registry import CLIENTS
from headgate.exchange.denials import Denials
from headgate.exchange.exchange import Exchanges
from headgate.exchange.outside import Outside
from headgate.exchange.settings import StreamLimits
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable, compose_token, digest
from headgate.policy.previews import Previews
from headgate.routing.table import EndpointTable
from headgate.web.authenticator import Authenticator
from headgate.web.denied_requests import DeniedRequests
from headgate.web.gateway import Gateway
from headgate.web.gateway_parts import GatewayParts
from headgate.web.guesses import Guesses
from headgate.web.routes import GATEWAY_ROUTES, RouteTable
from headgate.web.service import Request
from tests.fakes.asking import ask, head, named, opened
from tests.fakes.ports import FakeClient, FakeClock, FakeUpstream, Listener, MemoryJournal
from tests.fakes.principals import token_of, user
from tests.unit.exchange.journeys import ENDPOINT, LAB

PEPPER = b"p" * 32
TOKEN = compose_token(b"t" * 32)
LATE = compose_token(b"l" * 32)
NARROW = compose_token(b"n" * 32)
LAPTOP = token_of(user("ada@example.com"), "tok")
PIPELINE = token_of(user("ada@example.com"), "tok_narrow", endpoints=("house-*",))
TOKENS = {digest(PEPPER, TOKEN): LAPTOP, digest(PEPPER, NARROW): PIPELINE}


class House:
    """A gateway over stand-ins."""

    def __init__(self, body_bytes_max: int = 1000) -> None:
        self.journal, self.upstream, self.refreshes = MemoryJournal(), FakeUpstream(), 0
        self.body_bytes_max = body_bytes_max
        clock = FakeClock()
        self._snapshot = Snapshot(1, TokenTable(TOKENS), EndpointTable([LAB], [ENDPOINT]))
        outside = Outside(
            snapshot=lambda: self._snapshot, upstream_of=lambda _target: self.upstream, journal=self.journal, listener=Listener(), clock=clock
        )
        authenticator = Authenticator(lambda: self._snapshot, self._refresh, PEPPER, clock, Guesses(clock), {})
        self.audited: list[AuditEvent] = []
        self.gateway = Gateway(
            GatewayParts(
                routes=RouteTable(GATEWAY_ROUTES),
                faces=CLIENTS,
                exchanges=Exchanges(outside, StreamLimits()),
                authenticator=authenticator,
                clock=clock,
                body_bytes_max=body_bytes_max,
                denied=DeniedRequests(Denials(self.audited.append, clock), authenticator),
            )
        )

    async def _refresh(self) -> None:
        self.refreshes += 1
        tokens = {**TOKENS, digest(PEPPER, LATE): LAPTOP}
        self._snapshot = Snapshot(2, TokenTable(tokens), self._snapshot.endpoints)

    def switch_off(self) -> None:
        """Switch off the preview."""
        self._snapshot = msgspec.structs.replace(self._snapshot, previews=Previews(coding_agents=False))

    async def ask(self, method: str, path: str, body: bytes = b"", query: bytes = b"", **headers: str) -> tuple[int, dict[bytes, bytes], Any]:
        """Send one request; returns status, headers and decoded body."""
        target = f"{path}?{query.decode()}" if query else path
        client = await ask(self.gateway, head(method, target, named(headers)), body)
        assert client.finished
        text = client.body
        return client.status, client.headers, text.decode() if text.startswith(b"<") else json.loads(text) if text else None


@pytest.fixture
def house() -> House:
    """A fresh gateway."""
    return House()


@pytest.mark.parametrize(
    "route", [route for route in RouteTable(GATEWAY_ROUTES) if route.access != "public"], ids=lambda route: f"{route.method} {route.path}"
)
async def test_no_route_answers_without_a_credential(house: House, route: Any) -> None:
    """Every route but the written public ones is 401 for a stranger, and tells no retry."""
    status, headers, body = await house.ask(
        route.method, route.path.replace("{model}", "claude-opus-4-6").replace("{response}", "resp_1"), b"{}", content_type="application/json"
    )

    assert status == 401
    assert headers[b"x-should-retry"] == b"false"
    assert "Your Headgate administrator gives you one." in json.dumps(body)
    assert not house.journal.outcomes


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {TOKEN}"},
        {"x_api_key": TOKEN},
        {"x_goog_api_key": TOKEN},
        {"authorization": f"Bearer {TOKEN}", "x_goog_api_key": TOKEN},
    ],
)
@pytest.mark.parametrize("path", ["/anthropic/v1/models", "/openai/v1/models", "/gemini/v1beta/models", "/cursor/v1/models", "/v1/models"])
async def test_each_credential_header_is_taken_on_every_route(house: House, path: str, headers: dict[str, str]) -> None:
    """Bearer, x-api-key and x-goog-api-key work everywhere, also the same one twice."""
    status, _, _ = await house.ask("GET", path, **headers)

    assert status == 200


async def test_two_different_credentials_are_refused(house: House) -> None:
    """One of them would be ignored silently otherwise."""
    status, _, body = await house.ask("GET", "/anthropic/v1/models", authorization=f"Bearer {TOKEN}", x_api_key=LATE)

    assert status == 401
    assert "two different credentials" in body["error"]["message"]


@pytest.mark.parametrize("path", ["/gemini/v1beta/models", "/openai/v1/models", "/ai-gateway/anthropic/v1/models"])
async def test_a_key_in_the_query_is_a_credential_like_any_other(house: House, path: str) -> None:
    """Gemini's `?key=`: taken everywhere, and refused beside another one."""
    key = f"key={TOKEN}".encode()
    listed, _, _ = await house.ask("GET", path, query=b"alt=sse&" + key)
    agreed, _, _ = await house.ask("GET", path, query=key, authorization=f"Bearer {TOKEN}")
    torn, _, _ = await house.ask("GET", path, query=key, authorization=f"Bearer {LATE}")
    twice, _, _ = await house.ask("GET", path, query=key + b"&key=" + LATE.encode())
    empty, _, _ = await house.ask("GET", path, query=b"key=&" + key)
    beside, _, _ = await house.ask("GET", path, query=b"key=", authorization=f"Bearer {TOKEN}")

    assert (listed, agreed, torn, twice, empty, beside) == (200, 200, 401, 401, 200, 200)


@pytest.mark.parametrize(
    "route", [route for route in RouteTable(GATEWAY_ROUTES) if route.access != "public" and route.action != "upgrade"], ids=lambda route: route.path
)
async def test_every_route_says_that_the_preview_is_off(house: House, route: Any) -> None:
    """In the dialect of the path, with Databricks' word, to a caller who is known."""
    house.switch_off()
    path = route.path.replace("{model}", "claude-opus-4-6").replace("{response}", "resp_1")
    status, headers, body = await house.ask(route.method, path, b"{}", x_api_key=TOKEN, content_type="application/json")

    assert (status, body["error_code"]) == (404, "FEATURE_DISABLED")
    assert headers[b"x-should-retry"] == b"false"
    assert "coding_agents = true under [previews]" in body["error"]["message"]


async def test_the_description_of_a_model_is_for_whoever_may_use_it(house: House) -> None:
    """As in the listing: a token that allows other endpoints is told so."""
    may, headers, body = await house.ask("GET", "/anthropic/v1/models/opus", x_api_key=TOKEN)
    may_not, _, _ = await house.ask("GET", "/anthropic/v1/models/opus", x_api_key=NARROW)
    unknown, _, _ = await house.ask("GET", "/anthropic/v1/models/nope", x_api_key=TOKEN)

    assert (may, may_not, unknown) == (200, 403, 400)
    assert body["id"] == "opus"
    assert headers[b"x-databricks-request-id"] == headers[b"request-id"]


async def test_an_upgrade_is_declined_so_that_codex_goes_on_at_once(house: House) -> None:
    """426, not as a failure of ours."""
    status, _, body = await house.ask("GET", "/openai/v1/responses", x_api_key=TOKEN)

    assert status == 426
    assert body["error"]["type"] == "invalid_request_error"


async def test_a_token_made_a_moment_ago_is_looked_up_once(house: House) -> None:
    """A well-formed token that the snapshot does not know is looked for in the store."""
    status, _, _ = await house.ask("GET", "/anthropic/v1/models", x_api_key=LATE)
    forged, _, _ = await house.ask("GET", "/anthropic/v1/models", x_api_key=LATE[:-1] + "0")

    assert (status, forged, house.refreshes) == (200, 401, 1)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/anthropic/v1/nothing", lambda body: body["type"] == "error" and body["error"]["type"] == "not_found_error"),
        ("/gemini/v1beta/nothing", lambda body: body["error"]["status"] == "NOT_FOUND"),
        ("/openai/v1/nothing", lambda body: body["error"]["message"] and "code" in body["error"]),
    ],
)
async def test_an_unknown_path_is_404_in_the_dialects_shape(house: House, path: str, told: Any) -> None:
    """The agent of that mount can read why."""
    status, _, body = await house.ask("POST", path, b"{}", content_type="application/json")

    assert status == 404
    assert told(body)


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content_type": "text/plain"}, b"{}", 415),
        ({}, b"{}", 415),
        ({"content_type": "application/json", "content_encoding": "br"}, b"{}", 415),
        ({"content_type": "application/json", "content_encoding": "gzip, gzip"}, b"{}", 415),
        ({"content_type": "application/json", "content_encoding": "gzip"}, b"{}", 400),
        ({"content_type": "application/json", "content_encoding": "gzip"}, gzip.compress(bytes(1001), mtime=0), 413),
        ({"content_type": "text/plain", "content_encoding": "gzip"}, gzip.compress(b"{}", mtime=0), 415),
        ({"content_type": "application/json"}, b"x" * 1001, 413),
        ({"content_type": "application/json"}, b'{"model":"opus","model":"other"}', 400),
        ({"content_type": "application/json"}, b'{"model":"opus","\\u006dodel":"other"}', 400),
        ({"content_type": "application/json"}, b'{"model":7}', 400),
        ({"content_type": "application/json"}, b'{"model":"opus","stream":"true"}', 400),
        ({"content_type": "application/json"}, b'{"model":"opus","x":"\xff"}', 400),
        ({"content_type": "application/json"}, b'{"model":"opus","x":' + b"[" * 70 + b"]" * 70 + b"}", 400),
        ({"content_type": "application/json"}, b'{"model":"nobody"}', 400),
    ],
)
async def test_bad_requests_are_refused_before_anything_is_sent(house: House, headers: dict[str, str], body: bytes, status: int) -> None:
    """What cannot be understood, or is not JSON, or too large, is told in the caller's dialect and goes nowhere."""
    found, _, told = await house.ask("POST", "/anthropic/v1/messages", body, x_api_key=TOKEN, **headers)

    assert found == status
    assert told["type"] == "error"
    assert not house.upstream.requests


async def test_a_placeholder_is_called_one(house: House) -> None:
    """A user who pastes an example and forgets the token reads what is missing, in the words that are in the settings."""
    status, _, body = await house.ask("POST", "/anthropic/v1/messages", b"{}", authorization="Bearer <token>", content_type="application/json")

    assert (status, body["error"]["code"]) == (401, "placeholder_token")
    assert body["error"]["message"].startswith("The placeholder <token> is still in your settings.")


async def test_a_web_socket_is_told_to_use_http(house: House) -> None:
    """Codex falls back to HTTP at once on 426."""
    status, _, _ = await house.ask("GET", "/openai/v1/responses", authorization=f"Bearer {TOKEN}", upgrade="websocket")

    assert status == 426


async def test_a_probe_needs_no_credential(house: House) -> None:
    """Claude Code's HEAD is answered and is no failure of authentication."""
    status, _, _ = await house.ask("HEAD", "/anthropic/api/hello")

    assert status == 200


async def test_a_known_path_with_another_method_is_405(house: House) -> None:
    """The path is right, the method is not."""
    status, _, _ = await house.ask("GET", "/anthropic/v1/messages", x_api_key=TOKEN)

    assert status == 405


async def test_the_senders_trace_is_noted(house: House) -> None:
    """An exchange that cannot be answered here has it in its record as any other."""
    trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    await house.ask("POST", "/anthropic/v1/messages", b"{}", x_api_key=TOKEN, content_type="application/json", traceparent=f"00-{trace}-{span}-01")

    (outcome,) = house.journal.outcomes
    assert (outcome.intent.trace_id, outcome.intent.parent_span_id) == (trace, span)


def post(house: House, path: str = "/anthropic/v1/messages", **headers: str) -> Request:
    """The head of an exchange."""
    return head("POST", path, named({"content_type": "application/json", **headers}), body_bytes_max=house.body_bytes_max)


async def test_an_exchange_of_a_known_caller_waits_for_nothing(house: House) -> None:
    """It is sent in the call that hands its body over, and recorded with what its head said."""
    on_body: Any = house.gateway.open(post(house, x_api_key=TOKEN), FakeClient())
    on_body(b'{"model":"opus"}')

    assert house.upstream.requests[0].body == b'{"model":"claude-opus-4-6"}'
    intent = house.journal.intents[0]
    assert (intent.requester, intent.ip_address, intent.path) == ("ada@example.com", "127.0.0.1", "/anthropic/v1/messages")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/anthropic/v1/messages", {}, 401),
        ("/anthropic/v1/messages", {"x_api_key": LATE[:-1] + "0"}, 401),
        ("/anthropic/v1/messages", {"x_api_key": TOKEN, "content_type": "text/plain"}, 415),
        ("/anthropic/v1/nothing", {"x_api_key": TOKEN}, 404),
        (f"/openai/v1/responses?key={TOKEN}&key={LATE}", {}, 401),
    ],
)
async def test_what_its_head_refuses_is_answered_before_the_body(house: House, path: str, headers: dict[str, str], status: int) -> None:
    """No body is waited for."""
    client = FakeClient()
    assert await opened(house.gateway, post(house, path, **headers), client) is None
    assert (client.status, client.finished) == (status, True)


async def test_a_bug_is_told_as_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its text."""

    def fail(*_: object) -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr(house.upstream, "send", fail)
    monkeypatch.setattr(house.journal, "intent", fail)
    client = await ask(house.gateway, post(house, x_api_key=TOKEN), b'{"model":"opus"}')

    assert client.status == 500
    assert b"inside" not in client.body


async def test_a_wrong_address_is_told_as_one(house: House) -> None:
    """400 in the format of the agent that appends this to its address, so that its user reads what to set; no token is needed for that."""
    status, _, body = await house.ask("POST", "/anthropic/v1/v1/messages", b"{}", host="gate.example:8484")
    assert (status, body["type"]) == (400, "error")
    assert body["error"]["message"].startswith("No API at /v1/messages. For Claude Code set ANTHROPIC_BASE_URL=http://gate.example:8484/anthropic.")
    status, _, body = await house.ask("POST", "/openai/responses", b"{}", host="gate.example")
    assert (status, "http://gate.example/openai/v1" in body["error"]["message"]) == (400, True)
    status, _, body = await house.ask("POST", "/openai/v1/files", b"{}", host="gate.example")
    assert (status, "Claude Code http://gate.example/anthropic" in body["error"]["message"]) == (404, True)
    assert (await house.ask("GET", "/anthropic/v1/messages", host="gate.example"))[0] == 405


@pytest.mark.parametrize("mount", ["/openai/v1", "/codex/v1", "/v1", "/ai-gateway/openai/v1"])
async def test_codex_reports_of_its_costs_are_let_pass(house: House, mount: str, caplog: pytest.LogCaptureFixture) -> None:
    """204 and no line in the log, at each start of each developer's Codex."""
    status, _, body = await house.ask("POST", f"{mount}/analytics/codex/turn-costs", b'{"turn_ids":["x"]}', content_type="application/json")
    assert (status, body, caplog.messages) == (204, None, [])


@pytest.mark.parametrize("packed", [gzip.compress, zlib.compress, zstandard.ZstdCompressor().compress])
async def test_a_coded_body_is_a_body_like_any_other(house: House, packed: Any) -> None:
    """The provider gets it uncoded, without the header; what was unpacked is held no longer than the exchange."""
    name = {gzip.compress: "gzip", zlib.compress: "deflate"}.get(packed, "zstd")
    body, client = packed(b'{"model":"opus"}'), FakeClient()
    serving = asyncio.ensure_future(ask(house.gateway, post(house, x_api_key=TOKEN, content_encoding=name), body, client))
    for _ in range(10):
        await asyncio.sleep(0)
    assert house.gateway._coded.held_bytes == len(b'{"model":"opus"}')
    (request,) = house.upstream.requests
    assert request.body == b'{"model":"claude-opus-4-6"}'
    assert not [name for name, _ in request.headers if name == b"content-encoding"]
    (sink,) = house.upstream.sinks
    sink.head(200, [(b"content-type", b"application/json")])
    sink.data(b"{}")
    sink.end()
    for _ in range(10):
        await asyncio.sleep(0)
    assert (serving.done(), client.status, house.gateway._coded.held_bytes) == (True, 200, 0)


async def test_a_sessions_cookie_asks_no_model(house: House) -> None:
    """A browser that is signed in sends its cookie along with what another site makes it ask: that is nobody's credential here."""
    for path in ("/anthropic/v1/messages", "/openai/v1/responses"):
        status, headers, _ = await house.ask("POST", path, b'{"model":"opus"}', cookie="headgate_session=tok.1.x", content_type="application/json")
        assert (status, [name for name in headers if name.startswith(b"access-control-")]) == (401, [])
    assert not house.upstream.requests


async def test_only_one_place_names_the_model(house: House) -> None:
    """The body's: neither the query nor a header moves a request to another one, and the query goes no further."""
    request = post(house, "/anthropic/v1/messages?model=expensive&deployment=expensive", x_api_key=TOKEN, x_model="expensive")
    await ask(house.gateway, request, b'{"model":"opus"}')

    (sent,) = house.upstream.requests
    assert (sent.body, sent.target) == (b'{"model":"claude-opus-4-6"}', "/v1/messages")
    assert house.journal.intents[0].model_asked == "opus"


async def test_a_bug_leaves_nothing_of_the_request_in_the_log(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Also at the finest level: neither a header nor the query nor the body, and nothing of the environment."""

    def fail(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("A_KEY_OF_THE_PROVIDERS", "canary-environment")
    monkeypatch.setattr(house.journal, "intent", fail)
    body = b'{"model":"opus","messages":[{"role":"user","content":"canary-body"}]}'
    headers = {"x_api_key": TOKEN, "content_type": "application/json", "x_odd": "canary-header", "cookie": "canary-cookie"}
    status, _, _ = await house.ask("POST", "/anthropic/v1/messages", body, b"a=canary-query", **headers)

    assert status == 500
    assert "a mistake of ours" in caplog.text
    assert "canary" not in caplog.text
    assert TOKEN not in caplog.text
