"""Which agent sent a request, in which session, and how its sender tags it: read from headers, for rows and people. Never for permission.

The header names are those the agents were seen to send (Claude Code 2.1, Codex CLI 0.98 to 0.169, Gemini CLI 0.28 to 0.61, OpenCode 1.18, Qwen Code 0.24,
Copilot CLI 1.0). Values are cut to a stated length and cleaned of control characters, since they end up in tables and on terminals.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from headgate.core.errors import BadRequest
from headgate.core.record import Attribution
from headgate.policy.turn_metadata import TurnMetadata

_VALUE_MAX = 256
_USER_AGENT_MAX = 512
_TURN_METADATA_MAX = 16_384

_TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.{0,200})?")
_TAGS_HEADER = b"databricks-ai-gateway-request-tags"
_TAGS_BYTES_MAX = 8_192
_TAGS_MAX = 32
_TAG_KEY_MAX = 128
_TAG_VALUE_MAX = 256

# Header -> field of Attribution; the first header of a request that fills a field wins, in the order of this table.
_FIELDS: Mapping[bytes, str] = {
    b"x-claude-code-session-id": "session_id",
    b"session-id": "session_id",
    b"session_id": "session_id",
    b"x-session-id": "session_id",
    b"thread-id": "thread_id",
    b"x-session-affinity": "session_affinity",
    b"x-claude-code-agent-id": "subagent_id",
    b"x-claude-code-parent-agent-id": "parent_subagent_id",
    b"x-codex-parent-thread-id": "parent_subagent_id",
    b"x-claude-code-prompt-id": "turn_id",
    b"x-client-request-id": "client_request_id",
    b"user-agent": "user_agent",
    b"x-openai-subagent": "codex_subagent",
    b"originator": "originator",
    b"x-app": "app",
    b"x-initiator": "initiator",
    b"x-codex-turn-metadata": "turn_metadata",
    b"x-stainless-lang": "sdk_language",
}

# Product word of the user agent, in lower case -> agent. What follows a slash is the version.
_AGENTS: Mapping[str, str] = {
    "claude-cli": "claude-code",
    "claude-code": "claude-code",
    "codex_exec": "codex",
    "codex-tui": "codex",
    "codex_cli_rs": "codex",
    "codex_vscode": "codex",
    "codex_sdk_ts": "codex",
    "codex": "codex",
    "geminicli": "gemini-cli",
    "geminicli-tui": "gemini-cli",
    "geminicli-vscode": "gemini-cli",
    "opencode": "opencode",
    "qwencode": "qwen-code",
    "copilot": "copilot",
    "githubcopilotchat": "copilot",
    "copilot-cli": "copilot",
    "cursor": "cursor",
    "aider": "aider",
    "cline": "cline",
    "roo-code": "roo-code",
    "crush": "crush",
    "pi": "pi",
    "zed": "zed",
    "anthropic": "anthropic-sdk",
    "asyncanthropic": "anthropic-sdk",
    "openai": "openai-sdk",
    "asyncopenai": "openai-sdk",
    "google-genai-sdk": "google-genai-sdk",
    "headgate": "headgate",
}
_SDKS = frozenset({"anthropic-sdk", "openai-sdk", "google-genai-sdk"})
# Launchers put themselves in front: `ucode/1.2 claude/2.1`. The agent is the product after them.
_LAUNCHERS = frozenset({"ucode", "ug"})
_LAUNCHED: Mapping[str, str] = {"claude": "claude-code", "gemini": "gemini-cli", "codex": "codex", "copilot": "copilot", "opencode": "opencode"}
_PRODUCT = re.compile(r"([A-Za-z][A-Za-z0-9_.-]{0,63})/([A-Za-z0-9._+-]{1,64})")
_COMMENT = re.compile(r"\(([^()]{0,128})\)")


_TURN_METADATA = msgspec.json.Decoder(TurnMetadata)
_TAGS = msgspec.json.Decoder(dict[str, str])


def attribute(headers: Sequence[tuple[bytes, bytes]], session_in_body: str, path_prefix: str) -> Attribution:
    """Read the attribution. `session_in_body` is what the dialect found in the body, `path_prefix` the request's path or the start of it."""
    seen: dict[str, str] = {}
    for name, value in headers:
        field = _FIELDS.get(name)
        if field is not None and field not in seen:
            limit = _TURN_METADATA_MAX if field == "turn_metadata" else _USER_AGENT_MAX if field == "user_agent" else _VALUE_MAX
            seen[field] = _clean(value, limit)
    sender = seen.get("user_agent", "")
    hints = _Hints(seen.get("app", ""), seen.get("originator", ""), seen.get("initiator", ""), seen.get("sdk_language", ""))
    agent, version, surface = _agent(sender, hints, path_prefix.startswith(("/cursor/", "/ai-gateway/cursor/")))
    turn = _turn_metadata(seen.get("turn_metadata", ""))
    thread = seen.get("thread_id") or turn.thread_id or ""
    session = seen.get("session_id") or turn.session_id or thread or seen.get("session_affinity") or session_in_body[:_VALUE_MAX]
    parent = seen.get("parent_subagent_id") or turn.parent_thread_id or ""
    # Codex gives each sub-agent a thread of its own within the session.
    subagent = seen.get("subagent_id") or (thread if parent or seen.get("codex_subagent") else "")
    return Attribution(
        agent=agent,
        agent_version=version,
        surface=surface,
        session_id=session,
        subagent_id=subagent,
        parent_subagent_id=parent,
        turn_id=seen.get("turn_id") or turn.turn_id or "",
        client_request_id=seen.get("client_request_id", ""),
        user_agent=sender,
    )


