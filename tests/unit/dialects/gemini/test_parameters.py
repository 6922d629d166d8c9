"""A bound that is written twice, and tools by where they run."""

import json

import pytest

from headgate.core.errors import BadRequest
from headgate.dialects.asked import Asked
from headgate.dialects.faces import Operation
from headgate.dialects.registry import CLIENTS

OPERATION = Operation("generateContent", "o", streams="never")


def read(fields: dict[str, object]) -> Asked:
    """A request as its client sends it."""
    return CLIENTS["gemini"].read(json.dumps(fields).encode(), OPERATION, "m")


@pytest.mark.parametrize(
    ("fields", "client", "server"),
    [
        ({"tools": [{"functionDeclarations": [{"name": "read"}]}, {"function_declarations": [{"name": "write"}], "google_search": {}},
                    {"codeExecution": {}}]},
         ["read", "write"], ["googleSearch", "codeExecution"]),
        ({"tools": None}, [], []),
        ({"tools": ["x", {"googleSearch": None}]}, [], ["(unknown)"] * 2),
    ],
)  # fmt: skip
def test_tools_are_named_by_where_they_run(fields: dict[str, object], client: list[str], server: list[str]) -> None:
    """Those of the client by name, those of the provider by type; what no provider takes does not pass unseen."""
    found = CLIENTS["gemini"].tools(read(fields))
    assert (found.client, found.server) == (client, server)


def test_a_bound_that_is_written_twice_is_refused() -> None:
    """Two readers of it must not see two different requests."""
    asked = CLIENTS["gemini"].read(b'{"generationConfig":{"maxOutputTokens":1,"maxOutputTokens":99999}}', OPERATION, "m")
    with pytest.raises(BadRequest):
        CLIENTS["gemini"].bounded(asked, 100)
