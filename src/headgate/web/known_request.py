"""What the gateway has found out about a head: its route, its caller, the agent and the tags. It is true of the same head again until the snapshot is another."""

from typing import Final

import msgspec

from headgate.core.headers import Headers
from headgate.exchange.head_memory import HeadMemory
from headgate.exchange.inbound import Inbound
from headgate.exchange.snapshot import Snapshot
from headgate.policy.attribute import trace_context
from headgate.web.repeated_heads import CHANGING
from headgate.web.routes import Match
from headgate.web.service import Request

# Of the headers that may change, those that are more than passed on. Their values are plain words then: nothing of them is cut or cleaned.
READ: Final = (b"x-client-request-id", b"x-claude-code-prompt-id", b"traceparent")


class KnownRequest:
    """One accepted head of one connection, as it was judged by one snapshot, and what it became."""

    __slots__ = ("_inbound", "_places", "_snapshot", "_values", "match")

    def __init__(self, snapshot: Snapshot, match: Match, inbound: Inbound) -> None:
        names = [name for name, _ in inbound.headers]
        self._snapshot = snapshot
        inbound.head.memory = HeadMemory(snapshot, inbound.headers, CHANGING)
        self._inbound = inbound.again(inbound.request_id, inbound.headers)  # that one gets a body
        self._places = [names.index(name) if name in names else None for name in READ]
        self._values = self._read(inbound.headers)
        self.match = match

    def holds(self, snapshot: Snapshot, request: Request, now_s: float) -> bool:
        """Whether the same head is judged in the same way: by the same snapshot, from the same address, before the end of its token."""
        known = self._inbound.head
        ends_s = known.token.expires_at_s
        return snapshot is self._snapshot and request.address == known.ip_address and (ends_s <= 0 or now_s < ends_s)

    def inbound(self, request: Request, request_id: str) -> Inbound:
        """The same for a request whose head was recognised, without its time."""
        values = self._read(request.headers)
        if values != self._values:
            self._change(values)
        return self._inbound.again(request_id, request.headers)

    def _read(self, headers: Headers) -> list[bytes]:
        return [b"" if place is None else headers[place][1] for place in self._places]

    def _change(self, values: list[bytes]) -> None:
        known, (client_request_id, turn_id, traceparent) = self._inbound, values
        agent = known.attribution
        known.attribution = msgspec.structs.replace(
            agent,
            client_request_id=client_request_id.decode() if client_request_id != self._values[0] else agent.client_request_id,
            turn_id=turn_id.decode() if turn_id != self._values[1] else agent.turn_id,
        )
        known.trace_id, known.parent_span_id = trace_context(traceparent)
        self._values = values
