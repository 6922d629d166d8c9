"""The first thing that a person asked in a session, as its title: what an agent itself puts before it is left out. Pure."""

import re

from headgate.dialects.transcript import TEXT, USER, Transcript

TITLE_MAX = 120
# What agents put around a prompt: elements with reminders, the environment, instructions of files, and commands.
_ELEMENT = re.compile(
    r"<(system-reminder|environment_context|user_instructions|permissions[\w -]*|command-[\w-]+|local-command-[\w-]+|ide_\w+|turn_aborted|user_info|"
    r"rules|open_and_recently_viewed_files|additional_data|attached_files)\b[^>]*>.*?(</\1>|$)",
    re.DOTALL,
)
_TAG = re.compile(r"</?user_query>")
_PREAMBLES = ("# AGENTS.md instructions", "This is the Gemini CLI. We are setting up the context", "# Context from my IDE", "Caveat: ")


def first_prompt(transcript: Transcript) -> str:
    """One line; empty where the person has said nothing."""
    for part in transcript.parts:
        if part.role == USER and part.kind == TEXT:
            words = prompt_text(part.text)
            if words:
                return words if len(words) <= TITLE_MAX else words[: TITLE_MAX - 1].rstrip() + "…"
    return ""


def prompt_text(text: str) -> str:
    """What the person wrote of a text, in one line."""
    if text.lstrip().startswith(_PREAMBLES):
        return ""
    return " ".join(_TAG.sub("", _ELEMENT.sub("", text[:20_000])).split())
