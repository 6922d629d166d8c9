"""The door of OTLP over HTTP over stand-ins, asked through ASGI or on its short way."""

import asyncio
from typing import Any

from headgate.core.errors import Unauthenticated
from headgate.core.principal import Principal
from headgate.policy.authenticate import credential_of
from headgate.telemetry.ingest import Ingest, IngestRules
from headgate.web.direct_cycle import Take
from headgate.web.otlp import Otlp, OtlpDoor
from tests.fakes.ingest_ports import FakeBatchJournal, FakeTables
from tests.fakes.ports import FakeClient, FakeClock
from tests.fakes.principals import user

TOKEN = "hg_0123456789"
METRICS = "main.default.cc_otel_metrics"
PATH = "/api/2.0/otel/v1/metrics"
PAGE = {"content-type": "application/x-protobuf", "authorization": f"Bearer {TOKEN}", "x-databricks-uc-table-name": METRICS}


class House:
    """A door over stand-ins, asked through ASGI. It knows one token."""

    def __init__(self, body_bytes_max: int = 100_000) -> None:
        self.tables, self.journal = FakeTables(), FakeBatchJournal()
        for signal in ("metrics", "logs", "spans"):
            self.tables.add(f"main.default.cc_otel_{signal}", signal)
        clock = FakeClock()
        ingest = Ingest(self.tables, self.journal, IngestRules, clock)
        ingest.recalled()
        self.ingest = ingest
        self.otlp = Otlp(OtlpDoor(ingest, self._caller, self._known, clock, body_bytes_max))

    async def _caller(self, headers: list[tuple[bytes, bytes]], token: str, _address: str) -> Principal:
        return self._known(headers, token)

    def _known(self, headers: list[tuple[bytes, bytes]], token: str = "") -> Principal:
        if credential_of(headers, token) != TOKEN:
            raise Unauthenticated("This token is unknown.", code="unknown_token")
        return user("ada@example.com")

    def open(self, body: bytes, path: str = PATH, **headers: str) -> Take | None:
        """What the short way says to a request's head."""
        changed = PAGE | {"content-length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.otlp.open(path.encode(), [(name.encode(), value.encode()) for name, value in changed.items() if value], "127.0.0.1")

    async def short(self, body: bytes, **headers: str) -> FakeClient:
        """Send one request on the short way, to its end."""
        client, take = FakeClient(), self.open(body, **headers)
        assert take is not None
        take(body, client)
        for _ in range(5):
            await asyncio.sleep(0)
        return client

    async def ask(self, body: bytes, path: str = PATH, method: str = "POST", pieces: int = 1, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Send one request with the page's headers, some of them changed; an empty one is left out."""
        size = -(-len(body) // pieces) or 1
        parts = [body[start : start + size] for start in range(0, max(len(body), 1), size)]
        messages: list[dict[str, Any]] = [{"type": "http.request", "body": part, "more_body": True} for part in parts] + [
            {"type": "http.request", "body": b"", "more_body": False}
        ]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        changed = PAGE | {name.replace("_", "-"): value for name, value in headers.items()}
        named = [(name.encode(), value.encode()) for name, value in changed.items() if value]
        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": named}
        await self.otlp(scope, receive, send)
        head = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], head, b"".join(message.get("body", b"") for message in sent[1:])
