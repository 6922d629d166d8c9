"""The edge of a service, where every error ends: worded for the caller, a bug as a failure without its text, and logged at a bounded rate.

It decides nothing: a service says what is refused and in whose words. Nothing that happens here is raised to a connection.
"""

import logging
from collections.abc import Callable

from headgate.core.clock import Clock
from headgate.core.errors import GatewayError, TooLarge
from headgate.core.headers import Headers
from headgate.exchange.ports import ClientStream
from headgate.web.rare_log import RareLog

Answer = tuple[int, Headers, bytes]
"""Status, headers without the length, and the whole body."""

Words = Callable[[GatewayError], Answer]
"""The words of an error for one caller."""

_log = logging.getLogger("headgate.web")
_REASON_CHARS_MAX = 500


class Edge:
    """The edge of one service. `rare_log` takes warnings that any client can cause."""

    def __init__(self, clock: Clock) -> None:
        self.rare_log = RareLog(clock)

    def shown(self, error: Exception, request_id: str) -> GatewayError:
        """The error that the caller may see. A bug is logged with its traceback under the request's id, and shown as an internal failure without its text."""
        if isinstance(error, GatewayError):
            return error
        _log.error("%s failed", request_id, exc_info=error)
        return GatewayError(f"Headgate failed. Its log has the reason under the request's id, {request_id}.")

    def refuse(self, stream: ClientStream, error: Exception, request_id: str, words: Words) -> None:
        """Answer with an error in the caller's words. An answer that cannot be given, as where one was begun already, is broken off."""
        try:
            answer(stream, *words(self.shown(error, request_id)))
        except Exception:  # ruff: ignore[blind-except] nothing else would end the answer
            _log.exception("%s: the error could not be answered", request_id)
            stream.abort()

    def warn_of(self, error: GatewayError, address: str, where: str) -> None:
        """Log a request that was refused before anything else records it. Its path is not logged: it may hold a secret that was put there by mistake."""
        code = f" {error.code}" if error.code else ""
        reason = error.message.partition("\n")[0][:_REASON_CHARS_MAX]
        self.rare_log.warn((address, error.status, error.code), "refused a request from %s %s: %d%s: %s", address, where, error.status, code, reason)


def answer(stream: ClientStream, status: int, headers: Headers, body: bytes) -> None:
    """Give a whole answer."""
    stream.start(status, [*headers, (b"content-length", b"%d" % len(body))])
    stream.finish(body)


def retry_after(error: GatewayError) -> Headers:
    """The header that says when to come again, where the error says it: in whole seconds, at least one."""
    return [] if error.retry_after_s is None else [(b"retry-after", b"%d" % max(1, round(error.retry_after_s)))]


def check_size(size: int, bytes_max: int) -> None:
    """Raise `TooLarge` for more bytes of body than are accepted."""
    if size > bytes_max:
        raise TooLarge(f"The request is larger than {bytes_max} bytes, the limit of this Headgate.")
