"""Bounds on output and tools, as each format writes them: what is changed of a body, and what is not."""

import json

import pytest

from headgate.dialects.asked import Asked
from headgate.dialects.faces import Operation
from headgate.dialects.registry import CLIENTS, PROVIDERS

MESSAGES = Operation("messages", "m")
GENERATE = Operation("generateContent", "g", streams="never")


def read(dialect: str, body: bytes) -> Asked:
    """A request as its client sends it."""
    return CLIENTS[dialect].read(body, GENERATE if dialect == "gemini" else MESSAGES, "m" if dialect == "gemini" else "")


def sent(dialect: str, body: bytes, maximum: int, model: str = "m") -> bytes:
    """What the provider gets of it within a bound."""
    asked = CLIENTS[dialect].bounded(read(dialect, body), maximum)
    return PROVIDERS[CLIENTS[dialect].speaks].body(asked, model)


CHANGED = [
    # Its own bound is lowered, and nothing else: white space, order and escapes stay.
    ("anthropic", b'{"model":"m", "max_tokens" : 32000 ,"messages":["\\u00e9"]}', b'{"model":"m", "max_tokens" : 100 ,"messages":["\\u00e9"]}'),
    ("anthropic", b'{"max_tokens":101,"model":"m"}', b'{"max_tokens":100,"model":"m"}'),
    ("openai_chat", b'{"model":"m","max_tokens":101}', b'{"model":"m","max_tokens":100}'),
    ("openai_chat", b'{"max_completion_tokens":1e9,"model":"m","max_tokens":7}', b'{"max_completion_tokens":100,"model":"m","max_tokens":7}'),
    ("openai_responses", b'{"model":"m","max_output_tokens":101,"input":"x"}', b'{"model":"m","max_output_tokens":100,"input":"x"}'),
    ("gemini", b'{"generationConfig":{"topK":1,"maxOutputTokens":101}}', b'{"generationConfig":{"topK":1,"maxOutputTokens":100}}'),
    ("gemini", b'{"generation_config":{"max_output_tokens":"101"}}', b'{"generation_config":{"max_output_tokens":100}}'),
    # One without a bound gets it.
    ("anthropic", b'{"model":"m","messages":[]}', b'{"max_tokens":100,"model":"m","messages":[]}'),
    ("openai_chat", b'{"model":"m","messages":[]}', b'{"max_tokens":100,"model":"m","messages":[]}'),
    ("openai_chat", b'{"model":"m","max_tokens":null}', b'{"model":"m","max_tokens":100}'),
    ("openai_responses", b' { "model":"m"}', b' {"max_output_tokens":100, "model":"m"}'),
    ("openai_responses", b'{"model":"m","max_output_tokens":null}', b'{"model":"m","max_output_tokens":100}'),
    ("gemini", b'{"contents":[]}', b'{"generationConfig":{"maxOutputTokens":100},"contents":[]}'),
    ("gemini", b"{%b}" % (b" " * 200), b'{"generationConfig":{"maxOutputTokens":100}%b}' % (b" " * 200)),
    ("gemini", b"{}", b'{"generationConfig":{"maxOutputTokens":100}}'),
    ("gemini", b'{"generationConfig":{}}', b'{"generationConfig":{"maxOutputTokens":100}}'),
    ("gemini", b'{"generationConfig":{ "topK":1}}', b'{"generationConfig":{"maxOutputTokens":100, "topK":1}}'),
    ("gemini", b'{"generationConfig":null}', b'{"generationConfig":{"maxOutputTokens":100}}'),
    ("gemini", b'{"generation_config":{"topK":1}}', b'{"generation_config":{"maxOutputTokens":100,"topK":1}}'),
    # Every spelling that a reader could take for its own is bounded.
    ("gemini", b'{"generationConfig":{"maxOutputTokens":1,"max_output_tokens":999}}', b'{"generationConfig":{"maxOutputTokens":1,"max_output_tokens":100}}'),
    ("gemini", b'{"generationConfig":{"maxOutputTokens":1},"generation_config":{}}',
     b'{"generationConfig":{"maxOutputTokens":1},"generation_config":{"maxOutputTokens":100}}'),
    # What is no bound that is within it becomes the bound.
    *[("anthropic", b'{"model":"m","max_tokens":%b}' % odd, b'{"model":"m","max_tokens":100}') for odd in (b"-1", b'"50"', b"1.5", b"true", b"[]", b"null")],
    *[("gemini", b'{"generationConfig":{"maxOutputTokens":%b}}' % odd, b'{"generationConfig":{"maxOutputTokens":100}}') for odd in (b"0", b'"50"', b"null")],
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "body", "expected"), CHANGED)
def test_a_bound_is_put_into_the_bytes(dialect: str, body: bytes, expected: bytes) -> None:
    """All other bytes are as they came."""
    assert sent(dialect, body, 100) == expected


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        ("anthropic", b'{"model":"m","max_tokens":100}'),
        ("anthropic", b'{"model":"m","max_tokens":0}'),
        ("openai_chat", b'{"model":"m","max_tokens":50.0}'),
        ("openai_chat", b'{"model":"m","max_completion_tokens":100,"max_tokens":null}'),
        ("openai_responses", b'{"model":"m","max_output_tokens":16}'),
        ("gemini", b'{"generation_config":{"max_output_tokens":100}}'),
    ],
)
def test_a_request_within_the_bound_stays_the_same_object(dialect: str, body: bytes) -> None:
    """Its client is told nothing, for nothing was changed."""
    asked = read(dialect, body)
    assert CLIENTS[dialect].bounded(asked, 100) is asked


def test_the_model_is_renamed_wherever_it_is() -> None:
    """Before or behind the bound."""
    for body in (b'{"max_tokens":5000,"model":"m","x":1}', b'{"x":1,"model":"m","max_tokens":5000}', b'{"x":1,"model":"m"}'):
        assert json.loads(sent("anthropic", body, 100, "claude"))["model"] == "claude"
    asked = CLIENTS["gemini"].bounded(read("gemini", b'{"contents":[],"model":"models/m"}'), 100)
    assert json.loads(PROVIDERS["gemini"].body(asked, "g")) == {
        "generationConfig": {"maxOutputTokens": 100}, "contents": [], "model": "models/g",
    }  # fmt: skip


def test_the_estimate_knows_the_bound() -> None:
    """Limits and budgets reserve what the request may use as it is sent."""
    for dialect in ("anthropic", "openai_chat", "openai_responses"):
        for body in (b'{"model":"m"}', b'{"model":"m","max_tokens":5000,"max_output_tokens":5000}'):
            face = CLIENTS[dialect]
            assert face.output_tokens_max(face.bounded(read(dialect, body), 100)) == 100
    face = CLIENTS["gemini"]
    for body in (b"{}", b'{"generationConfig":{"maxOutputTokens":5000}}', b'{"generation_config":{"topK":1}}'):
        assert face.output_tokens_max(face.bounded(read("gemini", body), 100)) == 100


@pytest.mark.parametrize("dialect", ["anthropic", "openai_chat", "openai_responses", "gemini"])
def test_a_request_without_tools_offers_none(dialect: str) -> None:
    """Most requests."""
    found = CLIENTS[dialect].tools(read(dialect, b"{}" if dialect == "gemini" else b'{"model":"m"}'))
    assert (found.client, found.server) == ([], [])
