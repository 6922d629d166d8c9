"""Cursor's mount as Cursor uses it: bodies of Chat Completions, Responses, Anthropic and of several at once, on models of every provider.

Whatever the body, the answer is a stream of Chat Completions, which OpenAI's SDK reads here as Cursor would.
"""

import json
from pathlib import Path
from types import SimpleNamespace

import openai
import pytest
from openai.types.chat import ChatCompletionChunk

from tests.e2e.foreign import DIALECT_OF, foreign_lab
from tests.e2e.lab import CLAUDE, GEMINI, ROOT
from tests.fakes.provider import WIRES
from tests.fakes.turns import Call, Text, Thinking, Tokens, Turn, refuse, say

FOLDER = Path(ROOT) / "tests/golden/translation/requests/cursor"
TALKS = ("chat", "responses_shaped", "anthropic_blocks", "both")  # each with a call of get_weather and its result
PATCHING = ("chat", "responses_shaped")  # with the custom tool ApplyPatch
PATCH = '*** Begin Patch\n*** Add File: "new".py\n+print("hi")\n*** End Patch'
SPENT = Tokens(fresh=57, read=300, output=41)
LOOKS = (Call("get_weather", {"city": "Rome"}, "call_7"), Call("get_weather", {"city": "Oslo"}, "call_8"))
models = pytest.mark.parametrize("model", DIALECT_OF)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A provider that takes only what its SDK would send, a gateway, and Cursor's client before it."""
    with (
        foreign_lab(tmp_path_factory.mktemp("lab")) as (provider, gateway),
        openai.OpenAI(base_url=f"{gateway.url}/cursor/v1", api_key=gateway.token, max_retries=0) as client,
    ):
        yield SimpleNamespace(provider=provider, client=client)


def ask(lab, body, model, **changes):
    """The chunks of the answer to one of Cursor's bodies."""
    asked = json.loads((FOLDER / f"{body}.json").read_text(encoding="utf-8")) | {"model": model} | changes
    stream = openai.Stream[ChatCompletionChunk]
    return list(lab.client.post("/chat/completions", body=asked, cast_to=ChatCompletionChunk, stream=True, stream_cls=stream))


def calls_of(chunks):
    """The calls, put together by their indexes, which count from 0 without a gap; a call begins with its id and name, and says them once."""
    calls = []
    for piece in (piece for chunk in chunks for choice in chunk.choices for piece in choice.delta.tool_calls or ()):
        if piece.index == len(calls):
            assert (piece.type, bool(piece.id), bool(piece.function.name)) == ("function", True, True)
            calls.append([piece.id, piece.function.name, ""])
        else:
            assert piece.index == len(calls) - 1
            assert not piece.id
            assert not piece.function.name
        calls[-1][2] += piece.function.arguments or ""
    return calls


def text_of(chunks):
    """The visible text."""
    return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)


def reasons_of(chunks):
    """Every reason of an end that was said: there is one."""
    return [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason]


@models
@pytest.mark.parametrize("body", TALKS)
def test_a_talk_with_a_tool(lab, play, body, model):
    """The result of the call reaches the provider under its id, and two new calls come back as dense chunks after the text."""
    ledger = play(Turn((Thinking("Hm.", "c2ln"), Text("I look again."), *LOOKS), SPENT))
    chunks = ask(lab, body, model)
    assert text_of(chunks) == "I look again."
    assert [(name, json.loads(arguments)) for _, name, arguments in calls_of(chunks)] == [(call.name, call.arguments) for call in LOOKS]
    assert reasons_of(chunks) == ["tool_calls"]
    sent = ledger.entries[-1]
    assert sent.dialect == DIALECT_OF[model]
    (result,) = WIRES[sent.dialect].results(sent.json).values()
    assert "Sunny." in result
    assert sent.body.decode().count("Sunny.") == 1


@models
@pytest.mark.parametrize("body", PATCHING)
def test_a_patch(lab, play, body, model):
    """A call of the custom tool is a function's, with the patch itself as its arguments, whatever the provider knows of custom tools."""
    knows = DIALECT_OF[model].startswith("openai")
    call = Call("ApplyPatch", PATCH if knows else {"input": PATCH}, "call_9", freeform=knows)
    ledger = play(Turn((Text("I edit."), LOOKS[0], call), SPENT))
    chunks = ask(lab, body, model)
    look, patch = calls_of(chunks)
    assert (look[1], json.loads(look[2])) == ("get_weather", {"city": "Rome"})
    assert (patch[1], patch[2]) == ("ApplyPatch", PATCH)
    assert reasons_of(chunks) == ["tool_calls"]
    assert "*** Begin Patch" in ledger.entries[-1].body.decode()  # the grammar, in its own place or in the description


@models
@pytest.mark.parametrize("body", ["chat", "responses_shaped"])
def test_counts(lab, play, body, model):
    """The counts are in the last chunk, for who asks for them."""
    play(Turn((Text("Sunny."),), SPENT))
    chunks = ask(lab, body, model)
    (used,) = [chunk.usage for chunk in chunks if chunk.usage]
    assert chunks[-1].usage == used
    assert (used.prompt_tokens, used.prompt_tokens_details.cached_tokens, used.completion_tokens) == (357, 300, 41)


@models
def test_a_choice_without_a_name(lab, play, model):
    """Anthropic's `tool` without a name means any of them."""
    ledger = play(Turn((LOOKS[0],), SPENT))
    assert len(calls_of(ask(lab, "choice_without_name", model))) == 1
    sent = ledger.entries[-1].json
    said = {
        "anthropic": lambda: sent["tool_choice"]["type"] == "any",
        "gemini": lambda: sent["toolConfig"]["functionCallingConfig"]["mode"] == "ANY",
        "openai_chat": lambda: sent["tool_choice"] == "required",
        "openai_responses": lambda: sent["tool_choice"] == "required",
    }
    assert said[DIALECT_OF[model]]()


@pytest.mark.parametrize("model", [CLAUDE, GEMINI])
def test_a_name_that_cursor_derives(lab, play, model):
    """The model with an effort in its name is the model, which is asked to think so much."""
    ledger = play(say("Sunny."))
    assert text_of(ask(lab, "chat", f"{model}-thinking-high")) == "Sunny."
    sent = ledger.entries[-1]
    assert (sent.dialect, "high" in json.dumps(sent.json.get("output_config", {})) or "thinkingConfig" in sent.body.decode()) == (
        DIALECT_OF[model],
        True,
    )


@models
@pytest.mark.parametrize("body", TALKS)
def test_an_error_of_the_provider(lab, play, body, model):
    """The error is one of OpenAI's, with the provider's words."""
    play(refuse(400, "the scripted reason"))
    with pytest.raises(openai.BadRequestError, match="the scripted reason"):
        ask(lab, body, model)
