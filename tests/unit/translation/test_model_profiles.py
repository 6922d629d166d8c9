"""Profiles of models."""

import pytest

from headgate.app.model_profiles import installed
from headgate.core.model_profile import ModelProfile, ProfileChange
from headgate.translation.model_profiles import ModelProfiles, parse

INSTALLED = ModelProfiles(installed())
ENTRY = '[[profiles]]\npatterns = ["a*", "b"]\ndialects = ["gemini"]\nsource = "https://a.example"\nseen = 2026-11-30\nthinks = false\n'


def test_the_most_specific_pattern_wins():
    """One of another dialect does not count; a model that none matches is not known."""
    broad, narrow = ModelProfile(pattern="claude-*"), ModelProfile(pattern="claude-opus-*", dialect="anthropic")
    exact = ModelProfile(pattern="claude")
    profiles = ModelProfiles([broad, narrow, exact, ModelProfile(pattern="*claude")])

    assert profiles.of("anthropic", "claude-opus-4-6") is narrow
    assert profiles.of("openai_chat", "claude-opus-4-6") is broad
    assert profiles.of("openai_chat", "claude") is exact
    assert profiles.of("gemini", "other") == ModelProfile()


def test_the_configuration_changes_what_is_known():
    """Field by field, the most specific entry last; in one dialect or in all."""
    changes = (
        ProfileChange(pattern="a-1", dialect="gemini", fields={"output_tokens_max": 3, "efforts": ("low",)}),
        ProfileChange(pattern="a*", fields={"output_tokens_max": 2, "thinks": False}),
    )
    profiles = ModelProfiles([ModelProfile(pattern="a*", output_tokens_max=1, images=False)], changes)

    assert profiles.of("gemini", "a-1") == ModelProfile(pattern="a*", output_tokens_max=3, thinks=False, images=False, efforts=("low",))
    assert profiles.of("anthropic", "a-1").output_tokens_max == 2
    assert profiles.of("gemini", "b") == ModelProfile()


def test_an_entry_is_one_profile_for_each_pattern():
    """With the source and its day."""
    assert parse(ENTRY) == tuple(
        ModelProfile(pattern=pattern, dialect="gemini", source="https://a.example, seen 2026-11-30", thinks=False) for pattern in ("a*", "b")
    )


@pytest.mark.parametrize("text", ["x", "[[profile]]", ENTRY + "thinkss = true", ENTRY + 'images = "no"', '[[profiles]]\npatterns = ["a"]'])
def test_a_broken_file_is_no_file(text):
    """It is part of the installation."""
    with pytest.raises(ValueError, match="model profiles"):
        parse(text)


@pytest.mark.parametrize(
    ("dialect", "model", "thinking", "efforts", "output"),
    [
        ("anthropic", "claude-haiku-4-5-20251001", "budget", (), 64_000),
        ("anthropic", "claude-opus-4-1-20250805", "budget", (), 32_000),
        ("anthropic", "us.anthropic.claude-opus-4-6-v1:0", "adaptive", ("low", "medium", "high", "max"), 128_000),
        ("anthropic", "claude-sonnet-4-6", "adaptive", ("low", "medium", "high", "max"), 64_000),
        ("anthropic", "claude-opus-5-5", "adaptive", ("low", "medium", "high", "xhigh", "max"), 128_000),
        ("anthropic", "claude-opus-7", "adaptive", (), 0),
        ("anthropic", "glm-5", "", (), 0),
        ("openai_chat", "gpt-4o-mini", "", (), 16_384),
        ("openai_responses", "gpt-4.1-2025-04-14", "", (), 32_768),
        ("openai_responses", "gpt-5-2025-08-07", "effort", ("minimal", "low", "medium", "high"), 128_000),
        ("openai_responses", "gpt-5.1-codex-max", "effort", ("low", "medium", "high", "xhigh"), 128_000),
        ("openai_responses", "gpt-5.5", "effort", ("none", "low", "medium", "high", "xhigh"), 128_000),
        ("openai_responses", "gpt-5.6-sol", "effort", ("none", "low", "medium", "high", "xhigh", "max"), 0),
        ("openai_chat", "o3", "effort", ("low", "medium", "high"), 100_000),
        ("openai_chat", "databricks-gpt-oss-120b", "effort", ("low", "medium", "high"), 0),
        ("openai_chat", "house-model", "", (), 0),
        ("gemini", "gemini-2.5-pro", "budget", (), 65_536),
        ("gemini", "gemini-3.1-pro-preview", "level", ("low", "medium", "high"), 65_536),
        ("gemini", "gemini-3-flash-preview", "level", ("minimal", "low", "medium", "high"), 65_536),
        ("gemini", "gemini-4-argon", "level", ("low", "high"), 0),
    ],
)
def test_known_models(dialect, model, thinking, efforts, output):
    """By the names that their providers and other clouds give them."""
    found = INSTALLED.of(dialect, model)

    assert (found.thinking, found.efforts, found.output_tokens_max) == (thinking, efforts, output)


def test_what_agents_meet_in_models():
    """A few facts that decide whether a request is refused."""
    assert not INSTALLED.of("anthropic", "claude-opus-5-5").thinking_optional
    assert not INSTALLED.of("anthropic", "claude-fable-5-1").thinks_before_forced_calls
    assert INSTALLED.of("anthropic", "claude-opus-4-8").system_in_place
    assert not INSTALLED.of("anthropic", "us.anthropic.claude-opus-4-8").system_in_place
    assert not INSTALLED.of("openai_chat", "gpt-4o").thinks
    assert not INSTALLED.of("openai_chat", "house-model").openai_fields
    assert INSTALLED.of("gemini", "gemini-3-pro-preview").signature_required
    assert not INSTALLED.of("gemini", "gemini-2.5-flash").server_tools_with_functions


def test_every_fact_has_a_source_and_a_day():
    """A page of a provider's, and when it said so."""
    assert all(profile.source.startswith("https://") and ", seen 2026-" in profile.source for profile in installed())
