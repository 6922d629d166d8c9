"""The input of Responses requests as turns."""

import json

import msgspec
import pytest

from headgate.core.conversation import (
    APPLY_PATCH,
    ASSISTANT,
    CUSTOM,
    LOCAL_SHELL,
    SHELL,
    SYSTEM,
    TOOL_SEARCH,
    USER,
    Foreign,
    Media,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
    Turn,
)
from headgate.core.errors import BadRequest
from headgate.core.opaque_state import OpaqueState, enveloped
from headgate.dialects.openai_responses.decode_items import read_input
from headgate.dialects.openai_responses.part_state import CALL, EMPTY, TEXT, marked

SIGNATURE = OpaqueState("gemini", "signature", "c2ln")


def raw(value):
    """A value as it comes in a body."""
    return msgspec.Raw(json.dumps(value).encode())


def turns(*items):
    """The turns of these items."""
    return read_input(raw(list(items)), {}).turns


def call(call_id="call_1", **members):
    """A call of a function."""
    return {"type": "function_call", "call_id": call_id, "name": "f", "arguments": "{}", **members}


def sealed(state, mark="", call_id=""):
    """A reasoning item without a summary that holds a state."""
    return {"type": "reasoning", "summary": [], "encrypted_content": marked(enveloped(state), mark, call_id) if mark else enveloped(state)}


def test_a_text_is_a_turn_of_the_users():
    """The shortest input."""
    assert read_input(raw("hi"), {}).turns == (Turn(USER, (Text("hi"),)),)
    assert read_input(raw(""), {}).turns == read_input(raw(None), {}).turns == read_input(raw([]), {}).turns == ()


def test_messages_are_turns_of_their_roles():
    """With a type or without it, developer and system alike."""
    assert turns(
        {"role": "developer", "content": "a"},
        {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "b"}]},
        {"role": "user", "content": [{"type": "input_text", "text": "c"}, {"type": "input_image", "image_url": "https://x/y"}]},
        {"role": "assistant", "content": [{"type": "output_text", "text": "d", "annotations": []}], "id": "msg_1", "status": "completed"},
        {"role": "user", "content": "e"},
    ) == (
        Turn(SYSTEM, (Text("a"),)),
        Turn(SYSTEM, (Text("b"),)),
        Turn(USER, (Text("c"), Media("image", url="https://x/y"))),
        Turn(ASSISTANT, (Text("d"),)),
        Turn(USER, (Text("e"),)),
    )


def test_a_round_of_codex():
    """Reasoning, text and calls are one turn of the assistant's, their results one of the user's."""
    assert turns(
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "s"}], "content": None, "encrypted_content": "gAAA"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "t"}]},
        call(id="fc_1", namespace="ns"),
        call("call_2", arguments='{"a": 1.0}'),
        {"type": "function_call_output", "call_id": "call_1", "output": "one"},
        {"type": "function_call_output", "call_id": "call_2", "output": [{"type": "input_text", "text": "two"}]},
    ) == (
        Turn(
            ASSISTANT,
            (
                Thinking("s", summary=True, state=OpaqueState("openai", "encrypted", "gAAA", item_id="rs_1")),
                Text("t"),
                ToolCall("call_1", "f", "{}", namespace="ns", item_id="fc_1"),
                ToolCall("call_2", "f", '{"a": 1.0}'),
            ),
        ),
        Turn(USER, (ToolResult("call_1", (Text("one"),)), ToolResult("call_2", (Text("two"),)))),
    )


@pytest.mark.parametrize(
    ("called", "result", "expected_call", "expected_result"),
    [
        (
            {"type": "custom_tool_call", "call_id": "c", "name": "apply_patch", "input": "*** Begin"},
            {"type": "custom_tool_call_output", "call_id": "c", "output": "ok"},
            ToolCall("c", "apply_patch", "*** Begin", CUSTOM),
            ToolResult("c", (Text("ok"),), kind=CUSTOM),
        ),
        (
            {"type": "tool_search_call", "call_id": "c", "execution": "client", "arguments": {"query": "q"}},
            {"type": "tool_search_output", "call_id": "c", "execution": "client", "tools": [{"type": "function", "name": "found"}]},
            ToolCall("c", TOOL_SEARCH, '{"query": "q"}', TOOL_SEARCH),
            ToolResult("c", (), kind=TOOL_SEARCH, tools=(Tool("found"),)),
        ),
        (
            {"type": "local_shell_call", "call_id": "c", "id": "lsh_1", "action": {"type": "exec", "command": ["ls"]}},
            {"type": "local_shell_call_output", "id": "c", "output": "a.txt"},
            ToolCall("c", LOCAL_SHELL, '{"type": "exec", "command": ["ls"]}', LOCAL_SHELL, item_id="lsh_1"),
            ToolResult("c", (Text("a.txt"),), kind=LOCAL_SHELL),
        ),
        (
            {"type": "shell_call", "call_id": "c", "action": {"commands": ["ls"]}},
            {"type": "shell_call_output", "call_id": "c", "output": [{"stdout": "a\n", "stderr": "", "outcome": {"type": "exit", "exit_code": 1}}]},
            ToolCall("c", SHELL, '{"commands": ["ls"]}', SHELL),
            ToolResult("c", (Text("a\nExit code: 1"),), kind=SHELL),
        ),
        (
            {"type": "apply_patch_call", "call_id": "c", "operation": {"type": "delete_file", "path": "a"}},
            {"type": "apply_patch_call_output", "call_id": "c", "status": "failed", "output": "no file"},
            ToolCall("c", APPLY_PATCH, '{"type": "delete_file", "path": "a"}', APPLY_PATCH),
            ToolResult("c", (Text("no file"),), failed=True, kind=APPLY_PATCH),
        ),
    ],
)
def test_calls_of_every_kind_and_their_results(called, result, expected_call, expected_result):
    """What is JSON in an item is JSON text in the conversation."""
    assert turns(called, result) == (Turn(ASSISTANT, (expected_call,)), Turn(USER, (expected_result,)))


