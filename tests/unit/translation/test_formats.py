"""The form of an answer."""

import msgspec

from headgate.core.conversation import OutputFormat, Tool
from headgate.core.model_profile import ModelProfile
from headgate.translation.formats import prepared_format
from headgate.translation.loss_list import LossList
from tests.fakes.translation import ANTHROPIC, CHAT, GEMINI

SCHEMA = OutputFormat(kind="json_schema", name="x", schema=msgspec.Raw(b'{"type":"object"}'), strict=True)
ANY = OutputFormat(kind="json_object")
TOOLS = (Tool("a"),)


def _prepared(asked, traits, tools=(), **profile):
    losses = LossList()
    found, turn = prepared_format(asked, tools, traits, ModelProfile(**profile), losses)
    return found, turn and turn.parts[0].text, len(losses.all())


def test_what_the_target_takes_stays():
    """With a name, which some need; without a promise that the model does not give."""
    unnamed = OutputFormat(kind="json_schema", schema=SCHEMA.schema)

    assert _prepared(OutputFormat(), CHAT) == (OutputFormat(), None, 0)
    assert _prepared(SCHEMA, CHAT, TOOLS) == (SCHEMA, None, 0)
    assert _prepared(ANY, CHAT) == (ANY, None, 0)
    assert _prepared(unnamed, CHAT)[0].name == "output"
    assert _prepared(SCHEMA, CHAT, strict_schemas=False)[0].strict is None


def test_some_json_is_asked_for_in_words():
    """Where the dialect cannot say it."""
    plain, text, lost = _prepared(ANY, ANTHROPIC)

    assert plain == OutputFormat()
    assert text == "Answer with one JSON object and nothing else: no words around it, no code fence."
    assert lost == 1


def test_a_schema_beside_tools_is_asked_for_in_words():
    """Where the model refuses both together."""
    plain, text, lost = _prepared(SCHEMA, GEMINI, TOOLS, tools_with_format=False)

    assert plain == OutputFormat()
    assert text.endswith('It must be valid by this JSON Schema:\n{"type":"object"}')
    assert lost == 1
    assert _prepared(SCHEMA, GEMINI, (), tools_with_format=False)[0] == SCHEMA
    assert _prepared(ANY, GEMINI, TOOLS, tools_with_format=False)[0] == OutputFormat()
