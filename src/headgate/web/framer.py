"""Cuts the bytes of a connection into requests, so that each is read in one way only, or not at all.

Heads and bodies are cut by our own count and then parsed by llhttp; where the two disagree, the request is refused. A head that repeats one is recognised by
its bytes (`repeated_heads`), not parsed. This module reads no socket, writes nothing and calls nothing back: it says how far it is by its `phase`.
"""

import logging
from typing import Final
from urllib.parse import unquote

import httptools

from headgate.core.headers import Headers
from headgate.web import refusal
from headgate.web.boundaries import ChunkedBody, HeadBytes, body_parser
from headgate.web.framing import METHODS, judge
from headgate.web.front import Front
from headgate.web.refusal import Refusal
from headgate.web.repeated_heads import RepeatedHead, RepeatedHeads
from headgate.web.service import OnBody, Request

_log = logging.getLogger("headgate.web")

HEAD: Final = 0  # between requests, or in the head of one
COUNTED: Final = 1  # in a body with content-length
CHUNKED: Final = 2
WHOLE: Final = 3  # the request is whole, its answer is not
REFUSED: Final = 4  # nothing more is read; the client may still read its answer


class HeldBody:
    """The body of the request that is being read, counted in what all connections hold until the request is answered."""

    __slots__ = ("_front", "_pieces", "_wanted", "all_bytes_max", "arrived_bytes", "bytes_max", "held_bytes", "left_bytes", "on_body", "parsed")

    def __init__(self, front: Front) -> None:
        self._front = front
        self.all_bytes_max = front.limits.held_body_bytes_max  # of all connections together
        self._pieces: list[bytes] = []
        self._wanted = False
        self.on_body: OnBody | None = None  # what the service does with it
        self.bytes_max = 0  # what the service accepts
        self.held_bytes = 0
        self.left_bytes = 0  # of a counted body, still to come
        self.parsed = True  # the parser is given it too: it was given the head
        self.arrived_bytes = 0  # since the last look, also of what is dropped

    def begin(self, length: int, bytes_max: int, *, parsed: bool = True) -> None:
        """Hold what comes."""
        self._wanted = True
        self.parsed = parsed
        self.left_bytes = length
        self.bytes_max = bytes_max

    def add(self, piece: bytes) -> bool:
        """Hold a piece, or drop it where it is not wanted any more; False where all connections together hold too much."""
        size = len(piece)
        self.arrived_bytes += size
        if self._wanted:
            self.held_bytes += size
            front = self._front
            held_bytes = front.held_body_bytes = front.held_body_bytes + size
            if held_bytes > self.all_bytes_max:
                return False
            self._pieces.append(piece)
        return True

    def take(self) -> bytes:
        """What has come. It is still counted; what comes later is dropped."""
        pieces, self._pieces, self._wanted = self._pieces, [], False
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def release(self) -> None:
        """Forget the body, and drop what comes of it."""
        self.on_body = None
        self._wanted = False
        if self._pieces:
            self._pieces = []
        self._front.held_body_bytes -= self.held_bytes
        self.held_bytes = 0


