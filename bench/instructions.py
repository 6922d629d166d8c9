"""Instructions that the serving process executes per exchange and per event, without sockets: `python -m bench.instructions [small] [agent] [few] [many] …`.

Valgrind counts them, so the figures hold on a busy machine and changes of one percent show. Each kind runs twice, with fewer and with more rounds; the
difference leaves out what the start costs. Only the event loop's thread is counted, and no timer fires. Compare figures of one Python and one machine only.
Measured is the build that Python finds: after `make compile`, `.compiled/venv/bin/python -m bench.instructions` measures the compiled one.
`agent` is the small exchange with an agent's head, whose ids change. `turn` is an agent's request late in its session (`bench.agent_turns`), which comes
in pieces of 64 KiB, and the 63 events of its answer, each in a step of the event loop. `few` has ten principals and one endpoint, `people` ten thousand and
one, `names` ten and a thousand, `many` ten thousand and a thousand: each request is of the next one, so that its head is read in full, and those that are
counted are not the first ones. `granted` is the small exchange with a thousand grants, `limited` with six rate limits that apply to it, `budgeted` with two
budgets of a thousand, `governed` with a thousand rules in all, of which a grant, two limits and a budget apply: the difference is their price.
"""

import asyncio
import gc
import itertools
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import Mock

import msgspec
import uvicorn
import uvloop
from uvicorn.server import ServerState

from bench.agent_head import agent_head
from bench.agent_turns import agent_turn
from bench.loads import LOADS, body
from bench.provider import JSON_ANSWER, STREAM_HEAD, anthropic_stream
from headgate.core.access_token import AccessToken
from headgate.core.budget import Budget, BudgetAction
from headgate.core.build_kind import build_kind
from headgate.core.clock import SystemClock
from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.endpoint_grant import EndpointGrant
from headgate.core.limit import Limit
from headgate.core.principal import Principal
from headgate.core.principal_name import PrincipalName
from headgate.core.secret import Secret
from headgate.dialects.registry import CLIENTS
from headgate.exchange.declared_budgets import Budgets
from headgate.exchange.exchange import Exchanges
from headgate.exchange.outside import Outside
from headgate.exchange.settings import StreamLimits
from headgate.exchange.snapshot import Snapshot
from headgate.metering.exchange_counts import ExchangeCounts
from headgate.metering.price_data import PriceBook
from headgate.metering.spending_prices import SpendingPrices
from headgate.policy.authenticate import TokenTable, compose_token, digest
from headgate.policy.budgets import BudgetTable
from headgate.policy.limits import LimitTable
from headgate.policy.permissions import PermissionTable
from headgate.routing.table import EndpointTable
from headgate.storage.journal.writer import JournalWriter
from headgate.storage.rows.rates import read_overlay
from headgate.upstream.connection import Connection
from headgate.upstream.http1 import Http1Upstream
from headgate.upstream.settings import UpstreamSettings
from headgate.web.application import Application
from headgate.web.authenticator import Authenticator
from headgate.web.connection import connection_maker
from headgate.web.front import Front, FrontLimits
from headgate.web.gateway import Gateway
from headgate.web.gateway_parts import GatewayParts
from headgate.web.guesses import Guesses
from headgate.web.routes import GATEWAY_ROUTES, RouteTable
from headgate.wire.outbox import Outbox

CONNECTIONS = 32
EVENTS = {"event": 100, "turn": 63}
READ_BYTES = 64 * 1024
ROUNDS = {
    "small": (5, 25),
    "agent": (5, 25),
    "few": (5, 25),
    "people": (5, 25),
    "names": (5, 25),
    "many": (5, 25),
    "granted": (5, 25),
    "limited": (5, 25),
    "budgeted": (5, 25),
    "governed": (5, 25),
    "event": (1, 3),
    "turn": (1, 3),
}
LIMITS = tuple(
    Limit(id=f"{key} {per}", endpoint="*", key=key, per=per, bounds=(("requests", 1_000_000), ("tokens", 1_000_000_000)))
    for key in ("endpoint", "user_default", "token")
    for per in ("minute", "day")
)
GRANTS = (
    EndpointGrant(PrincipalName("team-7"), "claude-*"),
    *(EndpointGrant(PrincipalName(f"team-{number % 500}"), f"model-{number}") for number in range(800)),
    *(EndpointGrant(PrincipalName(f"user-{number}"), f"family-{number}-*") for number in range(199)),
)
GROUPS = frozenset(f"team-{number}" for number in range(500))
BUDGETS = (
    Budget(name="all", nano_usd=10**18, per="month", actions=(BudgetAction(100.0, "block"),)),
    Budget(name="each", nano_usd=10**18, per="day", per_user=True, actions=(BudgetAction(100.0, "block"),)),
    *(Budget(name=f"user {number}", nano_usd=1, per="day", holder_kind="user", holder=f"u{number}@example.com") for number in range(998)),
)
# A thousand rules, of which one grant, two limits and one budget apply.
GOVERNED_LIMITS = (
    *(limit for limit in LIMITS if limit.id in {"endpoint minute", "user_default minute"}),
    *(Limit(id=f"user {number}", endpoint="*", key="user", holder=f"u{number}@example.com", bounds=(("requests", 1),)) for number in range(298)),
)
GOVERNED_BUDGETS = BUDGETS[1:301]
CROWDS = {"few": (10, 1), "people": (10_000, 1), "names": (10, 1_000), "many": (10_000, 1_000)}  # principals and endpoints
PEPPER = b"p" * 32
RULES: dict[str, tuple[tuple[EndpointGrant, ...], tuple[Limit, ...], tuple[Budget, ...]]] = {
    "granted": (GRANTS, (), ()),
    "limited": ((), LIMITS, ()),
    "budgeted": ((), (), BUDGETS),
    "governed": (GRANTS[:400], GOVERNED_LIMITS, GOVERNED_BUDGETS),
}
TOKEN = compose_token(b"x" * 32)
_BASE_URL = "http://127.0.0.1:1"
PROVIDER = Provider("bench", "anthropic", _BASE_URL, Secret("bench-provider-key-0123456789"), models=("claude-opus-4-6",))


