"""The official SDKs on models whose providers speak another dialect: what an application has of their answers, streamed and not.

The scripted provider takes only bodies that the SDK of its own dialect would send.
"""

import base64
from types import SimpleNamespace

import pytest

from tests.e2e.books import check_books
from tests.e2e.foreign import DIALECT_OF, foreign_lab
from tests.e2e.sdk_askers import ASKERS, City, Counts
from tests.fakes.play import COUNTED
from tests.fakes.provider import WIRES
from tests.fakes.turns import Call, Cut, EndEarly, ErrorInStream, Text, Thinking, Tokens, Turn, refuse, say

PAIRS = [(client, model) for client in ASKERS for model in DIALECT_OF if DIALECT_OF[model] != client]
COUNTING = [(client, model) for client, model in PAIRS if client != "openai_chat"]
SPENT = Tokens(fresh=57, read=300, output=41, reasoning=0)
SIGNED = "c2lnbmVk"
HELLO = "Hello, “world” \N{WAVING HAND SIGN}."
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
STOPS = {
    "": {"anthropic": "end_turn", "openai_chat": "stop", "openai_responses": "completed", "gemini": "STOP"},
    "length": {"anthropic": "max_tokens", "openai_chat": "length", "openai_responses": "max_output_tokens", "gemini": "MAX_TOKENS"},
    "filter": {"anthropic": "refusal", "openai_chat": "content_filter", "openai_responses": "content_filter", "gemini": "SAFETY"},
}
CALLED = {"anthropic": "tool_use", "openai_chat": "tool_calls", "openai_responses": "completed", "gemini": "STOP"}
streamed = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
pairs = pytest.mark.parametrize(("client", "model"), PAIRS)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A provider that takes translated requests alone, a gateway, and the SDKs before it; at the end their books are held against each other."""
    with foreign_lab(tmp_path_factory.mktemp("lab")) as (provider, gateway):
        askers = {name: made(gateway.url, gateway.token) for name, made in ASKERS.items()}
        yield SimpleNamespace(provider=provider, gateway=gateway, askers=askers)
        for asker in askers.values():
            asker.close()
        check_books(gateway.rows(len(provider.ledger.generations)), provider.ledger.entries)


@streamed
@pairs
def test_text(lab, play, client, model, stream):
    """A text arrives whole with exact counts, under the name that was asked for."""
    ledger = play(Turn((Text(HELLO),), SPENT))
    asker = lab.askers[client]
    answer = asker.ask(model, asker.user("Say hello."), stream=stream)
    assert (answer.text, answer.calls, answer.stop) == (HELLO, [], STOPS[""][client])
    assert answer.counts == Counts(357, 300, 41)
    assert answer.model == model
    sent = ledger.entries[-1]
    assert (sent.dialect, sent.stream) == (DIALECT_OF[model], stream)
    assert "Say hello." in sent.body.decode()
    assert "Be brief." in sent.body.decode()


@streamed
@pairs
def test_parallel_calls_and_their_results(lab, play, client, model, stream):
    """Two calls arrive in one answer, and both results reach the provider under the ids that it gave."""
    calls = (Call("weather", {"city": "Nîmes"}, "call_one"), Call("weather", {"city": "Oslo"}, "call_two"))
    ledger = play(Turn((Text("I look it up."), *calls), SPENT), say("Warm and cold."))
    asker = lab.askers[client]
    asked = asker.user("How is the weather in Nîmes and in Oslo?")
    first = asker.ask(model, asked, stream=stream, tools=True)
    assert first.text == "I look it up."
    assert [(call.name, call.arguments) for call in first.calls] == [(call.name, call.arguments) for call in calls]
    assert first.stop == CALLED[client]
    assert len({call.id for call in first.calls}) == 2

    results = asker.results(first, {"weatherNîmes": "It is warm.", "weatherOslo": "It is cold."})
    second = asker.ask(model, [*asked, *first.turn, *results], stream=stream, tools=True)
    assert (second.text, second.stop) == ("Warm and cold.", STOPS[""][client])
    sent = ledger.entries[-1]
    said = WIRES[sent.dialect].results(sent.json)
    assert {name: text for name, words in said.items() for text in ("It is warm.", "It is cold.") if text in words} == {
        "call_one": "It is warm.",
        "call_two": "It is cold.",
    }


@streamed
@pytest.mark.parametrize(("client", "model"), [(client, model) for client, model in PAIRS if DIALECT_OF[model] != "openai_chat"])
def test_a_thought_comes_back_with_its_state(lab, client, model, stream):
    """A thought is read by the application, and its state goes back to the provider that made it, through what the SDK keeps."""
    call = Call("weather", {"city": "Nîmes"}, "call_one")
    play = lab.provider.play if client == "openai_chat" else lab.provider.converse  # the first has no place for a state
    script = play(Turn((Thinking("The city is known.", SIGNED), call), SPENT), say("Warm."))
    asker = lab.askers[client]
    asked = asker.user("How is the weather in Nîmes?")
    first = asker.ask(model, asked, stream=stream, tools=True, think=True)
    assert first.thoughts == "The city is known."
    assert [(call.name, call.arguments) for call in first.calls] == [("weather", {"city": "Nîmes"})]
    second = asker.ask(model, [*asked, *first.turn, *asker.results(first, {"weatherNîmes": "warm"})], stream=stream, tools=True, think=True)
    assert second.text == "Warm."
    assert script.left == 0


@pairs
def test_a_form_is_parsed(lab, play, client, model):
    """The SDK's helper for structured output gets an object, and the provider the schema in its own place."""
    ledger = play(say('{"name": "Nîmes", "people": 148561}'))
    asker = lab.askers[client]
    assert asker.parsed(model, asker.user("Which city?"), City) == City(name="Nîmes", people=148561)
    assert '"people"' in ledger.entries[-1].body.decode()


