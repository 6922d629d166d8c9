"""A head that a connection repeats is not judged again by the gateway: what comes of it is the same, and it ends with its token and its snapshot."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from headgate.core.access_token import AccessToken
from headgate.dialects.registry import CLIENTS
from headgate.exchange.inbound import Inbound
from headgate.exchange.ports import ClientStream
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable, compose_token, digest
from headgate.policy.networks import network_of
from headgate.routing.table import EndpointTable
from headgate.web.authenticator import Authenticator
from headgate.web.connection import ClientConnection
from headgate.web.gateway import Gateway
from headgate.web.gateway_parts import GatewayParts
from headgate.web.guesses import Guesses
from headgate.web.known_request import READ
from headgate.web.repeated_heads import CHANGING
from headgate.web.routes import GATEWAY_ROUTES, RouteTable
from tests.fakes.examples import examples
from tests.fakes.fields import fields_of
from tests.fakes.ports import FakeClock
from tests.fakes.principals import token_of, user
from tests.fakes.transport import FakeTransport, connect

PEPPER = b"p" * 32
ADA, BOB = compose_token(b"a" * 32), compose_token(b"b" * 32)
OF_ADA, OF_BOB = token_of(user("ada@example.com"), "tok_a"), token_of(user("bob@example.com"), "tok_b")
HEAD = (
    "POST /anthropic/v1/messages?beta=true HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
    "User-Agent: claude-cli/2.1.197 (external, cli)\r\nX-Claude-Code-Session-Id: s-1\r\n{more}Content-Length: 2\r\n\r\n{{}}"
)
MORE = "x-client-request-id: a-1\r\nx-claude-code-prompt-id: t-1\r\n"


class Counting(Authenticator, frozen=True):
    """Counts the requests that are authenticated."""

    calls: list[str]

    def known_token(self, headers: Any, key: str = "", address: str = "") -> AccessToken:
        """As it is."""
        self.calls.append(address)
        return super().known_token(headers, key, address)


class Desk:
    """A gateway that answers every exchange at once and keeps what came of its head, and one connection to it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.inbounds: list[Inbound] = []
        self.snapshot = Snapshot(1, TokenTable({}), EndpointTable([]))
        self.allow((ADA, OF_ADA), (BOB, OF_BOB))
        self.authenticator = Counting(lambda: self.snapshot, self._refresh, PEPPER, self.clock, Guesses(self.clock), {}, calls=[])
        self.gateway = Gateway(
            GatewayParts(RouteTable(GATEWAY_ROUTES), CLIENTS, self, self.authenticator, self.clock, 1000)  # type: ignore[arg-type]
        )
        self.connection, self.transport = self.connect()

    def connect(self) -> tuple[ClientConnection, FakeTransport]:
        """Another connection."""
        return connect(self.gateway)

    def allow(self, *tokens: tuple[str, AccessToken]) -> None:
        """From now on these tokens count."""
        self.snapshot = Snapshot(self.snapshot.version + 1, TokenTable({digest(PEPPER, token): known for token, known in tokens}), EndpointTable([]))

    def run(self, inbound: Inbound, client: ClientStream, _on_released: Callable[[], None]) -> None:
        """In the place of `Exchanges`."""
        self.inbounds.append(inbound)
        client.start(200, [])
        client.finish(b"ok")

    async def ask(self, token: str = ADA, more: str = MORE, to: tuple[ClientConnection, FakeTransport] | None = None) -> int:
        """Send a request; the status of its answer."""
        connection, transport = to or (self.connection, self.transport)
        transport.writes.clear()
        connection.data_received(HEAD.format(token=token, more=more).encode())
        for _ in range(4):
            await asyncio.sleep(0)
        return int(transport.written.split(b" ", 2)[1])

    async def _refresh(self) -> None:
        """Nothing is newer."""


def without_its_own(inbound: Inbound) -> tuple[dict[str, object], dict[str, object]]:
    """What two requests with one head have in common."""
    return fields_of(inbound, "head", "request_id", "received_at_ns", "received_at_s"), fields_of(inbound.head, "memory")


async def test_the_third_request_with_a_head_is_not_authenticated_again() -> None:
    """It is its token's use all the same, and has an id and a time of its own."""
    desk = Desk()
    for _ in range(4):
        desk.clock.now_s += 1
        assert await desk.ask() == 200

    assert len(desk.authenticator.calls) == 2
    assert len({inbound.request_id for inbound in desk.inbounds}) == 4
    assert desk.authenticator.last_used == {"tok_a": desk.inbounds[-1].received_at_ns / 1e9}
    assert desk.inbounds[3].received_at_s > desk.inbounds[2].received_at_s > 0


IDS = st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True)
TRACES = st.from_regex(r"0[0f]-[0-9a-f]{32}-[0-9a-f]{16}-0[01]", fullmatch=True) | st.just(f"00-{'0' * 32}-{'0' * 16}-00") | IDS
VALUES = st.dictionaries(st.sampled_from(sorted(CHANGING - {b"content-length"})), IDS, max_size=5)


