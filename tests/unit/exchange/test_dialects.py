"""In which dialect a provider is asked, and in which it is not."""

import pytest

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.errors import Untranslatable
from tests.unit.exchange.journeys import JSON, Stage
from tests.unit.exchange.spoken import ALL, Spoken


@pytest.mark.parametrize(
    ("spoken", "asked"), [("openai_chat", "openai_responses"), ("openai_responses", "openai_chat"), ("openai_responses", "cursor")]
)
def test_a_provider_of_one_of_openais_formats_is_asked_in_no_other(spoken: str, asked: str) -> None:
    """The refusal names both formats, and nothing is sent."""
    provider = Provider(name="one", dialect=spoken, base_url="http://one/v1")
    stage = Stage(endpoints=[Endpoint(name="house", targets=(target_of(provider, "m"),))])
    with pytest.raises(Untranslatable, match=f"speaks {spoken}; it cannot be asked in {asked}") as refused:
        stage.exchanges.run(stage.inbound(b'{"model":"house","messages":[]}', dialect=asked), None, lambda: None)  # type: ignore[arg-type]

    assert (refused.value.code, refused.value.status, stage.upstream.requests) == ("dialect_mismatch", 400, [])


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


def test_the_targets_that_speak_another_format_are_passed_over() -> None:
    """The others are tried in their order."""
    one = [Provider(name=dialect, dialect=dialect, base_url=f"http://{dialect}/v1") for dialect in ("openai_responses", "openai_chat", "openai")]
    stage = Stage(endpoints=[Endpoint(name="gpt", targets=tuple(target_of(each, "m") for each in one))])
    (spoken,) = [each for each in ALL if each.dialect == "openai_chat" and each.stream]
    spoken.start(stage)
    stage.upstream.sinks[0].head(529, JSON)

    assert [request.provider.name for request in stage.upstream.requests] == ["openai_chat", "openai"]