def test_tools_in_the_input_are_offered():
    """Codex sends all its tools so to some models; they are no turn."""
    given = read_input(raw([{"type": "additional_tools", "role": "developer", "tools": [{"type": "custom", "name": "exec"}]}, call()]), {})
    assert given.tools == (Tool("exec", CUSTOM),)
    assert given.turns == (Turn(ASSISTANT, (ToolCall("call_1", "f", "{}"),)),)


def test_what_the_provider_searched_is_kept_and_its_tools_are_offered():
    """A search that OpenAI ran has no result that another model could read."""
    item = {"type": "tool_search_output", "execution": "server", "call_id": None, "tools": [{"type": "function", "name": "found"}]}
    given = read_input(raw([item]), {})
    assert given.tools == (Tool("found"),)
    assert given.turns == (Turn(USER, (Foreign("openai_responses", "tool_search_output", raw(item)),)),)


@pytest.mark.parametrize("kind", ["web_search_call", "compaction", "item_reference", "computer_call_output", "of_next_year"])
def test_items_of_other_types_are_kept_as_they_are(kind):
    """They are passed on to their own dialect only."""
    item = {"type": kind, "id": "x", "n": 1.0}
    role = USER if kind == "computer_call_output" else ASSISTANT
    assert turns(item) == (Turn(role, (Foreign("openai_responses", kind, raw(item)),)),)


def test_an_item_with_an_id_alone_is_a_reference():
    """As the SDK's type has it."""
    assert turns({"id": "msg_1"}) == (Turn(ASSISTANT, (Foreign("openai_responses", "item_reference", raw({"id": "msg_1"})),)),)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"summary": [], "content": [{"type": "reasoning_text", "text": "raw"}]}, (Thinking("raw"),)),
        ({"summary": [{"type": "summary_text", "text": "a"}, {"type": "summary_text", "text": "b"}]}, (Thinking("a\n\nb", summary=True),)),
        (
            {"id": "rs_1", "summary": [{"text": "s"}], "content": [{"type": "reasoning_text", "text": "r"}], "encrypted_content": "gAAA"},
            (Thinking("s", summary=True), Thinking("r", state=OpaqueState("openai", "encrypted", "gAAA", item_id="rs_1"))),
        ),
        (
            {"id": "rs_1", "summary": [], "encrypted_content": "gAAA"},
            (Thinking(state=OpaqueState("openai", "encrypted", "gAAA", item_id="rs_1"), redacted=True),),
        ),
    ],
)
def test_thoughts(item, expected):
    """A summary and what was thought are kept apart; the state is with the last of them."""
    assert turns({"type": "reasoning", **item}) == (Turn(ASSISTANT, expected),)


def test_a_thought_without_anything_is_nothing():
    """No turn for it."""
    assert turns({"type": "reasoning", "id": "rs_1", "summary": []}) == ()


def test_envelopes_are_opened():
    """A thought comes back with its proof, and with the text that is proven where the client has it no more."""
    signed = OpaqueState("anthropic", "signature", "sig", text="I thought")
    redacted = OpaqueState("anthropic", "redacted", "data")
    bare = OpaqueState("anthropic", "signature", "sig")
    summary = {**sealed(bare), "summary": [{"type": "summary_text", "text": "short"}]}
    assert turns(sealed(signed), sealed(redacted), summary) == (
        Turn(
            ASSISTANT,
            (Thinking("I thought", state=signed), Thinking(state=redacted, redacted=True), Thinking("short", summary=True, state=bare)),
        ),
    )


@pytest.mark.parametrize("order", [1, -1])
def test_the_state_of_a_call_comes_back_to_it(order):
    """Whether it is before or after the call, and with other calls beside it."""
    pair = [sealed(SIGNATURE, CALL, "call_2"), call("call_2")][::order]
    assert turns(call(), *pair, call("call_3")) == (
        Turn(ASSISTANT, (ToolCall("call_1", "f", "{}"), ToolCall("call_2", "f", "{}", state=SIGNATURE), ToolCall("call_3", "f", "{}"))),
    )


