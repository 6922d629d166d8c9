"""Stores of conversations in memory, by the contract of the real ones."""

from collections.abc import Callable, Mapping, Sequence

from headgate.core.kept_response import KeptResponse
from headgate.storage.conversations.limits import KeepingLimits
from tests.fakes.ports import FakeClock


class MemoryResponses:
    """A `ResponseStore`."""

    def __init__(self, limits: KeepingLimits, clock: FakeClock) -> None:
        self._limits = limits
        self._clock = clock
        self.kept: dict[tuple[str, str], KeptResponse] = {}

    def keep(self, principal_id: str, response_id: str, make: Callable[[], KeptResponse]) -> None:
        """Keep one, and not too many."""
        self.kept[principal_id, response_id] = make()
        own = [key for key in self.kept if key[0] == principal_id]
        for key in own[: max(0, len(own) - self._limits.principal_count_max)]:
            del self.kept[key]

    def find(self, principal_id: str, response_id: str) -> KeptResponse | None:
        """One that is not too old."""
        found = self.kept.get((principal_id, response_id))
        return None if found is None or found.created_at_s <= self._clock.wall_ns() / 1e9 - self._limits.keep_s else found

    def is_anothers(self, principal_id: str, response_id: str) -> bool:
        """Whether only others have it."""
        owners = {owner for owner, known in self.kept if known == response_id}
        return bool(owners) and principal_id not in owners

    def delete(self, principal_id: str, response_id: str) -> None:
        """Keep one no more."""
        self.kept.pop((principal_id, response_id), None)


class MemoryCallStates:
    """A `CallStateStore`."""

    def __init__(self, limits: KeepingLimits, clock: FakeClock) -> None:
        self._limits = limits
        self._clock = clock
        self.kept: dict[tuple[str, str], tuple[float, bytes]] = {}

    def put(self, principal_id: str, states: Mapping[str, bytes]) -> None:
        """Keep them."""
        until_s = self._clock.wall_ns() / 1e9 + self._limits.states_keep_s
        self.kept.update({(principal_id, call_id): (until_s, data) for call_id, data in states.items()})

    def get(self, principal_id: str, call_keys: Sequence[str]) -> Mapping[str, bytes]:
        """What there is of them."""
        now_s = self._clock.wall_ns() / 1e9
        found = {call_id: self.kept.get((principal_id, call_id), (0.0, b"")) for call_id in call_keys}
        return {call_id: data for call_id, (until_s, data) in found.items() if data and until_s > now_s}
