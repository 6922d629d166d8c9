"""Admits exchanges: asks for a reservation before an exchange is sent, and settles it when the exchange has ended.

It counts nothing: that is the store's part, and `policy` says which limits apply and how a denial is worded.
"""

from collections.abc import Callable
from typing import Protocol

from headgate.core.clock import Clock
from headgate.core.endpoint import Endpoint
from headgate.core.errors import BadRequest, GatewayError, Unavailable
from headgate.core.usage import Usage
from headgate.dialects.faces import Asked
from headgate.exchange.inbound import Inbound
from headgate.metering.recent_outputs import RecentOutputs
from headgate.policy.counters import NOTHING, Used
from headgate.policy.limit_refusal import refusal
from headgate.policy.limits import NO_COUNTS, CountedFor, LimitTable, RequestCounts
from headgate.policy.reservations import Denial, Reservation, Reservations, Wants

_DECISION_S = 5.0  # after which an exchange waits no longer for a decision

Decided = Callable[[Reservation | Denial], None]
Refuse = Callable[[GatewayError], None]


class ReservationStore(Protocol):
    """Holds what all exchanges have reserved and used. Whatever is reserved is settled, also where the decision comes too late."""

    def reserve(self, wants: Wants, decided: Decided) -> None:
        """Reserve all that is wanted or nothing, and call `decided` with the reservation or the denial: before this returns, or later. Never raises."""

    def settle(self, reservation: Reservation, used: Used) -> None:
        """Replace what was reserved by what was used. Called once for each reservation. Never raises."""

    def tick(self) -> None:
        """Called about twice a second, off the path of any exchange."""


class MemoryReservations:
    """What is reserved and used in this process; it begins empty. It decides at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._reservations = Reservations()

    def reserve(self, wants: Wants, decided: Decided) -> None:
        """Decide."""
        decided(self._reservations.reserve(wants, self._clock.monotonic_s()))

    def settle(self, reservation: Reservation, used: Used) -> None:
        """Count what was used."""
        self._reservations.settle(reservation, used, self._clock.monotonic_s())

    def tick(self) -> None:
        """Forget counts that are empty."""
        self._reservations.sweep(self._clock.monotonic_s())


class Admission:
    """The admission of one exchange, from the question to the settlement. `decision` is `None` as long as the store has not decided."""

    __slots__ = ("_admissions", "_closed", "_endpoint", "decision", "on_decided")

    def __init__(self, admissions: "Admissions", endpoint: str) -> None:
        self._admissions = admissions
        self._endpoint = endpoint
        self._closed = False
        self.decision: Reservation | Denial | None = None
        self.on_decided: Callable[[], None] | None = None

    def decided(self, decision: Reservation | Denial) -> None:
        """The store has decided. A reservation for an exchange that has ended meanwhile goes back at once."""
        if self._closed:
            if isinstance(decision, Reservation):
                self._admissions.store.settle(decision, NOTHING)
            return
        self.decision = decision
        if self.on_decided is not None:
            self.on_decided()

    def require(self) -> Reservation | None:
        """The reservation; `None` while nothing is decided. Raises LimitExceeded where it was denied."""
        decision = self.decision
        if isinstance(decision, Denial):
            raise refusal(decision)
        return decision

    def give_back(self) -> None:
        """Nothing of the exchange was sent, so it uses nothing."""
        self._close(NOTHING)

    def settle(self, usage: Usage | None, *, reached_provider: bool) -> None:
        """The exchange has ended: count what it used. What no provider got uses nothing."""
        if not reached_provider:
            self._close(NOTHING)
            return
        used = used_of(usage)
        if usage is not None:
            self._admissions.outputs.add(self._endpoint, used.output_tokens)
        self._close(used)

    def _close(self, used: Used) -> None:
        self._closed = True
        decision, self.decision = self.decision, None
        if isinstance(decision, Reservation):
            self._admissions.store.settle(decision, used)


class Admissions:
    """The admissions of a worker. `outputs` remembers how long the answers of each endpoint are."""

    def __init__(self, store: ReservationStore, clock: Clock) -> None:
        self.store = store
        self.outputs = RecentOutputs()
        self._clock = clock
        self._waiting: dict[Admission, tuple[float, Refuse]] = {}  # when each is refused, and how

    def ask(self, limits: LimitTable, inbound: Inbound, asked: Asked, endpoint: Endpoint) -> Admission | None:
        """Ask for a reservation; `None` if no limit applies. Raises BadRequest where a hard limit needs a bound that the request does not state."""
        token = inbound.token
        counts = limits.counts(endpoint.name, CountedFor(token.principal, token.id, inbound.attribution.agent, inbound.request_tags))
        if counts is NO_COUNTS:
            return None
        admission = Admission(self, endpoint.name)
        self.store.reserve(self._wants(limits, counts, inbound, asked, endpoint), admission.decided)
        return admission

    def watch(self, admission: Admission, refuse: Refuse) -> None:
        """Refuse an exchange whose decision does not come in time."""
        self._waiting[admission] = (self._clock.monotonic_s() + _DECISION_S, refuse)

    def forget(self, admission: Admission) -> None:
        """The exchange waits no longer."""
        self._waiting.pop(admission, None)

    def tick(self) -> None:
        """Look at the exchanges that wait, and at the store."""
        now_s = self._clock.monotonic_s()
        for refuse in [refuse for until_s, refuse in self._waiting.values() if now_s >= until_s]:
            refuse(Unavailable("The rate limits could not be checked. Try again in a few seconds.", code="limits_unavailable", retry_after_s=5))
        self.store.tick()

    def _wants(self, limits: LimitTable, counts: RequestCounts, inbound: Inbound, asked: Asked, endpoint: Endpoint) -> Wants:
        if not limits.counts_tokens:
            return Wants(counts)
        input_tokens = (len(inbound.body) + 1) // 4  # an upper guess that costs nothing; the difference goes back with the settlement
        bound = inbound.face.output_tokens_max(asked)
        if not bound and counts.hard:
            raise BadRequest(
                f"A hard rate limit on endpoint {endpoint.name} reserves all output that a request allows, and this request does not say how much. "
                "Set its largest number of output tokens (max_tokens, max_output_tokens or maxOutputTokens).",
                code="unbounded_output",
            )
        likely = self.outputs.p95(endpoint.name)
        return Wants(counts, input_tokens, min(likely, bound) if bound else likely, bound)


def used_of(usage: Usage | None) -> Used:
    """What a limit counts of an exchange: its input, also what came from a cache or went into one, and its output."""
    if usage is None:
        return Used()
    counts = usage.totals
    cached = (counts.cache_read_tokens or 0) + (counts.cache_write_5m_tokens or 0) + (counts.cache_write_1h_tokens or 0)
    return Used(1, (counts.input_tokens or 0) + cached, counts.output_tokens or 0)
