"""Tools by where they run."""

import json

import pytest

from headgate.dialects.asked import Asked
from headgate.dialects.faces import Operation
from headgate.dialects.registry import CLIENTS

OPERATION = Operation("messages", "o")


def read(fields: dict[str, object]) -> Asked:
    """A request as its client sends it."""
    return CLIENTS["openai_responses"].read(json.dumps({"model": "m", **fields}).encode(), OPERATION, "")


@pytest.mark.parametrize(
    ("fields", "client", "server"),
    [
        ({"tools": [{"type": "function", "name": "shell"}, {"type": "custom", "name": "apply_patch"}, {"type": "local_shell"},
                    {"type": "namespace", "name": "mcp__x", "tools": [{"type": "function", "name": "find"}]}, {"type": "shell"}]},
         ["shell", "apply_patch", "local_shell", "find", "shell"], []),
        ({"tools": [{"type": "web_search"}, {"type": "mcp", "server_url": "x"}, {"type": "shell", "environment": {"type": "container_auto"}}]},
         [], ["web_search", "mcp", "shell"]),
        ({"tools": None}, [], []),
        ({"input": [{"type": "additional_tools", "tools": [{"type": "function", "name": "late"}, {"type": "web_search"}]}, "x", {"type": []},
                    {"type": "tool_search_output", "tools": [{"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "found"}]}]}]},
         ["late", "found"], ["web_search"]),
        ({"input": "additional_tools"}, [], []),
        ({"tools": ["x"]}, [], ["(unknown)"]),
    ],
)  # fmt: skip
def test_tools_are_named_by_where_they_run(fields: dict[str, object], client: list[str], server: list[str]) -> None:
    """Those of the client by name, those of the provider by type; what no provider takes does not pass unseen."""
    found = CLIENTS["openai_responses"].tools(read(fields))
    assert (found.client, found.server) == (client, server)
