"""Endpoints with several targets, and how their tries go, for the tests of what follows a failure."""

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.errors import UpstreamFailed
from headgate.core.record import Outcome
from headgate.core.secret import Secret
from tests.unit.exchange.journeys import DELTA, JSON, LAB, SPARE, SSE, START, STOP, Stage, event

THIRD = Provider(name="third", dialect="anthropic", base_url="http://third", api_key=Secret("third-key-789"))
A, B, C = target_of(LAB, "a"), target_of(SPARE, "b"), target_of(THIRD, "c")
SAFE = Endpoint(name="safe", targets=(A,), fallbacks=(B, C))
ORDERED = Endpoint(name="ordered", targets=(A, B))
SPLIT = Endpoint(name="split", targets=(target_of(LAB, "a", 50), target_of(SPARE, "b", 50)), fallbacks=(C,))
PROMPT = Endpoint(name="prompt", targets=(A,), fallbacks=(B,), first_token_timeout_s=10)
BUSY = b'{"type":"error","error":{"type":"overloaded_error","message":"busy"}}'
BLOCK = event("content_block_start", index=0, content_block={"type": "text", "text": ""})
PING = event("ping")
LOST = UpstreamFailed("The connection was lost.", code="cut", sent=True)
ENDPOINTS = (SAFE, ORDERED, SPLIT, PROMPT, Endpoint(name="single", targets=(A,)))


def refuse(stage: Stage, status: int, headers: list[tuple[bytes, bytes]] = JSON) -> None:
    """The latest try gets an error answer."""
    sink = stage.upstream.sinks[-1]
    sink.head(status, headers)
    sink.data(BUSY)
    sink.end()


def serve(stage: Stage) -> None:
    """The latest try gets a whole stream."""
    sink = stage.upstream.sinks[-1]
    sink.head(200, SSE)
    sink.data(START + BLOCK + DELTA + STOP)
    sink.end()


def asked(stage: Stage) -> list[str]:
    """The providers that were asked, in order."""
    return [request.provider.name for request in stage.upstream.requests]


def tries(outcome: Outcome) -> list[tuple[str, int, str, str]]:
    """The attempts of a record."""
    return [(each.provider, each.status_code, each.error_code, each.action) for each in outcome.attempts]
