"""Picks a few members out of a JSON text of any size that arrives in pieces, cut anywhere, in bounded memory. Never raises on any bytes.

What is picked comes out as a small JSON text of the same shape, which a strict decoder reads. A value that a strict decoder refuses (`NaN`, half of
a surrogate pair, a control character, bytes that are not UTF-8) loses only itself: it becomes null, or has U+FFFD in place of the odd character.
"""

import json
import re
from collections.abc import Sequence
from enum import IntEnum

import msgspec

from headgate.dialects.wanted import Wanted

NAME_BYTES_MAX = 256  # no wanted name is longer
DEPTH_MAX = 64
_WINDOW_BYTES = 256 << 10
_SCALAR_BYTES_MAX = 64

_WORD_BYTES_MAX = 64  # of a number, `true`, `false` or `null`

_CONTINUATIONS = bytes(range(0x80, 0xC0))  # the bytes of a character after its first
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SPACE = re.compile(rb"[ \t\r\n]*+")
_BEFORE = re.compile(rb"[ \t\r\n\xef\xbb\xbf]*+")  # with the bytes of a byte-order mark
_OPENINGS = re.compile(rb"[{\[]++")
_CLOSINGS = re.compile(rb"[}\]]++")
_WORD_REST = re.compile(rb'[^ \t\r\n",:{}\[\]]*+')
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_QUOTE, _COMMA, _COLON = b'",:'

_ANY = msgspec.json.Decoder()


def _skipped(levels: int) -> re.Pattern[bytes]:
    """Matches what is between two brackets, with whole objects and lists of up to so many levels. One Python step for each bracket would cost the most."""
    plain = rb'[^"{}\[\]]++|"[^"]*+"'
    inner = plain
    for _ in range(levels):
        inner = plain + rb"|[{\[](?:" + inner + rb")*+[}\]]"
    return re.compile(rb"(?:" + inner + rb")*+")


_SKIPPED = _skipped(3)


class _At(IntEnum):
    """What is read next."""

    START = 0
    VALUE = 1
    NAME = 2
    COLON = 3
    NEXT = 4  # a comma, or the end of the object or list
    STRING = 5
    WORD = 6
    SKIPPED = 7
    END = 8


class Bounds(msgspec.Struct, frozen=True):
    """How much is picked of one text at most: the beginning of a longer string or list, and `list_bytes` of all lists together.

    Members are left out only beyond `text_bytes`, so that the members after a long list are read.
    """

    string_bytes: int = 16 << 10
    items: int = 10_000
    list_bytes: int = 256 << 10
    text_bytes: int = 1 << 20


_PASSING = Bounds()
_HELD = Bounds(1 << 30, 1_000_000, 1 << 30, 1 << 30)  # for a text that is in memory anyway


class _Open:
    """An open object or list with something wanted in it."""

    __slots__ = ("closing", "items", "wanted")

    def __init__(self, wanted: Wanted, closing: bytes) -> None:
        self.wanted = wanted
        self.closing = closing
        self.items = 0


