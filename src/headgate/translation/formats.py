"""The form of the answer, in words where the target or its model cannot be bound to it."""

import msgspec

from headgate.core.conversation import SYSTEM, OutputFormat, Text, Tool, Turn
from headgate.core.dialect_traits import DialectTraits
from headgate.core.model_profile import ModelProfile
from headgate.translation.loss_list import LossList

_PLAIN = OutputFormat()
_NAME = "output"
_OBJECT = "Answer with one JSON object and nothing else: no words around it, no code fence."
_SCHEMA = _OBJECT + " It must be valid by this JSON Schema:\n{}"


def prepared_format(
    asked: OutputFormat, tools: tuple[Tool, ...], traits: DialectTraits, profile: ModelProfile, losses: LossList
) -> tuple[OutputFormat, Turn | None]:
    """The form that is sent, and a turn of the system's that asks for it where it cannot be sent."""
    if asked.kind == "text":
        return asked, None
    if asked.kind == "json_schema" and asked.schema is not None:
        if tools and not profile.tools_with_format:
            losses.add("format", "the model does not take a schema of its answer beside tools; it is asked for it in words")
            return _PLAIN, Turn(SYSTEM, (Text(_SCHEMA.format(bytes(asked.schema).decode())),))
        strict = asked.strict if profile.strict_schemas else None
        if asked.name and strict == asked.strict:
            return asked, None
        return msgspec.structs.replace(asked, name=asked.name or _NAME, strict=strict), None
    if traits.json_object and not (tools and not profile.tools_with_format):
        return asked, None
    losses.add("format", "the provider does not promise JSON without a schema; it is asked for it in words")
    return _PLAIN, Turn(SYSTEM, (Text(_OBJECT),))
