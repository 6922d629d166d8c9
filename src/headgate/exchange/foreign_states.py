"""Requests that hold opaque states of other providers: a session that changed its model brings them along, in our envelopes.

A provider of the client's own dialect refuses them. Searching every body for them would cost each native exchange a tenth of its time, so it is done only
for sessions that are known to have some: one that was translated before, and one whose request was refused. Then it is asked again without them.
"""

from headgate.core.opaque_state import MARKS
from headgate.dialects.asked import Asked
from headgate.dialects.registry import CLIENT_CODECS
from headgate.exchange.inbound import Inbound

_SESSIONS_MAX = 10_000


class ForeignStates:
    """Which sessions may have such states. One for a worker, in memory, bounded. Where `sessions` is empty, `without` need not be called."""

    __slots__ = ("sessions",)

    def __init__(self) -> None:
        self.sessions: dict[str, None] = {}

    def note(self, inbound: Inbound) -> None:
        """The session has states of a foreign provider from now on."""
        if len(self.sessions) >= _SESSIONS_MAX:
            self.sessions.clear()
        self.sessions[_key(inbound)] = None

    def without(self, inbound: Inbound, asked: Asked) -> Asked:
        """What a provider of the client's own dialect is asked: the same object where there is nothing to take out."""
        if not self.sessions or _key(inbound) not in self.sessions or not holds_foreign(asked):
            return asked
        codec = CLIENT_CODECS.get(inbound.head.face.name)
        return asked if codec is None else codec.without_envelopes(asked)


def holds_foreign(asked: Asked) -> bool:
    """Whether there is an envelope in a request's body."""
    return any(mark in asked.body for mark in MARKS)


def _key(inbound: Inbound) -> str:
    """Gemini CLI and clients of Chat Completions name no session: for them all requests of the principal count as one."""
    return inbound.attribution.session_id or inbound.head.token.principal.id
