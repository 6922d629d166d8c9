"""Admits exchanges: asks for a reservation before an exchange is sent, and settles it when the exchange has ended.

It counts nothing: that is the store's part, and `policy` says which limits apply and how a denial is worded.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from headgate.core.budget import DOWNGRADE, BudgetMark
from headgate.core.clock import Clock
from headgate.core.endpoint import Endpoint
from headgate.core.errors import BadRequest, GatewayError, Unavailable
from headgate.core.headers import Headers
from headgate.core.principal import Principal
from headgate.core.record import Intent, Outcome, Reserved, Settled
from headgate.core.usage import Usage
from headgate.dialects.error_answer import budget_headers, limit_headers
from headgate.exchange.budgeting import Budgets, PlannedRequest, costs, denied_mark, downgrade_headers, marks, spendings, unpriced_headers
from headgate.exchange.failover import TargetOrder
from headgate.exchange.inbound import Inbound
from headgate.metering.recent_outputs import RecentOutputs
from headgate.policy.budget_counts import BudgetCrossing, BudgetLack, BudgetState, warning
from headgate.policy.budget_text import notice
from headgate.policy.budget_text import refusal as budget_refusal
from headgate.policy.budgets import BudgetTable, Share
from headgate.policy.counters import LimitDenial
from headgate.policy.limit_refusal import refusal
from headgate.policy.limits import NO_COUNTS, Count, CountedFor, LimitTable
from headgate.policy.reservations import NOTHING, Denial, Reservation, Reservations, ReservationsDump, Used, Wants

_DECISION_S = 5.0  # after which an exchange waits no longer for a decision

Decided = Callable[[Reservation | Denial], None]
Refuse = Callable[[GatewayError], None]
Divert = Callable[[str], tuple[Endpoint, TargetOrder]]

NO_WANTS = Wants("", NO_COUNTS)  # of a request that no limit and no budget counts


class ReservationStore(Protocol):
    """Holds what all exchanges have reserved and used. Whatever is reserved is settled, also where the decision comes too late."""

    def reserve(self, wants: Wants, decided: Decided) -> None:
        """Reserve all that is wanted or nothing, and call `decided` with the reservation or the denial: before this returns, or later. Never raises."""

    def begin(self, intent: Intent) -> None:
        """An exchange that has a reservation is about to be sent; a start after a crash goes on from its record. Never raises."""

    def settle(self, reservation: Reservation, used: Used) -> Settled:
        """Replace what was reserved by what was used. Called once for each reservation. Never raises. Returns what the record says of it."""

    def crossings(self) -> Sequence[BudgetCrossing]:
        """The percents of budgets that were reached since the last call."""

    def budget_states(self, table: BudgetTable, principal: Principal | None = None) -> Sequence[BudgetState]:
        """How much of each budget is used, as far as is known here: of all counts, or of those that a principal's requests can be in."""

    def limits_used(self, counts: Iterable[Count]) -> Sequence[tuple[Count, Sequence[int]]]:
        """How much of each count of a limit is used, in the order of MEASURES. For people, not for decisions."""

    def used_of_limits(self, limit_keys: Collection[bytes]) -> Mapping[bytes, Sequence[int]]:
        """How much of the counts of some limits is used, by the keys of the counts, as far as a bounded look finds them. For people, not for decisions."""

    def tick(self) -> None:
        """Called about twice a second, off the path of any exchange."""


class MemoryReservations:
    """What is reserved and used in this process; by default it begins empty. It decides at once.

    Its time is the monotonic clock's, put forward by `ahead_s`, so that it goes on from that of an earlier process.
    """

    def __init__(self, clock: Clock, begun: Reservations | None = None, ahead_s: float = 0.0) -> None:
        self._clock = clock
        self._reservations = begun or Reservations()
        self._ahead_s = ahead_s

    def reserve(self, wants: Wants, decided: Decided) -> None:
        """Decide."""
        decided(self._reservations.reserve(wants, self._now_s()))

    def begin(self, intent: Intent) -> None:
        """Remember it until it is settled."""
        self._reservations.begin(intent)

    def settle(self, reservation: Reservation, used: Used) -> Settled:
        """Count what was used."""
        return self._reservations.settle(reservation, used, self._now_s())

    def crossings(self) -> Sequence[BudgetCrossing]:
        """The percents of budgets that were reached since the last call."""
        return self._reservations.budgets.crossings()

    def budget_states(self, table: BudgetTable, principal: Principal | None = None) -> list[BudgetState]:
        """How much of each budget is used."""
        return self._reservations.budgets.states(table, self._clock.wall_ns(), principal)

    def count_spent(self, spent: Iterable[tuple[Share, int, int]]) -> None:
        """Count what was spent of budgets elsewhere than in an exchange of this process: of which count, when, and how many nano-US-dollars."""
        for share, at_ns, nano_usd in spent:
            self._reservations.budgets.replay(share, at_ns, nano_usd)

    def limits_used(self, counts: Iterable[Count]) -> list[tuple[Count, tuple[int, ...]]]:
        """How much of each count of a limit is used, in the order of MEASURES."""
        return self._reservations.limits_used(counts, self._now_s())

    def used_of_limits(self, limit_keys: Collection[bytes]) -> Mapping[bytes, Sequence[int]]:
        """How much of the counts of some limits is used, by the keys of the counts."""
        return self._reservations.used_of_limits(limit_keys, self._now_s())

    def tick(self) -> None:
        """Forget counts that are empty."""
        self._reservations.sweep(self._now_s(), self._clock.wall_ns())

    def dump(self) -> ReservationsDump:
        """All that is known now, to be written before anything else is counted."""
        return self._reservations.dump(self._now_s())

    def _now_s(self) -> float:
        return self._clock.monotonic_s() + self._ahead_s


