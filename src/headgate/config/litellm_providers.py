"""The providers of a LiteLLM configuration: which of Headgate's each deployment means. Pure; knows no model.

LiteLLM writes a deployment's provider before its model: `anthropic/claude-opus-4-6`. Addresses are those of the providers' own documentation.
"""

import re
from collections.abc import Mapping
from typing import Any

_REFERENCE = re.compile(r"os\.environ/([A-Za-z_][A-Za-z0-9_]*)")
_VARIABLE = re.compile(r"[^A-Z0-9]+")
_OPENAI, _ANTHROPIC, _GEMINI, _CHAT = "openai", "anthropic", "gemini", "openai_chat"

# The word of LiteLLM, our dialect, the address if it is not that of the dialect, and the variable that LiteLLM reads the key from.
_PROVIDERS: Mapping[str, tuple[str, str, str]] = {
    "anthropic": (_ANTHROPIC, "", "ANTHROPIC_API_KEY"),
    "openai": (_OPENAI, "", "OPENAI_API_KEY"),
    "gemini": (_GEMINI, "", "GEMINI_API_KEY"),
    "openrouter": (_CHAT, "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    "groq": (_CHAT, "https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    "deepseek": (_CHAT, "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY"),
    "mistral": (_CHAT, "https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
    "xai": (_CHAT, "https://api.x.ai/v1", "XAI_API_KEY"),
    "together_ai": (_CHAT, "https://api.together.xyz/v1", "TOGETHERAI_API_KEY"),
    "fireworks_ai": (_CHAT, "https://api.fireworks.ai/inference/v1", "FIREWORKS_AI_API_KEY"),
    "hosted_vllm": (_CHAT, "", ""),
    "ollama": (_CHAT, "http://127.0.0.1:11434/v1", ""),
    "ollama_chat": (_CHAT, "http://127.0.0.1:11434/v1", ""),
    "azure": (_OPENAI, "", "AZURE_API_KEY"),
}


def model_of(parameters: Mapping[str, Any]) -> str:
    """The provider's own name of the model."""
    word, _, model = str(parameters.get("model", "")).partition("/")
    return model if model and word in _PROVIDERS else str(parameters.get("model", ""))


class ProviderNames:
    """Gives each account one name, and is the entries of all that were named. What it cannot convert goes into `notes`."""

    def __init__(self, notes: list[str]) -> None:
        self.entries: list[dict[str, Any]] = []
        self._notes = notes
        self._names: dict[tuple[str, str, str], str] = {}

    def of(self, parameters: Mapping[str, Any], path: str) -> str:
        """The name of a deployment's provider; empty if it is none that Headgate can reach."""
        text = str(parameters.get("model", ""))
        word = text.partition("/")[0] if "/" in text else "openai"
        stated = str(parameters.get("api_base") or parameters.get("base_url") or "")
        if word not in _PROVIDERS:
            self._notes.append(
                f"{path}: provider {word!r} is not converted; Headgate reaches Anthropic, OpenAI, Gemini and what speaks their formats"
            )
            return ""
        dialect, address, variable = _PROVIDERS[word]
        if _REFERENCE.fullmatch(stated):
            self._notes.append(f"{path}: its address is in the variable {stated.removeprefix('os.environ/')}; write it as base_url")
            return ""
        if word in {"azure", "hosted_vllm"} and not stated:
            self._notes.append(f"{path}: {text} needs an api_base and has none")
            return ""
        if stated:
            address, dialect = _address(word, dialect, stated)
        key = str(parameters.get("api_key") or "")
        identity = (word, address, key)
        if identity not in self._names:
            self._names[identity] = name = self._free(word)
            self.entries.append(self._entry(name, dialect, address, self._reference(name, key, variable, path)))
            if word == "azure":
                self._notes.append(f"{path}: provider {name} uses Azure's /openai/v1 address; the model must be the name of the deployment")
        return self._names[identity]

    def _free(self, word: str) -> str:
        taken = {entry["name"] for entry in self.entries}
        return next(name for number in range(1, len(taken) + 2) if (name := word if number == 1 else f"{word}-{number}") not in taken)

    def _reference(self, name: str, key: str, variable: str, path: str) -> str:
        """Where the key is. A key that is written in the configuration is not taken over."""
        found = _REFERENCE.fullmatch(key)
        if found is not None:
            return f"env:{found[1]}"
        if not key:
            return f"env:{variable}" if variable else ""
        own = f"{_VARIABLE.sub('_', name.upper())}_API_KEY"
        self._notes.append(f"{path}: its key is written in the configuration and not taken over; set {own} to it")
        return f"env:{own}"

    def _entry(self, name: str, dialect: str, address: str, reference: str) -> dict[str, Any]:
        entry = {"name": name, "dialect": dialect, "base_url": address, "api_key": reference}
        return {key: value for key, value in entry.items() if value}


def _address(word: str, dialect: str, stated: str) -> tuple[str, str]:
    """The base URL as ours is written, and the dialect at an address that is not the provider's own."""
    stated = stated.rstrip("/")
    if word == "azure":
        return f"{stated.removesuffix('/openai/v1')}/openai/v1", dialect
    if dialect in {_ANTHROPIC, _GEMINI}:
        return stated.removesuffix("/v1").removesuffix("/v1beta"), dialect
    if stated == "https://api.openai.com/v1":
        return "", dialect
    if word.startswith("ollama") and not stated.endswith("/v1"):
        stated = f"{stated}/v1"
    return stated, _CHAT
