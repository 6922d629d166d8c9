"""Heads that a connection repeats: which are recognised, what may change in them, and which are read in full."""

import pytest

from headgate.core.headers import Headers
from headgate.web.repeated_heads import RepeatedHead, RepeatedHeads
from headgate.web.service import Request
from tests.fakes.fields import fields_of

LINES = [
    b"POST /a?b=c HTTP/1.1",
    b"Host: x",
    b"Authorization: Bearer hg_one",
    b"X-Client-Request-Id: 7-a",
    b"Content-Length: 3",
    b"X-Other: y",
]
HEAD = b"\r\n".join(LINES) + b"\r\n\r\n"


def headers_of(head: bytes) -> Headers:
    """The headers as the parser gives them."""
    split = (line.partition(b":") for line in head.split(b"\r\n")[1:-2])
    return [(name.lower(), value.strip()) for name, _, value in split]


def request_of(head: bytes, *, keep_alive: bool = True, expects_continue: bool = False) -> Request:
    """The request that was read from a head."""
    request = Request(("POST", "1.1", b"/a?b=c", "/a", "b=c"), headers_of(head), 40)
    request.keep_alive, request.expects_continue = keep_alive, expects_continue
    return request


def kept(*heads: bytes) -> RepeatedHeads:
    """What a connection remembers after these heads."""
    remembered = RepeatedHeads()
    for head in heads:
        remembered.keep(head, request_of(head))
    return remembered


def changed(line: bytes, other: bytes) -> bytes:
    """The head with another line."""
    assert line in LINES
    return HEAD.replace(line, other)


def test_the_same_head_is_recognised() -> None:
    """With what follows it; the request is as it was read, in headers of its own."""
    found = kept(HEAD, HEAD).match(HEAD + b"abc")

    assert found is not None
    assert (found.length, found.size_bytes) == (3, len(HEAD))
    request = found.request()
    assert fields_of(request) == fields_of(request_of(HEAD))
    assert found.request().headers is not request.headers


def test_ids_and_lengths_may_change() -> None:
    """The request has the new values."""
    head = changed(b"Content-Length: 3", b"Content-Length: 27").replace(b"7-a", b"0.B_9")
    found = kept(HEAD, HEAD).match(head)

    assert found is not None
    assert (found.length, found.size_bytes) == (27, len(head))
    assert fields_of(found.request()) == fields_of(request_of(head))


@pytest.mark.parametrize(
    "value", [b"", b"0", b"03", b"+3", b"-3", b"3 ", b" 3", b"3\t", b"3,3", b"0x3", b"3\r", b"1_0", b"3\r\nContent-Length: 4", b"9" * 16, b"\xb2"]
)
def test_a_length_that_is_not_plain_is_read_in_full(value: bytes) -> None:
    """Where two readers of a length could differ, ours is the parser and the rules."""
    assert kept(HEAD, HEAD).match(changed(b"Content-Length: 3", b"Content-Length: " + value)) is None


@pytest.mark.parametrize("value", [b"", b"a b", b"a\tb", b"a\0", b"\xc3\xa9", b"a\nX: y", b"a\r\nX: y", b"hg_x", b"xhg_", b"a" * 65])
def test_an_id_that_is_no_plain_word_is_read_in_full(value: bytes) -> None:
    """Nor is one that may be a token."""
    assert kept(HEAD, HEAD).match(changed(b"X-Client-Request-Id: 7-a", b"X-Client-Request-Id: " + value)) is None


def test_any_other_byte_makes_another_head() -> None:
    """In the request line, a name's case, a credential, a value or a line's end."""
    remembered = kept(HEAD, HEAD)
    holes = {*range(HEAD.index(b"7-a"), HEAD.index(b"7-a") + 3), HEAD.index(b"Length: 3") + 8}
    for at in range(len(HEAD)):
        for other in (HEAD[at] ^ 0x20, HEAD[at] ^ 1):
            head = HEAD[:at] + bytes([other]) + HEAD[at + 1 :]
            assert at in holes or remembered.match(head) is None
        assert remembered.match(HEAD[:at]) is None
        assert at in holes or remembered.match(HEAD[:at] + b"x" + HEAD[at:]) is None or at - 1 in holes


