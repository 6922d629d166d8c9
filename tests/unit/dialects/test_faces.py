"""The most output that a request allows, as each format states it."""

import json
import sys

import pytest

from headgate.dialects.faces import Operation, let_go
from headgate.dialects.registry import CLIENTS

ASKED = Operation("generateContent", "x", streams="never")
CASES = [
    ("anthropic", {"max_tokens": 64_000}, 64_000),
    ("anthropic", {"max_tokens": "many"}, 0),
    ("anthropic", {"max_tokens": -5}, 0),
    ("anthropic", {}, 0),
    ("openai_chat", {"max_tokens": 5}, 5),
    ("openai_chat", {"max_tokens": 5, "max_completion_tokens": 7}, 7),
    ("openai_chat", {"max_completion_tokens": None, "n": 3}, 0),
    ("openai_chat", {"max_completion_tokens": 7, "n": 3}, 21),
    ("cursor", {"max_tokens": 5, "messages": []}, 5),
    ("openai_responses", {"max_output_tokens": 9}, 9),
    ("openai_responses", {"max_output_tokens": 9.5}, 0),
    ("gemini", {"generationConfig": {"maxOutputTokens": 8}}, 8),
    ("gemini", {"generation_config": {"max_output_tokens": 8, "candidate_count": 2}}, 16),
    ("gemini", {"generationConfig": "none"}, 0),
    ("gemini", {}, 0),
]


@pytest.mark.parametrize(("dialect", "fields", "allowed"), CASES)
def test_the_bound_of_a_request(dialect, fields, allowed):
    """For all answers that it asks for; 0 where it does not say, or says no number."""
    body = json.dumps(fields | ({} if dialect == "gemini" else {"model": "m"})).encode()
    face = CLIENTS[dialect]

    assert face.output_tokens_max(face.read(body, ASKED, "m" if dialect == "gemini" else "")) == allowed


def test_a_request_that_is_let_go_of_keeps_its_settings_alone():
    """What may be long is gone from the object itself, whatever holds it; the rest is a copy, which holds no bytes of the body."""
    body = json.dumps({"model": "m", "stream": True, "store": False, "input": "words " * 100}).encode()
    held = sys.getrefcount(body)
    asked = CLIENTS["openai_responses"].read(body, ASKED, "")
    while_held = sys.getrefcount(body)
    let_go(asked, 600)
    let_go(asked)

    assert (asked.body, asked.spans, asked.model_span, asked.otherwise, asked.model, asked.text_length) == (b"", {}, None, None, "m", 600)
    assert {name: bytes(field) for name, field in asked.fields.items()} == {"model": b'"m"', "stream": b"true", "store": b"false"}
    assert (while_held > held, sys.getrefcount(body)) == (True, held)
