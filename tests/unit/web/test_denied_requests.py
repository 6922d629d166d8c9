"""Refused requests in the audit, by the services of the gateway and of telemetry; the workspace API has its own test."""

from headgate.core.audit_event import AuditEvent
from headgate.core.errors import BadRequest, Forbidden, Unauthenticated
from headgate.exchange.denials import Denials
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable, digest
from headgate.policy.previews import Previews
from headgate.routing.table import EndpointTable
from headgate.web.authenticator import Authenticator
from headgate.web.denied_requests import DeniedRequests, Sender
from headgate.web.guesses import Guesses
from tests.fakes import exports, otlp_house
from tests.fakes.ports import FakeClock
from tests.unit.web import test_gateway

TOKEN = test_gateway.TOKEN


async def _refresh() -> None:
    """There is no store."""


def denied_requests(events: list[AuditEvent]) -> DeniedRequests:
    """With one token, which is ada's."""
    clock = FakeClock()
    snapshot = Snapshot(1, TokenTable({digest(test_gateway.PEPPER, TOKEN): test_gateway.LAPTOP}), EndpointTable([], []))
    authenticator = Authenticator(lambda: snapshot, _refresh, test_gateway.PEPPER, clock, Guesses(clock), {})
    return DeniedRequests(Denials(events.append, clock), authenticator)


def test_whose_request_it_was_is_found_out() -> None:
    """By its token, else by its address alone; the token itself is nowhere."""
    events: list[AuditEvent] = []
    denied = denied_requests(events)
    headers = [(b"authorization", f"Bearer {TOKEN}".encode()), (b"user-agent", b"codex/1\x00")]
    denied.tell(Forbidden("No."), Sender(headers, "192.0.2.1", "req_1"), "otel", "export", {"table": "t"})
    denied.tell(Unauthenticated("Who?"), Sender([(b"x-api-key", b"hg_wrong")], "192.0.2.2"), "otel", "export")
    denied.tell(BadRequest("x"), Sender([], ""), "otel", "export")
    assert [(event.who, event.address, event.status_code) for event in events] == [("ada@example.com", "192.0.2.1", 403), ("", "192.0.2.2", 401)]
    assert (events[0].params, events[0].user_agent) == ({"error_code": "forbidden", "token_id": "tok", "table": "t"}, "codex/1")
    assert TOKEN not in repr(events)
    assert "hg_wrong" not in repr(events)


async def test_the_gateway_tells_what_it_refuses_before_an_exchange() -> None:
    """A stranger, and a model whose description is asked for; an exchange tells of itself."""
    house = test_gateway.House()
    await house.ask("POST", "/anthropic/v1/messages", b"{}", content_type="application/json")
    await house.ask("GET", "/anthropic/v1/models/opus", x_api_key=test_gateway.NARROW)
    await house.ask("GET", "/nowhere", x_api_key=TOKEN)
    assert [(event.service, event.action, event.who, event.status_code) for event in house.audited] == [
        ("aiGateway", "messages", "", 401), ("aiGateway", "model", "ada@example.com", 403),
    ]  # fmt: skip


async def test_an_export_that_is_refused_is_told() -> None:
    """Of a user whose preview is off, and of a stranger."""
    house = otlp_house.House()
    house.previews = Previews(opentelemetry=False)
    await house.ask(exports.metrics())
    await house.ask(exports.metrics(), authorization="Bearer hg_other")
    assert [(event.service, event.action, event.params.get("table"), event.status_code) for event in house.audited] == [
        ("otel", "export", None, 404), ("otel", "export", None, 401),
    ]  # fmt: skip
