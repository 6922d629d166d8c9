"""Requests decoded into a conversation."""

import json

import msgspec
import pytest

from headgate.core.conversation import Conversation, OutputFormat, Reasoning, Sampling, Text, Tool, ToolCall, ToolResult, Turn
from headgate.core.errors import BadRequest
from headgate.dialects.anthropic.decode_request import decode
from headgate.dialects.anthropic.request import read
from headgate.dialects.faces import Operation

MESSAGES = Operation("messages", "anthropic/v1/messages")
COUNT = Operation("count_tokens", "anthropic/v1/messages/count_tokens", "never", generates=False)
HI = [{"role": "user", "content": "Hi"}]
BILLING = "x-anthropic-billing-header: cc_version=2.1.330; cc_entrypoint=sdk-cli;"


def conversation(operation=MESSAGES, **fields):
    """The conversation of a body with these fields."""
    body = json.dumps({"model": "m", "max_tokens": 64, "messages": HI, **fields}).encode()
    return decode(read(body, operation, ""), operation)


def test_a_plain_request():
    """A text of a user."""
    assert conversation() == Conversation(model="m", turns=(Turn("user", (Text("Hi"),)),), output_tokens_max=64)


def test_turns_keep_their_order_and_roles():
    """Instructions come first; later ones stay where they are."""
    found = conversation(
        system="Be brief.",
        messages=[
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "1"}]},
            {"role": "system", "content": [{"type": "text", "text": "Be kind."}]},
        ],
    )

    assert found.turns == (
        Turn("system", (Text("Be brief."),)),
        Turn("user", (Text("Hi"),)),
        Turn("assistant", (ToolCall("t1", "f", "{}"),)),
        Turn("user", (ToolResult("t1", (Text("1"),)),)),
        Turn("system", (Text("Be kind."),)),
    )


@pytest.mark.parametrize(
    ("system", "parts"),
    [
        (
            [{"type": "text", "text": BILLING}, {"type": "text", "text": "You are.", "cache_control": {"type": "ephemeral"}}],
            (Text("You are.", True),),
        ),
        (BILLING + "\nYou are.", (Text("You are."),)),
        (BILLING, None),
        ([], None),
        (None, None),
    ],
)
def test_the_line_of_attribution_is_left_out(system, parts):
    """It is for Anthropic alone."""
    assert conversation(system=system).turns[:-1] == (() if parts is None else (Turn("system", parts),))


@pytest.mark.parametrize(
    ("fields", "reasoning"),
    [
        ({}, Reasoning()),
        ({"thinking": {"type": "adaptive"}}, Reasoning(mode="adaptive", shown=True)),
        ({"thinking": {"type": "between_tools"}}, Reasoning(mode="adaptive", shown=True)),
        ({"thinking": {"type": "adaptive", "display": "omitted"}}, Reasoning(mode="adaptive", shown=False)),
        ({"thinking": {"type": "adaptive", "display": "updates"}}, Reasoning(mode="adaptive", shown=True)),
        ({"thinking": {"type": "disabled"}}, Reasoning(mode="off")),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 2048, "display": "summarized"}},
            Reasoning(mode="on", budget_tokens=2048, shown=True),
        ),
        ({"output_config": {"effort": "high"}}, Reasoning(effort="high")),
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}}, Reasoning(mode="adaptive", effort="max", shown=True)),
    ],
)
def test_reasoning_is_read(fields, reasoning):
    """Mode, effort, budget, and whether thoughts are shown."""
    assert conversation(**fields).reasoning == reasoning


@pytest.mark.parametrize("name", ["output_config", "output_format"])
def test_a_form_of_the_answer_is_read(name):
    """Also in the field of the former beta."""
    form = {"type": "json_schema", "schema": {"type": "object"}}

    found = conversation(**{name: {"format": form} if name == "output_config" else form})

    assert found.format == OutputFormat(kind="json_schema", schema=msgspec.Raw(b'{"type": "object"}'))
    assert found.beyond == {}


def test_settings_are_read():
    """Sampling, stops, stream, caching of the whole prompt."""
    found = conversation(
        temperature=0.5, top_p=0.9, top_k=7, stop_sequences=["a", "b"], stream=True, cache_control={"type": "ephemeral"},
        tools=[{"name": "f", "input_schema": {}}], tool_choice={"type": "auto", "disable_parallel_tool_use": True},
    )  # fmt: skip

    assert found.sampling == Sampling(temperature=0.5, top_p=0.9, top_k=7)
    assert (found.stop, found.stream, found.cached, found.parallel_calls) == (("a", "b"), True, True, False)
    assert found.tools == (Tool("f", schema=msgspec.Raw(b"{}")),)


