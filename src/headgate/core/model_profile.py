"""What is known of a model that a request is translated for: its limits and what it accepts. Data; `translation` has the table and the decisions."""

from collections.abc import Callable

import msgspec


class ModelProfile(msgspec.Struct, frozen=True, kw_only=True):
    """One model, or a family of them by a pattern. What is not known is as lenient as can be: the provider itself refuses what it does not take."""

    pattern: str = "*"
    dialect: str = ""  # that it is served in; empty: any
    source: str = ""  # where the facts are from, with their date
    output_tokens_max: int = 0  # 0: not known
    context_tokens_max: int = 0
    thinks: bool = True  # takes settings of its reasoning
    thinking: str = (
        ""  # how they are written: "adaptive" | "budget" (Anthropic), "level" | "budget" (Gemini), "effort" (OpenAI); "": the dialect's usual
    )
    efforts: tuple[str, ...] = ()  # that it takes, from the least to the most; empty: all of its dialect
    thinking_optional: bool = True  # can be switched off
    thinks_before_forced_calls: bool = True  # takes a call that must be made and thinking together
    budget_tokens_min: int = 0
    budget_tokens_max: int = 0  # 0: no bound but the output's
    samples: bool = True  # takes temperature and top_p
    images: bool = True
    documents: bool = True
    audio: bool = True
    custom_tools: bool = True  # where its dialect has them
    system_in_place: bool = False  # takes system messages between the others (Anthropic)
    prefill: bool = True  # takes a last turn of the assistant's, to go on from
    result_media: bool = True  # takes images in results of tools
    web_search: bool = True
    server_tools_with_functions: bool = True  # takes tools of its provider beside the client's (not Gemini before 3)
    tools_with_format: bool = True  # takes a schema of the answer and tools together
    strict_schemas: bool = True
    signature_required: bool = False  # refuses a call of the current turn without its signature (Gemini 3)
    openai_fields: bool = False  # takes what only OpenAI's own API has (`max_completion_tokens`, `verbosity`, `allowed_tools`, …)
    thoughts_back: str = ""  # the member of a chat message in which it takes its own thoughts back: "reasoning_content" | "reasoning"
    tiers: tuple[str, ...] = ()  # service tiers that it has, in its dialect's words; empty: not known
    refused: tuple[str, ...] = ()  # top-level parameters of its dialect that it does not take


_UNKNOWN = ModelProfile()

ProfileOf = Callable[[str, str], ModelProfile]
"""Finds what is known of a model, by the dialect that it is served in and its name there."""


def unknown_profile(_dialect: str, _model: str) -> ModelProfile:
    """What is known of a model where nothing is."""
    return _UNKNOWN


class ProfileChange(msgspec.Struct, frozen=True, kw_only=True):
    """What the configuration states of a model, or of those that a pattern matches: the fields of a profile that it changes."""

    pattern: str
    dialect: str = ""  # in which it is served; empty: any
    fields: dict[str, bool | int | str | tuple[str, ...]] = {}
