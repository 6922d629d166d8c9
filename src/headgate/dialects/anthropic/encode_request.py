"""Prepared conversations written as requests of Anthropic Messages: https://docs.claude.com/en/api/messages. The same conversation gives the same bytes."""

from itertools import takewhile

import msgspec

from headgate.core.conversation import SYSTEM, Conversation, Sampling
from headgate.core.errors import Untranslatable
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.dialects.anthropic.cache_marks import CacheMarks, JsonObject
from headgate.dialects.anthropic.encode_content import ContentEncoder
from headgate.dialects.anthropic.encode_thinking import EncodedThinking, thinking
from headgate.dialects.anthropic.encode_tools import choice, tools
from headgate.dialects.anthropic.enforced_schema import answer_schema
from headgate.dialects.codec import Encoded
from headgate.dialects.faces import Operation

MESSAGES = Operation("messages", "anthropic/v1/messages")
COUNT_TOKENS = Operation("count_tokens", "anthropic/v1/messages/count_tokens", "never", generates=False)

OUTPUT_TOKENS_MAX = 32_000  # where neither the client nor what is known of the model says how much: Anthropic requires a bound
_TIERS = {"auto": "auto", "priority": "auto", "default": "standard_only", "standard": "standard_only"}
_JSON_ONLY = "Answer with one JSON object and nothing else: no text before or after it, and no code fence."
_TOP_P_MIN = 0.95  # of a model that thinks
_NOT_SAMPLED = ("frequency_penalty", "presence_penalty", "seed")
_NOT_COUNTED = frozenset({
    "max_tokens",
    "cache_control",
    "speed",
    "stream",
    "temperature",
    "top_p",
    "top_k",
    "stop_sequences",
    "metadata",
    "service_tier",
})


def encode(conversation: Conversation, profile: ModelProfile) -> Encoded:
    """The request. Raises Untranslatable where leaving something out would change what is asked."""
    _check(conversation)
    losses: list[Loss] = []
    tokens_max = conversation.output_tokens_max or profile.output_tokens_max or OUTPUT_TOKENS_MAX
    thought = thinking(conversation.reasoning, conversation.turns, profile, tokens_max, losses)
    body: JsonObject = {"model": conversation.model, "max_tokens": tokens_max}
    if thought.thinking is not None:
        body["thinking"] = thought.thinking
    body |= _prompt(conversation, profile, losses, thinks=thought.thinks)
    body |= _output(conversation, thought, losses)
    body |= _sampling(conversation.sampling, profile, losses, thinks=thought.thinks)
    body |= _rest(conversation, losses)
    if conversation.counting:
        counted = {name: value for name, value in body.items() if name not in _NOT_COUNTED}
        return Encoded(COUNT_TOKENS, msgspec.json.encode(counted), tuple(losses))
    return Encoded(MESSAGES, msgspec.json.encode(body), tuple(losses))


def _check(conversation: Conversation) -> None:
    if conversation.answers > 1:
        raise Untranslatable(f"Anthropic gives one answer to a request, not {conversation.answers}.")
    if conversation.previous_response_id:
        raise Untranslatable("Anthropic keeps no answers to go on from. Send the whole conversation.")


def _prompt(conversation: Conversation, profile: ModelProfile, losses: list[Loss], *, thinks: bool) -> JsonObject:
    """What the model reads: tools, instructions, messages, and the marks for caching in them."""
    marks = CacheMarks()
    content = ContentEncoder(marks)
    prompt: JsonObject = {}
    offered = tools(conversation, profile, marks, losses)
    if offered:
        prompt["tools"] = offered
    names = frozenset(str(tool.get("name")) if isinstance(tool.get("name"), str) else _name(tool.get("name")) for tool in offered)
    chosen = choice(conversation, names, thinks=thinks and not profile.thinks_before_forced_calls, losses=losses)
    if chosen is not None:
        prompt["tool_choice"] = chosen
    turns = conversation.turns
    leading = tuple(takewhile(lambda turn: turn.role == SYSTEM, turns))
    system = content.system([part for turn in leading for part in turn.parts])
    if conversation.format.kind == "json_object" or (conversation.format.kind == "json_schema" and conversation.format.schema is None):
        losses.append(Loss("response_format", "Anthropic has no JSON mode without a schema: the model is asked for JSON in words."))
        system.append({"type": "text", "text": _JSON_ONLY})
    if system:
        prompt["system"] = system
    prompt["messages"] = content.messages(turns[len(leading) :])
    own, left = marks.write(conversation.cached)
    losses += [*content.losses, *left]
    return {**own, **prompt}