@pytest.mark.parametrize(
    "line", [b"Expect: 100-continue", b"Upgrade: h2c", b"HTTP2-Settings: x", b"Transfer-Encoding: chunked", b"Trailer: x", b"TE: trailers"]
)
def test_a_head_that_frames_more_than_a_length_is_not_kept(line: bytes) -> None:
    """Whatever else is in it."""
    head = changed(b"X-Other: y", line)
    assert kept(head, head).match(head) is None


def test_a_head_that_ends_its_connection_is_not_kept() -> None:
    """Nor one whose body waits for our word, nor one of HTTP/1.0, which ends it too."""
    for flags in ({"keep_alive": False}, {"expects_continue": True}):
        remembered = RepeatedHeads()
        for _ in range(3):
            remembered.keep(HEAD, request_of(HEAD, **flags))
        assert remembered.match(HEAD) is None


@pytest.mark.parametrize(
    "lines",
    [
        [LINES[0], b"X-A: b", b" folded", *LINES[1:]],
        [b"", *LINES],
        [*LINES, b"Content-Length: 3"],
        [LINES[0], b"Host: x"],
        [*LINES[:-2], b"Content-Length:3"],
    ],
)
def test_a_head_that_does_not_show_its_headers_line_by_line_is_not_kept(lines: list[bytes]) -> None:
    """The parser may have read it otherwise than by its lines."""
    head = b"\r\n".join(lines) + b"\r\n\r\n"
    remembered = RepeatedHeads()
    for _ in range(3):
        remembered.keep(head, request_of(HEAD if lines[-1] == LINES[-1] else head))
    assert remembered.match(head) is None


def test_a_header_that_is_there_twice_may_not_change() -> None:
    """The first of them is the one that counts for some, the last for others."""
    head = changed(b"X-Other: y", b"x-client-request-id: 8")
    remembered = kept(head, head)
    assert remembered.match(head) is not None
    assert remembered.match(head.replace(b"7-a", b"7-b")) is None


def test_two_heads_are_kept() -> None:
    """The one that came less recently makes room; a connection's first head is not kept."""
    second, third = HEAD.replace(b"X-Other: y", b"X-Other: 2"), HEAD.replace(b"X-Other: y", b"X-Other: 3")
    assert kept(HEAD).match(HEAD) is None
    remembered = kept(HEAD, HEAD, second)
    for head in (HEAD, second, HEAD, HEAD):
        assert remembered.match(head) is not None
    remembered.keep(third, request_of(third))
    assert [remembered.match(head) is not None for head in (HEAD, second, third)] == [True, False, True]


def test_a_client_that_repeats_nothing_is_not_looked_at_for_ever() -> None:
    """After some heads none is kept any more; one that is recognised begins anew."""
    heads = [HEAD.replace(b"X-Other: y", b"X-Other: %d" % number) for number in range(12)]
    remembered = kept(*heads)
    assert [remembered.match(head) is not None for head in heads] == [False] * 7 + [True, True] + [False] * 3
    remembered.keep(heads[0], request_of(heads[0]))
    assert remembered.match(heads[0]) is not None


def test_a_long_head_is_not_kept() -> None:
    """It would cost memory on each connection."""
    head = HEAD.replace(b"X-Other: y", b"X-Other: " + b"y" * 8192)
    assert kept(head, head).match(head) is None


def test_what_the_service_leaves_is_there_again() -> None:
    """Whatever it calls in place of its `open` is in the next request of that head, until the service says otherwise."""
    head = RepeatedHead(HEAD, request := request_of(HEAD))
    request.again = lambda _request, _stream: None
    assert head.match(HEAD)
    second = head.request()
    assert second.again is request.again
    second.again = None
    assert head.request().again is None


def test_a_closed_connection_keeps_nothing() -> None:
    """Least of all a credential."""
    remembered = kept(HEAD, HEAD)
    remembered.forget()
    assert remembered.match(HEAD) is None
