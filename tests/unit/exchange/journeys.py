"""Sets up exchanges over stand-ins, for the tests of this folder."""

import json
from collections.abc import Mapping, Sequence

import msgspec

from headgate.core.budget import Budget
from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.record import Attribution
from headgate.core.secret import Secret
from headgate.dialects.faces import Operation
from headgate.dialects.registry import CLIENTS
from headgate.exchange.declared_budgets import Budgets
from headgate.exchange.denials import Denials
from headgate.exchange.exchange import Exchanges
from headgate.exchange.inbound import Inbound, JudgedHead
from headgate.exchange.outside import Outside
from headgate.exchange.ports import Afterwards
from headgate.exchange.reservation_store import ReservationStore
from headgate.exchange.settings import StreamLimits
from headgate.exchange.snapshot import Snapshot
from headgate.metering.spending_prices import SpendingPrices
from headgate.policy.authenticate import TokenTable
from headgate.policy.budget_states import BudgetCrossing
from headgate.policy.budgets import BudgetTable
from headgate.policy.limits import LimitTable
from headgate.routing.table import EndpointTable
from tests.fakes.budgets import rates_of
from tests.fakes.ports import FakeClient, FakeClock, FakeUpstream, Listener, MemoryJournal
from tests.fakes.principals import token_of, user

LAB = Provider(name="lab", dialect="anthropic", base_url="http://lab", api_key=Secret("lab-key-123"))
SPARE = Provider(name="spare", dialect="anthropic", base_url="http://spare", api_key=Secret("spare-key-456"))
ENDPOINT = Endpoint(name="opus", targets=(target_of(LAB, "claude-opus-4-6"), target_of(SPARE, "claude-opus-4-5")))
SINGLE = Endpoint(name="single", targets=(target_of(LAB, "claude-opus-4-6"),))
LOCAL = Endpoint(
    name="local", targets=(target_of(Provider(name="local", dialect="anthropic", base_url="http://local", api_key=Secret("EMPTY")), "m"),)
)
GEMINI = Endpoint(name="flash", targets=(target_of(Provider(name="g", dialect="gemini", base_url="http://g"), "gemini-2.5-flash"),))
OPENAI = Provider(name="openai", dialect="openai", base_url="http://openai/v1", api_key=Secret("sk-openai-key-789"))
OLLAMA = Provider(name="ollama", dialect="openai", base_url="http://ollama/v1", price_as="ollama")
GPT = Endpoint(name="gpt", targets=(target_of(OPENAI, "gpt-5.2"),))
MIXED = Endpoint(name="mixed", targets=(target_of(OLLAMA, "llama"), target_of(OPENAI, "gpt-5.2")))
ENDPOINTS = (ENDPOINT, SINGLE, LOCAL, GEMINI, GPT, MIXED)
MESSAGES = Operation("messages", "anthropic/v1/messages")
STREAM_GENERATE = Operation("streamGenerateContent", "gemini/v1/generateContent", streams="always")

USAGE = {"input_tokens": 12, "cache_read_input_tokens": 30, "cache_creation_input_tokens": 0, "output_tokens": 1}


def event(kind: str, **fields: object) -> bytes:
    """One event of Anthropic's stream."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


START = event("message_start", message={"id": "msg_1", "model": "claude-opus-4-6-served", "usage": USAGE})
DELTA = event("content_block_delta", index=0, delta={"type": "text_delta", "text": "Hello there"})
STOP = event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 7}) + event("message_stop")
SSE = [(b"content-type", b"text/event-stream"), (b"request-id", b"up_1"), (b"set-cookie", b"a=b"), (b"server", b"cf")]
JSON = [(b"content-type", b"application/json")]


class Stage:
    """One worker's exchanges over stand-ins."""

    def __init__(
        self,
        limits: StreamLimits | None = None,
        afterwards: Afterwards | None = None,
        endpoints: Sequence[Endpoint] = ENDPOINTS,
        declared: LimitTable | None = None,
        store: ReservationStore | None = None,
        clock: FakeClock | None = None,
        budgets: Sequence[Budget] = (),
        denials: Denials | None = None,
        outside: Mapping[str, object] | None = None,
    ) -> None:
        self.clock = clock or FakeClock()
        self.upstream = FakeUpstream()
        self.journal = MemoryJournal()
        self.listener = Listener()
        self.settled = 0
        self.snapshot = Snapshot(1, TokenTable({}), EndpointTable([LAB, SPARE], endpoints), limits=declared)
        if budgets:
            self.snapshot = msgspec.structs.replace(self.snapshot, budgets=Budgets(BudgetTable(budgets), SpendingPrices(rates_of)))
        self.crossings: list[BudgetCrossing] = []
        made = Outside(
            snapshot=lambda: self.snapshot,
            upstream_of=lambda _target: self.upstream,
            journal=self.journal,
            listener=self.listener,
            clock=self.clock,
            afterwards=afterwards,
            reservations=store,
            crossed=self.crossings.append,
            denials=denials,
        )
        self.exchanges = Exchanges(msgspec.structs.replace(made, **outside or {}), limits or StreamLimits())

    def inbound(self, body: bytes, allowed: tuple[str, ...] = ("*",), dialect: str = "anthropic") -> Inbound:
        """A request as the door hands it in."""
        head = JudgedHead(CLIENTS[dialect], MESSAGES, token_of(user("ada@example.com"), endpoints=allowed), "/anthropic/v1/messages")
        headers = [(b"authorization", b"Bearer hg_client"), (b"anthropic-beta", b"x"), (b"content-type", b"application/json"), (b"cookie", b"c=d")]
        made = Inbound(head, "req_1", headers, Attribution(agent="claude-code"), (self.clock.wall_ns(), self.clock.monotonic_s()))
        made.body = body
        return made

    def run(self, *, stream: bool = True, model: str = "opus", allowed: tuple[str, ...] = ("*",)) -> FakeClient:
        """Start an exchange."""
        client = FakeClient()
        body = json.dumps({"model": model, "stream": stream, "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}).encode()
        self.exchanges.run(self.inbound(body, allowed), client, self._settle)
        return client

    def run_gemini(self) -> FakeClient:
        """Start an exchange in Gemini's dialect, as a client without `alt=sse` does."""
        client = FakeClient()
        inbound = self.inbound(b'{"contents":[]}', dialect="gemini")
        inbound.head.operation, inbound.head.path_model = STREAM_GENERATE, "flash"
        self.exchanges.run(inbound, client, self._settle)
        return client

    def ask(self, dialect: str, body: bytes, operation: Operation, path_model: str = "") -> FakeClient:
        """Start an exchange in any dialect."""
        client = FakeClient()
        inbound = self.inbound(body, dialect=dialect)
        inbound.head.operation, inbound.head.path_model = operation, path_model
        self.exchanges.run(inbound, client, self._settle)
        return client

    def _settle(self) -> None:
        self.settled += 1
