"""What one exchange may do when a try of it fails, where its endpoint has more than one target. It picks the next target; `dispatch` sends.

Without fallbacks of the endpoint only what no provider bills is followed by another try. Fallbacks are the administrator's word that an answer is worth
more than a call that may be billed twice: with them every failure before the client's first byte is followed by one.
"""

from collections.abc import Callable, Sequence
from typing import Final, final

from headgate.core.clock import Clock
from headgate.core.endpoint import Endpoint, Target
from headgate.core.headers import Headers
from headgate.core.record import CIRCUIT_OPEN, RETRY_BUDGET, UNTRANSLATABLE
from headgate.dialects.asked import Asked
from headgate.exchange.circuits import Circuits
from headgate.exchange.first_token import Expecting, FirstTokens
from headgate.exchange.retry_budget import RetryBudgets
from headgate.translation.model_profiles import ModelProfiles

_UNBILLED: Final = frozenset({429, 503, 529})


@final
class Passing:
    """A target that was passed over: why, when, and after how many tries. `error_code` says why the request could not be said to it."""

    __slots__ = ("action", "at_s", "error_code", "target", "tries")

    def __init__(self, target: Target, action: str, at_s: float, tries: int, error_code: str = "") -> None:
        self.target = target
        self.action = action
        self.at_s = at_s
        self.tries = tries
        self.error_code = error_code


Say = Callable[[int], str]
"""Makes the request for the target at a place; the code of the error where it cannot be said to that target, else empty."""


class FailureMemory:
    """What a worker remembers of targets and endpoints in trouble, and the streams that it watches."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.circuits = Circuits(clock)
        self.retries = RetryBudgets(clock)
        self.first_tokens = FirstTokens(clock)


class Failover:
    """The further tries of one exchange. `passed` are the targets that were not tried although their turn had come."""

    __slots__ = ("_endpoint", "_memory", "passed")

    def __init__(self, endpoint: Endpoint, memory: FailureMemory) -> None:
        self._endpoint = endpoint
        self._memory = memory
        self.passed: list[Passing] = []
        memory.retries.request(endpoint.name)

    def first(self, targets: tuple[Target, ...]) -> int:
        """The place of the target to begin with: the first one that is not to be passed over, or the very first where all are."""
        place = self._usable(targets, 0, 0, _anything) or 0
        self._memory.circuits.tries(targets[place])
        return place

    def instead(self, targets: tuple[Target, ...], error_code: str, say: Say) -> int:
        """The place of the target to begin with where the request cannot be said to the first one; 0 for none."""
        self._pass(targets[0], UNTRANSLATABLE, 0, error_code)
        return self._taken(targets, 1, 0, say)

    def next(self, targets: tuple[Target, ...], place: int, tries: int, say: Say) -> int:
        """The place of the target to try after the one at `place`; 0 for none. Takes from the endpoint's budget of extra tries."""
        if place + 1 >= len(targets):
            return 0
        memory = self._memory
        if not memory.retries.take(self._endpoint.name, self._endpoint.retry_budget_percent):
            self._pass(targets[place + 1], RETRY_BUDGET, tries)
            return 0
        return self._taken(targets, place + 1, tries, say)

    def follows_status(self, status: int) -> bool:
        """Whether an answer with this status is followed by another try."""
        return status in _UNBILLED or (status >= 500 and self.follows_sent)

    @property
    def follows_sent(self) -> bool:
        """Whether a request that was sent, and may be billed, is followed by another try."""
        return bool(self._endpoint.fallbacks)

    @property
    def first_token_timeout_s(self) -> float:
        """How long a stream's first token may take; 0: as long as it takes."""
        return self._endpoint.first_token_timeout_s

    def expect_token(self, exchange: Expecting) -> None:
        """A try of a stream begins."""
        if self._endpoint.first_token_timeout_s:
            self._memory.first_tokens.expect(exchange, self._endpoint.first_token_timeout_s)

    def expect_nothing(self, exchange: Expecting) -> None:
        """The first token is here, or the exchange has ended."""
        self._memory.first_tokens.forget(exchange)

    def _taken(self, targets: tuple[Target, ...], place: int, tries: int, say: Say) -> int:
        """The place of the target that is tried; 0 for none."""
        found = self._usable(targets, place, tries, say)
        if found is None:
            return 0
        self._memory.circuits.tries(targets[found])
        return found

    def _usable(self, targets: tuple[Target, ...], place: int, tries: int, say: Say) -> int | None:
        """The first place from here on whose target can be asked and is not in trouble; where all of them are, the first that can be asked.

        `None` where none can be asked. What comes before it was passed over.
        """
        circuits, places = self._memory.circuits, range(place, len(targets))
        troubled = [at for at in places if circuits.passes_over(targets[at])] if circuits.troubled else []
        unsayable: dict[int, str] = {}
        for at in (*(at for at in places if at not in troubled), *troubled):
            if error_code := say(at):
                unsayable[at] = error_code
                continue
            self._pass_all(targets, range(place, at), tries, unsayable)
            return at
        self._pass_all(targets, [at for at in places if at in unsayable], tries, unsayable)
        return None

    def _pass_all(self, targets: tuple[Target, ...], places: Sequence[int], tries: int, unsayable: dict[int, str]) -> None:
        for at in places:
            self._pass(targets[at], UNTRANSLATABLE if at in unsayable else CIRCUIT_OPEN, tries, unsayable.get(at, ""))

    def _pass(self, target: Target, action: str, tries: int, error_code: str = "") -> None:
        self.passed.append(Passing(target, action, self._memory.clock.monotonic_s(), tries, error_code))


def _anything(_place: int) -> str:
    """What can be asked of a target is not known before its turn."""
    return ""


_NO_PROFILES: Final = ModelProfiles()


@final
class TargetOrder:
    """What one exchange sends, and where: targets in the order of its tries, and what may be done when one fails (`None`: there is only one target).

    `asked` is the request as the endpoint allows it, `headers` those of the client where some are left out, `notes` what its answer says of that.
    `profiles` has what is known of the targets' models, where one is to be asked in another dialect. It is not changed.
    """

    __slots__ = ("asked", "failover", "headers", "notes", "profiles", "targets")

    def __init__(
        self,
        targets: tuple[Target, ...],
        asked: Asked,
        failover: Failover | None = None,
        headers: Headers | None = None,
        notes: Headers | None = None,
        profiles: ModelProfiles = _NO_PROFILES,
    ) -> None:
        self.targets = targets
        self.asked = asked
        self.failover = failover
        self.headers = headers
        self.notes = notes
        self.profiles = profiles