@pairs
def test_an_image(lab, play, client, model):
    """An image reaches the provider unchanged."""
    ledger = play(say("One dot."))
    asker = lab.askers[client]
    assert asker.ask(model, asker.user("What is this?", PNG), stream=False).text == "One dot."
    assert base64.b64encode(PNG).decode() in ledger.entries[-1].body.decode()


@streamed
@pytest.mark.parametrize("ending", ["length", "filter"])
@pairs
def test_an_answer_that_ends_too_soon(lab, play, client, model, ending, stream):
    """The application sees why, and what there was."""
    play(Turn((Text("Half of"),), SPENT, ending=ending))
    asker = lab.askers[client]
    answer = asker.ask(model, asker.user("Say all of it."), stream=stream)
    assert (answer.text, answer.stop) == ("Half of", STOPS[ending][client])
    assert answer.counts == Counts(357, 300, 41)


@streamed
@pytest.mark.parametrize("status", [400, 404, 429, 529])
@pairs
def test_errors_of_the_provider(lab, play, client, model, status, stream):
    """The status and the provider's words reach the application as the SDK's own error, and with 429 how long to wait."""
    play(refuse(status, "the scripted reason", retry_after="7"))
    asker = lab.askers[client]
    with pytest.raises(asker.errors, match="the scripted reason") as caught:
        asker.ask(model, asker.user("Say hello."), stream=stream)
    shown = {404: 400 if client == "anthropic" else 404, 529: 503}  # Claude Code shows no message of a 404, and Google's SDK does not know 529
    assert asker.status(caught.value) == shown.get(status, status)
    if status == 429:
        assert caught.value.response.headers["retry-after"] == "7"


FAULTS = [
    ErrorInStream(after_frames=5, message="overloaded just now"),
    Cut(after_frames=5),
    Cut(after_frames=5, reset=False),
    EndEarly(after_frames=5),
]


@pytest.mark.parametrize("fault", FAULTS, ids=["error", "reset", "close", "end"])
@pairs
def test_a_broken_stream_is_an_error(lab, play, client, model, fault):
    """However a stream breaks, the SDK raises: it never takes a part for the whole. Where its stream has a place for an error, it says the provider's words."""
    play(Turn((Text("Half of an answer that has many pieces.", pieces=9),), fault=fault))
    asker = lab.askers[client]
    says = isinstance(fault, ErrorInStream) and client in {"openai_chat", "gemini"}
    with pytest.raises(asker.errors, match=fault.message if says else None):
        asker.ask(model, asker.user("Say all of it."), stream=True)


@pairs
def test_a_cut_answer_is_an_error(lab, play, client, model):
    """Unstreamed too."""
    play(Turn((Text("Half."),), fault=Cut()))
    asker = lab.askers[client]
    with pytest.raises(asker.errors) as caught:
        asker.ask(model, asker.user("Say all of it."), stream=False)
    assert asker.status(caught.value) == 502


@pytest.mark.parametrize(("client", "model"), COUNTING)
def test_tokens_are_counted(lab, client, model):
    """By the provider, or, where its API counts none, by an estimate from the characters."""
    asker = lab.askers[client]
    counted = asker.counted(model, asker.user("How many tokens are there in this question, which is not a short one?"))
    if DIALECT_OF[model] == "openai_chat":
        assert 10 < counted < 40
    else:
        assert counted == COUNTED


@pytest.mark.parametrize("client", ASKERS)
def test_models_of_other_dialects_are_listed(lab, client):
    """Whoever asks sees every model."""
    assert set(DIALECT_OF) <= lab.askers[client].models()
