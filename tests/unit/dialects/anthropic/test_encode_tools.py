"""Tools and the choice among them for Anthropic."""

import msgspec
import pytest

from headgate.core.conversation import Conversation, Location, Text, Tool, ToolChoice, ToolResult, Turn, WebSearch
from headgate.core.errors import Untranslatable
from headgate.core.model_profile import ModelProfile
from headgate.dialects.anthropic.cache_marks import CacheMarks
from headgate.dialects.anthropic.encode_tools import choice, tools

CLOSED = msgspec.Raw(b'{"type":"object","additionalProperties":false}')
SCHEMA = msgspec.Raw(b'{"type":"object"}')
EMPTY = {"type": "object", "properties": {}}
BASH = Tool("bash", "server", server_type="bash", dialect="anthropic", raw=msgspec.Raw(b'{"type":"bash_20250124","name":"bash","cache_control":{}}'))


def written(*offered, turns=(), profile=ModelProfile()):
    """The tools as they are sent, and what is lost."""
    losses = []
    made = tools(Conversation(tools=offered, turns=turns), profile, CacheMarks(), losses)
    return msgspec.json.decode(msgspec.json.encode(made)), [loss.what for loss in losses]


@pytest.mark.parametrize(
    ("tool", "made"),
    [
        (Tool("f", description="d", schema=SCHEMA), {"name": "f", "description": "d", "input_schema": {"type": "object"}}),
        (Tool("f"), {"name": "f", "input_schema": EMPTY}),
        (Tool("f", schema=CLOSED, strict=True), {"name": "f", "input_schema": {"type": "object", "additionalProperties": False}, "strict": True}),
        (Tool("f", strict=False), {"name": "f", "input_schema": EMPTY}),
        (Tool("p", "custom"), {"name": "p", "input_schema": {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}}),
        (BASH, {"type": "bash_20250124", "name": "bash"}),
        (Tool("", "server", server_type="web_search"), {"type": "web_search_20250305", "name": "web_search"}),
    ],
)
def test_a_tool_is_written(tool, made):
    """In Anthropic's form."""
    assert written(tool) == ([made], [])


@pytest.mark.parametrize(
    "tool",
    [
        Tool("", "server", server_type="file_search", dialect="openai_responses", raw=msgspec.Raw(b"{}")),
        Tool("x", "server", server_type="x", dialect="anthropic", raw=msgspec.Raw(b"5")),
    ],
)
def test_a_tool_that_anthropic_does_not_run_is_lost(tool):
    """And reported."""
    assert written(tool) == ([], [f"tool {tool.server_type}"])


def test_a_schema_that_is_not_enforced_is_not_strict():
    """Anthropic would refuse the request."""
    assert written(Tool("f", schema=SCHEMA, strict=True)) == ([{"name": "f", "input_schema": {"type": "object"}}], ["strict"])


def test_some_models_have_no_search_and_no_strict_schemas():
    """Their profile says so."""
    profile = ModelProfile(web_search=False, strict_schemas=False)

    assert written(Tool("s", "server", server_type="web_search"), Tool("f", strict=True), profile=profile) == (
        [{"name": "f", "input_schema": EMPTY}], ["tool web_search"],
    )  # fmt: skip


def test_tools_that_a_search_found_come_behind():
    """Each once."""
    turns = (Turn("user", (Text("a"), ToolResult("t", (), tools=(Tool("late"), Tool("f"))), ToolResult("u", (), tools=(Tool("late"),)))),)

    assert [tool["name"] for tool in written(Tool("f"), turns=turns)[0]] == ["f", "late"]


@pytest.mark.parametrize(
    ("chosen", "parallel", "made", "lost"),
    [
        (ToolChoice(), None, None, []),
        (ToolChoice(), True, None, []),
        (ToolChoice(), False, {"type": "auto", "disable_parallel_tool_use": True}, []),
        (ToolChoice("none"), False, {"type": "none"}, []),
        (ToolChoice("required"), None, {"type": "any"}, []),
        (ToolChoice("named", ("f",)), False, {"type": "tool", "name": "f", "disable_parallel_tool_use": True}, []),
        (ToolChoice("allowed", ("f",), must_call=True), None, {"type": "tool", "name": "f"}, []),
        (ToolChoice("allowed", ("f", "g"), must_call=True), None, {"type": "any"}, ["tool_choice"]),
        (ToolChoice("allowed", ("f",)), None, None, ["tool_choice"]),
    ],
)
def test_a_choice_is_written(chosen, parallel, made, lost):
    """The usual one is left out."""
    losses = []

    assert choice(Conversation(choice=chosen, parallel_calls=parallel), frozenset({"f", "g"}), thinks=False, losses=losses) == made
    assert [loss.what for loss in losses] == lost


@pytest.mark.parametrize("chosen", [ToolChoice("required"), ToolChoice("named", ("f",))])
def test_a_model_that_thinks_cannot_be_made_to_call(chosen):
    """https://docs.claude.com/en/docs/build-with-claude/extended-thinking says so."""
    losses = []

    assert choice(Conversation(choice=chosen), frozenset({"f"}), thinks=True, losses=losses) is None
    assert [loss.what for loss in losses] == ["tool_choice"]


@pytest.mark.parametrize(("chosen", "names"), [(ToolChoice("named", ("x",)), frozenset({"f"})), (ToolChoice("required"), frozenset())])
def test_a_call_that_cannot_be_made_is_refused(chosen, names):
    """The answer would be another one."""
    with pytest.raises(Untranslatable):
        choice(Conversation(choice=chosen), names, thinks=False, losses=[])


def test_without_tools_there_is_no_choice():
    """Anthropic refuses one."""
    assert choice(Conversation(choice=ToolChoice("none"), parallel_calls=False), frozenset(), thinks=False, losses=[]) is None


def test_the_settings_of_a_search_are_written():
    """Those that Anthropic's has; it takes allowed domains or blocked ones."""
    search = WebSearch(allowed_domains=("a.it",), blocked_domains=("b.it",), location=Location(country="IT"), uses_max=3, context="low")

    assert written(Tool("", "server", server_type="web_search", search=search)) == (
        [
            {
                "type": "web_search_20250305", "name": "web_search", "allowed_domains": ["a.it"], "max_uses": 3,
                "user_location": {"type": "approximate", "country": "IT"},
            }
        ],
        ["tools.web_search.blocked_domains", "tools.web_search.search_context_size"],
    )  # fmt: skip
    blocked = WebSearch(blocked_domains=("b.it",))
    assert written(Tool("", "server", server_type="web_search", search=blocked))[0][0]["blocked_domains"] == ["b.it"]