def _name(raw: object) -> str:
    """The name of a tool that is written as it came."""
    return msgspec.json.decode(raw, type=str) if isinstance(raw, msgspec.Raw) else ""


def _output(conversation: Conversation, thought: EncodedThinking, losses: list[Loss]) -> JsonObject:
    config: JsonObject = {}
    if thought.effort:
        config["effort"] = thought.effort
    if conversation.format.kind == "json_schema" and conversation.format.schema is not None:
        config["format"] = {"type": "json_schema", "schema": answer_schema(conversation.format.schema, losses)}
    if conversation.format.description:
        losses.append(Loss("response_format.description", "Anthropic takes the schema of an answer without words about it."))
    if conversation.verbosity:
        losses.append(Loss("verbosity", "Anthropic has no such setting."))
    return {"output_config": config} if config else {}


def _sampling(sampling: Sampling, profile: ModelProfile, losses: list[Loss], *, thinks: bool) -> JsonObject:
    """A model that thinks takes no temperature, no top_k and only a high top_p; newer models take one of temperature and top_p.

    https://docs.claude.com/en/docs/build-with-claude/extended-thinking has these bounds.
    """
    said: JsonObject = {}
    losses += [Loss(name, "Anthropic has no such setting.") for name in _NOT_SAMPLED if getattr(sampling, name) is not None]
    asked = {name: value for name in ("temperature", "top_p", "top_k") if (value := getattr(sampling, name)) is not None}
    if not profile.samples or thinks:
        why = "This model does not take it." if not profile.samples else "A model that thinks does not take it."
        allowed = {name: value for name, value in asked.items() if profile.samples and name == "top_p" and value >= _TOP_P_MIN}
        losses += [Loss(name, why) for name, value in asked.items() if name not in allowed and (name, value) != ("temperature", 1)]
        return {**allowed}
    if "temperature" in asked:
        said["temperature"] = min(1.0, max(0.0, asked["temperature"]))
        if said["temperature"] != asked["temperature"]:
            losses.append(Loss("temperature", "Anthropic's is from 0 to 1."))
    if "top_p" in asked and "temperature" in asked:
        losses.append(Loss("top_p", "Anthropic takes one of temperature and top_p."))
    elif "top_p" in asked:
        said["top_p"] = asked["top_p"]
    if "top_k" in asked:
        said["top_k"] = asked["top_k"]
    return said


def _rest(conversation: Conversation, losses: list[Loss]) -> JsonObject:
    said: JsonObject = {}
    stops = [stop for stop in conversation.stop if stop.strip()]
    if stops:
        said["stop_sequences"] = stops
    if len(stops) < len(conversation.stop):
        losses.append(Loss("stop", "Anthropic takes no stop sequence of white space alone."))
    if conversation.user:
        said["metadata"] = {"user_id": conversation.user}
    if conversation.tier == "fast":
        said["speed"] = "fast"
    elif conversation.tier in _TIERS:
        said["service_tier"] = _TIERS[conversation.tier]
    elif conversation.tier:
        losses.append(Loss("service_tier", f"Anthropic has no tier {conversation.tier}."))
    if conversation.log_probabilities is not None:
        losses.append(Loss("logprobs", "Anthropic does not report them."))
    if conversation.stream:
        said["stream"] = True
    return said
