"""Connections that wait for their next request, the most recently used first. Opens none, and never returns one that is known to be dead."""

from typing import Generic, Protocol, TypeVar


class Idle(Protocol):
    """What waits in a pool."""

    idle_since_s: float  # the pool's own mark

    def usable(self) -> bool:
        """Whether nothing is known against it."""

    def drop(self) -> None:
        """Close it at once."""


T = TypeVar("T", bound=Idle)


class IdlePool(Generic[T]):
    """The idle connections to one origin, at most `max_idle` of them. `names` is their memory of the names of headers in its answers, in lower case."""

    __slots__ = ("_idle", "_max_idle", "names")

    def __init__(self, max_idle: int) -> None:
        self._idle: list[T] = []
        self._max_idle = max_idle
        self.names: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        return len(self._idle)

    def take(self) -> T | None:
        """A usable connection, now the caller's, or None."""
        while self._idle:
            connection = self._idle.pop()
            if connection.usable():
                return connection
            connection.drop()
        return None

    def give(self, connection: T) -> None:
        """Keep a connection for the next request; one too many is closed."""
        if len(self._idle) >= self._max_idle:
            connection.drop()
            return
        connection.idle_since_s = 0.0  # the next sweep stamps it: no clock is read for an exchange
        self._idle.append(connection)

    def forget(self, connection: T) -> None:
        """A connection was lost; it may or may not have been waiting."""
        if connection in self._idle:
            self._idle.remove(connection)

    def expire(self, now_s: float, idle_s: float) -> None:
        """Close what has been seen idle for as long as `idle_s`."""
        kept: list[T] = []
        expired: list[T] = []
        for connection in self._idle:
            if not connection.idle_since_s:
                connection.idle_since_s = now_s
            (expired if now_s - connection.idle_since_s >= idle_s else kept).append(connection)
        self._idle = kept
        for connection in expired:
            connection.drop()

    def close(self) -> None:
        """Close all, and keep none from now on."""
        self._max_idle = 0
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.drop()
