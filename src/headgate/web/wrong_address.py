"""The commonest slip in setting up an agent: an address without `/anthropic` or `/v1`. Says which address would be right, in the agent's own format. Pure."""

import re
from typing import Final, NamedTuple


class Advice(NamedTuple):
    """The dialect in which the client asked, and what to tell its user. The text repeats nothing of the path but what every such path ends in."""

    dialect: str
    text: str


# What an agent appends to its base URL, with or without the version that belongs to it.
_ENDS: Final = (
    (re.compile(r"(?:/v1)?/messages(?:/count_tokens)?$"), "anthropic", "For Claude Code set ANTHROPIC_BASE_URL={base}/anthropic."),
    (re.compile(r"(?:/v1)?/responses$"), "openai_responses", 'For Codex CLI set base_url = "{base}/{mount}/v1" in ~/.codex/config.toml.'),
    (re.compile(r"(?:/v1)?/chat/completions$"), "openai_chat", "Set the OpenAI base URL to {base}/{mount}/v1; for Cursor to {base}/cursor/v1."),
    (
        re.compile(r"(?:/v1(?:beta)?)?/models/(?P<model>[^:]+):(?:generateContent|streamGenerateContent|countTokens)$"),
        "gemini",
        "For Gemini CLI set GOOGLE_GEMINI_BASE_URL={base}/gemini.",
    ),
)
_MOUNTS: Final = re.compile(r"/(?:ai-gateway/)?(codex|mlflow)/")
_EVERY: Final = "Claude Code {base}/anthropic, Codex CLI {base}/openai/v1, Gemini CLI {base}/gemini, Cursor {base}/cursor/v1"


def advice(path: str, base: str) -> Advice | None:
    """What the agent that asked for this path should have been given as its address; `None` where the path is not an agent's."""
    for end, dialect, text in _ENDS:
        found = end.search(path)
        if found is not None:
            shown = found[0].replace(found["model"], "…") if dialect == "gemini" else found[0]
            mount = _MOUNTS.match(path)
            return Advice(dialect, f"No API at {shown}. {text.format(base=base, mount=mount[1] if mount is not None else 'openai')}")
    return None


def every_address(base: str) -> str:
    """The address of each agent, for whoever asked for something else."""
    return f"No API at this path. The addresses here: {_EVERY.format(base=base)}."