class Candidate(msgspec.Struct, frozen=True):
    """An exchange that asks to be admitted. `divert` finds another endpoint, with the order of its targets, or raises GatewayError."""

    inbound: Inbound
    endpoint: Endpoint
    order: TargetOrder
    limits: LimitTable | None
    budgets: Budgets | None
    divert: Divert


class Admission:
    """The admission of one exchange, from the question to the settlement. `decision` is `None` as long as the store has not decided.

    A budget may send the exchange to another endpoint: then it asks once more, and `candidate` is about that endpoint.
    """

    __slots__ = ("_admissions", "_closed", "_failed", "_first", "_lack", "_wants", "candidate", "decision", "on_decided")

    def __init__(self, admissions: "Admissions", candidate: Candidate, wants: Wants) -> None:
        self._admissions = admissions
        self._closed = False
        self._first = candidate.endpoint.name
        self._wants = wants
        self._lack: BudgetLack | None = None  # why it is sent elsewhere
        self._failed = ""  # why it cannot be
        self.candidate = candidate
        self.decision: Reservation | Denial | None = None
        self.on_decided: Callable[[], None] | None = None

    def decided(self, decision: Reservation | Denial) -> None:
        """The store has decided. A reservation for an exchange that has ended meanwhile goes back at once."""
        if self._closed:
            if isinstance(decision, Reservation):
                self._admissions.store.settle(decision, NOTHING)
            return
        if isinstance(decision, BudgetLack) and decision.action.kind == DOWNGRADE:
            self._divert(decision)
            return
        self.decision = decision
        if self.on_decided is not None:
            self.on_decided()

    def require(self) -> Reservation | None:
        """The reservation; `None` while nothing is decided. Raises LimitExceeded or BudgetExhausted where it was denied."""
        decision = self.decision
        if isinstance(decision, LimitDenial):
            raise refusal(decision)
        if isinstance(decision, BudgetLack):
            raise budget_refusal(decision, self._admissions.clock.wall_ns(), self._failed)
        return decision

    @property
    def reserved(self) -> Reserved | None:
        """What is reserved, for the record."""
        return self.decision.reserved if isinstance(self.decision, Reservation) else None

    @property
    def downgraded_from(self) -> str:
        """The endpoint that was asked for, where a budget sent the exchange to another."""
        return self._first if self._first != self.candidate.endpoint.name else ""

    @property
    def marks(self) -> tuple[BudgetMark, ...]:
        """The budgets that the exchange counts in, or the one that refuses it."""
        decision = self.decision
        if isinstance(decision, Reservation):
            return marks(decision.money, self._lack) if decision.money else ()
        return (denied_mark(decision),) if isinstance(decision, BudgetLack) else ()

    def headers(self) -> Headers | None:
        """What the answer says: how much is left of the limit with the least left and of a budget that warns, and where it was sent."""
        decision = self.decision
        if not isinstance(decision, Reservation):
            return None
        found: Headers = [] if decision.nearest is None else limit_headers(decision.nearest)
        if decision.money:
            found += self._budget_headers(decision)
        return found or None

    def begin(self, intent: Intent) -> None:
        """The exchange is about to be sent."""
        self._admissions.store.begin(intent)

    def give_back(self) -> None:
        """Nothing of the exchange was sent, so it uses nothing."""
        self._close(NOTHING)

    def settle(self, outcome: Outcome, *, reached_provider: bool) -> Outcome:
        """The exchange has ended: count what it used. What no provider got uses nothing. Returns the record, which says it."""
        decision, candidate = self.decision, self.candidate
        if not reached_provider or not isinstance(decision, Reservation):
            return _with(outcome, self._close(NOTHING))
        spent = costs(candidate.budgets, decision.money, outcome) if decision.money and candidate.budgets is not None else ()
        used = used_of(outcome.usage, spent)
        if outcome.usage is not None:
            self._admissions.outputs.add(candidate.endpoint.name, used.output_tokens)
        return _with(outcome, self._close(used))

    def _divert(self, lack: BudgetLack) -> None:
        """Ask once more: for the endpoint that the budget names, or, where that cannot serve, for the same one."""
        try:
            wants = self._sent_to(lack.action.to)
            self._lack = lack
        except GatewayError as error:
            self._failed = f"It could not be sent to endpoint {lack.action.to} instead: {error.message} "
            wants = msgspec.structs.replace(self._wants, may_downgrade=False)
        self._admissions.store.reserve(wants, self.decided)

    def _sent_to(self, name: str) -> Wants:
        candidate = self.candidate
        if name != candidate.endpoint.name:
            endpoint, order = candidate.divert(name)
            candidate = msgspec.structs.replace(candidate, endpoint=endpoint, order=order)
        wants = self._admissions.wants(candidate, may_downgrade=False)
        self.candidate = candidate
        return wants

    def _budget_headers(self, reservation: Reservation) -> Headers:
        found = unpriced_headers(reservation.money)
        if self._failed:
            found.append((b"x-headgate-budget-downgrade", b"not possible"))
        if self._lack is not None and self.downgraded_from:
            return found + downgrade_headers(self._lack, self.downgraded_from, self.candidate.endpoint.name)
        warned = warning(reservation.money)
        return found if warned is None else found + budget_headers(notice(warned))

    def _close(self, used: Used) -> Settled | None:
        self._closed = True
        decision, self.decision = self.decision, None
        return self._admissions.store.settle(decision, used) if isinstance(decision, Reservation) else None


