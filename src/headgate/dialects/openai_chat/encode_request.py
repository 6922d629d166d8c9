"""Encodes a prepared conversation as a request of Chat Completions, for OpenAI and for every server that speaks its dialect: vLLM, llama.cpp, Ollama, …

What only OpenAI's own API takes is written where the model's profile says so. Other servers refuse unknown members, or ignore them.
"""

from typing import Final

import msgspec

from headgate.core.conversation import Conversation, OutputFormat
from headgate.core.errors import Untranslatable
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.dialects.codec import Encoded
from headgate.dialects.faces import Operation
from headgate.dialects.openai_chat.encode_messages import MessageEncoder
from headgate.dialects.openai_chat.encode_tools import encode_tools

OPERATION: Final = Operation("chat", "openai/v1/chat/completions")
_UNKNOWN: Final = "Only OpenAI's own API has it."
_FORMAT_NAME: Final = "output"

Fields = dict[str, object]


def encode(conversation: Conversation, profile: ModelProfile) -> Encoded:
    """The request. Raises Untranslatable for several answers, of which one alone could be passed on, and for counting, which the dialect has not."""
    if conversation.answers > 1:
        raise Untranslatable("Only one answer can be translated; ask for one (`n`), or choose a model of your agent's own dialect.")
    if conversation.counting:
        raise Untranslatable("The provider cannot count the tokens of a request.")
    losses: dict[Loss, None] = {}
    messages = MessageEncoder(profile)
    body: Fields = {
        "model": conversation.model,
        "messages": messages.encode(conversation.turns),
        **encode_tools(conversation.tools, conversation.choice, allowed_known=profile.openai_fields),
        **_settings(conversation, profile),
        **_openai_fields(conversation, profile, losses),
    }
    if conversation.parallel_calls is False and "tools" in body:
        body["parallel_tool_calls"] = False
    if conversation.log_probabilities is not None:
        losses[Loss("logprobs", "They are not passed on when an answer is translated.")] = None
    if conversation.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    for name in profile.refused:
        if body.pop(name, None) is not None:
            losses[Loss(name, "The model does not take it.")] = None
    return Encoded(OPERATION, msgspec.json.encode(body), (*messages.losses, *losses))


def _settings(conversation: Conversation, profile: ModelProfile) -> Fields:
    """What every server knows, or ignores."""
    sampling, reasoning = conversation.sampling, conversation.reasoning
    bound = "max_completion_tokens" if profile.openai_fields else "max_tokens"
    found: Fields = {
        bound: conversation.output_tokens_max or None,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        "seed": sampling.seed,
        "stop": list(conversation.stop) or None,
        "reasoning_effort": reasoning.effort or ("none" if reasoning.mode == "off" else None),
        "response_format": _format(conversation.format),
        "user": conversation.user or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _openai_fields(conversation: Conversation, profile: ModelProfile, losses: dict[Loss, None]) -> Fields:
    """What OpenAI's own API alone takes, and `top_k`, which it alone does not take."""
    found: Fields = {"verbosity": conversation.verbosity, "prompt_cache_key": conversation.cache_key, "service_tier": conversation.tier}
    stated = {name: value for name, value in found.items() if value}
    top_k = conversation.sampling.top_k
    if profile.openai_fields:
        if top_k is not None:
            losses[Loss("top_k", "OpenAI's API has no such parameter.")] = None
        return stated
    for name in stated:
        if name != "prompt_cache_key":  # other servers cache without it
            losses[Loss(name, _UNKNOWN)] = None
    return {} if top_k is None else {"top_k": top_k}


def _format(form: OutputFormat) -> Fields | None:
    if form.kind != "json_schema" or form.schema is None:
        return None if form.kind == "text" else {"type": "json_object"}
    schema: Fields = {"name": form.name or _FORMAT_NAME, **({"description": form.description} if form.description else {})}
    schema |= {"schema": form.schema} | ({} if form.strict is None else {"strict": form.strict})
    return {"type": "json_schema", "json_schema": schema}
