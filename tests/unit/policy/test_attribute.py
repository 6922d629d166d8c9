"""Which agent sent a request."""

import json

import pytest

from headgate.core.errors import BadRequest
from headgate.core.record import Attribution
from headgate.policy.attribute import attribute, request_tags, trace_context


def headers(**values: str) -> list[tuple[bytes, bytes]]:
    return [(name.replace("_", "-").encode(), value.encode()) for name, value in values.items()]


def test_claude_code():
    """Claude Code names its session, its sub-agents and, when asked to, its prompt."""
    seen = attribute(
        headers(
            user_agent="claude-cli/2.1.330 (external, sdk-cli)",
            x_app="cli",
            x_claude_code_session_id="s1",
            x_claude_code_agent_id="a1",
            x_claude_code_parent_agent_id="p1",
            x_claude_code_prompt_id="t1",
        ),
        "body-session",
        "/anthropic/v1/messages",
    )
    assert seen == Attribution(
        agent="claude-code", agent_version="2.1.330", surface="sdk-cli", session_id="s1", subagent_id="a1", parent_subagent_id="p1", turn_id="t1",
        user_agent="claude-cli/2.1.330 (external, sdk-cli)",
    )  # fmt: skip


def test_claude_code_of_old_takes_the_session_from_the_body():
    """Without a session header, what the dialect found in the body counts."""
    seen = attribute(headers(user_agent="claude-cli/2.0.1", x_app="cli"), "from-body", "/anthropic/v1/messages")
    assert (seen.agent, seen.surface, seen.session_id) == ("claude-code", "cli", "from-body")


def test_codex():
    """Codex names session and thread in headers, the turn in a JSON header."""
    metadata = json.dumps({"session_id": "s1", "thread_id": "s1", "turn_id": "t1", "sandbox": "none"})
    seen = attribute(
        headers(
            user_agent="codex_exec/0.169.0 (Debian 12; x86_64) dumb", originator="codex_exec", session_id="s1", thread_id="s1",
            x_client_request_id="r1", x_codex_turn_metadata=metadata,
        ),
        "",
        "/openai/v1/responses",
    )  # fmt: skip
    assert (seen.agent, seen.agent_version, seen.surface) == ("codex", "0.169.0", "exec")
    assert (seen.session_id, seen.subagent_id, seen.turn_id, seen.client_request_id) == ("s1", "", "t1", "r1")


def test_codex_subagent():
    """A sub-agent of Codex is a thread of its own within its parent's session."""
    seen = attribute(
        headers(user_agent="codex-tui/0.169.0", session_id="s1", thread_id="child", x_codex_parent_thread_id="s1"), "", "/openai/v1/responses"
    )
    assert (seen.surface, seen.session_id, seen.subagent_id, seen.parent_subagent_id) == ("tui", "s1", "child", "s1")


def test_codex_of_old():
    """Codex 0.98 spells the session with an underscore."""
    seen = attribute([(b"user-agent", b"codex_cli_rs/0.98.0"), (b"session_id", b"s1")], "", "/openai/v1/responses")
    assert (seen.agent, seen.surface, seen.session_id) == ("codex", "cli", "s1")


@pytest.mark.parametrize("metadata", ["", "{", "[]", '{"turn_id": 5}', '{"turn_id": "a\\u0007b"}', '{"turn_id": null}'])
def test_bad_turn_metadata(metadata):
    """Metadata that cannot be read or shown says nothing, and fails nothing."""
    assert not attribute(headers(user_agent="codex_exec/0.169.0", x_codex_turn_metadata=metadata), "", "").turn_id


@pytest.mark.parametrize(
    ("user_agent", "path", "agent", "version", "surface"),
    [
        ("GeminiCLI-tui/0.61.0/databricks-gemini-2-5-flash (linux; x64; terminal)", "/gemini/v1beta", "gemini-cli", "0.61.0", "tui"),
        ("GeminiCLI/0.28.2/gemini-2.5-pro (linux; x64)", "/gemini/v1beta", "gemini-cli", "0.28.2", "cli"),
        ("opencode/1.18.33 ai-sdk/provider-utils/3.0", "/openai/v1", "opencode", "1.18.33", ""),
        ("QwenCode/0.24.4 (linux; x64)", "/openai/v1", "qwen-code", "0.24.4", ""),
        ("ucode/0.3.1 claude/2.1.330", "/anthropic/v1", "claude-code", "2.1.330", "ucode"),
        ("ucode/0.3.1 gemini/0.44.0", "/gemini/v1beta", "gemini-cli", "0.44.0", "ucode"),
        ("ucode/0.3.1", "/gemini/v1beta", "", "", "ucode"),
        ("OpenAI/Python 3.54.0", "/openai/v1", "openai-sdk", "3.54.0", "python"),
        ("AsyncAnthropic/Python 2.12.0", "/anthropic/v1", "anthropic-sdk", "2.12.0", "python"),
        ("google-genai-sdk/3.4.0 gl-python/3.11", "/gemini/v1beta", "google-genai-sdk", "3.4.0", "python"),
        ("OpenAI/JS 7.57.0", "/cursor/v1/chat/completions", "cursor", "", ""),
        ("Cursor/3.14.27", "/ai-gateway/cursor/v1/models", "cursor", "3.14.27", ""),
        ("curl/8.7.1", "/openai/v1", "", "", ""),
        ("", "/openai/v1", "", "", ""),
    ],
)  # fmt: skip
def test_agents(user_agent, path, agent, version, surface):
    """The user agent's product word says the agent; a known path says Cursor, which calls through plain SDKs."""
    seen = attribute(headers(user_agent=user_agent), "", path)
    assert (seen.agent, seen.agent_version, seen.surface, seen.user_agent) == (agent, version, surface, user_agent)


