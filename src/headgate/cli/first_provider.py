"""What `headgate up` offers in a terminal where it finds no provider: to paste a key, to use Ollama, or to see the demo. Nothing else of Headgate is interactive.

A key is tried at once, with a request for the provider's list of models, which costs nothing. It is saved in a file that only its owner can read, beside the
configuration file, which refers to it.
"""

import contextlib
import getpass
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

from headgate.config.discover import find_ollama
from headgate.config.paths import CONFIG_NAME, user_config_directory
from headgate.config.problems import ConfigError, Problem
from headgate.core.provider_dialect import WORDS

_TIMEOUT_S = 10.0
_KEY_CHARS_MAX = 512
# What the keys of a provider begin with, as their consoles show them; `sk-` alone comes last.
_BEGINS = (("sk-ant-", "anthropic"), ("AIza", "gemini"), ("sk-", "openai"))
_NAMES = {"anthropic": "Anthropic", "openai": "OpenAI", "gemini": "Gemini"}


class Chosen(StrEnum):
    """What the user wants: a key was saved or Ollama answers, so the configuration is to be read again; the demo; or to go on without a provider."""

    FOUND = "found"
    DEMO = "demo"
    NOTHING = "nothing"


class Terminal(msgspec.Struct, frozen=True):
    """How to ask: a line, and a line that is not shown."""

    ask: Callable[[str], str] = input
    ask_hidden: Callable[[str], str] = getpass.getpass


def offer(file: Path | None, environ: Mapping[str, str], terminal: Terminal = Terminal()) -> Chosen:
    """Ask until something is chosen. The end of the input chooses nothing."""
    sys.stderr.write(
        "No provider was found: ANTHROPIC_API_KEY, OPENAI_API_KEY and GEMINI_API_KEY are not set, and Ollama does not answer.\n"
        "  1  paste a key of Anthropic, OpenAI or Gemini\n"
        "  2  use Ollama: start it first (ollama serve)\n"
        "  3  see the demo, which makes up its answers\n"
        "  4  go on without a provider\n"
    )
    with contextlib.suppress(EOFError):
        while True:
            match terminal.ask("Which? [3] ").strip() or "3":
                case "1":
                    if _take_key(file, environ, terminal):
                        return Chosen.FOUND
                case "2":
                    if find_ollama(environ) is not None:
                        return Chosen.FOUND
                    sys.stderr.write("Ollama does not answer, or it has no model yet (ollama pull qwen3-coder).\n")
                case "3":
                    return Chosen.DEMO
                case "4":
                    return Chosen.NOTHING
                case other:
                    sys.stderr.write(f"{other[:20]!r} is none of 1 to 4.\n")
    return Chosen.NOTHING


def _take_key(file: Path | None, environ: Mapping[str, str], terminal: Terminal) -> bool:
    """Ask for a key, try it, save it. Whether it was saved."""
    key = terminal.ask_hidden("Key (it is not shown): ").strip()
    dialect = next((dialect for begin, dialect in _BEGINS if key.startswith(begin)), "")
    if not dialect or not key.isascii() or not key.isprintable() or len(key) > _KEY_CHARS_MAX:
        sys.stderr.write("That is no key of Anthropic (sk-ant-…), OpenAI (sk-…) or Gemini (AIza…). Nothing was saved.\n")
        return False
    refusal = try_key(dialect, key, WORDS[dialect].base_url)
    if refusal.startswith("refused"):
        sys.stderr.write(f"{_NAMES[dialect]} {refusal}. Nothing was saved.\n")
        return False
    saved = save_key(dialect, key, file or user_config_directory(environ) / CONFIG_NAME)
    tried = f"It could not be tried: {refusal}." if refusal else f"{_NAMES[dialect]} accepts it."
    sys.stderr.write(f"{tried} Saved in {saved}, which only you can read.\n")
    return True


def try_key(dialect: str, key: str, base_url: str) -> str:
    """Empty if the provider accepts the key; else `refused it …`, or why it could not be asked."""
    path, headers = {
        "anthropic": ("/v1/models", {"x-api-key": key, "anthropic-version": "2023-06-01"}),
        "openai": ("/models", {"authorization": f"Bearer {key}"}),
        "gemini": ("/v1beta/models", {"x-goog-api-key": key}),
    }[dialect]
    try:
        with urllib.request.urlopen(urllib.request.Request(base_url + path, headers=headers), timeout=_TIMEOUT_S):  # ruff: ignore[suspicious-url-open-usage] the address is a known one
            return ""
    except urllib.error.HTTPError as error:
        # Google answers 400 to a key that it does not know.
        return f"refused it with status {error.code}" if error.code in {400, 401, 403} else f"{base_url} answers with status {error.code}"
    except OSError as error:
        return f"{base_url} cannot be reached ({getattr(error, 'reason', None) or error})"


def save_key(name: str, key: str, file: Path) -> Path:
    """Write the key beside the configuration file, and the provider at the end of that file. Returns the file with the key. Raises ConfigError."""
    key_file = file.with_name(f"{name}.key")
    entry = f'[[providers]]\nname = "{name}"\ndialect = "{name}"\napi_key = "file:{key_file.name}"\n'
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        with open(key_file, "w", encoding="ascii", opener=_private) as out:
            os.fchmod(out.fileno(), 0o600)
            out.write(f"{key}\n")
        written = f"{before.rstrip()}\n\n{entry}" if before.strip() else entry
        aside = file.with_name(f".{file.name}.part")
        aside.write_text(written, encoding="utf-8")
        aside.replace(file)
    except OSError as error:
        raise ConfigError([Problem(str(error.filename or file), 0, "", f"cannot be written: {error.strerror}")]) from error
    return key_file


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
