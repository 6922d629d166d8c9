"""What exchanges have found out about requests with one head of one connection, so that the next one with that head need not find it out again.

It belongs to one token and to one snapshot, which it knows by its identity alone. Of the headers only the values at some places differ from one request to the next, and no name.
"""

from collections.abc import Collection
from typing import Final, final

from headgate.core.endpoint import Endpoint, Provider, Target
from headgate.core.headers import Headers, KnownHeaders
from headgate.core.record import Intent
from headgate.dialects.asked import Asked

_KEPT_MAX: Final = 8  # models and providers: an agent asks for few

_Moves = list[tuple[int, int]]


@final
class SentHeaders:
    """The headers that requests with one head are sent to a provider with. `known` says the same to who writes them."""

    __slots__ = ("_moves", "_sent", "known", "provider")

    def __init__(self, provider: Provider, sent: Headers, moves: _Moves) -> None:
        self.provider = provider
        self._sent = sent
        self._moves = moves
        self.known = KnownHeaders(sorted(at for _, at in moves))

    def of(self, headers: Headers) -> Headers:
        """Those of a request with these headers."""
        sent = self._sent.copy()
        for place, at in self._moves:
            sent[at] = headers[place]
        return sent


class HeadMemory:
    """The memory of one head."""

    __slots__ = ("_intents", "_named", "_permitted", "_places", "_sent", "_snapshot")

    def __init__(self, snapshot: object, headers: Headers, changing: Collection[bytes]) -> None:
        self._snapshot = snapshot
        self._places = [place for place, (name, _) in enumerate(headers) if name in changing]
        self._intents: dict[tuple[str, bool], tuple[Endpoint, Target, Intent]] = {}  # by the model that was asked for, and whether as a stream
        self._named: dict[str, Endpoint] = {}  # by the model that was asked for
        self._permitted: dict[str, Endpoint] = {}  # by its own name
        self._sent: dict[tuple[str, str], SentHeaders] = {}  # by provider and face

    def named(self, snapshot: object, model_asked: str) -> Endpoint | None:
        """The endpoint that answers to a model's name, if this snapshot was asked before."""
        return self._named.get(model_asked) if snapshot is self._snapshot else None

    def name(self, snapshot: object, model_asked: str, endpoint: Endpoint) -> None:
        """Remember which endpoint answers to a model's name."""
        if snapshot is self._snapshot and len(self._named) < _KEPT_MAX:
            self._named[model_asked] = endpoint

    def permits(self, snapshot: object, endpoint: Endpoint) -> bool:
        """Whether the caller was permitted this endpoint by this snapshot."""
        return snapshot is self._snapshot and self._permitted.get(endpoint.name) is endpoint

    def permit(self, snapshot: object, endpoint: Endpoint) -> None:
        """Remember that the caller may use an endpoint."""
        if snapshot is self._snapshot and len(self._permitted) < _KEPT_MAX:
            self._permitted[endpoint.name] = endpoint

    def intent(self, asked: Asked, endpoint: Endpoint, target: Target) -> Intent | None:
        """The intent of an earlier request for the same: another one differs from it by what bodies and changing headers say."""
        known = self._intents.get((asked.model, asked.stream))
        return known[2] if known is not None and known[0] is endpoint and known[1] is target else None

    def intend(self, asked: Asked, endpoint: Endpoint, target: Target, intent: Intent) -> None:
        """Remember the intent of a request."""
        if len(self._intents) < _KEPT_MAX:
            self._intents[asked.model, asked.stream] = endpoint, target, intent

    def sent(self, provider: Provider, face: str) -> SentHeaders | None:
        """The headers that such requests are sent to a provider with, if they are known."""
        known = self._sent.get((provider.name, face))
        return known if known is not None and known.provider is provider else None

    def send(self, headers: Headers, provider: Provider, face: str, sent: Headers) -> None:
        """Remember the headers that a request is sent to a provider with. Which of the client's pass depends on their names alone, and they keep their order."""
        by_name: dict[bytes, list[int]] = {}
        for at, (name, _) in enumerate(sent):
            by_name.setdefault(name, []).append(at)
        moves: _Moves = []
        seen: dict[bytes, int] = {}
        for place in self._places:
            name = headers[place][0]
            found = by_name.get(name, [])
            number = seen.get(name, 0)
            seen[name] = number + 1
            if number < len(found):
                moves.append((place, found[number]))
        if any(name in by_name and len(by_name[name]) != count for name, count in seen.items()):
            return  # one of these names has been added or left out in part
        if len(self._sent) < _KEPT_MAX:
            self._sent[provider.name, face] = SentHeaders(provider, sent.copy(), moves)
