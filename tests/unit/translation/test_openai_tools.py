"""OpenAI's own types of tools as functions."""

import json

import pytest

from headgate.core.conversation import Tool
from headgate.translation.openai_tools import OWN_TOOLS, as_function, name_of, raised


@pytest.mark.parametrize("kind", sorted(OWN_TOOLS))
def test_each_type_is_a_function_with_a_schema(kind):
    """The name is that of the type where the tool has none."""
    function = as_function(Tool("", kind))

    assert function.kind == "function"
    assert function.description
    assert json.loads(bytes(function.schema))["type"] == "object"
    assert name_of(kind, "") == kind


def test_the_description_of_the_client_counts():
    """Codex says in it which tools there are to find."""
    assert as_function(Tool("tool_search", "tool_search", "Finds tools of apps.")).description == "Finds tools of apps."


def test_a_call_of_the_local_shell_is_an_action_again():
    """It has a type; other arguments are as the model wrote them."""
    assert raised("local_shell", '{"command":["ls","-l"],"timeout_ms":1.50}') == '{"type":"exec","command":["ls","-l"],"timeout_ms":1.50}'
    assert raised("local_shell", '{"command":') == '{"command":'
    assert raised("shell", '{"commands": ["ls"]}') == '{"commands": ["ls"]}'


def test_arguments_of_any_depth_stay():
    """Deeper than any reader goes."""
    deep = '{"command":' + "[" * 200_000
    assert raised("local_shell", deep) == deep
