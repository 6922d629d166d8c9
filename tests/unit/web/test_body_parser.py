"""The parser of a body alone."""

import pytest

from headgate.web.body_parser import body_parser
from headgate.web.framing import Framing


@pytest.mark.parametrize(("framing", "body"), [(Framing(3), b"abc"), (Framing(chunked=True), b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")])
def test_a_body_is_read_by_its_framing(framing: Framing, body: bytes) -> None:
    """Both ways, with nothing but the body told."""
    pieces: list[bytes] = []
    parser, head = body_parser(framing, pieces.append, lambda: pieces.append(b"."))
    parser.feed_data(head)
    assert pieces == []
    parser.feed_data(body)

    assert b"".join(pieces) == b"abc."
