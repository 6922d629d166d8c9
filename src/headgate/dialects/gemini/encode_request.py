"""A prepared conversation as a request to Gemini."""

from typing import Final

import msgspec

from headgate.core.conversation import Conversation, OutputFormat, Reasoning
from headgate.core.errors import Untranslatable
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.dialects.codec import Encoded
from headgate.dialects.faces import Operation
from headgate.dialects.gemini.encode_contents import ContentsEncoder
from headgate.dialects.gemini.encode_tools import encode_tools
from headgate.dialects.gemini.members import camel
from headgate.dialects.gemini.schemas import cleaned

STOPS_MAX: Final = 5
_GENERATE = Operation("generateContent", "gemini/v1/generateContent", "never")
_STREAM = Operation("streamGenerateContent", "gemini/v1/generateContent", "always")
_COUNT = Operation("countTokens", "gemini/v1/countTokens", "never", generates=False)
_LEVELS: Final = {"none": "MINIMAL", "max": "XHIGH"}
_SAMPLING: Final = (
    ("temperature", "temperature"),
    ("top_p", "topP"),
    ("top_k", "topK"),
    ("frequency_penalty", "frequencyPenalty"),
    ("presence_penalty", "presencePenalty"),
    ("seed", "seed"),
)
_JSON = "application/json"


def encode(conversation: Conversation, profile: ModelProfile) -> Encoded:
    """The request. Raises Untranslatable where leaving something out would change what is asked."""
    if conversation.answers > 1:
        raise Untranslatable("Ask for one answer: those of Gemini are passed on one at a time.")
    contents = ContentsEncoder(profile)
    tools = encode_tools(conversation, profile)
    losses = [*tools.losses]
    system = contents.system(conversation.turns)
    body: dict[str, object] = {"contents": contents.contents(conversation.turns)}
    if system is not None:
        body["systemInstruction"] = system
    body |= tools.fields
    config = _config(conversation, profile, losses)
    if conversation.tier:
        body["serviceTier"] = conversation.tier
    losses += [*_not_said(conversation), *_refused(body, config, profile)]
    if config:
        body["generationConfig"] = config
    found = tuple(dict.fromkeys((*losses, *contents.losses)))
    if conversation.counting:
        asked = {"model": f"models/{conversation.model.removeprefix('models/')}", **body}
        return Encoded(_COUNT, msgspec.json.encode({"generateContentRequest": asked}), found)
    operation, query = (_STREAM, "alt=sse") if conversation.stream else (_GENERATE, "")
    return Encoded(operation, msgspec.json.encode(body), found, query)


def _config(conversation: Conversation, profile: ModelProfile, losses: list[Loss]) -> dict[str, object]:
    config: dict[str, object] = {}
    for name, member in _SAMPLING:
        value = getattr(conversation.sampling, name)
        if value is not None:
            config[member] = value
    if conversation.output_tokens_max:
        config["maxOutputTokens"] = conversation.output_tokens_max
    if conversation.stop:
        config["stopSequences"] = list(conversation.stop[:STOPS_MAX])
        if len(conversation.stop) > STOPS_MAX:
            losses.append(Loss("stop", f"Gemini takes {STOPS_MAX} stop sequences."))
    thinking = _thinking(conversation.reasoning, profile) if profile.thinks else {}
    if thinking:
        config["thinkingConfig"] = thinking
    return config | _format(conversation.format, losses)


def _thinking(reasoning: Reasoning, profile: ModelProfile) -> dict[str, object]:
    """A level or a budget, never both; 0 switches thoughts off, -1 leaves them to the model (https://ai.google.dev/gemini-api/docs/thinking)."""
    thinking: dict[str, object] = {} if reasoning.shown is None else {"includeThoughts": reasoning.shown}
    by_level = profile.thinking == "level"
    if reasoning.mode == "off":
        return {"thinkingLevel": "MINIMAL"} if by_level else {"thinkingBudget": 0}
    if reasoning.mode == "adaptive" and not reasoning.effort:
        return thinking if by_level else {**thinking, "thinkingBudget": -1}
    if reasoning.budget_tokens is not None and not by_level:
        thinking["thinkingBudget"] = reasoning.budget_tokens
    elif reasoning.effort:
        thinking["thinkingLevel"] = _LEVELS.get(reasoning.effort, reasoning.effort.upper())
    return thinking


def _format(output: OutputFormat, losses: list[Loss]) -> dict[str, object]:
    if output.description:
        losses.append(Loss("response_format.description", "Gemini takes the schema of an answer without words about it."))
    if output.kind == "json_schema" and output.schema is not None:
        clean = cleaned(output.schema)
        losses += [Loss("response_format", f"Gemini's schemas do not have {name}.") for name in clean.lost]
        return {"responseMimeType": _JSON, "responseJsonSchema": clean.schema}
    return {} if output.kind == "text" else {"responseMimeType": _JSON}


def _refused(body: dict[str, object], config: dict[str, object], profile: ModelProfile) -> list[Loss]:
    """Leave out the members that the model does not take; contents and functions are the request itself."""
    losses = []
    for name in map(camel, profile.refused):
        for fields in (config, body):
            if name in fields and name not in {"contents", "tools"}:
                del fields[name]
                losses.append(Loss(name, "This model does not take it."))
    return losses


def _not_said(conversation: Conversation) -> list[Loss]:
    losses = []
    if conversation.parallel_calls is False and conversation.tools:
        losses.append(Loss("parallel_tool_calls", "Gemini may always call several tools at once."))
    if conversation.verbosity:
        losses.append(Loss("verbosity", "Gemini has no such setting."))
    if conversation.log_probabilities is not None:
        losses.append(Loss("logprobs", "Answers of Gemini are passed on without them."))
    return losses
