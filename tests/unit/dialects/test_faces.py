"""The most output that a request allows, as each format states it."""

import json

import pytest

from headgate.dialects.faces import Operation
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
