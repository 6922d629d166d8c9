"""Ids are taken out of calls and results, and nothing else."""

import json

import pytest

from headgate.upstream.platforms.gemini_calls import without_ids

TURNS = [
    {"role": "user", "parts": [{"text": 'my "id" is 3'}]},
    {"role": "model", "parts": [{"functionCall": {"id": "c1", "name": "f", "args": {"id": 7}}, "thoughtSignature": "c2ln"}, {"text": "x"}]},
    {"role": "user", "parts": [{"functionResponse": {"id": "c1", "name": "f", "response": {"id": "kept"}}}]},
    {"role": "user", "parts": [{"function_response": {"id": "c2", "name": "f"}}]},
]


def test_without_ids():
    """Arguments and results that have a member of that name keep it; signatures and texts stay."""
    out = json.loads(without_ids(json.dumps(TURNS).encode()))
    assert out[0] == TURNS[0]
    assert out[1]["parts"] == [{"functionCall": {"name": "f", "args": {"id": 7}}, "thoughtSignature": "c2ln"}, {"text": "x"}]
    assert out[2]["parts"] == [{"functionResponse": {"name": "f", "response": {"id": "kept"}}}]
    assert out[3]["parts"] == [{"function_response": {"name": "f"}}]


@pytest.mark.parametrize("contents", [b'[ {"parts": [{"text":"a"}]} ]', b'"id"', b'{"id":1}', b'[["id"]]', b'[{"id":1,"parts":{"id":2}}]', b""])
def test_what_is_left_alone(contents):
    """Without an id, or in another shape, the bytes stay."""
    assert without_ids(contents) == contents
