"""Tools and the choice among them."""

import json

import msgspec
import pytest

from headgate.core.conversation import Location, Tool, ToolChoice, WebSearch
from headgate.core.errors import BadRequest
from headgate.dialects.anthropic.decode_tools import OfferedTools, choice, offered

LATE = {"name": "late", "input_schema": {}, "defer_loading": True}


def raw(value):
    """A value as a body has it."""
    return msgspec.Raw(json.dumps(value, separators=(",", ":")).encode())


@pytest.mark.parametrize("type_", [None, "custom", ...])
def test_a_tool_of_the_client_is_a_function(type_):
    """Its type may be missing, as Cursor writes it."""
    tool = {"name": "f", "description": "d", "input_schema": {"type": "object"}, "strict": True, "cache_control": {"type": "ephemeral"}}
    written = tool if type_ is ... else {**tool, "type": type_}

    assert offered(raw([written]), {}).listed == (Tool("f", description="d", schema=msgspec.Raw(b'{"type":"object"}'), strict=True, cached=True),)


@pytest.mark.parametrize(
    ("type_", "server_type"),
    [
        ("web_search_20250305", "web_search"),
        ("web_fetch_20260318", "web_fetch"),
        ("code_execution_20260521", "code_execution"),
        ("bash_20250124", "bash"),
        ("mcp_toolset", "mcp_toolset"),
    ],
)
def test_a_tool_of_anthropics_is_kept_as_it_is(type_, server_type):
    """Its type without the version says what it does."""
    tool = {"type": type_, "name": "n", "max_uses": 8}

    search = WebSearch(uses_max=8) if server_type == "web_search" else None
    expected = Tool("n", "server", server_type=server_type, dialect="anthropic", raw=raw(tool), search=search)
    assert offered(raw([tool]), {}).listed == (expected,)


def test_the_settings_of_a_search_are_read():
    """What only Anthropic's has is known by its name."""
    place = {"type": "approximate", "city": "Rome", "country": "IT"}
    tool = {
        "type": "web_search_20260318", "name": "web_search", "allowed_domains": ["a.it"], "blocked_domains": ["b.it"], "user_location": place,
        "response_inclusion": "excluded",
    }  # fmt: skip
    (found,) = offered(raw([tool]), {}).listed

    assert found.search == WebSearch(
        allowed_domains=("a.it",), blocked_domains=("b.it",), location=Location("Rome", country="IT"), others=("response_inclusion",)
    )


def test_what_has_no_place_in_a_tool_is_noted():
    """That the model itself calls it, and how its arguments stream, says nothing."""
    unread = {}
    tool = {
        "name": "f", "input_examples": [{}], "allowed_callers": ["code_execution_20250825"], "eager_input_streaming": True,
        "cache_control": {"type": "ephemeral", "ttl": "1h"},
    }  # fmt: skip
    assert offered(raw([tool, {"name": "g", "allowed_callers": ["direct"]}]), unread).listed == (Tool("f", cached=True), Tool("g"))

    assert {name: bytes(value) for name, value in unread.items()} == {
        "tools.input_examples": b"[{}]",
        "tools.allowed_callers": b'["code_execution_20250825"]',
        "cache_control.ttl": b'"1h"',
    }


def test_a_deferred_tool_waits_until_a_search_of_the_clients_found_it():
    """The model does not see it before."""
    assert offered(raw([LATE, {"name": "f"}]), {}) == OfferedTools((Tool("f"),), {"late": Tool("late", schema=msgspec.Raw(b"{}"))})


def test_a_deferred_tool_is_offered_where_anthropic_searches():
    """No other provider would find it."""
    search = {"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"}

    assert [tool.name for tool in offered(raw([LATE, search]), {}).listed] == ["late", "tool_search_tool_regex"]
    assert offered(raw([LATE, search]), {}).deferred == {}


@pytest.mark.parametrize("value", [None, []])
def test_there_may_be_none(value):
    """Null and an empty list say the same."""
    assert offered(raw(value), {}) == OfferedTools()
    assert offered(None, {}) == OfferedTools()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({}, "`tools` must be a list."),
        ([5], "`tools.0` is not a tool: Expected `object`, got `int`."),
        ([{"description": "d"}], "`tools.0` must have a `name`."),
    ],
)
def test_what_is_no_tool_is_refused(value, said):
    """The message says where."""
    with pytest.raises(BadRequest) as caught:
        offered(raw(value), {})

    assert caught.value.message == said


@pytest.mark.parametrize(
    ("value", "chosen", "parallel"),
    [
        (None, ToolChoice(), None),
        ({"type": "auto"}, ToolChoice(), None),
        ({"type": "auto", "disable_parallel_tool_use": True}, ToolChoice(), False),
        ({"type": "any", "disable_parallel_tool_use": False}, ToolChoice("required"), True),
        ({"type": "tool", "name": "f"}, ToolChoice("named", ("f",)), None),
        ({"type": "tool"}, ToolChoice("required"), None),
        ({"type": "none"}, ToolChoice("none"), None),
    ],
)
def test_the_choice_is_read(value, chosen, parallel):
    """With whether several calls may come at once."""
    assert choice(raw(value)) == (chosen, parallel)
    assert choice(None) == (ToolChoice(), None)


@pytest.mark.parametrize("value", ["auto", {}, {"type": "some"}])
def test_another_choice_is_refused(value):
    """It would be another request."""
    with pytest.raises(BadRequest, match="tool_choice"):
        choice(raw(value))
