"""The registry of dialects."""

import pytest

from headgate.dialects.registry import DIALECTS


def test_every_dialect_is_there_under_its_own_name():
    """The five dialects, each under the name it says itself."""
    assert set(DIALECTS) == {"anthropic", "openai_chat", "openai_responses", "gemini", "cursor"}
    assert all(dialect.name == name for name, dialect in DIALECTS.items())


def test_the_registry_does_not_change():
    """Nobody adds a dialect at run time."""
    with pytest.raises(TypeError):
        DIALECTS["mine"] = DIALECTS["gemini"]
