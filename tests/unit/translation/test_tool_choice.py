"""Which tools the model may or must call."""

import pytest

from headgate.core.conversation import Conversation, Tool, ToolChoice
from headgate.core.errors import Untranslatable
from headgate.core.model_profile import ModelProfile
from headgate.translation.loss_list import LossList
from headgate.translation.tool_choice import chosen
from headgate.translation.tool_list import prepared_tools
from tests.fakes.translation import ANTHROPIC, CHAT, GEMINI

TOOLS = (Tool("a.b"), Tool("exec", namespace="functions"), Tool("python", "server", server_type="code_interpreter", dialect="openai_responses"))
OPENAI = ModelProfile(openai_fields=True)


def _chosen(choice, traits=CHAT, profile=OPENAI, tools=TOOLS):
    conversation = Conversation(tools=tools, choice=choice)
    found, left = chosen(conversation, prepared_tools(conversation, traits, profile, LossList()), traits, profile)
    return found, [tool.name for tool in left]


@pytest.mark.parametrize("mode", ["auto", "none", "required"])
def test_a_choice_without_names_stays(mode):
    """With all tools."""
    assert _chosen(ToolChoice(mode)) == (ToolChoice(mode), ["a_b", "functions__exec"])


def test_names_are_those_that_are_sent():
    """A namespace may be left out."""
    assert _chosen(ToolChoice("named", ("exec",)))[0] == ToolChoice("named", ("functions__exec",))
    assert _chosen(ToolChoice("allowed", ("a.b", "python"), must_call=True))[0] == ToolChoice("allowed", ("a_b",), must_call=True)


@pytest.mark.parametrize(("traits", "profile"), [(ANTHROPIC, OPENAI), (CHAT, ModelProfile())])
def test_a_dialect_that_cannot_choose_among_some_is_offered_these(traits, profile):
    """OpenAI's format is spoken by many servers, which do not know the field."""
    assert _chosen(ToolChoice("allowed", ("a.b",)), traits, profile) == (ToolChoice(), ["a_b"])
    assert _chosen(ToolChoice("allowed", ("a.b",), must_call=True), traits, profile) == (ToolChoice("required"), ["a_b"])


def test_a_tool_that_is_gone_cannot_be_forced():
    """The answer would be another one."""
    with pytest.raises(Untranslatable, match="must call python"):
        _chosen(ToolChoice("named", ("python",)))
    with pytest.raises(Untranslatable, match="must call python"):
        _chosen(ToolChoice("allowed", ("python",), must_call=True), GEMINI)


def test_without_tools_there_is_nothing_to_choose():
    """But what the client forces is the provider's to refuse."""
    assert _chosen(ToolChoice("required"), tools=()) == (ToolChoice("required"), [])
