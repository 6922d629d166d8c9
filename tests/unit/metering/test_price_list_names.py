"""From the names that clouds, gateways and clients use to the maker's own."""

import pytest

from headgate.metering.price_list_names import candidates, maker, own_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("claude-opus-4-6", "claude-opus-4-6"),
        ("Claude-Opus-4-6[1m]", "claude-opus-4-6"),
        ("databricks-claude-opus-4-6", "claude-opus-4-6"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929"),
        ("global.anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
        ("models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("publishers/google/models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("system.ai.databricks-gpt-5-2", "gpt-5-2"),
        ("openai/gpt-5.2", "gpt-5.2"),
        ("", ""),
    ],
)
def test_own_name_takes_off_what_stands_around(name, expected):
    """Host, region, revision and mode go; the model's name stays."""
    assert own_name(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("claude-opus-4-6", ["claude-opus-4-6"]),
        ("databricks-gpt-5-2", ["databricks-gpt-5-2", "gpt-5-2", "gpt-5.2"]),
        ("databricks-gemini-2-5-flash", ["databricks-gemini-2-5-flash", "gemini-2-5-flash", "gemini-2.5-flash"]),
        ("gpt-5-2-codex", ["gpt-5-2-codex", "gpt-5.2-codex"]),
        ("gpt-5.2-2025-12-11", ["gpt-5.2-2025-12-11", "gpt-5.2"]),
        ("claude-opus-4@20250514", ["claude-opus-4@20250514", "claude-opus-4"]),
        ("gpt-4-0613", ["gpt-4-0613"]),
        ("gpt-4-32k", ["gpt-4-32k"]),
    ],
)
def test_candidates_go_from_the_literal_name_to_the_plain_one(name, expected):
    """The price list's own spelling is among them, and no name comes twice."""
    assert list(candidates(name)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("databricks-claude-haiku-4-5", "anthropic"),
        ("o3", "openai"),
        ("o4-mini", "openai"),
        ("codex-mini-latest", "openai"),
        ("models/gemini-3.8-flash", "google"),
        ("llama-4", ""),
        ("oolong", ""),
    ],
)
def test_the_name_tells_its_maker(name, expected):
    """Whose price list to look in when the dialect's own does not know the model."""
    assert maker(name) == expected


@pytest.mark.parametrize("name", ["[" * 1_000_000, "us." * 300_000 + "gpt-5", "models/" * 200_000, "-v1" * 300_000])
def test_a_name_of_a_megabyte_is_looked_at_in_part(name):
    """Taking a name apart costs more than its length, and no price list has a name that long."""
    assert max(len(each) for each in candidates(name)) <= 256
    assert len(own_name(name)) <= 256