@pytest.mark.parametrize(
    ("fields", "tier"),
    [
        ({"service_tier": "auto"}, "auto"),
        ({"service_tier": "standard_only"}, "default"),
        ({"speed": "fast"}, "priority"),
        ({"speed": "standard"}, ""),
    ],
)
def test_the_tier_is_read(fields, tier):
    """In the words that most dialects have."""
    assert conversation(**fields).tier == tier


def test_a_session_is_the_key_of_the_cache_and_the_user_is_hashed():
    """The user's hash is the same in another session."""
    one, two = (
        conversation(metadata={"user_id": json.dumps({"device_id": "d", "account_uuid": "a", "session_id": session})}) for session in ("s-1", "s-2")
    )

    assert (one.cache_key, two.cache_key) == ("s-1", "s-2")
    assert one.user == two.user
    assert len(one.user) == 32


def test_only_edits_that_change_nothing_are_left_out():
    """Claude Code asks that all thoughts are kept."""
    kept = {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}
    cleared = {"edits": [{"type": "clear_tool_uses_20250919"}]}

    assert conversation(context_management=kept).beyond == {}
    assert list(conversation(context_management=cleared).beyond) == ["context_management"]
    assert list(conversation(context_management={"edits": "?"}).beyond) == ["context_management"]


def test_other_fields_are_kept_apart():
    """What has no place is reported by its name."""
    found = conversation(container="c", mcp_servers=[], output_config={"effort": "low", "task_budget": {}}, safeguards=[1])

    assert found.beyond == {
        "container": msgspec.Raw(b'"c"'), "mcp_servers": msgspec.Raw(b"[]"), "safeguards": msgspec.Raw(b"[1]"),
        "output_config": msgspec.Raw(b'{"effort": "low", "task_budget": {}}'),
    }  # fmt: skip


def test_counting_is_an_operation():
    """The request is the same."""
    assert conversation(COUNT).counting
    assert not conversation().counting


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"messages": 5}, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, r"messages\.0\.role"),
        ({"messages": [{"role": "user", "content": 5}]}, r"messages\.0\.content"),
        ({"system": 5}, "system"),
        ({"max_tokens": "many"}, "max_tokens"),
        ({"temperature": "hot"}, "temperature"),
        ({"stop_sequences": "x"}, "stop_sequences"),
        ({"thinking": {"type": "deep"}}, r"thinking\.type"),
        ({"thinking": 5}, "thinking"),
        ({"output_config": 5}, "output_config"),
        ({"speed": 5}, "speed"),
    ],
)
def test_what_the_api_does_not_take_is_refused(fields, said):
    """The message names the field."""
    with pytest.raises(BadRequest, match=said):
        conversation(**fields)


def test_messages_must_be_there():
    """There is nothing to answer."""
    with pytest.raises(BadRequest, match="`messages` is missing"):
        decode(read(b'{"model":"m"}', MESSAGES, ""), MESSAGES)


def test_messages_are_the_same_beside_one_that_is_read_alone():
    """A member that has no place is noted."""
    messages = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {"b": 1.0}}]},
        {"role": "user", "content": None},
    ]
    alone, beside = conversation(messages=messages), conversation(messages=[*messages, {"role": "user", "content": "b", "later": 1}])

    assert beside.turns[:-1] == alone.turns
    assert (alone.beyond, beside.beyond) == ({}, {"messages.later": msgspec.Raw(b"1")})


@pytest.mark.parametrize(
    "content", [None, "", "1", [], [{"type": "text", "text": "1"}], [{"type": "text", "text": "1"}, {"type": "text", "text": "2"}]]
)
def test_a_result_is_the_same_however_its_message_is_read(content):
    """A member that is not known has every block read by itself; the conversation is the one that is read at once."""
    result = {"type": "tool_result", "tool_use_id": "t1", "content": content, "is_error": True}
    usual = conversation(messages=[{"role": "user", "content": [result]}])
    apart = conversation(messages=[{"role": "user", "content": [{**result, "later": 1}]}])

    assert usual.turns == apart.turns
    assert [part.failed for part in usual.turns[0].parts] == [True]
    assert (usual.beyond, set(apart.beyond)) == ({}, {"tool_result.later"})
