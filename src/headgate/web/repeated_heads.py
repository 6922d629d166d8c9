"""Recognises a head that its connection has sent before, so that it is not parsed and judged again.

A head is compared byte for byte with one that the parser and our rules have accepted. Only the values of a few named headers may differ, and only to plain
words, which end no line: the parser would find the same request line and the same headers, with those values. Any other head is read in full.

A head has its client's credentials. They stay in the memory of its connection, which forgets them when it closes.
"""

import re
from typing import Final

from headgate.web.service import Request

# They change with each request or each turn of an agent. What a service makes of their values it must make anew.
CHANGING: Final = frozenset({
    b"content-length",
    b"idempotency-key",
    b"traceparent",
    b"x-claude-code-prompt-id",
    b"x-client-request-id",
    b"x-request-id",
})
_HEAD_BYTES_MAX: Final = 8 * 1024  # a longer head is read in full
_VALUE_BYTES_MAX: Final = 64
_FRUITLESS_MAX: Final = 8  # heads that were kept since one was recognised: a client that repeats none is not looked at any more
_OWN_TOKEN: Final = b"hg_"  # a Headgate token is let pass under no name, so a value that may be one is not judged here
_is_word: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}").fullmatch
_is_length: Final = re.compile(rb"[1-9][0-9]{0,14}").fullmatch
# With one of these more than the length decides where the body or the connection ends.
_NOT_PLAIN: Final = frozenset({b"expect", b"http2-settings", b"te", b"trailer", b"transfer-encoding", b"upgrade"})


class RepeatedHead:
    """One head, whose changing values are holes in it. `size_bytes` and `length` are those of the head that was matched last, and of its body."""

    __slots__ = ("_bytes_max", "_first", "_headers", "_length_at", "_line", "_pieces", "_places", "_request", "_values", "length", "size_bytes")

    def __init__(self, head: bytes, request: Request) -> None:
        """Of a head that was accepted, and the request that was read from it. Raises ValueError where the one does not show the other line by line."""
        lines = head.split(b"\r\n")[:-2]
        headers = request.headers
        names = [name for name, _ in headers]
        begun = lines[0]
        pieces: list[bytes] = []
        places: list[int] = []
        for place, ((name, value), line) in enumerate(zip(headers, lines[1:], strict=True)):
            written = line[: len(name)]
            if written.lower() != name:
                raise ValueError("another header is on this line")
            if name in CHANGING and names.count(name) == 1 and _is_word(value) and _OWN_TOKEN not in value and line == written + b": " + value:
                pieces.append(begun + b"\r\n" + written + b": ")
                places.append(place)
                begun = b""
            else:
                begun += b"\r\n" + line
        self._length_at = places.index(names.index(b"content-length"))
        self._first, self._pieces = pieces[0], [*pieces[1:], begun + b"\r\n\r\n"]
        self._places = places
        self._values = [headers[place][1] for place in places]
        self._headers = list(headers)
        self._line = (request.method, request.version, request.target, request.path, request.query)
        self._bytes_max = request.body_bytes_max
        self._request = request
        self.length = self.size_bytes = 0

    def match(self, data: bytes) -> bool:
        """Whether these bytes begin with the whole head."""
        first, pieces, known_values = self._first, self._pieces, self._values
        at = len(first)
        if data[:at] != first:
            return False
        values: list[bytes] = []
        for index in range(len(pieces)):  # compiled, a strict `zip` costs as much as all else here
            piece, known = pieces[index], known_values[index]
            stop = data.find(b"\r", at, at + _VALUE_BYTES_MAX + 1)
            if stop < 0 or data[stop : stop + len(piece)] != piece:
                return False
            value = data[at:stop]
            if value != known and (_is_word(value) is None or _OWN_TOKEN in value):
                return False
            values.append(value)
            at = stop + len(piece)
        length = values[self._length_at]
        if length != self._values[self._length_at] or not self.length:
            if _is_length(length) is None:
                return False
            self.length = int(length)
        self._values = values
        self.size_bytes = at
        return True

    def request(self) -> Request:
        """The request of the head that was matched, as it would be read in full."""
        headers = self._headers.copy()
        places, values = self._places, self._values
        for index in range(len(places)):
            place = places[index]
            headers[place] = (headers[place][0], values[index])
        made = Request(self._line, headers, self._bytes_max)
        made.again = self._request.again
        self._request = made
        return made


class RepeatedHeads:
    """The last heads of one connection, at most two: some agents ask for two things in turn. The first request of a connection is not kept."""

    __slots__ = ("_fruitless", "_kept", "_one_came")

    def __init__(self) -> None:
        self._kept: list[RepeatedHead] = []
        self._one_came = False
        self._fruitless = 0

    def match(self, data: bytes) -> RepeatedHead | None:
        """The head that these bytes begin with, if it is a known one."""
        kept = self._kept
        for head in kept:
            if head.match(data):
                self._fruitless = 0
                if head is not kept[0]:
                    kept.reverse()
                return head
        return None

    def keep(self, head: bytes, request: Request) -> None:
        """Keep a head that was accepted and whose body has a length, in the place of the one that came less recently."""
        if not self._one_came or self._fruitless >= _FRUITLESS_MAX:
            self._one_came = True
            return
        self._fruitless += 1
        plain = request.keep_alive and not request.expects_continue and _NOT_PLAIN.isdisjoint([name for name, _ in request.headers])
        if not plain or len(head) > _HEAD_BYTES_MAX:
            return
        try:
            made = RepeatedHead(head, request)
        except ValueError:
            return
        self._kept = [made, *self._kept[:1]]

    def forget(self) -> None:
        """The connection is closed."""
        self._kept = []