class Framer:
    """The reader of one connection. `phase` says where it is, `refusal` why it reads no further; `request` is the last one whose head was accepted."""

    __slots__ = ("_chunked", "_for_body", "_front", "_head", "_headers", "_parser", "_repeated", "body", "phase", "refusal", "request", "url")
    __deletable__ = ("_parser",)  # mypyc asks for it

    request: Request

    def __init__(self, front: Front) -> None:
        self._front = front
        self._parser = httptools.HttpRequestParser(self)
        # A request that ends its connection may have others behind it: they are read, and refused or dropped, by us.
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._for_body = False  # the parser is one for a body alone
        self._head = HeadBytes()
        self._headers: Headers = []
        self._chunked: ChunkedBody | None = None
        self._repeated = RepeatedHeads()
        self.url = b""
        self.body = HeldBody(front)
        self.phase: int = HEAD
        self.refusal: Refusal | None = None

    @property
    def in_body(self) -> bool:
        """Whether the body of a request is being read."""
        return HEAD < self.phase < WHOLE

    @property
    def idle(self) -> bool:
        """Whether nothing has come of the next head."""
        return not self._head.size_bytes

    def read(self, data: bytes) -> bytes:
        """Read on in a head or a body, and return what was not read: of a head that is whole, all that is not a counted body; what follows a request."""
        if self.phase == HEAD:
            known = self._repeated.match(data) if self.idle else None
            if known is not None and known.length <= self._front.limits.body_bytes_max and self._has_room(known.length):
                return self._begin_repeated(known, data)
            return self._read_head(data)
        return self._read_counted(data) if self.phase == COUNTED else self._read_chunked(data)

    def next(self) -> None:
        """Go on to the next request: this one is answered."""
        self.phase = HEAD

    def stop(self) -> None:
        """Read nothing more."""
        self.phase = REFUSED
        self.body.release()

    def close(self) -> None:
        """Let go of the parser, which holds this object."""
        self.stop()
        self._repeated.forget()
        del self._parser

    def _has_room(self, length: int) -> bool:
        return self._front.held_body_bytes + length <= self.body.all_bytes_max

    def _begin_repeated(self, known: RepeatedHead, data: bytes) -> bytes:
        request = self.request = known.request()
        self.url = request.target
        body = self.body
        body.begin(known.length, request.body_bytes_max, parsed=False)
        self._chunked = None
        self.phase = COUNTED
        if len(data) - known.size_bytes != known.length:
            return self._read_counted(memoryview(data)[known.size_bytes :])
        body.left_bytes = 0  # the whole body came with its head, and nothing behind it
        self._hold(data[known.size_bytes :])
        return b""

    def _read_head(self, data: bytes) -> bytes:
        if self._for_body:
            self._for_body = False
            self._parser = httptools.HttpRequestParser(self)
        head = self._head
        piece = head.follow(data)
        if head.size_bytes > self._front.limits.head_bytes_max:
            self.refusal = refusal.HEAD_TOO_LARGE
            return b""
        if piece is None:
            self.refusal = refusal.MALFORMED
            return b""
        self._feed(piece)
        if head.ended == (self.phase == HEAD):
            self.refusal = self.refusal or refusal.MALFORMED  # no request where its head ends, or one where it does not
            return b""
        if self.phase == COUNTED:
            if len(piece) == head.size_bytes:
                self._repeated.keep(piece, self.request)
            return self._read_counted(memoryview(data)[len(piece) :])
        return data[len(piece) :]

    def _read_counted(self, data: bytes | memoryview) -> bytes:
        body, rest = self.body, b""
        if len(data) > body.left_bytes:
            rest = bytes(data[body.left_bytes :])
            data = data[: body.left_bytes]
        body.left_bytes -= len(data)
        if body.parsed:
            self._feed(data)
        else:
            self._hold(data)
        if not body.left_bytes and self.phase == COUNTED:
            self.refusal = self.refusal or refusal.MALFORMED
        return rest

    def _hold(self, data: bytes | memoryview) -> None:
        """Read on in a body whose head was recognised: what the parser would say of it is known."""
        if data:
            self.on_body(data if isinstance(data, bytes) else bytes(data))
        if not self.body.left_bytes and self.refusal is None:
            self.phase = WHOLE

    def _read_chunked(self, data: bytes) -> bytes:
        body = self._chunked
        size = None if body is None else body.follow(data)
        if body is None or size is None:
            self.refusal = refusal.BAD_CHUNKS
            return b""
        if body.body_bytes > self._front.limits.body_bytes_max:
            self.refusal = refusal.BODY_TOO_LARGE
            return b""
        self._feed(data[:size])
        if body.done != (self.phase != CHUNKED):
            self.refusal = self.refusal or refusal.BAD_CHUNKS
        return data[size:]

    def _feed(self, data: bytes | memoryview) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._ignore_upgrade()
        except httptools.HttpParserCallbackError as error:
            _log.error("a callback of the HTTP parser failed", exc_info=error.__context__)
            self.refusal = refusal.MALFORMED
        except httptools.HttpParserError:
            self.refusal = self.refusal or refusal.MALFORMED

    def _ignore_upgrade(self) -> None:
        """Go on with HTTP/1.1."""
        self._for_body = True
        length = self.body.left_bytes if self._chunked is None else None
        self._parser, head = body_parser(length, self.on_body, self.on_message_complete)
        self._feed(head)

    # What the parser calls

    def on_message_begin(self) -> None:
        """A request begins."""
        self.url = b""
        self._headers = []

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header of the head; trailers, which come later, are dropped."""
        if self.phase == HEAD:
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Judge the head."""
        parser, front, url, headers = self._parser, self._front, self.url, self._headers
        method, version = METHODS.get(parser.get_method(), ""), parser.get_http_version()
        line = (method, version, url)
        framing = judge(line, headers, self._head, front.limits)
        if isinstance(framing, Refusal):
            self.refusal = framing
            return
        length = framing.length
        if not self._has_room(length):
            self.refusal = refusal.OVERLOADED
            return
        path, _, query = url.decode("latin-1").partition("?")
        if "%" in path:
            path = unquote(path)
        bytes_max = front.limits.body_bytes_max
        request = self.request = Request((method, version, url, path, query), headers, bytes_max)
        request.keep_alive = parser.should_keep_alive() and version == "1.1"
        request.expects_continue = framing.expects_continue
        self.body.begin(length, bytes_max)
        self._chunked = ChunkedBody() if framing.chunked else None
        self.phase = CHUNKED if framing.chunked else COUNTED

    def on_body(self, piece: bytes) -> None:
        """A piece of the body."""
        if self.refusal is None and not self.body.add(piece):
            self.refusal = refusal.OVERLOADED

    def on_message_complete(self) -> None:
        """The request is whole."""
        if self.refusal is None and not self._parser.should_upgrade():
            self.phase = WHOLE
            self._head = HeadBytes()
