"""A request of a client of Gemini as a conversation: what Gemini CLI and the `google-genai` SDK send, in camel case or in snake case.

What has no place in a conversation is kept in `beyond`, by its name; what is within a configuration by a name with dots.
"""

import msgspec

from headgate.core.conversation import Conversation, OutputFormat, Reasoning, Sampling, Turn
from headgate.core.errors import BadRequest
from headgate.dialects.asked import Asked
from headgate.dialects.faces import Operation
from headgate.dialects.gemini.decode_contents import system_turn, turns
from headgate.dialects.gemini.decode_tools import tool_choice, tools
from headgate.dialects.gemini.members import Members, flag, members, number, renamed, string, strings, whole
from headgate.dialects.gemini.openapi_schemas import json_schema
from headgate.dialects.unread import Unread

_PLACED = frozenset({"contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "serviceTier", "model", "generateContentRequest"})
_CONFIGURED = frozenset({
    "temperature", "topP", "topK", "maxOutputTokens", "stopSequences", "seed", "presencePenalty", "frequencyPenalty", "candidateCount",
    "responseMimeType", "responseSchema", "responseJsonSchema", "responseLogprobs", "logprobs", "thinkingConfig",
})  # fmt: skip
_THINKING = frozenset({"includeThoughts", "thinkingBudget", "thinkingLevel"})
_CONFIG = "generationConfig"
_TIERS = {"": "", "standard": "", "unspecified": ""}


def decode(asked: Asked, operation: Operation) -> Conversation:
    """The conversation of a request. Raises BadRequest where it is not as the API's reference says."""
    fields = renamed(asked.fields)
    counting = operation.name == "countTokens"
    if counting and "generateContentRequest" in fields:
        fields = members(fields["generateContentRequest"], "generateContentRequest")
    if "contents" not in fields and not counting:
        raise BadRequest("`contents` is missing.", code="invalid_request")
    config = members(fields[_CONFIG], _CONFIG) if _CONFIG in fields else {}
    choice, beyond = tool_choice(members(fields["toolConfig"], "toolConfig") if "toolConfig" in fields else {})
    beyond |= {name: value for name, value in fields.items() if name not in _PLACED}
    reasoning = _reasoning(config, beyond)
    output = _format(config, beyond)
    beyond |= {f"{_CONFIG}.{name}": value for name, value in config.items() if name not in _CONFIGURED and not _says_text(name, value)}
    return Conversation(
        model=asked.model,
        turns=_turns(fields, beyond),
        tools=tools(fields.get("tools"), beyond),
        choice=choice,
        output_tokens_max=whole(config, "maxOutputTokens", _CONFIG) or 0,
        sampling=_sampling(config),
        stop=strings(config, "stopSequences", _CONFIG),
        reasoning=reasoning,
        format=output,
        tier=_tier(string(fields, "serviceTier", "the body")),
        stream=asked.stream,
        answers=whole(config, "candidateCount", _CONFIG) or 1,
        log_probabilities=_log_probabilities(config),
        counting=counting,
        beyond=beyond,
    )


def _turns(fields: Members, unread: Unread) -> tuple[Turn, ...]:
    system = (system_turn(fields["systemInstruction"], unread),) if "systemInstruction" in fields else ()
    return (*(turn for turn in system if turn.parts), *turns(fields.get("contents"), unread))


def _sampling(config: Members) -> Sampling:
    return Sampling(
        temperature=number(config, "temperature", _CONFIG),
        top_p=number(config, "topP", _CONFIG),
        top_k=whole(config, "topK", _CONFIG),
        frequency_penalty=number(config, "frequencyPenalty", _CONFIG),
        presence_penalty=number(config, "presencePenalty", _CONFIG),
        seed=whole(config, "seed", _CONFIG),
    )


def _reasoning(config: Members, beyond: dict[str, msgspec.Raw]) -> Reasoning:
    """A budget of 0 switches thoughts off, -1 leaves them to the model (https://ai.google.dev/gemini-api/docs/thinking)."""
    where = f"{_CONFIG}.thinkingConfig"
    thinking = members(config["thinkingConfig"], where) if "thinkingConfig" in config else {}
    beyond |= {f"{where}.{name}": value for name, value in thinking.items() if name not in _THINKING}
    shown = flag(thinking, "includeThoughts", where)
    budget = whole(thinking, "thinkingBudget", where)
    level = string(thinking, "thinkingLevel", where).lower()
    if level and level != "thinking_level_unspecified":
        return Reasoning(mode="on", effort=level, shown=shown)
    if budget is None:
        return Reasoning(shown=shown)
    if budget == 0:
        return Reasoning(mode="off", shown=shown)
    return Reasoning(mode="adaptive", shown=shown) if budget < 0 else Reasoning(mode="on", budget_tokens=budget, shown=shown)


def _format(config: Members, beyond: dict[str, msgspec.Raw]) -> OutputFormat:
    mime = string(config, "responseMimeType", _CONFIG)
    schema = config.get("responseJsonSchema")
    if schema is None and "responseSchema" in config:
        schema = json_schema(config["responseSchema"], beyond)
    if mime in {"", "application/json"} and schema is not None:
        return OutputFormat(kind="json_schema", schema=schema)
    if mime == "application/json":
        return OutputFormat(kind="json_object")
    if mime not in {"", "text/plain"}:
        beyond[f"{_CONFIG}.responseMimeType"] = config["responseMimeType"]
    return OutputFormat()


def _log_probabilities(config: Members) -> int | None:
    asked = whole(config, "logprobs", _CONFIG)
    return (asked or 0) if flag(config, "responseLogprobs", _CONFIG) else None


def _tier(word: str) -> str:
    word = word.lower().removeprefix("service_tier_")
    return _TIERS.get(word, word)


def _says_text(name: str, value: msgspec.Raw) -> bool:
    """Whether a setting asks for an answer of text, as every dialect gives it."""
    if name != "responseModalities":
        return False
    kinds = strings({name: value}, name, _CONFIG)
    return {kind.upper() for kind in kinds} <= {"TEXT", "MODALITY_UNSPECIFIED"}
