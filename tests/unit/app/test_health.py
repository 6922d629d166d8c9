"""What `/readyz` and the start page say while something is wrong."""

from types import SimpleNamespace
from typing import Any

from headgate.app.health import Health
from headgate.web.ui.health_pages import Warned
from tests.unit.exchange.journeys import JSON, SSE, Stage

REFUSED = b'{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}'


def health(stage: Stage, place: str) -> Health:
    """Of a process in which nothing else is wrong."""

    def nothing() -> list[str]:
        return []

    still: Any = SimpleNamespace(troubles=nothing, warnings=nothing, failing=nothing, trouble="", unprotected=(), late="")
    control: Any = SimpleNamespace(data=SimpleNamespace(journal=place), file=SimpleNamespace(refusal=""))
    return Health(control, still, still, still, still, stage.exchanges, still, still)


def test_a_refused_key_is_a_warning_until_the_provider_answers_well(tmp_path):
    """The gateway stays ready, for other providers answer; which provider it is, only administrators read."""
    stage = Stage()
    told = health(stage, str(tmp_path))
    assert told.warnings() == []
    stage.run(model="single")
    stage.upstream.sinks[-1].head(401, JSON)
    stage.upstream.sinks[-1].data(REFUSED)
    stage.upstream.sinks[-1].end()

    assert told.warnings() == [Warned("A provider refuses Headgate's key. The log says which.", "Check the key or sign-in of: lab")]
    assert told.troubles() == []
    stage.run(model="single")
    stage.upstream.sinks[-1].head(200, SSE)
    assert told.warnings() == []
