"""The built-in demo as one target among real ones: the record says that no account paid for it, and only for it."""

import json

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.record import PAID_BY_DEMO
from tests.fakes.ports import FakeClient
from tests.unit.exchange.journeys import JSON, LAB, SSE, START, STOP, Stage

DEMO = Provider(name="demo", dialect="anthropic", base_url="demo:anthropic")
TO_DEMO = Endpoint(name="to-demo", targets=(target_of(LAB, "m"),), fallbacks=(target_of(DEMO, "m"),))
FROM_DEMO = Endpoint(name="from-demo", targets=(target_of(DEMO, "m"),), fallbacks=(target_of(LAB, "m"),))


def payer_after_a_fallback(endpoint: Endpoint) -> tuple[str, str]:
    """The provider and the payer in the record of an exchange whose first target failed."""
    stage = Stage(endpoints=(endpoint,))
    body = json.dumps({"model": endpoint.name, "stream": True, "max_tokens": 5, "messages": []}).encode()
    stage.exchanges.run(stage.inbound(body), FakeClient(), lambda: None)
    first, *_ = stage.upstream.sinks
    first.head(503, JSON)
    first.end()
    second = stage.upstream.sinks[1]
    second.head(200, SSE)
    second.data(START + STOP)
    second.end()
    (outcome,) = stage.journal.outcomes
    return outcome.intent.provider, outcome.intent.paid_by


def test_the_payer_is_that_of_the_target_that_served() -> None:
    """Whichever of them was asked first."""
    assert payer_after_a_fallback(TO_DEMO) == ("demo", PAID_BY_DEMO)
    assert payer_after_a_fallback(FROM_DEMO) == ("lab", "")