class Picker:
    """Reads one JSON text: an object, or a list whose elements are each a text of their own. It ignores what comes after the end."""

    def __init__(self, wanted: Wanted, bounds: Bounds = _PASSING) -> None:
        self._wanted = wanted
        self._bounds = bounds
        self._state = _At.START
        self._next: Wanted | None = wanted  # what is wanted of the next value
        self._open: list[_Open] = []
        self._is_list = False
        self._picked = bytearray()
        self._token: bytearray | None = None  # the beginning of a name, a string or a word that is wanted
        self._is_name = False
        self._counting = False  # in a string that is generated text
        self.text_length = 0  # characters of generated text so far, as they are written
        self._depth = 0  # of what is skipped
        self._quoted = False  # in a string within it
        self._half_escape = b""
        self._broken = False
        self._texts: list[bytes] = []

    @property
    def whole(self) -> bool:
        """Whether all of the text was read. Reading stops where the bytes are not JSON."""
        return self._state == _At.END and not self._broken

    def feed(self, data: bytes) -> Sequence[bytes]:
        """What is picked of each text that ends in this piece."""
        for at in range(0, len(data), _WINDOW_BYTES):
            if self._state == _At.END:
                break
            self._read(data if len(data) <= _WINDOW_BYTES else data[at : at + _WINDOW_BYTES])
        texts, self._texts = self._texts, []
        return texts

    def _read(self, data: bytes) -> None:
        if self._half_escape:
            data, self._half_escape = self._half_escape + data, b""
        if data.endswith(b"\\") and (len(data) - len(data.rstrip(b"\\"))) % 2:
            data, self._half_escape = data[:-1], b"\\"
        # With escapes replaced by as many bytes that are none, each quotation mark that is left begins or ends a string.
        plain = data.replace(rb"\\", b"..").replace(rb"\"", b"..") if b"\\" in data else data
        at = 0
        while at < len(data) and self._state != _At.END:
            if self._state == _At.STRING:
                at = self._read_string(data, plain, at)
            elif self._state == _At.SKIPPED:
                at = self._skip(plain, at)
            elif self._state == _At.WORD:
                at = self._read_word(data, at)
            else:
                at = self._read_mark(data, at)

    def _read_mark(self, data: bytes, at: int) -> int:
        """Read one mark of JSON's structure, or begin a value."""
        found = (_BEFORE if self._state == _At.START else _SPACE).match(data, at)
        at = found.end() if found else at
        if at == len(data):
            return at
        mark = data[at]
        if mark in b"}]" and self._state != _At.START:
            self._close()
        elif self._state == _At.START:
            self._start(mark)
        elif self._state == _At.VALUE:
            return self._begin_value(mark, at)
        elif self._state == _At.COLON and mark == _COLON:
            self._state = _At.VALUE
        elif self._state == _At.NAME and mark == _QUOTE:
            self._state, self._is_name, self._token = _At.STRING, True, bytearray()
        elif self._state in {_At.NEXT, _At.NAME} and mark == _COMMA:
            self._go_on()
        else:
            self._break()
        return at + 1

    def _break(self) -> None:
        """Stop: the bytes are not JSON."""
        self._state, self._broken = _At.END, True

    def _start(self, mark: int) -> None:
        if mark == b"{"[0]:
            self._enter(self._wanted, b"}")
        elif mark == b"["[0]:
            self._is_list, self._state, self._next = True, _At.VALUE, self._wanted
        else:
            self._break()

    def _go_on(self) -> None:
        """Read what follows a comma."""
        if not self._open:
            self._state, self._next = _At.VALUE, self._wanted
            return
        here = self._open[-1]
        here.items += 1
        if here.closing == b"}":
            self._state = _At.NAME
        elif here.items >= self._bounds.items:
            self._leave()
            self._state, self._depth = _At.SKIPPED, 1
        else:
            self._state, self._next = _At.VALUE, here.wanted if len(self._picked) < self._bounds.list_bytes else None

    def _begin_value(self, mark: int, at: int) -> int:
        if mark in b",:":
            self._null()
            if mark == _COMMA:
                self._state = _At.NEXT
            else:
                self._break()
            return at
        wanted = self._next
        if mark in b"{[":
            if wanted is not None and len(self._open) < DEPTH_MAX:
                self._enter(wanted, b"}" if mark == b"{"[0] else b"]")
            else:
                self._null()
                self._state, self._depth = _At.SKIPPED, 1
            return at + 1
        self._counting = wanted is not None and wanted.text
        self._token = bytearray() if self._open and wanted is not None and not self._counting else None
        self._is_name = False
        self._state = _At.STRING if mark == _QUOTE else _At.WORD
        return at + 1 if mark == _QUOTE else at

    def _enter(self, wanted: Wanted, closing: bytes) -> None:
        self._write(b"{" if closing == b"}" else b"[")
        self._open.append(_Open(wanted, closing))
        self._state, self._next = _At.NAME if closing == b"}" else _At.VALUE, wanted

    def _close(self) -> None:
        """Read a closing bracket of either kind."""
        if self._open:
            self._null()
            self._leave()
        else:
            self._state = _At.END  # of a list of texts

    def _leave(self) -> None:
        self._picked += self._open.pop().closing
        self._state = _At.NEXT
        if not self._open:
            self._texts.append(bytes(self._picked))
            self._picked.clear()
            self._state = _At.NEXT if self._is_list else _At.END

    def _read_string(self, data: bytes, plain: bytes, at: int) -> int:
        end = plain.find(b'"', at)
        stop = len(data) if end < 0 else end
        token = self._token
        if token is not None and len(token) < self._bounds.string_bytes:
            token += data[at : min(stop, at + self._bounds.string_bytes - len(token))]
        elif self._counting and not self._is_name:
            self.text_length += len(data[at:stop].translate(None, _CONTINUATIONS))
        if end < 0:
            return stop
        if self._is_name:
            self._named(b"" if token is None else bytes(token))
        else:
            if token is None:
                self._null()
            else:
                self._write(_string(bytes(token)))
            self._state = _At.NEXT
        return stop + 1

    def _named(self, spelled: bytes) -> None:
        """Take the name of a member."""
        self._is_name, self._state, self._next = False, _At.COLON, None
        if len(spelled) > NAME_BYTES_MAX:
            return
        name = _string(spelled)
        wanted = self._open[-1].wanted.of(_ANY.decode(name))
        if wanted is not None and len(self._picked) < self._bounds.text_bytes:
            self._write(name + b":")
            self._next = wanted

    def _read_word(self, data: bytes, at: int) -> int:
        """Take a number, `true`, `false`, `null`, or other bytes in their place. It ends at the next mark."""
        found = _WORD_REST.match(data, at)
        stop = found.end() if found else at
        token = self._token
        if token is not None and len(token) <= _WORD_BYTES_MAX:
            token += data[at : min(stop, at + _WORD_BYTES_MAX + 1)]
        if stop < len(data):
            if token is None or len(token) > _WORD_BYTES_MAX:
                self._null()
            else:
                self._write(_word(bytes(token)))
            self._state = _At.NEXT
        return stop

    def _skip(self, plain: bytes, at: int) -> int:
        """Skip on in an object or list that is not wanted."""
        if self._quoted:
            end = plain.find(b'"', at)
            if end < 0:
                return len(plain)
            self._quoted, at = False, end + 1
        found = _SKIPPED.match(plain, at)
        at = found.end() if found else at
        if at == len(plain):
            return at
        if plain[at] == _QUOTE:
            self._quoted = True
            return at + 1
        if run := _OPENINGS.match(plain, at):
            self._depth += len(run[0])
            return run.end()
        run = _CLOSINGS.match(plain, at)
        closed = min(self._depth, len(run[0])) if run else 1
        self._depth -= closed
        if not self._depth:
            self._state = _At.NEXT
        return at + closed

    def _write(self, piece: bytes) -> None:
        if self._picked and self._picked[-1] not in b"{[:":
            self._picked += b","
        self._picked += piece

    def _null(self) -> None:
        """Give null to a member that has a name and no value."""
        if self._picked.endswith(b":"):
            self._picked += b"null"


