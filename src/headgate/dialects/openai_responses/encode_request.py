"""Encodes a prepared conversation as a Responses request: https://platform.openai.com/docs/api-reference/responses/create.

Nothing is stored at the provider; its encrypted reasoning comes back in each answer instead. The same conversation always gives the same bytes.
"""

import hashlib
import re

import msgspec

from headgate.core.conversation import Conversation
from headgate.core.errors import Untranslatable
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.dialects.codec import Encoded
from headgate.dialects.faces import Operation
from headgate.dialects.openai_responses.encode_input import InputWriter
from headgate.dialects.openai_responses.encode_tools import Json, encode_choice, encode_tools
from headgate.dialects.openai_responses.response_object import format_object

OUTPUT_TOKENS_MIN = 16
_KEY_LENGTH_MAX = 64  # of `prompt_cache_key` and `safety_identifier`
_RESPONSES = Operation("responses", "openai/v1/responses")
_COUNTING = Operation("input_tokens", "openai/v1/responses/input_tokens", "never", generates=False)
_COUNTED = frozenset({"model", "input", "tools", "tool_choice", "parallel_tool_calls", "reasoning", "text"})
_TIERS = {
    **{name: name for name in ("auto", "default", "flex", "scale", "priority", "ultrafast")},
    "fast": "priority",
    "standard": "default",
    "standard_only": "default",
}
_HASHED = re.compile(r"[0-9a-f]{32,64}")


def encode(conversation: Conversation, profile: ModelProfile) -> Encoded:
    """The request. Raises Untranslatable for what cannot be left out."""
    _refuse(conversation)
    writer = InputWriter(profile)
    body: Json = {"model": conversation.model, "input": writer.written(conversation.turns)}
    losses = writer.losses
    for part, lost in (_tools(conversation, profile), _settings(conversation, profile), _thinking(conversation, profile), _rest(conversation)):
        body |= part
        losses += lost
    if conversation.counting:
        counted = {name: value for name, value in body.items() if name in _COUNTED}
        return Encoded(_COUNTING, msgspec.json.encode(counted), tuple(losses))
    for name in profile.refused:
        if body.pop(name, None) is not None:
            losses.append(Loss(name, "the model does not take it"))
    return Encoded(_RESPONSES, msgspec.json.encode(body), tuple(losses))


def _refuse(conversation: Conversation) -> None:
    if conversation.answers > 1:
        raise Untranslatable("This model's provider gives one answer to a request. Ask for one.")
    if conversation.previous_response_id:
        raise Untranslatable("The response that this request goes on from is not known here. Send the whole input instead.")
    names = {tool.name for tool in conversation.tools}
    if conversation.choice.mode == "named" and not names.issuperset(conversation.choice.names):
        raise Untranslatable(
            f"The tool that must be called, {conversation.choice.names[0]}, is not among the tools that this model's provider takes."
        )


def _tools(conversation: Conversation, profile: ModelProfile) -> tuple[Json, list[Loss]]:
    """The tools; a choice and a wish for calls in parallel mean nothing without any."""
    tools, losses = encode_tools(conversation.tools, profile)
    if not tools:
        if conversation.choice.mode == "required" or conversation.choice.must_call:
            raise Untranslatable("A tool must be called, and this model's provider takes none of the request's tools.")
        return {}, losses
    part: Json = {"tools": tools}
    if conversation.choice.mode != "auto":
        part["tool_choice"] = encode_choice(conversation.choice, conversation.tools)
    if conversation.parallel_calls is not None:
        part["parallel_tool_calls"] = conversation.parallel_calls
    return part, losses


def _settings(conversation: Conversation, profile: ModelProfile) -> tuple[Json, list[Loss]]:
    """How the next token is chosen, and how many there may be."""
    sampling = conversation.sampling
    part: Json = {}
    losses: list[Loss] = []
    for name, value in (("temperature", sampling.temperature), ("top_p", sampling.top_p)):
        if value is not None and profile.samples:
            part[name] = value
        elif value is not None:
            losses.append(Loss(name, "the model does not take it"))
    missing = [name for name in ("top_k", "frequency_penalty", "presence_penalty", "seed") if getattr(sampling, name) is not None]
    losses += [Loss(name, "the Responses API does not have it") for name in missing]
    if conversation.log_probabilities is not None:
        losses.append(Loss("top_logprobs", "an answer that is translated has none"))
    if conversation.stop:
        losses.append(Loss("stop", "the Responses API has no stop sequences"))
    if most := conversation.output_tokens_max:
        part["max_output_tokens"] = max(most, OUTPUT_TOKENS_MIN)
        losses += [Loss("max_output_tokens", f"the least is {OUTPUT_TOKENS_MIN}")] if most < OUTPUT_TOKENS_MIN else []
    return part, losses


def _thinking(conversation: Conversation, profile: ModelProfile) -> tuple[Json, list[Loss]]:
    """How much to think, and the encrypted reasoning of a model that does."""
    asked = conversation.reasoning
    if not profile.thinks:
        return {}, [Loss("reasoning", "the model does not think")] if asked.mode not in {"", "off"} else []
    effort = "none" if asked.mode == "off" and profile.thinking_optional else asked.effort
    part: Json = {"effort": effort} if effort else {}
    if asked.shown and effort != "none":
        part["summary"] = "auto"
    include: Json = {} if effort == "none" else {"include": ["reasoning.encrypted_content"]}
    lost = asked.budget_tokens is not None and not asked.effort and asked.mode == "on"
    losses = [Loss("budget_tokens", "the Responses API has efforts, not budgets")] if lost else []
    return {**({"reasoning": part} if part else {}), **include}, losses


def _rest(conversation: Conversation) -> tuple[Json, list[Loss]]:
    """The form of the answer, the cache's key, the user as a hash, the tier; nothing is stored."""
    losses: list[Loss] = []
    text: Json = {} if conversation.format.kind == "text" else {"format": format_object(conversation.format)}
    if conversation.verbosity:
        text["verbosity"] = conversation.verbosity
    part: Json = {"text": text} if text else {}
    if conversation.cache_key:
        part["prompt_cache_key"] = conversation.cache_key if len(conversation.cache_key) <= _KEY_LENGTH_MAX else _hash(conversation.cache_key)
    if conversation.user:
        part["safety_identifier"] = conversation.user if _HASHED.fullmatch(conversation.user) else _hash(conversation.user)
    if tier := _TIERS.get(conversation.tier):
        part["service_tier"] = tier
    elif conversation.tier:
        losses.append(Loss("service_tier", f"OpenAI has no tier {conversation.tier}"))
    return {**part, "store": False, "stream": conversation.stream}, losses


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]
