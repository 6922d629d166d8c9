"""What an agent with a wrong address is told."""

import pytest

from headgate.web.routes import ALIAS, advice, every_address

BASE = "https://gate.example"


@pytest.mark.parametrize("mount", ["", ALIAS])
@pytest.mark.parametrize(
    ("path", "dialect", "shown", "right"),
    [
        ("/claude/v1/messages", "anthropic", "/v1/messages", f"ANTHROPIC_BASE_URL={BASE}/anthropic."),
        ("/messages", "anthropic", "/messages", f"ANTHROPIC_BASE_URL={BASE}/anthropic."),
        ("/anthropic/v1/v1/messages", "anthropic", "/v1/messages", f"ANTHROPIC_BASE_URL={BASE}/anthropic."),
        ("/v1/v1/messages/count_tokens", "anthropic", "/v1/messages/count_tokens", f"ANTHROPIC_BASE_URL={BASE}/anthropic."),
        ("/v1/v1/responses", "openai_responses", "/v1/responses", f'base_url = "{BASE}/openai/v1"'),
        ("/openai/responses", "openai_responses", "/responses", f'base_url = "{BASE}/openai/v1"'),
        ("/codex/responses", "openai_responses", "/responses", f'base_url = "{BASE}/codex/v1"'),
        ("/v1beta/chat/completions", "openai_chat", "/chat/completions", f"{BASE}/openai/v1;"),
        ("/cursor/chat/completions", "openai_chat", "/chat/completions", f"{BASE}/cursor/v1."),
        (
            "/v1/v1beta/models/gemini-x:streamGenerateContent",
            "gemini",
            "/v1beta/models/…:streamGenerateContent",
            f"GOOGLE_GEMINI_BASE_URL={BASE}/gemini.",
        ),
        ("/gemini/models/gemini-x:generateContent", "gemini", "/models/…:generateContent", f"GOOGLE_GEMINI_BASE_URL={BASE}/gemini."),
    ],
)
def test_the_right_address_is_said(mount: str, path: str, dialect: str, shown: str, right: str) -> None:
    """In the format of the agent that asked so, with what to set."""
    found = advice(mount + path, BASE)
    assert found is not None
    assert found.dialect == dialect
    assert found.text.startswith(f"No API at {shown}. ")
    assert right in found.text


def test_nothing_of_the_path_is_repeated() -> None:
    """What stands in a path may be a secret, and the text is logged."""
    for path in ("/hg_secret/v1/messages", "/x/hg_secret/chat/completions", "/v1/models/hg_secret:generateContent"):
        found = advice(path, BASE)
        assert found is not None
        assert "secret" not in found.text
    assert advice("/hg_secret/v1/files", BASE) is None
    assert "/anthropic, " in every_address(BASE)
