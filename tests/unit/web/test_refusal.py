"""Refusals are fixed bytes."""

import json

import pytest

from headgate.web import refusal
from headgate.web.refusal import Refusal

ALL = [value for value in vars(refusal).values() if isinstance(value, Refusal)]


@pytest.mark.parametrize("reason", ALL, ids=lambda reason: reason.message)
def test_every_refusal_is_a_whole_answer_that_closes(reason: Refusal) -> None:
    """Status line, the length of the body, `connection: close`, and an error in JSON."""
    head, body = reason.answer.split(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")

    assert line == f"HTTP/1.1 {reason.status} {reason.phrase}"
    assert f"content-length: {len(body)}" in fields
    assert "connection: close" in fields
    assert json.loads(body) == {"error": {"message": reason.message, "type": reason.kind}}


def test_refusals_carry_their_own_header_lines() -> None:
    """405 names the methods, 503 says when to come back."""
    assert b"\r\nallow: GET, HEAD, POST" in refusal.BAD_METHOD.answer
    assert b"\r\nretry-after: 5\r\n" in refusal.OVERLOADED.answer