def user_agent(headers: Sequence[tuple[bytes, bytes]]) -> str:
    """The user agent alone, for the audit table."""
    return next((_clean(value, _USER_AGENT_MAX) for name, value in headers if name == b"user-agent"), "")


def trace_context(traceparent: bytes) -> tuple[str, str]:
    """Trace and span that the sender's request belongs to (https://www.w3.org/TR/trace-context/), or two empty texts for anything else."""
    found = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if found is None or not int(found[1], 16) or not int(found[2], 16):
        return "", ""
    return found[1].decode(), found[2].decode()


def request_tags(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """The tags that a sender puts on a request: a JSON object of strings in one header. Raises BadRequest for anything else.

    A bad header is refused and not ignored: limits and budgets count by tags, and must not miss a request because its tag is misspelt.
    """
    values = [value for name, value in headers if name == _TAGS_HEADER]
    if not values:
        return {}
    if len(values) > 1 or len(values[0]) > _TAGS_BYTES_MAX:
        raise _bad_tags(f"Send one Databricks-Ai-Gateway-Request-Tags header of at most {_TAGS_BYTES_MAX} bytes.")
    try:
        tags = _TAGS.decode(values[0])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _bad_tags('Databricks-Ai-Gateway-Request-Tags must be a JSON object of strings, such as {"team": "web"}.') from error
    if len(json.loads(values[0], object_pairs_hook=list)) != len(tags):
        raise _bad_tags("Databricks-Ai-Gateway-Request-Tags names a tag twice; send each tag once.")
    too_long = any(not 0 < len(key) <= _TAG_KEY_MAX or len(value) > _TAG_VALUE_MAX for key, value in tags.items())
    if len(tags) > _TAGS_MAX or too_long:
        raise _bad_tags(
            f"Databricks-Ai-Gateway-Request-Tags takes at most {_TAGS_MAX} tags, keys of at most {_TAG_KEY_MAX} "
            f"and values of at most {_TAG_VALUE_MAX} characters."
        )
    if not all(key.isprintable() and value.isprintable() for key, value in tags.items()):
        raise _bad_tags("Databricks-Ai-Gateway-Request-Tags takes printable characters only: no line breaks, no control characters.")
    return tags


def _bad_tags(message: str) -> BadRequest:
    return BadRequest(message, code="bad_request_tags")


class _Hints(NamedTuple):
    """What headers beside the user agent say about the agent."""

    app: str
    originator: str
    initiator: str
    sdk_language: str


@lru_cache(1024)  # a client says the same with every request
def _agent(user_agent: str, hints: _Hints, on_cursor_path: bool) -> tuple[str, str, str]:  # ruff: ignore[boolean-type-hint-positional-argument] - the cache takes no names
    products = _PRODUCT.findall(user_agent[:_VALUE_MAX])
    if products and products[0][0].lower() in _LAUNCHERS:
        launcher, launched = products[0][0], products[1:2]
        name, version = launched[0] if launched else ("", "")
        return _LAUNCHED.get(name.lower(), ""), version, launcher
    product, version = products[0] if products else ("", "")
    agent = _AGENTS.get(product.lower(), "")
    if agent in _SDKS and not version[:1].isdigit():
        version = _sdk_version(user_agent)
    if on_cursor_path and (not agent or agent in _SDKS):
        return "cursor", version if agent == "cursor" else "", ""
    if (not agent or agent in _SDKS) and hints.initiator in {"user", "agent"}:
        return "copilot", "", ""  # only this header names it: the user agent is its SDK's
    return agent, version if agent else "", _surface(agent, product, user_agent, hints) if agent else ""


def _surface(agent: str, product: str, user_agent: str, hints: _Hints) -> str:
    """Where the agent runs: `cli`, `sdk-cli`, `exec`, `tui`, `vscode`, or an SDK's language."""
    if agent == "claude-code":
        comment = _COMMENT.search(user_agent)
        words = [word.strip() for word in comment[1].split(",")] if comment else []
        return words[1] if len(words) > 1 else hints.app
    if agent == "codex":
        originator = hints.originator or product
        return re.sub(r"^codex[-_]", "", originator).replace("cli_rs", "cli")
    if agent == "gemini-cli":
        return product.partition("-")[2].lower() or "cli"
    if agent in _SDKS:
        return _sdk_language(user_agent, hints)
    return ""


def _sdk_version(user_agent: str) -> str:
    """The version in `OpenAI/Python 3.54.0`, where the language follows the slash."""
    found = re.match(r"[A-Za-z]+/[A-Za-z]+ ([0-9][A-Za-z0-9._+-]{0,63})", user_agent)
    return found[1] if found else ""


def _sdk_language(user_agent: str, hints: _Hints) -> str:
    if hints.sdk_language:
        return hints.sdk_language.lower()
    found = re.search(r"/(Python|JS|Go|Java|Ruby|PHP)\b|gl-([a-z]+)/", user_agent)
    return (found[1] or found[2]).lower() if found else ""


def _turn_metadata(text: str) -> TurnMetadata:
    if not text:
        return TurnMetadata()
    try:
        read = _TURN_METADATA.decode(text)
    except msgspec.DecodeError:
        return TurnMetadata()
    fields = {name: (getattr(read, name) or "")[:_VALUE_MAX] for name in read.__struct_fields__}
    return TurnMetadata(**{name: value if value.isprintable() else "" for name, value in fields.items()})


def _clean(value: bytes, limit: int) -> str:
    text = value[:limit].decode("utf-8", "replace").strip()
    return text if text.isprintable() else "".join(character for character in text if character.isprintable())
