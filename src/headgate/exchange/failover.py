"""What one exchange may do when a try of it fails, where its endpoint has more than one target. It picks the next target; `dispatch` sends.

Without fallbacks of the endpoint only what no provider bills is followed by another try. Fallbacks are the administrator's word that an answer is worth
more than a call that may be billed twice: with them every failure before the client's first byte is followed by one.
"""

import msgspec

from headgate.core.clock import Clock
from headgate.core.endpoint import Endpoint, Target
from headgate.core.headers import Headers
from headgate.core.record import CIRCUIT_OPEN, RETRY_BUDGET
from headgate.dialects.faces import Asked
from headgate.exchange.circuits import Circuits
from headgate.exchange.first_token import Expecting, FirstTokens
from headgate.exchange.retry_budget import RetryBudgets
from headgate.translation.model_profiles import ModelProfiles

_UNBILLED = frozenset({429, 503, 529})


class Passing(msgspec.Struct, frozen=True):
    """A target that was passed over: why, when, and after how many tries."""

    target: Target
    action: str
    at_s: float
    tries: int


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
        place = self._usable(targets, 0, 0)
        self._memory.circuits.tries(targets[place])
        return place

    def next(self, targets: tuple[Target, ...], place: int, tries: int) -> int:
        """The place of the target to try after the one at `place`; 0 for none. Takes from the endpoint's budget of extra tries."""
        if place + 1 >= len(targets):
            return 0
        memory = self._memory
        if not memory.retries.take(self._endpoint.name, self._endpoint.retry_budget_percent):
            self.passed.append(Passing(targets[place + 1], RETRY_BUDGET, memory.clock.monotonic_s(), tries))
            return 0
        place = self._usable(targets, place + 1, tries)
        memory.circuits.tries(targets[place])
        return place

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

    def _usable(self, targets: tuple[Target, ...], place: int, tries: int) -> int:
        """The first place from here on whose target is not to be passed over; the same place where all are."""
        circuits = self._memory.circuits
        if not circuits.troubled:
            return place
        found = next((at for at in range(place, len(targets)) if not circuits.passes_over(targets[at])), place)
        now_s = self._memory.clock.monotonic_s()
        self.passed += [Passing(target, CIRCUIT_OPEN, now_s, tries) for target in targets[place:found]]
        return found


class TargetOrder(msgspec.Struct, frozen=True):
    """What one exchange sends, and where: targets in the order of its tries, and what may be done when one fails (`None`: there is only one target).

    `asked` is the request as the endpoint allows it, `headers` those of the client where some are left out, `notes` what its answer says of that.
    `profiles` has what is known of the targets' models, where one is to be asked in another dialect.
    """

    targets: tuple[Target, ...]
    asked: Asked
    failover: Failover | None = None
    headers: Headers | None = None
    notes: Headers | None = None
    profiles: ModelProfiles = ModelProfiles()
