"""The model names that each vendor is known to serve, so that listings need no call to a provider, and how its names look. Data, dated, with its source.

A name that is missing here still works: names of a vendor's pattern go to it as they are.
"""

import re
from collections.abc import Mapping
from typing import Final

AS_OF: Final = "2026-11-20"
SOURCE: Final = "Model ids of genai-prices 0.2.3 (https://github.com/pydantic/genai-prices), text models that are not retired."

_ANTHROPIC: Final = (
    "claude-opus-5-5",
    "claude-opus-5",
    "claude-opus-4-8",
    "claude-opus-4-7",
    "claude-opus-4-6",
    "claude-opus-4-5",
    "claude-opus-4-1",
    "claude-fable-5-2",
    "claude-fable-5-1",
    "claude-fable-5",
    "claude-sonnet-5-5",
    "claude-sonnet-5",
    "claude-sonnet-4-6",
    "claude-sonnet-4-5",
    "claude-haiku-5-5",
    "claude-haiku-4-5",
)
_OPENAI: Final = (
    "gpt-6.1-sol",
    "gpt-6.1-terra",
    "gpt-6-astra",
    "gpt-6-sol",
    "gpt-6-luna",
    "gpt-5.6-sol",
    "gpt-5.6-terra",
    "gpt-5.6-luna",
    "gpt-5.5",
    "gpt-5.5-pro",
    "gpt-5.5-codex",
    "gpt-5.4",
    "gpt-5.4-pro",
    "gpt-5.4-mini",
    "gpt-5.4-nano",
    "gpt-5.3-codex",
    "gpt-5.2",
    "gpt-5.2-pro",
    "gpt-5.2-codex",
    "gpt-5.1",
    "gpt-5.1-codex",
    "gpt-5.1-codex-max",
    "gpt-5.1-codex-mini",
    "gpt-5",
    "gpt-5-codex",
    "gpt-5-pro",
    "gpt-5-mini",
    "gpt-5-nano",
    "gpt-4.1",
    "gpt-4.1-mini",
    "gpt-4.1-nano",
    "gpt-4o",
    "gpt-4o-mini",
    "o3",
    "o3-pro",
    "o3-mini",
    "o4-mini",
)
_GEMINI: Final = (
    "gemini-4-argon",
    "gemini-3.8-flash",
    "gemini-3.7-flash",
    "gemini-3.6-flash",
    "gemini-3.5-flash",
    "gemini-3.5-flash-lite",
    "gemini-3.1-pro-preview",
    "gemini-3.1-flash-lite",
    "gemini-3-flash-preview",
    "gemini-2.5-pro",
    "gemini-2.5-flash",
    "gemini-2.5-flash-lite",
)

OPENAI: Final = "openai"
VENDORS: Mapping[str, str] = {"anthropic": "anthropic", "openai_chat": OPENAI, "openai_responses": OPENAI, "gemini": "gemini"}
"""Who defined a dialect. Providers of the dialect get the names of this vendor's models."""

KNOWN: Mapping[str, tuple[str, ...]] = {"anthropic": _ANTHROPIC, OPENAI: _OPENAI, "gemini": _GEMINI}

# Agents ask for models that are not configured (Gemini CLI's sub-agents, Claude Code's small model), so a vendor's names go to it as they are.
# No slash: such a name becomes part of an upstream path.
PATTERNS: Mapping[str, re.Pattern[str]] = {
    "anthropic": re.compile(r"claude-[A-Za-z0-9._:@-]+"),
    OPENAI: re.compile(r"(?:gpt-|chatgpt-|codex-|ft:|o[0-9])[A-Za-z0-9._:@-]*"),
    "gemini": re.compile(r"gemini-[A-Za-z0-9._:@-]+"),
}

# Names of the integration page's form that the rule of dots and dashes does not lead to.
# Databricks' side: https://docs.databricks.com/aws/en/machine-learning/foundation-model-apis/supported-models (2026-11).
ODD_ALIASES: Mapping[str, str] = {
    "databricks-claude-opus-4": "claude-opus-4-0",
    "databricks-claude-sonnet-4": "claude-sonnet-4-0",
    "databricks-claude-3-7-sonnet": "claude-3-7-sonnet-latest",
    "databricks-gemini-3-pro": "gemini-3-pro-preview",
    "databricks-gemini-3-flash": "gemini-3-flash-preview",
    "databricks-gemini-3-1-pro": "gemini-3.1-pro-preview",
}
