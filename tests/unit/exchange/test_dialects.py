"""In which dialect a provider is asked, and in which it is not."""

import pytest

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.dialects.faces import Operation
from tests.unit.exchange.journeys import Stage
from tests.unit.exchange.spoken import ALL, Spoken


@pytest.mark.parametrize("spoken", [spoken for spoken in ALL if spoken.dialect in {"openai_chat", "openai_responses", "cursor"}], ids=str)
def test_a_provider_of_both_of_openais_formats_is_asked_in_each_requests_own(spoken: Spoken) -> None:
    """The path is the format's, and the answer is read in it."""
    stage = Stage()
    spoken.start(stage)
    sink = stage.upstream.sinks[0]
    sink.head(200, spoken.headers)
    for frame in spoken.frames:
        sink.data(frame)
    sink.end()

    assert stage.upstream.requests[0].target == {"openai_responses": "/responses"}.get(spoken.dialect, "/chat/completions")
    (outcome,) = stage.journal.outcomes
    assert (outcome.model_served, outcome.ended, outcome.intent.provider_dialect) == ("served", "completed", "openai")


def test_a_name_that_cursor_derived_asks_the_model_itself() -> None:
    """With the effort that the name says."""
    provider = Provider(name="one", dialect="openai_chat", base_url="http://one/v1")
    stage = Stage(endpoints=[Endpoint(name="house", targets=(target_of(provider, "m"),))])
    stage.ask("cursor", b'{"model":"house-thinking-high","messages":[]}', Operation("chat", "c"))

    assert stage.upstream.requests[0].body == b'{"reasoning_effort":"high","model":"m","messages":[]}'
    assert stage.journal.intents[0].endpoint == "house"