class Admissions:
    """The admissions of a worker. `outputs` remembers how long the answers of each endpoint are. `crossed` hears of each percent of a budget reached."""

    def __init__(self, store: ReservationStore, clock: Clock, crossed: Callable[[BudgetCrossing], None]) -> None:
        self.store = store
        self.clock = clock
        self.outputs = RecentOutputs()
        self._crossed = crossed
        self._waiting: dict[Admission, tuple[float, Refuse]] = {}  # when each is refused, and how

    def ask(self, candidate: Candidate) -> Admission | None:
        """Ask for a reservation; `None` if no limit and no budget applies.

        Raises BadRequest where a hard limit or budget needs a bound that the request does not state, and Forbidden for a model without a price.
        """
        wants = self.wants(candidate)
        if wants is NO_WANTS:
            return None
        admission = Admission(self, candidate, wants)
        self.store.reserve(wants, admission.decided)
        return admission

    def wants(self, candidate: Candidate, *, may_downgrade: bool = True) -> Wants:
        """What the exchange needs room for. Raises as `ask` does."""
        inbound, endpoint, limits = candidate.inbound, candidate.endpoint, candidate.limits
        counts = NO_COUNTS
        if limits is not None:
            token = inbound.token
            counts = limits.counts(endpoint.name, CountedFor(token.principal, token.id, inbound.attribution.agent, inbound.request_tags))
        budgets = candidate.budgets if inbound.own is None else None  # what the requester's own account pays, costs Headgate nothing
        if budgets is None and (counts is NO_COUNTS or limits is None or not limits.counts_tokens):
            return NO_WANTS if counts is NO_COUNTS else Wants(inbound.request_id, counts)
        input_tokens = (len(inbound.body) + 1) // 4  # an upper guess that costs nothing; the difference goes back with the settlement
        bound = inbound.face.output_tokens_max(candidate.order.asked)
        if not bound and counts.hard:
            raise BadRequest(
                f"A hard rate limit on endpoint {endpoint.name} reserves all output that a request allows, and this request does not say how much. "
                "Set its largest number of output tokens (max_tokens, max_output_tokens or maxOutputTokens).",
                code="unbounded_output",
            )
        likely = self.outputs.p95(endpoint.name)
        likely = min(likely, bound) if bound else likely
        if budgets is None:
            return Wants(inbound.request_id, counts, input_tokens, likely, bound)
        money = spendings(budgets, PlannedRequest(inbound, candidate.order.asked, endpoint, candidate.order.targets, input_tokens, likely, bound))
        if not money and counts is NO_COUNTS:
            return NO_WANTS
        return Wants(inbound.request_id, counts, input_tokens, likely, bound, money, inbound.received_at_ns, may_downgrade)

    def watch(self, admission: Admission, refuse: Refuse) -> None:
        """Refuse an exchange whose decision does not come in time."""
        self._waiting[admission] = (self.clock.monotonic_s() + _DECISION_S, refuse)

    def forget(self, admission: Admission) -> None:
        """The exchange waits no longer."""
        self._waiting.pop(admission, None)

    def tick(self) -> None:
        """Look at the exchanges that wait, and at the store."""
        now_s = self.clock.monotonic_s()
        for refuse in [refuse for until_s, refuse in self._waiting.values() if now_s >= until_s]:
            refuse(Unavailable("Limits and budgets could not be checked. Try again in a few seconds.", code="limits_unavailable", retry_after_s=5))
        self.store.tick()
        for crossing in self.store.crossings():
            self._crossed(crossing)


def _with(outcome: Outcome, settled: Settled | None) -> Outcome:
    return outcome if settled is None else msgspec.structs.replace(outcome, settled=settled)


def used_of(usage: Usage | None, spent: tuple[int, ...] = ()) -> Used:
    """What is counted of an exchange: its input, also what came from a cache or went into one, its output, and what it cost in each budget."""
    if usage is None:
        return Used(costs=spent)
    counts = usage.totals
    return Used(1, counts.all_input_tokens or 0, counts.output_tokens or 0, spent)