def test_copilot():
    """Copilot is known by its header where its user agent says nothing but its SDK."""
    for user_agent in ("node", "OpenAI/JS 5.20.1", "Anthropic/JS 0.94.0"):
        seen = attribute(headers(user_agent=user_agent, x_initiator="agent"), "", "/openai/v1")
        assert (seen.agent, seen.agent_version) == ("copilot", "")
    assert attribute(headers(user_agent="opencode/1.18.33", x_initiator="agent"), "", "/openai/v1").agent == "opencode"


def test_opencode_session():
    """OpenCode's session headers count."""
    assert attribute(headers(user_agent="opencode/1.18.33", x_session_id="s1", x_session_affinity="x"), "", "").session_id == "s1"
    assert attribute(headers(user_agent="opencode/1.18.33", x_session_affinity="x"), "", "").session_id == "x"


def test_sdk_language_header():
    """The SDK's own header names its language."""
    assert attribute(headers(user_agent="OpenAI/JS 7.57.0", x_stainless_lang="JS"), "", "").surface == "js"
    assert not attribute(headers(user_agent="OpenAI/Weird"), "", "").surface


def test_values_are_bounded_and_clean():
    """What reaches tables and terminals has a bounded length and no control characters."""
    seen = attribute([(b"user-agent", b"x" * 5000), (b"x-session-id", b"a\x1b[31m\xff" + b"b" * 5000)], "", "")
    assert len(seen.user_agent) == 512
    assert len(seen.session_id) <= 256
    assert "\x1b" not in seen.session_id


TAGS = b"databricks-ai-gateway-request-tags"


def test_request_tags():
    """Tags are a JSON object of strings."""
    assert request_tags([]) == {}
    assert request_tags([(TAGS, b'{"team": "web", "run": ""}')]) == {"team": "web", "run": ""}


@pytest.mark.parametrize(
    "values",
    [[b""], [b"{"], [b"[]"], [b'{"a": 1}'], [b'{"a": {"b": "c"}}'], [b"{}", b"{}"], [b'{"": "x"}'], [b'{"a": "' + b"x" * 300 + b'"}'],
     [b'{"' + b"k" * 200 + b'": "x"}'], [b"\xff\xfe"], [b'{"a": "\xff"}'], [b'{"a": "' + b"x" * 9000 + b'"}'],
     [json.dumps({str(number): "x" for number in range(40)}).encode()], [b'{"a": "b", "a": "c"}'], [rb'{"a": "b", "\u0061": "b"}'],
     [rb'{"a": "b\n"}'], [rb'{"a\u0000": "b"}'], [rb'{"a": "\u202eb"}'], [rb'{"a": "\ud800"}']],
)  # fmt: skip
def test_bad_request_tags(values):
    """Anything else is refused and says what is taken."""
    with pytest.raises(BadRequest, match="Databricks-Ai-Gateway-Request-Tags"):
        request_tags([(TAGS, value) for value in values])


TRACE, SPAN = b"4bf92f3577b34da6a3ce929d0e0e4736", b"00f067aa0ba902b7"


@pytest.mark.parametrize(
    "header", [b"00-" + TRACE + b"-" + SPAN + b"-01", b"00-" + TRACE + b"-" + SPAN + b"-00", b"01-" + TRACE + b"-" + SPAN + b"-01-more"]
)
def test_a_traceparent_names_trace_and_span(header):
    """Sampled or not, of this version of the header or a later one."""
    assert trace_context(header) == (TRACE.decode(), SPAN.decode())


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"x",
        b"ff-" + TRACE + b"-" + SPAN + b"-01",
        b"00-" + b"0" * 32 + b"-" + SPAN + b"-01",
        b"00-" + TRACE + b"-" + b"0" * 16 + b"-01",
        b"00-" + TRACE.upper() + b"-" + SPAN + b"-01",
    ],
)
def test_anything_else_names_nothing(header):
    """What the specification calls invalid is ignored, never refused."""
    assert trace_context(header) == ("", "")
