"""The service of OTLP over HTTP over stand-ins."""

import asyncio

from headgate.core.audit_event import AuditEvent
from headgate.core.errors import Unauthenticated
from headgate.core.principal import Principal
from headgate.exchange.denials import Denials
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable, credential_of
from headgate.policy.previews import Previews
from headgate.routing.table import EndpointTable
from headgate.telemetry.ingest import Ingest, IngestRules
from headgate.web.authenticator import Authenticator
from headgate.web.denied_requests import DeniedRequests
from headgate.web.guesses import Guesses
from headgate.web.otlp import Otlp, OtlpParts
from headgate.web.service import Request
from tests.fakes.asking import ask, head, named
from tests.fakes.ingest_ports import FakeBatchJournal, FakeTables
from tests.fakes.ports import FakeClient, FakeClock
from tests.fakes.principals import user

TOKEN = "hg_0123456789"
METRICS = "main.default.cc_otel_metrics"
PATH = "/api/2.0/otel/v1/metrics"
PAGE = {"content-type": "application/x-protobuf", "authorization": f"Bearer {TOKEN}", "x-databricks-uc-table-name": METRICS}


class House:
    """A service over stand-ins. It knows one token."""

    def __init__(self, body_bytes_max: int = 100_000) -> None:
        self.tables, self.journal = FakeTables(), FakeBatchJournal()
        for signal in ("metrics", "logs", "spans"):
            self.tables.add(f"main.default.cc_otel_{signal}", signal)
        clock = FakeClock()
        ingest = Ingest(self.tables, self.journal, IngestRules, clock)
        ingest.recalled()
        self.ingest = ingest
        self.previews = Previews()
        self.otlp = Otlp(OtlpParts(ingest, self._caller, self._known, lambda: self.previews, clock, body_bytes_max, self._denied(clock)))

    def _denied(self, clock: FakeClock) -> DeniedRequests:
        self.audited: list[AuditEvent] = []
        snapshot = Snapshot(1, TokenTable({}), EndpointTable([], []))
        authenticator = Authenticator(lambda: snapshot, self._refresh, b"p" * 32, clock, Guesses(clock), {})
        return DeniedRequests(Denials(self.audited.append, clock), authenticator)

    async def _refresh(self) -> None:
        """Nobody is new."""

    async def _caller(self, headers: list[tuple[bytes, bytes]], token: str, _address: str) -> Principal:
        return self._known(headers, token=token)

    def _known(self, headers: list[tuple[bytes, bytes]], _address: str = "", token: str = "") -> Principal:
        if credential_of(headers, token) != TOKEN:
            raise Unauthenticated("This token is unknown.", code="unknown_token")
        return user("ada@example.com")

    def head(self, body: bytes, path: str = PATH, method: str = "POST", **headers: str) -> Request:
        """The head of a request with the page's headers, some of them changed; an empty one is left out."""
        changed = PAGE | {"content-length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
        return head(method, path, named(changed))

    async def send(self, body: bytes, path: str = PATH, **headers: str) -> FakeClient:
        """Send one request. Its answer may wait for the journal."""
        client = await ask(self.otlp, self.head(body, path, **headers), body)
        for _ in range(5):
            await asyncio.sleep(0)
        return client

    async def ask(self, body: bytes, path: str = PATH, method: str = "POST", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Send one request, and read its answer."""
        client = await ask(self.otlp, self.head(body, path, method, **headers), body)
        assert client.finished
        return client.status, {name.decode(): value.decode() for name, value in client.headers.items()}, client.body
