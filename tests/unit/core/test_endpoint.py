"""Targets, and the dialect that each is asked in."""

import pytest

from headgate.core.endpoint import Provider, target_of

ANTHROPIC = Provider(name="lab", dialect="anthropic", base_url="http://127.0.0.1:9000")
OPENAI = Provider(name="openai", dialect="openai", base_url="https://api.openai.com/v1")
OLLAMA = Provider(name="ollama", dialect="openai", base_url="http://127.0.0.1:11434/v1")
CHAT = Provider(name="chat", dialect="openai_chat", base_url="https://api.openai.com/v1")


@pytest.mark.parametrize(
    ("provider", "dialect", "asked_in"),
    [
        (ANTHROPIC, "anthropic", "anthropic"),
        (OPENAI, "openai_chat", "openai_chat"),
        (OPENAI, "openai_responses", "openai_responses"),
        (OLLAMA, "openai_responses", "openai_responses"),
        # not spoken: the dialect to translate to
        (ANTHROPIC, "gemini", "anthropic"),
        (OPENAI, "anthropic", "openai_responses"),
        (OLLAMA, "anthropic", "openai_chat"),
        (CHAT, "openai_responses", "openai_chat"),
    ],
)
def test_a_target_is_asked_in_the_requests_own_dialect_where_its_provider_speaks_it(provider, dialect, asked_in):
    """Else in the one that its provider is best asked in, in which it is before any request."""
    target = target_of(provider, "m")
    assert target.dialect == provider.dialects[0]
    assert (target.asked_in(dialect).dialect, target.asked_in(dialect).asked_in(provider.dialects[0])) == (asked_in, target)
