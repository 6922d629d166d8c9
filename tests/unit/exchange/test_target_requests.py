"""Targets that a request cannot be said to, because their providers speak another dialect: the next target is asked in their place."""

import json

import pytest

from headgate.core.endpoint import Endpoint, target_of
from headgate.core.errors import Untranslatable
from tests.fakes.ports import FakeClient
from tests.unit.exchange.failing import A, B, asked, refuse, serve, tries
from tests.unit.exchange.journeys import GEMINI, MESSAGES, OPENAI, Stage

FILE = {"type": "document", "source": {"type": "file", "file_id": "file_1"}}  # only the provider that has it can be asked about it
GPT, FLASH = target_of(OPENAI, "gpt-5.2"), GEMINI.targets[0]
ENDPOINTS = (
    Endpoint(name="first", targets=(GPT,), fallbacks=(FLASH, A)),
    Endpoint(name="between", targets=(A,), fallbacks=(GPT, B)),
    Endpoint(name="last", targets=(A,), fallbacks=(GPT,)),
    Endpoint(name="none", targets=(GPT,), fallbacks=(FLASH,)),
    Endpoint(name="alone", targets=(GPT,)),
)
NOT_SAID = ("openai", 0, "untranslatable", "untranslatable")


@pytest.fixture
def stage() -> Stage:
    """One worker with these endpoints."""
    return Stage(endpoints=ENDPOINTS)


def ask(stage: Stage, model: str) -> FakeClient:
    """Ask about the file."""
    body = {"model": model, "max_tokens": 5, "stream": True, "messages": [{"role": "user", "content": [FILE]}]}
    return stage.ask("anthropic", json.dumps(body).encode(), MESSAGES)


def test_the_first_target_that_can_be_asked_is_asked(stage: Stage) -> None:
    """The record says why the others were not, and nothing was sent to them."""
    client = ask(stage, "first")
    serve(stage)

    (outcome,) = stage.journal.outcomes
    assert (client.status, asked(stage)) == (200, ["lab"])
    assert client.headers[b"x-headgate-target"] == b"lab/a"
    assert tries(outcome) == [NOT_SAID, ("g", 0, "untranslatable", "untranslatable"), ("lab", 200, "", "fallback")]
    assert (outcome.intent.provider, outcome.intent.model_sent) == ("lab", "a")


def test_a_fallback_that_cannot_be_asked_is_passed_over(stage: Stage) -> None:
    """The one after it is the answer."""
    client = ask(stage, "between")
    refuse(stage, 529)
    serve(stage)

    (outcome,) = stage.journal.outcomes
    assert (client.status, asked(stage)) == (200, ["lab", "spare"])
    assert tries(outcome) == [("lab", 529, "", ""), NOT_SAID, ("spare", 200, "", "fallback")]


def test_what_a_target_answered_counts_more_than_that_the_rest_cannot_be_asked(stage: Stage) -> None:
    """The agent waits and asks again, as it would without that fallback."""
    client = ask(stage, "last")
    refuse(stage, 529)

    (outcome,) = stage.journal.outcomes
    assert client.status == 529
    assert tries(outcome) == [("lab", 529, "", ""), NOT_SAID]


@pytest.mark.parametrize("model", ["none", "alone"])
def test_where_no_target_can_be_asked_the_request_is_refused(stage: Stage, model: str) -> None:
    """With what the first one cannot be asked for; nothing is sent."""
    with pytest.raises(Untranslatable, match="file_1"):
        ask(stage, model)

    assert asked(stage) == []
    assert [outcome.ended for outcome in stage.journal.outcomes] == ["refused"]


def test_a_target_in_trouble_is_asked_where_no_other_can_be(stage: Stage) -> None:
    """A fallback that is paused is better than none that understands the request."""
    for _ in range(5):
        ask(stage, "between")
        refuse(stage, 529)
        refuse(stage, 529)
    client = ask(stage, "between")
    serve(stage)

    assert client.status == 200
    assert asked(stage)[-1] in {"lab", "spare"}
