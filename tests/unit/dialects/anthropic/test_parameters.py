"""The budget for thinking below a bound, and tools by where they run."""

import json

import pytest

from headgate.dialects.asked import Asked
from headgate.dialects.faces import Operation
from headgate.dialects.registry import CLIENTS

OPERATION = Operation("messages", "o")


def read(fields: dict[str, object]) -> Asked:
    """A request as its client sends it."""
    return CLIENTS["anthropic"].read(json.dumps({"model": "m", **fields}).encode(), OPERATION, "")


@pytest.mark.parametrize(
    ("fields", "client", "server"),
    [
        ({"tools": [{"name": "Bash", "input_schema": {}}, {"type": "custom", "name": "Read"}, {"type": "bash_20250124", "name": "bash"}]},
         ["Bash", "Read", "bash"], []),
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}, {"type": "mcp_toolset", "mcp_server_name": "x"}], "mcp_servers": [{}]},
         [], ["web_search_20250305", "mcp_toolset", "mcp"]),
        ({"tools": None}, [], []),
        ({"tools": ["x", {}, {"type": 5, "name": 5}]}, ["(unnamed)"] * 3, []),
        ({"tools": {"name": "Bash"}}, ["Bash"], []),
    ],
)  # fmt: skip
def test_tools_are_named_by_where_they_run(fields: dict[str, object], client: list[str], server: list[str]) -> None:
    """Those of the client by name, those of the provider by type; what no provider takes does not pass unseen."""
    found = CLIENTS["anthropic"].tools(read(fields))
    assert (found.client, found.server) == (client, server)


@pytest.mark.parametrize(
    ("thinking", "maximum", "expected"),
    [
        ({"type": "enabled", "budget_tokens": 31999}, 8000, {"type": "enabled", "budget_tokens": 7999}),
        ({"type": "enabled", "budget_tokens": 2000}, 8000, {"type": "enabled", "budget_tokens": 2000}),
        ({"type": "enabled", "budget_tokens": 31999}, 1024, {"type": "enabled", "budget_tokens": 31999}),
        ({"type": "adaptive"}, 8000, {"type": "adaptive"}),
        ("odd", 8000, "odd"),
    ],
)
def test_thinking_stays_below_the_bound(thinking: object, maximum: int, expected: object) -> None:
    """Anthropic refuses a request whose budget for thinking is not below its `max_tokens`; below 1,024 there is none."""
    for first in (True, False):
        pair = [("thinking", thinking), ("max_tokens", 32000)]
        asked = CLIENTS["anthropic"].bounded(read(dict(pair if first else pair[::-1])), maximum)
        assert json.loads(asked.body) == {"model": "m", "thinking": expected, "max_tokens": maximum}
