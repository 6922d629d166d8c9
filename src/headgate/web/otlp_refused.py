"""The log's lines of exports that were refused: most clients drop such an export and say nothing, so somebody should. It decides nothing.

A line holds words of the sender's, so it is printable and short; and it comes once in a while for each sender and kind of refusal, whatever tables the
sender names, so that nobody fills the log.
"""

import logging

from headgate.core.clock import Clock
from headgate.core.errors import GatewayError
from headgate.core.escaping import escaped
from headgate.web.rarely import Rarely

_NAME_CHARS_MAX = 255
_REASON_CHARS_MAX = 500


class RefusedExports:
    """What was told lately of refused exports. One for each door."""

    def __init__(self, clock: Clock) -> None:
        self._rarely = Rarely(clock)

    def tell(self, principal: str, signal: str, table: str, error: GatewayError) -> None:
        """Log a refusal, unless one like it was logged a moment ago."""
        named = table[:_NAME_CHARS_MAX]
        reason = escaped(error.message.partition("\n")[0][:_REASON_CHARS_MAX])
        text = "%s of %r for the table %r were refused with %d: %s"
        self._rarely.warn((principal, error.status), text, signal or "exports", principal, named, error.status, reason)

    def tell_stranger(self, error: GatewayError) -> None:
        """Log that somebody without a valid token was refused, without a word of theirs."""
        self._rarely.warn(("strangers", error.status), "exports without a valid token are refused with %d", error.status)


class LibraryLog(logging.Filter):
    """What a library logs of its callers, of which some is theirs to cause: each kind once in a while, and not a word of theirs."""

    def __init__(self, name: str, clock: Clock) -> None:
        super().__init__()
        self._name = name
        self._rarely = Rarely(clock)

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell the kind in place of the record."""
        kind, cause = str(record.msg)[:_REASON_CHARS_MAX], record.exc_info[0] if record.exc_info else None
        self._rarely.warn(kind, "%s reports %r%s", self._name, kind, f" ({cause.__name__})" if cause is not None else "", level=record.levelno)
        return False
