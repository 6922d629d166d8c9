"""Fallbacks are tried in their order, each once, and the client gets the first answer that is worth it, or the last one."""

import json

from hypothesis import given
from hypothesis import strategies as st

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.errors import UpstreamFailed
from headgate.exchange.inbound import Inbound
from tests.fakes.ports import FakeClient
from tests.unit.exchange.journeys import JSON, Stage

STATUSES = st.one_of(st.sampled_from([200, 400, 404, 429, 500, 502, 503, 504, 529]), st.just(0))
PROVIDERS = [Provider(name=f"p{number}", dialect="anthropic", base_url=f"http://p{number}") for number in range(6)]
BODY = json.dumps({"model": "e", "max_tokens": 5, "messages": []}).encode()


def run(stage: Stage) -> FakeClient:
    """One request to the endpoint."""
    client = FakeClient()
    inbound: Inbound = stage.inbound(BODY)
    stage.exchanges.run(inbound, client, lambda: None)
    return client


@given(st.lists(STATUSES, min_size=6, max_size=6), st.integers(0, 5), st.sampled_from([True, False]))
def test_the_order_of_tries(answers, fallbacks, sent):
    """0 stands for no answer at all, after the request was sent or before."""
    targets = [target_of(provider, "m") for provider in PROVIDERS[: 1 + fallbacks]]
    stage = Stage(endpoints=[Endpoint(name="e", targets=tuple(targets[:1]), fallbacks=tuple(targets[1:]))])
    client = run(stage)
    place = 0
    while not client.finished:
        sink, status = stage.upstream.sinks[place], answers[place]
        if status:
            sink.head(status, JSON)
            sink.data(b"{}")
            sink.end()
        else:
            sink.fail(UpstreamFailed("lost", code="cut", sent=sent))
        place += 1

    asked = answers[:place]
    assert [request.provider.name for request in stage.upstream.requests] == [provider.name for provider in PROVIDERS[:place]]
    assert all(status in {0, 429} or status >= 500 for status in asked[:-1])
    last_is_final = asked[-1] in {200, 400, 404}
    assert last_is_final or place == len(targets)
    refusals = [status for status in asked if status]
    assert client.status == (refusals[-1] if asked[-1] or refusals else 502)
    (outcome,) = stage.journal.outcomes
    assert [attempt.status_code for attempt in outcome.attempts] == asked
