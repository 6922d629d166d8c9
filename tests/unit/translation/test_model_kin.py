"""Kins of models."""

import pytest

from headgate.translation.model_kin import kin_of, reads_states_of


@pytest.mark.parametrize(
    ("model", "kin"),
    [
        ("claude-opus-5-5", "claude"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude"),
        ("gpt-5.6-sol", "gpt"),
        ("openai/o3-mini", "gpt"),
        ("codex-mini-latest", "gpt"),
        ("databricks-gpt-oss-120b", "gpt-oss"),
        ("gemini-3.1-pro-preview", "gemini"),
        ("grok-4", "grok"),
        ("house-model", ""),
        ("", ""),
    ],
)
def test_a_name_says_the_kin(model, kin):
    """With what providers put around it."""
    assert kin_of(model) == kin


def test_another_kin_cannot_read_a_state():
    """Even in the same dialect; where a name does not say it, the provider decides."""
    assert reads_states_of("gpt-5.6", "o3")
    assert not reads_states_of("gpt-5.6", "grok-4")
    assert reads_states_of("gpt-5.6", "")
    assert reads_states_of("house-model", "grok-4")