class Wire(asyncio.Transport):
    """A transport that keeps what is written until it is looked at."""

    def __init__(self, socket: object = None) -> None:
        super().__init__({"peername": ("127.0.0.1", 5), "sockname": ("127.0.0.1", 80), "socket": socket})
        self.written: list[bytes] = []

    def can_write_eof(self) -> bool:
        return True

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def writelines(self, list_of_data: list[bytes]) -> None:
        self.written.extend(list_of_data)

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def close(self) -> None:
        raise AssertionError("a connection was closed")

    abort = close


class Never:
    """In the place of a timer: none fires, because how often one would depends on the machine's speed."""

    def cancel(self) -> None:
        pass


@dataclass
class Gate:
    """A gateway with open connections on both sides."""

    clients: list[tuple[asyncio.Protocol, Wire]]
    providers: list[tuple[Connection, Wire]]


def snapshot_of(kind: str, provider: Provider = PROVIDER) -> Snapshot:
    """One token, and what governs its requests."""
    if kind in CROWDS:
        return crowd_of(*CROWDS[kind], provider)
    principal = Principal(id="usr_1", name="bench@example.com", groups=frozenset({"team-7", "team-8", "team-9"}), scopes=frozenset({"inference"}))
    tokens = TokenTable({digest(PEPPER, TOKEN): AccessToken(id="tok_1", name="bench", principal=principal)})
    snapshot = Snapshot(1, tokens, EndpointTable((provider,)))
    grants, limits, budgets = RULES.get(kind, ((), (), ()))
    return msgspec.structs.replace(
        snapshot,
        permissions=PermissionTable(grants, GROUPS) if grants else None,
        limits=LimitTable(limits) if limits else None,
        budgets=Budgets(BudgetTable(budgets), SpendingPrices(PriceBook.load(overlay=read_overlay()).rates)) if budgets else None,
    )


def crowd_of(principals: int, endpoints: int, provider: Provider = PROVIDER) -> Snapshot:
    """As many principals with a token each, and as many endpoints."""
    scopes = frozenset({"inference"})
    tokens = {
        digest(PEPPER, crowd_token(number)): AccessToken(
            id=f"tok_{number}", name="bench", principal=Principal(id=f"usr_{number}", name=f"u{number}@example.com", scopes=scopes)
        )
        for number in range(principals)
    }
    target = target_of(provider, provider.models[0])
    return Snapshot(1, TokenTable(tokens), EndpointTable((provider,), [Endpoint(f"team-{number}", (target,)) for number in range(endpoints)]))


def crowd_token(number: int) -> str:
    """The token of one of them."""
    return compose_token(number.to_bytes(32, "big"))


def gate(folder: str, snapshot: Snapshot) -> Gate:
    """All that serves an exchange, put together as the serving process does."""
    clock, outbox, loop = SystemClock(), Outbox(), asyncio.get_running_loop()
    journal = JournalWriter.open(folder)
    journal.gather(loop.call_soon)
    outbox.before = journal.flush
    upstream = Http1Upstream(outbox=outbox)
    outside = Outside(snapshot=lambda: snapshot, upstream_of=lambda _: upstream, journal=journal, listener=ExchangeCounts(), clock=clock)

    async def refresh() -> None:
        """Every token is known."""

    parts = GatewayParts(
        routes=RouteTable(GATEWAY_ROUTES),
        faces=CLIENTS,
        exchanges=Exchanges(outside, StreamLimits()),
        authenticator=Authenticator(lambda: snapshot, refresh, PEPPER, clock, Guesses(clock), {}),
        clock=clock,
        body_bytes_max=64 << 20,
    )
    gateway = Gateway(parts)
    # The paths of the other services, so that finding the gateway costs what it does in a serving process.
    front = Front(
        Application(gateway, dict.fromkeys(("/", "/login", "/api/", "/.well-known/", "/api/2.0/otel/"), gateway)), FrontLimits(), outbox=outbox
    )
    upstream._ticker = front.connections._timer = Never()  # ruff: ignore[private-member-access] -- see Never
    kind = connection_maker(front)
    config = uvicorn.Config(None, log_config=None)  # type: ignore[arg-type] # our connections call no application
    server_state = ServerState()
    server_state.default_headers = [(b"date", b"Sun, 29 Nov 2026 22:00:00 GMT")]
    clients = [(kind(config, server_state, {}, loop), Wire()) for _ in range(CONNECTIONS)]
    route = upstream._routes.add(_BASE_URL)  # ruff: ignore[private-member-access] -- the way to it, without dialing
    providers = [(Connection(route.idle, UpstreamSettings(), outbox), Wire(Mock())) for _ in range(CONNECTIONS)]
    for protocol, transport in (*clients, *providers):
        protocol.connection_made(transport)
    for connection, _ in providers:
        route.idle.give(connection)
    return Gate(clients, providers)


