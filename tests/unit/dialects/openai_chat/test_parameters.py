"""The two names of a bound, and tools by where they run."""

import json

import pytest

from headgate.dialects.asked import Asked
from headgate.dialects.faces import Operation
from headgate.dialects.registry import CLIENTS, PROVIDERS

OPERATION = Operation("messages", "o")


def read(fields: dict[str, object]) -> Asked:
    """A request as its client sends it."""
    return CLIENTS["openai_chat"].read(json.dumps({"model": "m", **fields}).encode(), OPERATION, "")


@pytest.mark.parametrize(
    ("fields", "client", "server"),
    [
        ({"tools": [{"type": "function", "function": {"name": "read"}}, {"type": "custom", "custom": {"name": "patch"}}, {"type": "web_search"}],
          "functions": [{"name": "old"}], "web_search_options": {}},
         ["read", "patch", "old"], ["web_search", "web_search"]),
        ({"tools": None, "functions": None, "web_search_options": None}, [], []),
        ({"tools": ["x", {"type": "function"}]}, ["(unnamed)"] * 2, []),
    ],
)  # fmt: skip
def test_tools_are_named_by_where_they_run(fields: dict[str, object], client: list[str], server: list[str]) -> None:
    """Those of the client by name, those of the provider by type; what no provider takes does not pass unseen."""
    found = CLIENTS["openai_chat"].tools(read(fields))
    assert (found.client, found.server) == (client, server)


def sent(body: bytes, model: str) -> bytes:
    """What the provider gets of a request within a bound of 100."""
    return PROVIDERS["openai_chat"].body(CLIENTS["openai_chat"].bounded(CLIENTS["openai_chat"].read(body, OPERATION, ""), 100), model)


@pytest.mark.parametrize(
    ("model", "name"),
    [("gpt-5.2", "max_completion_tokens"), ("openai/gpt-4o", "max_completion_tokens"), ("o4-mini", "max_completion_tokens"),
     ("ft:gpt-4o:me", "max_completion_tokens"), ("gpt-oss:20b", "max_tokens"), ("llama3.2", "max_tokens"), ("databricks-gpt-5-2", "max_tokens")],
)  # fmt: skip
def test_a_chat_request_without_a_bound_gets_the_name_that_its_model_takes(model: str, name: str) -> None:
    """OpenAI's reasoning models refuse the older one, most other servers do not know the newer one."""
    assert json.loads(sent(b'{"model":"m"}', model)) == {"model": model, name: 100}


def test_a_chat_stream_has_its_bound_and_is_asked_for_usage() -> None:
    """Both are put in, whatever the client wrote of them."""
    for options in (b"", b',"stream_options":{"x":1}'):
        body = json.loads(sent(b'{"stream":true,"messages":[]%b,"model":"m"}' % options, "a-longer-name"))
        assert body == {
            "max_tokens": 100, "stream": True, "messages": [], "model": "a-longer-name",
            "stream_options": {"include_usage": True, **({"x": 1} if options else {})},
        }  # fmt: skip
