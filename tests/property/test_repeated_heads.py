"""A connection that has seen a head reads whatever comes next as a connection does that has not: the same request, or the same refusal."""

from hypothesis import event, given
from hypothesis import strategies as st

from headgate.web.framer import HEAD, WHOLE, Framer
from headgate.web.front import Front, FrontLimits
from tests.fakes.examples import examples
from tests.fakes.fields import fields_of
from tests.fakes.services import Recorder

LIMITS = FrontLimits(body_bytes_max=40, header_bytes_max=300, head_bytes_max=600, header_count_max=8)
IDS = st.from_regex(rb"[A-Za-z0-9._-]{1,64}", fullmatch=True)
VALUES = IDS | st.sampled_from([b"", b" ", b"hg_x", b"a b", b"x\r\nContent-Length: 2", b"1, 1", b"\xc3\xa9", b"\0", b"a" * 65])
LENGTHS = st.sampled_from([b"3", b"03", b"+3", b"3 ", b"0", b"40", b"41", b"3, 3", b"0x3", b"3\t", b"", b"1" * 20])
LINES = st.sampled_from([b"POST /a HTTP/1.1", b"POST /a?b=%41 HTTP/1.1", b"POST /%61 HTTP/1.1", b"PUT /a HTTP/1.1"])
PLAIN = [
    b"Host: x", b"host: x", b"Authorization: Bearer a", b"Authorization: Bearer b", b"authorization: Bearer a", b"Connection: keep-alive", b"X-B: \xe9", b"X-B:c",
]  # fmt: skip
ODD = [
    b"Connection: close", b"Connection: Upgrade\r\nUpgrade: h2c", b"Expect: 100-continue", b"Transfer-Encoding: chunked", b"Trailer: x", b"X-A: b\r\n c",
]  # fmt: skip
NAMES = [
    b"x-client-request-id",
    b"X-Client-Request-Id",
    b"traceparent",
    b"X-Request-ID",
    b"idempotency-key",
    b"x-claude-code-prompt-id",
    b"x-other-id",
]


@st.composite
def heads(draw):
    """A request's head as its lines, with its length somewhere."""
    lines = draw(st.lists(st.sampled_from(PLAIN * 3 + ODD) if draw(st.booleans()) else st.sampled_from(PLAIN), max_size=3))
    lines += [name + b": " + draw(IDS if draw(st.integers(0, 9)) else VALUES) for name in draw(st.lists(st.sampled_from(NAMES), max_size=3))]
    lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from([b"Content-Length: 3", b"content-length: 3", b"Content-Length:3"])))
    return [draw(LINES), b"Host: y", *lines] if not any(line[:1] in b"Hh" for line in lines) else [draw(LINES), *lines]


def written(head, body=b"abc"):
    """The bytes of a request."""
    return b"\r\n".join(head) + b"\r\n\r\n" + body


@st.composite
def mutated(draw, head):
    """The bytes of a request that is like another one: other values, other lines, or bytes put in, taken out or changed."""
    kind = draw(st.sampled_from(["values", "values", "lines", "bytes"]))
    lines = head[1:]
    if kind == "values":
        at = draw(st.integers(0, len(lines) - 1))
        name = lines[at].partition(b":")[0]
        lines[at] = name + b": " + draw(LENGTHS if name.lower() == b"content-length" else VALUES)
    elif kind == "lines":
        line = draw(st.sampled_from([*lines, *PLAIN, *ODD]))
        lines.insert(draw(st.integers(0, len(lines))), line)
        del lines[draw(st.integers(0, len(lines) - 1))]
    data = written([head[0], *lines], draw(st.sampled_from([b"abc", b"a", b"", b"abc" + written(head), b"abc" * 20])))
    if kind == "bytes":
        start = draw(st.integers(0, len(data)))
        put = draw(st.binary(max_size=2) | st.sampled_from([b"\r\n", b"\n", b" ", b":"]))
        data = data[:start] + put + data[start + draw(st.integers(0, 2)) :]
    return data


def framer():
    """A reader of one connection."""
    return Framer(Front(Recorder(), LIMITS))


def read(reader, data, cut):
    """What a reader makes of the bytes of one request, in at most two pieces: the request, its body, its end, what is left over, and why it stopped."""
    rest = b""
    for piece in (data[:cut], data[cut:]):
        rest += piece
        while rest and reader.phase != WHOLE and reader.refusal is None:
            before, rest = rest, reader.read(rest)
            assert len(rest) < len(before) or reader.phase != HEAD
    request = None if reader.phase == HEAD or reader.refusal is not None else fields_of(reader.request)
    return request, reader.body.take(), reader.body.held_bytes, reader.phase, rest, reader.refusal, reader.phase == HEAD and reader.idle


@given(heads(), st.data())
@examples(100)
def test_a_repeated_head_is_read_as_if_it_came_first(head, data):
    """After two requests with one head, perhaps with one of another in between: whatever comes."""
    warm, before = framer(), [written(head), written(head)]
    before += [written(other) for other in data.draw(st.lists(heads(), max_size=1))]
    for request in before:
        read(warm, request, 0)
        if warm.phase != WHOLE or warm.refusal is not None or not warm.request.keep_alive:
            return
        warm.body.release()
        warm.next()
    for _ in range(2):
        bytes_sent = data.draw(mutated(head))
        cut = data.draw(st.just(0) | st.integers(0, len(bytes_sent)))
        found, expected = read(warm, bytes_sent, cut), read(framer(), bytes_sent, cut)
        event("recognised" if warm.phase == WHOLE and not warm.body.parsed else "read in full")
        assert found == expected
        if warm.phase != WHOLE or warm.refusal is not None or not warm.request.keep_alive:
            return
        warm.body.release()
        warm.next()
