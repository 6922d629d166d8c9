"""Tools in a request to Gemini."""

import json

import msgspec
import pytest

from headgate.core.conversation import Conversation, Location, Tool, ToolChoice, WebSearch
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.dialects.gemini.encode_tools import encode_tools

LS = Tool("ls", description="Lists.", schema=msgspec.Raw(b'{"type":"object","properties":{"path":{"type":"string","minLength":1}}}'))
AUTO = ToolChoice()
SEARCH = Tool("web_search", "server", server_type="web_search")


def encoded(*tools, choice=AUTO, **profile):
    """What a request says of these tools, and its losses."""
    result = encode_tools(Conversation(tools=tools, choice=choice), ModelProfile(**profile))
    return json.loads(msgspec.json.encode(result.fields)), result.losses


def test_functions_are_in_one_entry_with_clean_schemas():
    """What was cleaned away is a loss."""
    fields, losses = encoded(LS, Tool("pwd"))
    declared = {"name": "ls", "description": "Lists.", "parametersJsonSchema": {"type": "object", "properties": {"path": {"type": "string"}}}}
    assert fields == {"tools": [{"functionDeclarations": [declared, {"name": "pwd"}]}]}
    assert losses == (Loss("tools.parameters", "Gemini's schemas do not have minLength."),)


@pytest.mark.parametrize(
    ("choice", "calling"),
    [
        (ToolChoice("none"), {"mode": "NONE"}),
        (ToolChoice("required"), {"mode": "ANY"}),
        (ToolChoice("named", ("ls",)), {"mode": "ANY", "allowedFunctionNames": ["ls"]}),
        (ToolChoice("allowed", ("ls",), must_call=True), {"mode": "ANY", "allowedFunctionNames": ["ls"]}),
        (ToolChoice("allowed", ("ls",)), {"mode": "VALIDATED", "allowedFunctionNames": ["ls"]}),
    ],
)
def test_each_choice_is_a_mode(choice, calling):
    """The usual one is not said; without functions there is nothing to choose."""
    assert encoded(LS, choice=choice)[0]["toolConfig"] == {"functionCallingConfig": calling}
    assert encoded(choice=choice) == ({}, ())
    assert "toolConfig" not in encoded(LS)[0]


def test_a_search_of_the_web():
    """Alone, beside functions where the model takes both, or left out with a loss."""
    assert encoded(SEARCH) == ({"tools": [{"googleSearch": {}}]}, ())
    both, losses = encoded(Tool("pwd"), SEARCH)
    assert both["tools"] == [{"functionDeclarations": [{"name": "pwd"}]}, {"googleSearch": {}}]
    assert both["toolConfig"] == {"includeServerSideToolInvocations": True}
    assert losses == ()
    fields, losses = encoded(Tool("pwd"), SEARCH, server_tools_with_functions=False)
    assert fields == {"tools": [{"functionDeclarations": [{"name": "pwd"}]}]}
    assert losses == (Loss("tools.googleSearch", "This model takes either functions or tools of its provider."),)
    assert encoded(SEARCH, web_search=False) == ({}, (Loss("tools.web_search", "This model does not have it."),))


def test_tools_of_gemini_are_written_as_they_are():
    """Those of others without a counterpart are losses."""
    own = Tool("googleMaps", "server", server_type="googleMaps", dialect="gemini", raw=msgspec.Raw(b'{"googleMaps":{"a":1}}'))
    assert encoded(own) == ({"tools": [{"googleMaps": {"a": 1}}]}, ())
    assert encoded(Tool("x", "server", server_type="computer")) == ({}, (Loss("tools.computer", "This model does not have it."),))


def test_the_settings_of_a_search_are_lost():
    """Google's has none of them in the Gemini API."""
    search = WebSearch(allowed_domains=("a.it",), blocked_domains=("b.it",), location=Location("Rome"), uses_max=3, context="low")
    fields, losses = encoded(Tool("web_search", "server", server_type="web_search", search=search))

    assert fields == {"tools": [{"googleSearch": {}}]}
    assert [loss.what.removeprefix("tools.web_search.") for loss in losses] == [
        "allowed_domains",
        "blocked_domains",
        "user_location",
        "search_context_size",
        "max_uses",
    ]


def test_strictness_is_a_loss():
    """Gemini promises nothing of arguments."""
    assert [loss.what for loss in encoded(Tool("f", strict=True))[1]] == ["tools.strict"]
