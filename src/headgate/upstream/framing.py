"""How the answer that a connection reads is framed: where its body ends, how large it may be, and whether the connection can be used again. Does no I/O."""

from typing import Final

from headgate.core.headers import Headers
from headgate.upstream.settings import UpstreamSettings

_INFORMATIONAL_MAX: Final = 16
_BODILESS: Final = frozenset({204, 304})
_FRAMING: Final = frozenset({b"content-length", b"content-type", b"transfer-encoding"})
_UNBOUNDED: Final = (1 << 62) - 1  # the largest number that compiled code compares without an object


class BadAnswer(Exception):
    """An answer that is not taken, although the parser let it pass."""


class AnswerTooLarge(Exception):
    """The body is larger than an answer may be."""


class AnswerFraming:
    """The framing of one answer after another. `barren_bytes` counts what came since the last piece of body: head, chunk extensions, trailers.

    `bodiless`: an answer to HEAD. `until_close`: the body ends with the connection. `complete`: the whole answer has come.
    """

    __slots__ = ("_answer_bytes_max", "_informational", "barren_bytes", "bodiless", "body_bytes_max", "complete", "header_bytes_max", "reusable",
                 "until_close")  # fmt: skip

    def __init__(self, settings: UpstreamSettings) -> None:
        self.header_bytes_max = settings.max_header_bytes
        self._answer_bytes_max = settings.max_answer_bytes
        self.body_bytes_max = settings.max_answer_bytes
        self.barren_bytes = 0
        self._informational = 0
        self.bodiless = False
        self.until_close = False
        self.complete = False
        self.reusable = False

    def renew(self) -> None:
        """The next answer begins from nothing."""
        self.complete = False
        self.barren_bytes = self._informational = 0

    def check_size(self, headers: Headers) -> None:
        """Refuse headers that are too large. Called where much has come; most of that may be body that came along."""
        if sum(len(name) + len(value) + 4 for name, value in headers) > self.header_bytes_max:
            raise BadAnswer("its headers are too large")

    def skip_interim(self, status: int) -> None:
        """RFC 9110 section 15.2: interim answers may be ignored. We asked for no upgrade, and count the rest."""
        self._informational += 1
        if not 100 <= status <= 199 or status == 101:
            raise BadAnswer(f"status {status:03d} is not an answer to what was asked")
        if self._informational > _INFORMATIONAL_MAX:
            raise BadAnswer(f"more than {_INFORMATIONAL_MAX} interim answers")

    def begin(self, status: int, headers: Headers) -> None:
        """Find how the body of a final answer ends, and how large it may be."""
        framed = self.bodiless or status in _BODILESS
        body_bytes_max = self._answer_bytes_max
        declared = 0
        for name, value in headers:
            if name not in _FRAMING:
                continue
            if name == b"content-length":
                framed, declared = True, int(value)
            elif name == b"content-type":
                if status == 200 and value[:17].lower() == b"text/event-stream":
                    body_bytes_max = _UNBOUNDED
            elif value.lower() != b"chunked":
                raise BadAnswer("its transfer coding is not plain chunked")
            else:
                framed = True
        self.body_bytes_max = body_bytes_max
        self.until_close = not framed
        if declared > body_bytes_max and not self.bodiless:
            raise AnswerTooLarge
        self.barren_bytes = 0


def check_version(version: str) -> None:
    """Refuse 0.9 and 2.0, which the parser also takes; by themselves they never keep a connection."""
    if version not in {"1.1", "1.0"}:
        raise BadAnswer(f"it says that it is HTTP/{version}")
