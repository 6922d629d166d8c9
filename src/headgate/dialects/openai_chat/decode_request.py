"""Decodes a Chat Completions request into a conversation, for a provider of another dialect. Nothing is left out: members without a place go `beyond`."""

from typing import Final

import msgspec

from headgate.core.conversation import Conversation, OutputFormat, Reasoning, Sampling
from headgate.core.errors import BadRequest
from headgate.dialects.asked import Asked
from headgate.dialects.faces import Operation
from headgate.dialects.openai_chat.decode_messages import decode_messages
from headgate.dialects.openai_chat.decode_tools import decode_choice, decode_tools
from headgate.dialects.openai_chat.request_shape import READ, ChatRequest, present
from headgate.dialects.unread import Unread, pruned

_REQUEST: Final = msgspec.json.Decoder(ChatRequest)
_TYPED: Final = frozenset(ChatRequest.__struct_fields__)
_OFF: Final = "none"


def decode(asked: Asked, _operation: Operation) -> Conversation:
    """The conversation of a request. Raises BadRequest, with the place, for what is not as the specification has it."""
    beyond = {name: raw for name, raw in asked.fields.items() if name not in READ}
    request = read_request(asked.fields, beyond)
    return Conversation(
        model=asked.model,
        turns=decode_messages(request.messages, beyond),
        tools=decode_tools(request, beyond),
        choice=decode_choice(request),
        parallel_calls=request.parallel_tool_calls,
        output_tokens_max=request.max_completion_tokens or request.max_tokens or asked.output_max,
        sampling=_sampling(request),
        stop=(request.stop,) if isinstance(request.stop, str) else tuple(request.stop or ()),
        reasoning=decode_reasoning(request),
        format=_format(request),
        verbosity=request.verbosity or "",
        cache_key=request.prompt_cache_key or "",
        user=request.safety_identifier or request.user or "",
        tier=request.service_tier or "",
        stream=asked.stream,
        usage_in_stream=request.stream_options is not None and request.stream_options.include_usage is True,
        answers=1 if request.n is None else request.n,
        log_probabilities=(request.top_logprobs or 0) if request.logprobs else None,
        stored=request.store is True,
        beyond=beyond,
    )


def read_request(fields: dict[str, msgspec.Raw], unread: Unread) -> ChatRequest:
    """The members of a body, with their types checked. Raises BadRequest. What has no place within a member is noted as not read."""
    body = b"{" + b",".join([msgspec.json.encode(name) + b":" + bytes(raw) for name, raw in fields.items() if name in _TYPED]) + b"}"
    try:
        return _REQUEST.decode(body)
    except msgspec.MsgspecError:
        pass
    try:
        return _REQUEST.decode(pruned(body, ChatRequest, "", unread))
    except msgspec.MsgspecError as error:
        raise BadRequest(f"The request is not as Chat Completions has it: {error}.", code="invalid_request") from None


def decode_reasoning(request: ChatRequest) -> Reasoning:
    """How much is to be thought: OpenAI's word, OpenRouter's settings or DeepSeek's switch, in this order."""
    options, thinking = request.reasoning, request.thinking
    effort = request.reasoning_effort or (options.effort if options is not None else "") or ""
    shown = False if options is not None and options.exclude else None
    if effort:
        return Reasoning(mode="off", shown=shown) if effort == _OFF else Reasoning(mode="on", effort=effort, shown=shown)
    if options is not None and options.max_tokens:
        return Reasoning(mode="on", budget_tokens=options.max_tokens, shown=shown)
    if options is not None and options.enabled is not None:
        return Reasoning(mode="adaptive" if options.enabled else "off", shown=shown)
    if thinking is not None and thinking.type:
        return (
            Reasoning(mode="off")
            if thinking.type == "disabled"
            else Reasoning(mode="on" if thinking.budget_tokens else "adaptive", budget_tokens=thinking.budget_tokens)
        )
    return Reasoning(shown=shown)


def _sampling(request: ChatRequest) -> Sampling:
    return Sampling(
        temperature=request.temperature,
        top_p=request.top_p,
        top_k=request.top_k,
        frequency_penalty=request.frequency_penalty,
        presence_penalty=request.presence_penalty,
        seed=request.seed,
    )


def _format(request: ChatRequest) -> OutputFormat:
    asked = request.response_format
    if asked is None or asked.json_schema is None:
        return OutputFormat(kind="text" if asked is None else asked.type)
    schema = asked.json_schema
    return OutputFormat(
        kind="json_schema", name=schema.name, description=schema.description or "", schema=present(schema.schema), strict=schema.strict
    )