def pick(data: bytes, wanted: Wanted) -> bytes:
    """What is picked of one JSON value that is in memory; empty where the bytes are not JSON."""
    if not data:
        return b""
    picker = Picker(Wanted(_=wanted), _HELD)
    ended_early = [*picker.feed(b'{"_":'), *picker.feed(data.removeprefix(_BYTE_ORDER_MARK))]
    texts = picker.feed(b"}")
    return texts[0].removeprefix(b'{"_":')[:-1] if texts and not ended_early and data.strip() else b""


def _string(spelled: bytes) -> bytes:
    """A string as a strict decoder reads it, from the bytes between its quotation marks."""
    quoted = b'"' + spelled + b'"'
    try:
        _ANY.decode(quoted)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.encode(_SURROGATE.sub("\ufffd", _unescaped(quoted.decode(errors="replace"))))
    return quoted


def _unescaped(quoted: str) -> str:
    """The text of an odd string. Control characters stay as they are. If one escape is invalid, all backslashes of the string stay as they are."""
    try:
        text: str = json.loads(quoted, strict=False)
    except ValueError:
        return quoted[1:-1]
    return text


def _word(spelled: bytes) -> bytes:
    """A number or a constant as it is. Null for anything else and for a number that is too large to be counted."""
    try:
        _ANY.decode(spelled)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return b"null"
    return spelled
