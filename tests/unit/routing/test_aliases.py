"""The page's names and the native ones."""

import pytest

from headgate.core.model_names import is_name
from headgate.routing.aliases import databricks_of, native_of, without_suffix
from headgate.routing.known_models import KNOWN


@pytest.mark.parametrize(
    ("alias", "native"),
    [
        ("databricks-claude-opus-4-6", "claude-opus-4-6"), ("databricks-gpt-5-2", "gpt-5.2"), ("databricks-gpt-5", "gpt-5"),
        ("databricks-gpt-5-2-codex", "gpt-5.2-codex"), ("databricks-gpt-5-2025-08-07", "gpt-5-2025-08-07"),
        ("databricks-gpt-oss-120b", "gpt-oss-120b"), ("databricks-gemini-2-5-flash", "gemini-2.5-flash"),
        ("databricks-gemini-3-flash", "gemini-3-flash-preview"), ("gpt-5-2", ""), ("", ""),
    ],
)  # fmt: skip
def test_native_of(alias, native):
    """Prefix off, the version's dash made a dot where the vendor writes one, the odd ones by table."""
    assert native_of(alias) == native


def test_there_and_back():
    """Every known name has a prefixed form that leads back to it."""
    for names in KNOWN.values():
        for name in names:
            assert native_of(databricks_of(name)) == name


def test_without_suffix():
    """Claude Code's long-context suffix is no part of a model's name."""
    assert without_suffix("claude-opus-4-6[1m]") == "claude-opus-4-6"
    assert without_suffix("claude-opus-4-6") == "claude-opus-4-6"


def test_known_names_are_names():
    """The built-in lists hold well-formed names, each once."""
    for names in KNOWN.values():
        assert all(is_name(name) for name in names)
        assert len(set(names)) == len(names)