def test_the_state_of_a_text_comes_back_to_it():
    """To the text before it; an empty text that had one is made again."""
    said = {"role": "assistant", "content": [{"type": "output_text", "text": "t"}]}
    assert turns(said, sealed(SIGNATURE, TEXT), sealed(SIGNATURE, EMPTY)) == (
        Turn(ASSISTANT, (Text("t", state=SIGNATURE), Text("", state=SIGNATURE))),
    )


def test_the_state_of_a_part_that_is_gone_is_left_out():
    """A client may have dropped what it belongs to."""
    assert turns(call(), sealed(SIGNATURE, TEXT), sealed(SIGNATURE, CALL, "call_9")) == (Turn(ASSISTANT, (ToolCall("call_1", "f", "{}"),)),)
    assert turns({"role": "user", "content": "hi"}, sealed(SIGNATURE, TEXT)) == (Turn(USER, (Text("hi"),)),)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (7, "`input` must be a text or a list of items."),
        (["a"], "`input[0]` must be an object."),
        ([{"role": "tool", "content": "x"}], "`input[0].role` must be one of user, assistant, system and developer."),
        ([{"role": "user", "content": 1}], "`input[0].content` must be a text or a list of parts."),
        ([{"type": "function_call", "name": "f"}], "`input[0]` must have a `name` and a `call_id`."),
        ([{"type": "custom_tool_call", "call_id": "c"}], "`input[0]` must have a `name` and a `call_id`."),
        ([{"type": "additional_tools", "tools": [1]}], "`input[0].tools[0]` must be an object with a `type`."),
    ],
)
def test_what_the_specification_does_not_allow_is_refused(items, message):
    """In words that say where it is."""
    with pytest.raises(BadRequest) as refused:
        read_input(raw(items), {})
    assert refused.value.message == message


def test_half_a_character_does_not_refuse_a_request():
    """JavaScript cuts texts within a character; a strict decoder refuses that."""
    assert read_input(msgspec.Raw(rb'[{"role":"user","content":"a \ud83d"}]'), {}).turns == (Turn(USER, (Text("a \ufffd"),)),)


def test_what_has_no_place_is_noted():
    """By the type of the item; what is usual is not, and an item that is kept whole has all of its members."""
    unread = {}
    items = [
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "a", "annotations": [1]}], "phase": "commentary"},
        {"type": "message", "role": "user", "content": [{"type": "input_image", "image_url": "https://x", "later": 1}]},
        {**call(), "async": True, "caller": {"type": "direct"}, "status": "completed"},
        {"type": "function_call_output", "call_id": "call_1", "output": "x", "caller": {"type": "program", "caller_id": "p"}},
        {"type": "web_search_call", "later": 2},
    ]
    read_input(raw(items), unread)

    assert [*unread] == ["output_text.annotations", "message.phase", "input_image.later", "function_call.async", "function_call_output.caller"]


def test_messages_of_one_turn_are_apart():
    """Whatever is between them. Parts of one message are not."""
    said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "a"}, {"type": "output_text", "text": "b"}]}
    thought = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"}
    first, second = turns(said, thought, said, {"role": "user", "content": "x"}, said)[::2]

    assert [(part.text, part.apart) for part in first.parts if isinstance(part, Text)] == [("a", False), ("b", False), ("a", True), ("b", False)]
    assert [part.apart for part in second.parts] == [False, False]


def test_items_are_the_same_beside_one_that_is_read_alone():
    """One with a member that has no place, and one that is kept whole."""
    items = [{"role": "user", "content": "a"}, call(), {"type": "function_call_output", "call_id": "call_1", "output": "x"}]
    alone = turns(*items)

    assert turns(*items, {"role": "user", "content": "b", "later": 1})[:-1] == alone
    assert turns(*items, {"type": "web_search_call"})[:-1] == alone


@pytest.mark.parametrize(
    "item",
    [
        call(),
        call(arguments=None),
        {"type": "custom_tool_call", "call_id": "call_1", "name": "f", "input": "Hi"},
        {"type": "function_call_output", "call_id": "call_1", "output": ""},
        {"type": "function_call_output", "call_id": "call_1", "output": [{"type": "input_text", "text": "1"}], "status": "failed"},
        {"role": "user", "content": "Hi"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi", "annotations": []}]},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}], "content": None, "encrypted_content": "c2ln"},
    ],
)
def test_an_item_is_the_same_however_its_list_is_read(item):
    """A tool of OpenAI's own beside it has the texts of all items read later; the turns are those that are read at once."""
    other = {"type": "local_shell_call", "call_id": "call_2", "action": {"type": "exec", "command": ["ls"]}}

    assert turns({"role": "user", "content": "Go"}, other, {"role": "user", "content": "On"}, item)[3:] == turns(item)
