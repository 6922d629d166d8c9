"""The edge of a service, where every error ends: worded for the caller, a bug as a failure without its text, and logged at a bounded rate.

It decides nothing: a service says what is refused and in whose words. Nothing that happens here is raised to a connection.
"""

import logging
import re
from collections.abc import Callable
from typing import Final

from headgate.core.clock import Clock
from headgate.core.errors import GatewayError, TooLarge
from headgate.core.escaping import escaped
from headgate.core.headers import Headers
from headgate.exchange.ports import ClientStream
from headgate.policy.authenticate import token_tail
from headgate.web.rare_log import RareLog
from headgate.web.service import Request

Answer = tuple[int, Headers, bytes]
"""Status, headers without the length, and the whole body."""

Words = Callable[[GatewayError], Answer]
"""The words of an error for one caller."""

_log = logging.getLogger("headgate.web")
_REASON_CHARS_MAX: Final = 500
_PATH_CHARS_MAX: Final = 200
_SEGMENT_CHARS_MAX: Final = 64  # no model's name and no id is longer
# Headgate's tokens, the keys of providers, and long runs of letters and digits together.
_SECRET: Final = re.compile(r"hg_|sk-|dapi|AIza|eyJ|gh[pousr]_|(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_]{24}")
_HIDDEN: Final = "…"


class Edge:
    """The edge of one service. `rare_log` takes warnings that any client can cause."""

    def __init__(self, clock: Clock) -> None:
        self.rare_log = RareLog(clock)

    def shown(self, error: Exception, request_id: str) -> GatewayError:
        """The error that the caller may see. A bug is logged with its traceback under the request's id, and shown as an internal failure without its text."""
        if isinstance(error, GatewayError):
            return error
        _log.error("%s failed", request_id, exc_info=error, extra={"request_id": request_id})
        return GatewayError(f"Headgate failed. Its log has the reason under the request's id, {request_id}.")

    def refuse(self, stream: ClientStream, error: Exception, request_id: str, words: Words) -> None:
        """Answer with an error in the caller's words. An answer that cannot be given, as where one was begun already, is broken off."""
        try:
            answer(stream, *words(self.shown(error, request_id)))
        except Exception:  # ruff: ignore[blind-except] nothing else would end the answer
            _log.exception("%s: the error could not be answered", request_id)
            stream.abort()

    def warn_of(self, error: GatewayError, request: Request, request_id: str, where: str) -> None:
        """Log a request that was refused before anything else records it: whose it was, why, what was asked, and its id."""
        tail, path = token_tail(request.headers), shown_path(request.path)
        sender = sender_of(request.address, tail)
        code = f" {error.code}" if error.code else ""
        reason = error.message.partition("\n")[0][:_REASON_CHARS_MAX]
        text = "refused a request from %s %s: %d%s: %s (%s %s, %s)"
        # Behind a proxy all clients may have one address, so that a token that is known by its end is counted by that.
        kind = (tail or request.address, error.status, error.code)
        fields = {"request_id": request_id, "path": path}
        self.rare_log.warn(kind, text, sender, where, error.status, code, reason, request.method, path, request_id, fields=fields)


def sender_of(address: str, tail: str) -> str:
    """The sender of a request as the log names it. `tail` is the end of its token, or empty."""
    return f"{address} (token …{tail})" if tail else address


def shown_path(path: str) -> str:
    """A path for the log: printable, cut, and without what may be a secret that was put there by mistake."""
    segments = (_HIDDEN if len(segment) > _SEGMENT_CHARS_MAX or _SECRET.search(segment) else segment for segment in path.split("/"))
    return escaped("/".join(segments)).replace("\n", "\\n")[:_PATH_CHARS_MAX]


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