@given(VALUES, st.data())
@examples(40)
def test_what_comes_of_a_recognised_head_is_what_comes_of_it_in_full(first: dict[bytes, str], data: st.DataObject) -> None:
    """Whatever its ids are: the agent, the session, the trace and the headers."""

    async def run() -> None:
        desk = Desk()
        for number in range(4):
            values = {name: data.draw(TRACES if name == b"traceparent" else IDS) for name in first} if number > 1 else first
            more = "".join(f"{name.decode()}: {value}\r\n" for name, value in values.items())
            assert await desk.ask(more=more) == await desk.ask(more=more, to=desk.connect()) == 200
            assert without_its_own(desk.inbounds[-1]) == without_its_own(desk.inbounds[-2])

    asyncio.run(run())


def test_each_changing_header_that_is_read_is_read_anew() -> None:
    """The others are passed on, or frame the body."""
    assert set(READ) <= CHANGING
    assert sorted(CHANGING - set(READ)) == [b"content-length", b"idempotency-key", b"x-request-id"]


async def test_a_revoked_token_is_refused_at_once() -> None:
    """On the connection that has used it all the time; another one is let in there, and the same one when it counts again."""
    desk = Desk()
    for _ in range(3):
        assert await desk.ask() == 200
    desk.allow((BOB, OF_BOB))
    assert [await desk.ask(), await desk.ask(), await desk.ask(BOB)] == [401, 401, 200]
    desk.allow((ADA, OF_ADA))
    assert [await desk.ask(), await desk.ask(), await desk.ask(BOB)] == [200, 200, 401]
    assert [inbound.head.token.id for inbound in desk.inbounds] == ["tok_a"] * 3 + ["tok_b"] + ["tok_a"] * 2


async def test_a_changed_token_counts_at_once() -> None:
    """Its networks, its principal's state: whatever the new snapshot says."""
    desk = Desk()
    for _ in range(3):
        assert await desk.ask() == 200
    desk.allow((ADA, msgspec.structs.replace(OF_ADA, networks=(network_of("10.0.0.0/8"),))))
    assert await desk.ask() == 403
    desk.allow((ADA, msgspec.structs.replace(OF_ADA, networks=(network_of("127.0.0.0/8"),))))
    assert [await desk.ask() for _ in range(3)] == [200] * 3
    desk.allow((ADA, msgspec.structs.replace(OF_ADA, principal=msgspec.structs.replace(OF_ADA.principal, active=False))))
    assert await desk.ask() == 403


async def test_a_token_ends_in_its_second() -> None:
    """No head outlives it."""
    desk = Desk()
    desk.allow((ADA, msgspec.structs.replace(OF_ADA, expires_at_s=desk.clock.wall_ns() / 1e9 + 60)))
    for _ in range(3):
        assert await desk.ask() == 200
    desk.clock.now_s += 61
    assert [await desk.ask(), await desk.ask()] == [401, 401]
    assert len(desk.inbounds) == 3


async def test_two_callers_of_one_connection_stay_apart() -> None:
    """A proxy on the way may send the requests of several clients over one connection."""
    desk = Desk()
    for token in (ADA, BOB, ADA, BOB, BOB, ADA, ADA):
        assert await desk.ask(token) == 200

    assert "".join(inbound.head.token.id[-1] for inbound in desk.inbounds) == "ababbaa"
    assert len(desk.authenticator.calls) == 3
    assert await desk.ask(ADA[:-1] + ("0" if ADA[-1] != "0" else "1")) == 401


async def test_a_credential_in_the_address_and_a_named_coding_are_read_in_full() -> None:
    """Each time: the one goes no further than authentication, and the other's headers are not the ones that are passed on."""
    desk = Desk()
    for _ in range(4):
        assert await desk.ask(more="Content-Encoding: identity\r\n") == 200
        assert b"content-encoding" not in dict(desk.inbounds[-1].headers)
    desk.transport.writes.clear()
    request = HEAD.format(token=ADA, more="").replace("beta=true", f"key={ADA}").encode()
    for _ in range(4):
        desk.connection.data_received(request)
        await asyncio.sleep(0)
    assert desk.transport.written.count(b"HTTP/1.1 200 OK") == 4
    assert {inbound.head.query for inbound in desk.inbounds[4:]} == {""}
    assert len(desk.authenticator.calls) == 8


async def test_requests_that_are_sent_ahead_are_recognised_too() -> None:
    """Each is cut by its own length."""
    desk = Desk()
    request = HEAD.format(token=ADA, more=MORE).encode()
    longer = request.replace(b"Content-Length: 2\r\n\r\n{}", b"Content-Length: 4\r\n\r\n{ 1}")
    desk.connection.data_received(request + request + longer + request + longer[:-1])
    for _ in range(20):
        await asyncio.sleep(0)
    assert [inbound.body for inbound in desk.inbounds] == [b"{}", b"{}", b"{ 1}", b"{}"]
    desk.connection.data_received(longer[-1:] + b"GET /")
    for _ in range(4):
        await asyncio.sleep(0)
    assert desk.inbounds[-1].body == b"{ 1}"
    assert len(desk.authenticator.calls) == 2
