"""The tools of a request."""

import msgspec
import pytest

from headgate.core.conversation import Conversation, Text, Tool, ToolResult
from headgate.core.errors import Untranslatable
from headgate.core.model_profile import ModelProfile
from headgate.translation.call_names import Called
from headgate.translation.loss_list import LossList
from headgate.translation.tool_list import lowers, prepared_tools
from tests.fakes.translation import ANTHROPIC, CHAT, RESPONSES, answered, assistant, called, talk, user

PROFILE = ModelProfile()
READ = Tool("read", schema=msgspec.Raw(b'{"type":"object"}'))


def _prepared(traits, *tools, turns=()):
    return prepared_tools(Conversation(tools=tools, turns=turns), traits, PROFILE, LossList())


def test_a_tool_that_the_target_takes_is_not_touched():
    """The same object."""
    assert _prepared(ANTHROPIC, READ).tools[0] is READ


def test_tools_of_namespaces_are_flat():
    """In the client's order; the way back has the namespace."""
    tools = _prepared(CHAT, READ, Tool("exec", "custom", namespace="functions", namespace_description="All."))

    assert [(tool.name, tool.kind, tool.namespace) for tool in tools.tools] == [("read", "function", ""), ("functions__exec", "function", "")]
    assert tools.names.raised().of("functions__exec") == Called("exec", "custom", "functions")


def test_a_dialect_that_has_them_gets_them():
    """Custom tools, namespaces and OpenAI's own."""
    offered = (Tool("exec", "custom", namespace="functions"), Tool("tool_search", "tool_search"))

    assert _prepared(RESPONSES, *offered).tools == offered
    assert lowers("custom", ANTHROPIC, PROFILE)
    assert not lowers("custom", RESPONSES, PROFILE)
    assert lowers("custom", RESPONSES, ModelProfile(custom_tools=False))
    assert not lowers("function", ANTHROPIC, PROFILE)


def test_tools_that_were_found_are_offered_after_the_others():
    """Each once, in the order in which they were found."""
    found = ToolResult("c1", (), tools=(Tool("b"), READ))
    turns = (assistant(called("c1", "tool_search", kind="tool_search")), user(found))
    tools = _prepared(ANTHROPIC, READ, Tool("", "tool_search"), turns=turns)

    assert [tool.name for tool in tools.tools] == ["read", "tool_search", "b"]
    assert tools.names.raised().of("tool_search").kind == "tool_search"


def test_a_request_whose_only_tool_is_gone_is_refused():
    """The model could not do what it is asked."""
    code = Tool("python", "server", server_type="code_interpreter", dialect="openai_responses")

    with pytest.raises(Untranslatable, match="code_interpreter"):
        _prepared(ANTHROPIC, code)
    assert _prepared(ANTHROPIC, code, READ).dropped == {"python", "code_interpreter"}


def test_nothing_is_found_in_a_conversation_without_searches():
    """Other results have no tools."""
    assert prepared_tools(talk(user(answered("c", "x"), Text("y"))), ANTHROPIC, PROFILE, LossList()).tools == ()
