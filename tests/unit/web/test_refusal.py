"""Refusals are fixed words, in the shape that the client of the path reads."""

import json

import pytest

from headgate.dialects.registry import CLIENTS
from headgate.web import refusal
from headgate.web.refusal import Refusal, in_dialects, plainly

ALL = [value for value in vars(refusal).values() if isinstance(value, Refusal)]


@pytest.mark.parametrize("reason", ALL, ids=lambda reason: reason.message)
def test_every_refusal_is_a_whole_answer_that_closes(reason: Refusal) -> None:
    """Status line, the length of the body, `connection: close`, and an error in JSON."""
    head, body = plainly(b"/", reason).split(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")

    assert line == f"HTTP/1.1 {reason.status} {reason.phrase}"
    assert f"content-length: {len(body)}" in fields
    assert "connection: close" in fields
    assert json.loads(body) == {"error": {"message": reason.message, "type": reason.kind}}


def test_refusals_carry_their_own_header_lines() -> None:
    """405 names the methods, 503 says when to come back."""
    assert b"\r\nallow: GET, HEAD, POST" in plainly(b"", refusal.BAD_METHOD)
    assert b"\r\nretry-after: 5\r\n" in plainly(b"", refusal.OVERLOADED)


@pytest.mark.parametrize("reason", ALL, ids=lambda reason: reason.message)
@pytest.mark.parametrize(
    ("target", "shape"),
    [
        (b"/anthropic/v1/messages?beta=true", {"type": "error", "request_id": "req_1"}),
        (b"/ai-gateway/gemini/v1beta/models/a:generateContent", {}),
        (b"/openai/v1/responses", {}),
        (b"/\xff", {}),
        (b"", {}),
    ],
)
def test_a_refusal_is_told_in_the_dialect_of_its_path(reason: Refusal, target: bytes, shape: dict[str, str]) -> None:
    """The status of the refusal, whatever the dialect; the message where that dialect's clients look for it; an id to ask about."""
    head, body = in_dialects(CLIENTS, lambda: "req_1")(target, reason).split(b"\r\n\r\n")
    told = json.loads(body)

    assert head.startswith(b"HTTP/1.1 %d " % reason.status)
    assert b"content-length: %d\r\n" % len(body) in head
    assert b"\r\nrequest-id: req_1\r\n" in head
    assert head.lower().count(b"retry-after") == (reason in {refusal.OVERLOADED, refusal.TOO_MANY})
    assert told["error"]["message"] == reason.message
    assert shape.items() <= told.items()
    assert told["error"].get("code") == reason.status or b"gemini" not in target