def request(kind: str, token: str = TOKEN, number: int = 0) -> bytes:
    """One request of a client. `number` makes it another one, where the requests of a kind differ."""
    name = kind if kind == "event" else "small"
    content = agent_turn("anthropic", PROVIDER.models[0]) if kind == "turn" else body(next(load for load in LOADS if load.name == name))
    path = "/anthropic/v1/messages"
    if kind == "agent":
        return agent_head(path, token, len(content), number) + content
    if kind in CROWDS:
        principals, endpoints = CROWDS[kind]
        token = crowd_token(number % principals)
        content = content.replace(b"claude-opus-4-6", b"team-%d" % (number % endpoints))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:19502\r\nAuthorization: Bearer {token}\r\n"
        f"anthropic-version: 2023-06-01\r\ncontent-type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def requests(kind: str) -> list[bytes]:
    """What the clients send, one after the other, and then again: those of a crowd twice, so that what is counted comes after the first time of each."""
    number = ROUNDS[kind][0 if kind in CROWDS else 1] * CONNECTIONS if kind in {"agent", *CROWDS} else 1
    return [request(kind, number=each * 7) for each in range(number)]


async def rounds(opened: Gate, kind: str, count: int) -> None:
    """As many exchanges over each connection, side by side."""
    answer = [STREAM_HEAD, *anthropic_stream(EVENTS[kind]), b"0\r\n\r\n"] if kind in EVENTS else [JSON_ANSWER]
    await exchange(opened, requests(kind), answer, count)


async def exchange(opened: Gate, asked: Sequence[bytes], answer: Sequence[bytes], count: int) -> None:
    """As many exchanges over each connection, with one request after the other of those given, and one answer in pieces."""
    following = itertools.cycle(asked)
    for _ in range(count):
        for client, _ in opened.clients:
            whole = next(following)
            for at in range(0, len(whole), READ_BYTES):
                client.data_received(whole[at : at + READ_BYTES])
        await asyncio.sleep(0)
        for piece in answer:
            for provider, _ in opened.providers:
                provider.data_received(piece)
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        for _, transport in opened.clients:
            assert transport.written[0].startswith(b"HTTP/1.1 200 OK")
        for _, transport in (*opened.clients, *opened.providers):
            transport.written.clear()


async def serve(kind: str, count: int) -> None:
    """What valgrind watches. Ends at once: tearing down is not serving. The process that measures removes the folder."""
    opened = gate(tempfile.mkdtemp(), snapshot_of(kind))
    settle()
    await rounds(opened, kind, count)
    os._exit(0)


def settle() -> None:
    """Collect what the start left, as the serving process does."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def instructions(module: str, *arguments: str) -> int:
    """Instructions of the event loop's thread of a module that is run."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        out = Path(folder) / "out"
        valgrind = ["valgrind", "--tool=callgrind", "--separate-threads=yes", f"--callgrind-out-file={out}"]
        subprocess.run(
            [*valgrind, sys.executable, "-m", module, *arguments],
            env=os.environ | {"TMPDIR": folder, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"},
            check=True,
            capture_output=True,
        )
        found = re.search(r"^(?:totals|summary): (\d+)", out.with_name("out-01").read_text(encoding="utf-8"), re.MULTILINE)
        assert found is not None
        return int(found[1])


def per_exchange(kind: str) -> float:
    """Instructions of one exchange, or of one event."""
    few, many = ROUNDS[kind]
    fewer, more = (instructions("bench.instructions", kind, str(count)) for count in (few, many))
    per_round = (more - fewer) / (many - few) / CONNECTIONS
    return per_round / EVENTS[kind] if kind == "event" else per_round


def main() -> None:
    """Measure, or be measured."""
    if sys.argv[-1].isdigit():
        uvloop.run(serve(sys.argv[1], int(sys.argv[2])))
    print(f"The build is {build_kind()}.", flush=True)
    for kind in sys.argv[1:] or ROUNDS:
        print(f"{kind}: {per_exchange(kind):,.0f} instructions per {'event' if kind == 'event' else 'exchange'}", flush=True)


if __name__ == "__main__":
    main()
