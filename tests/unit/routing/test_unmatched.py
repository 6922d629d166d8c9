"""Names in grants and limits that are no endpoint's."""

import pytest

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.routing.table import EndpointTable
from headgate.routing.unmatched import why_unmatched

LAB = Provider(name="lab", dialect="anthropic", base_url="http://lab:1", models=("claude-a",))
OPENAI = Provider(name="openai", dialect="openai", base_url="https://api.openai.com/v1")
TABLE = EndpointTable(
    [LAB, OPENAI], [Endpoint(name="house", targets=(target_of(LAB, "claude-a"),)), Endpoint(name="team-*", targets=(target_of(LAB, ""),))]
)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", ""),
        ("house", ""),
        ("hou*", ""),
        ("claude-a", ""),
        ("team-*", ""),
        ("team-search", ""),
        ("gpt-77-new", ""),  # an open provider takes it
        ("gpt-*-new", ""),
        ("housse", "'housse' is no endpoint — did you mean 'house'?"),
        ("databricks-claude-a", ""),  # the same model's other name
        ("databricks-claude-*", ""),
        ("zzzz", "'zzzz' is no endpoint"),
    ],
)
def test_what_is_wrong_with_a_name(pattern, expected):
    """Nothing where it is listed or answered; else what answers to it, or what it is like."""
    assert why_unmatched(TABLE, pattern) == expected
