"""An entry of `[[model_profiles]]`, with its default values and its help text."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from headgate.config.entries import Most

PROFILED_DIALECTS: Final = ("anthropic", "gemini", "openai_chat", "openai_responses")


class WrittenModelProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a model accepts, where a request is translated for it. Each key changes what Headgate knows of the model; what is not set stays."""

    pattern: Annotated[str, Meta(description="The model as its provider names it, or a pattern with * (house-coder-*).")] = ""
    dialect: Annotated[
        str,
        Meta(
            description="Only where it is served in this dialect: anthropic, gemini, openai_chat or openai_responses. Empty: in every one.",
            extra_json_schema={"enum": ["", *PROFILED_DIALECTS]},
        ),
    ] = ""
    output_tokens_max: Annotated[Most | None, Meta(description="The most tokens of an answer.")] = None
    context_tokens_max: Annotated[Most | None, Meta(description="The most tokens of a conversation.")] = None
    thinks: Annotated[bool | None, Meta(description="Takes settings of its reasoning.")] = None
    thinking: Annotated[
        Literal["", "adaptive", "budget", "level", "effort"],
        Meta(description='How they are written: "adaptive" or "budget" (Anthropic), "level" or "budget" (Gemini), "effort" (OpenAI).'),
    ] = ""
    efforts: Annotated[
        tuple[Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"], ...],
        Meta(description="The efforts or levels that it takes, from the least to the most."),
    ] = ()
    thinking_optional: Annotated[bool | None, Meta(description="Its reasoning can be switched off.")] = None
    thinks_before_forced_calls: Annotated[bool | None, Meta(description="Takes a tool that must be called together with reasoning.")] = None
    budget_tokens_min: Annotated[Most | None, Meta(description="The smallest budget of tokens for its reasoning.")] = None
    budget_tokens_max: Annotated[Most | None, Meta(description="The largest budget of tokens for its reasoning.")] = None
    samples: Annotated[bool | None, Meta(description="Takes temperature, top_p and top_k.")] = None
    images: Annotated[bool | None, Meta(description="Takes images.")] = None
    documents: Annotated[bool | None, Meta(description="Takes documents such as PDFs.")] = None
    audio: Annotated[bool | None, Meta(description="Takes sounds.")] = None
    custom_tools: Annotated[bool | None, Meta(description="Takes tools that are called with free text, where its dialect has them.")] = None
    system_in_place: Annotated[bool | None, Meta(description="Takes system messages between the other messages.")] = None
    prefill: Annotated[bool | None, Meta(description="Goes on from a last message of the assistant.")] = None
    result_media: Annotated[bool | None, Meta(description="Takes images in the results of tools.")] = None
    web_search: Annotated[bool | None, Meta(description="Has its provider's tool that searches the web.")] = None
    tools_with_format: Annotated[bool | None, Meta(description="Takes a schema of its answer together with tools.")] = None
    server_tools_with_functions: Annotated[bool | None, Meta(description="Takes its provider's tools together with the client's.")] = None
    strict_schemas: Annotated[bool | None, Meta(description="Takes the promise to keep to a schema exactly.")] = None
    signature_required: Annotated[bool | None, Meta(description="Refuses a call of the current turn without its signature (Gemini 3).")] = None
    openai_fields: Annotated[bool | None, Meta(description="Takes the fields that only OpenAI's own API has, such as max_completion_tokens.")] = None
    thoughts_back: Annotated[
        Literal["", "reasoning_content", "reasoning"],
        Meta(description="The field of a message of Chat Completions in which it takes its own thoughts back."),
    ] = ""
    tiers: Annotated[tuple[str, ...], Meta(description="The service tiers that it has, as its provider names them.")] = ()
    refused: Annotated[tuple[str, ...], Meta(description='Parameters of a request that it does not take, such as ["seed", "stop"].')] = ()
