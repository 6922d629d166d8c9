"""In which dialect a provider is asked, and in which it is not."""

import pytest

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.errors import Untranslatable
from tests.unit.exchange.journeys import Stage


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
