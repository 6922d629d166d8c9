"""One attempt: one try of one target, as the sink of its answer. It decides nothing: that is `dispatch`."""

import re
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from headgate.core.endpoint import Target
from headgate.core.errors import UpstreamFailed
from headgate.core.event import Failed
from headgate.core.headers import Headers
from headgate.dialects.faces import ProviderFace
from headgate.exchange.answer import ProviderAnswer
from headgate.exchange.phase import Phase
from headgate.exchange.ports import Call
from headgate.exchange.relay import Relay

_KEPT_BYTES_MAX: Final = 64 << 10  # of an answer that may yet be the client's; the rest waits in the provider's socket
_MARK_BYTES_MAX: Final = 64  # no mark of a first token is longer


class Decides(Protocol):
    """Decides what becomes of an attempt."""

    def answered(self, attempt: "Attempt", status: int, headers: Headers) -> None:
        """Its answer begins."""

    def failed(self, attempt: "Attempt", error: UpstreamFailed) -> None:
        """It has no answer, or the answer broke off."""

    def judge(self, attempt: "Attempt") -> None:
        """The answer that it keeps is whole, or as much of it is here as is looked at."""

    def token(self, attempt: "Attempt") -> None:
        """The first token of the stream that it keeps is here, or all that comes of it."""


class _Ended:
    """Of an exchange that has ended: nothing is decided any more."""

    def answered(self, attempt: "Attempt", status: int, headers: Headers) -> None:
        """Nothing."""

    def failed(self, attempt: "Attempt", error: UpstreamFailed) -> None:
        """Nothing."""

    def judge(self, attempt: "Attempt") -> None:
        """Nothing."""

    def token(self, attempt: "Attempt") -> None:
        """Nothing."""


_ENDED: Final = _Ended()


def _ignore(*_: object) -> None:
    """Nothing happens."""


class KeptAnswer:
    """An answer that may yet go to the client: what has come of it. An error answer, or a stream without its first token, whose marks it then knows."""

    __slots__ = ("bytes", "failed", "first_token", "headers", "pieces", "tail", "whole")

    def __init__(self, headers: Headers, first_token: re.Pattern[bytes] | None = None) -> None:
        self.headers = headers
        self.first_token = first_token
        self.tail = b""  # of a stream, where a mark may have begun
        self.pieces: list[bytes] = []
        self.bytes = 0
        self.whole = False
        self.failed: UpstreamFailed | None = None  # it broke off

    @property
    def body(self) -> bytes:
        """What came of its body."""
        return b"".join(self.pieces)

    def failure(self, face: ProviderFace) -> Failed | None:
        """The error that the beginning of a stream is, if it is one: some providers answer 200 and then say that they are overloaded."""
        return next((event for event in face.reader().feed(self.body) if isinstance(event, Failed)), None)


class Attempt:
    """One try of one target: the Sink of its answer, and all that is known of it. What becomes of it `Dispatch` decides."""

    __slots__ = (
        "_dispatch",
        "answer",
        "answered_at_s",
        "call",
        "data",
        "end",
        "error_code",
        "kept",
        "sent",
        "started_at_s",
        "status",
        "target",
    )

    def __init__(self, dispatch: Decides, relay: Relay, target: Target, answer: ProviderAnswer, started_at_s: float) -> None:
        self._dispatch = dispatch
        self.target = target
        self.answer = answer
        self.started_at_s = started_at_s
        self.answered_at_s = 0.0  # its head came, or it failed
        self.status = 0
        self.error_code = ""
        self.call: Call | None = None
        self.sent: bool | None = None  # None: ask the call
        self.kept: KeptAnswer | None = None
        # Pieces and the end go to the relay as they come, without another call in between, unless they are kept.
        self.data: Callable[[bytes], None] = relay.data if answer.translated is None else partial(self._translate, relay)
        self.end: Callable[[], None] = relay.end

    @property
    def reached_provider(self) -> bool:
        """Whether any byte of the request may have reached the provider: from then on it may be billed."""
        if self.sent is not None:
            return self.sent
        return self.call is not None and self.call.sent

    def head(self, status: int, headers: Headers) -> None:
        """The answer begins."""
        self.sent = True
        self.status = status
        self._dispatch.answered(self, status, headers)

    def fail(self, error: UpstreamFailed) -> None:
        """No answer, or it broke off."""
        if not self.status:
            self.sent = error.sent
        self._dispatch.failed(self, error)

    def keep(self, headers: Headers) -> None:
        """Keep the answer until it is known whether it goes to the client."""
        self.kept = KeptAnswer(headers)
        self.data = self._keep
        self.end = self._kept_whole

    def keep_until_token(self, headers: Headers, first_token: re.Pattern[bytes]) -> None:
        """Keep the beginning of a stream until its first token."""
        self.kept = KeptAnswer(headers, first_token)
        self.data = self._await_token
        self.end = self._ended_before_token

    def pour(self, relay: Relay) -> None:
        """Hand the kept answer to the client, and what is still to come of it."""
        kept, self.kept = self.kept, None
        self.data = relay.data if self.answer.translated is None else partial(self._translate, relay)
        self.end = relay.end
        if kept is None:
            return
        relay.begin(self.answer)
        if self.call is not None:
            relay.follow(self.call)
        relay.head(self.status, kept.headers)
        for piece in kept.pieces:
            self.data(piece)
        if kept.failed is not None:
            relay.fail(kept.failed)
        elif kept.whole:
            relay.end()
        elif self.call is not None and relay.phase is not Phase.ENDED:
            self.call.resume()

    def let_go(self) -> None:
        """Drop a kept answer and the rest of it."""
        kept, self.kept = self.kept, None
        if self.call is not None and kept is not None and not kept.whole and kept.failed is None:
            self.call.cancel()

    def leave(self) -> None:
        """Let go of the exchange, which has ended: what still comes is nothing to it.

        Else it and what holds it would hold each other until the collector looks, which is long after a stream has ended.
        """
        self._dispatch = _ENDED
        self.call = None
        self.data = self.end = _ignore

    def _translate(self, relay: Relay, chunk: bytes) -> None:
        """Pass a piece on that is written anew for the client, which cannot get a failure in it as it is."""
        relay.data(chunk)
        failure = self.answer.failure
        if failure is not None and relay.phase is Phase.STREAMING:
            relay.interrupt(failure)

    def _keep(self, chunk: bytes) -> None:
        kept = self.kept
        if kept is None:
            return
        kept.pieces.append(chunk)
        kept.bytes += len(chunk)
        if kept.bytes > _KEPT_BYTES_MAX:
            if self.call is not None:
                self.call.pause()
            self._dispatch.judge(self)

    def _kept_whole(self) -> None:
        if self.kept is not None:
            self.kept.whole = True
            self._dispatch.judge(self)

    def _await_token(self, chunk: bytes) -> None:
        kept = self.kept
        if kept is None or kept.first_token is None:
            return
        kept.pieces.append(chunk)
        kept.bytes += len(chunk)
        seen = kept.tail + chunk
        if kept.first_token.search(seen) is not None or kept.bytes > _KEPT_BYTES_MAX:
            self._dispatch.token(self)
        else:
            kept.tail = seen[-_MARK_BYTES_MAX:]

    def _ended_before_token(self) -> None:
        if self.kept is not None:
            self.kept.whole = True
            self._dispatch.token(self)
