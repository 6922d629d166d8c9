"""Which requests and answers are translated for which model and client, and what is left out, with its reason."""

from typing import Final

from headgate.core.model_profile import ModelProfile
from headgate.dialects.registry import CLIENT_CODECS, PROVIDER_CODECS
from tests.golden.translation.cases import ANSWERS, DIALECTS, REQUESTS
from tests.golden.translation.journey import Target

EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh")
TARGETS: Final = {
    "anthropic": Target("anthropic", ModelProfile(thinking="adaptive", output_tokens_max=64000, tiers=("auto", "standard_only"))),
    "openai_chat": Target(
        "openai_chat", ModelProfile(openai_fields=True, efforts=EFFORTS, system_in_place=True, tiers=("default", "flex", "priority"))
    ),
    "openai_responses": Target("openai_responses", ModelProfile(openai_fields=True, efforts=EFFORTS, tiers=("default", "flex", "priority"))),
    "gemini": Target("gemini", ModelProfile(thinking="level", signature_required=True)),
    "anthropic_newest": Target(
        "anthropic", ModelProfile(thinking="adaptive", output_tokens_max=128000, system_in_place=True, prefill=False, samples=False)
    ),
    "anthropic_budget": Target("anthropic", ModelProfile(thinking="budget", output_tokens_max=32000, budget_tokens_min=1024)),
    "openai_chat_compatible": Target("openai_chat", ModelProfile(custom_tools=False, thoughts_back="reasoning_content", web_search=False)),
    "gemini_budget": Target(
        "gemini",
        ModelProfile(thinking="budget", budget_tokens_max=24576, result_media=False, tools_with_format=False, server_tools_with_functions=False),
    ),
}
"""Models that requests are translated for: the newest of every dialect, and others for the ideas that depend on the model."""

_BY_MODEL: Final = {
    "anthropic_newest": ("system_between", "system_after_result", "system_in_call", "prefill", "sampling", "web_search"),
    "anthropic_budget": ("effort", "budget", "budget_dynamic", "reasoning_off", "effort_with_forced_tool", "choice_required"),
    "openai_chat_compatible": (
        "tools", "custom_tool", "thinking", "choice_allowed", "sampling", "effort", "system", "result_media", "web_search", "cache", "who", "tier",
    ),
    "gemini_budget": ("effort", "budget", "reasoning_off", "result_media", "format_schema", "format_with_tools", "thinking", "web_search", "calls"),
}  # fmt: skip
"""The ideas that depend on the model, for each of those."""


def asked_for(case: str, label: str) -> bool:
    """Whether a request is translated for this model."""
    return label not in _BY_MODEL or case.partition("/")[2] in _BY_MODEL[label]


GAPS: Final = {
    **{
        ("openai_responses/custom_call", client): "a provider of Responses calls a custom tool only where one was offered"
        for client in ("anthropic", "gemini")
    },
    **{
        ("openai_responses/namespace_call", client): "a provider of Responses names a namespace only where one was offered"
        for client in ("anthropic", "gemini", "openai_chat")
    },
}
"""Pairs that are not translated, each with a reason."""

MISSING_CLIENTS: Final[tuple[str, ...]] = ()
MISSING_PROVIDERS: Final[tuple[str, ...]] = ()
"""Codecs that are not written yet: their rows and columns of the matrix are empty."""

PAIRS: Final = tuple(
    (case, label)
    for label, target in TARGETS.items()
    for case in REQUESTS
    if asked_for(case, label) and target.dialect in PROVIDER_CODECS and case.partition("/")[0] in CLIENT_CODECS
)
ANSWER_PAIRS: Final = tuple(
    (case, client)
    for case in ANSWERS
    for client in DIALECTS
    if client in CLIENT_CODECS and case.partition("/")[0] in PROVIDER_CODECS and (case, client) not in GAPS
) + tuple((case, "cursor") for case in ANSWERS if case.endswith("/custom_call"))

UNTYPED_BODIES: Final = {
    ("anthropic/sampling", "openai_chat_compatible"): "servers that speak the dialect take `top_k`",
    ("gemini/sampling", "openai_chat_compatible"): "servers that speak the dialect take `top_k`",
    ("anthropic/thinking", "openai_chat_compatible"): "servers that speak the dialect take their thoughts back",
    ("openai_chat/thinking", "openai_chat_compatible"): "servers that speak the dialect take their thoughts back",
    ("openai_responses/thinking", "openai_chat_compatible"): "servers that speak the dialect take their thoughts back",
    ("openai_responses/unknown_item", "openai_responses"): "an item of a later API is passed on",
}
"""Bodies that the provider's SDK has no types for, each with a reason."""

UNTYPED_ANSWERS: Final = {
    (case, "openai_chat"): "the SDK's chunks have no calls of custom tools" for case in ANSWERS if case.endswith("/custom_call")
}
"""Answers that the client's SDK has no types for, each with a reason."""

FAILURES: Final = {
    "anthropic/cut": "incomplete",
    "anthropic/error": "overloaded_error",
    "openai_chat/cut": "incomplete",
    "openai_chat/error": "503",
    "openai_responses/cut": "incomplete",
    "openai_responses/failed": "server_error",
    "gemini/cut": "incomplete",
    "gemini/error": "UNAVAILABLE",
    "gemini/malformed_call": "MALFORMED_FUNCTION_CALL",
}
"""The streams that break off, and the code of their failure."""
