"""Profiles of models."""

from headgate.core.model_profile import ModelProfile
from headgate.translation.model_profiles import ModelProfiles


def test_the_most_specific_pattern_wins():
    """One of another dialect does not count; a model that none matches is not known."""
    broad, narrow = ModelProfile(pattern="claude-*"), ModelProfile(pattern="claude-opus-*", dialect="anthropic")
    profiles = ModelProfiles([broad, narrow])

    assert profiles.of("anthropic", "claude-opus-4-6") is narrow
    assert profiles.of("openai_chat", "claude-opus-4-6") is broad
    assert profiles.of("gemini", "other") == ModelProfile()
