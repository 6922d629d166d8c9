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
from headgate.core.record import Intent, Outcome, Settled
from headgate.core.usage import Usage
from headgate.dialects.error_answer import budget_headers, limit_headers
from headgate.dialects.faces import Asked
from headgate.exchange.budgeting import PlannedRequest, costs, denied_mark, downgrade_headers, marks, spendings, unpriced_headers
from headgate.exchange.failover import TargetOrder
from headgate.exchange.inbound import Inbound
from headgate.exchange.rules import ApplyingRules, DeclaredRules
from headgate.exchange.snapshot import Snapshot
from headgate.metering.recent_outputs import RecentOutputs
from headgate.policy.budget_counts import BudgetCrossing, BudgetLack, BudgetState, HeldMoney, warning
from headgate.policy.budget_text import notice
from headgate.policy.budget_text import refusal as budget_refusal
from headgate.policy.budgets import BudgetTable, Share
from headgate.policy.counters import LimitDenial
from headgate.policy.limit_refusal import refusal
from headgate.policy.limits import NO_COUNTS, Count
from headgate.policy.reservations import NOTHING, Denial, Reservation, Reservations, ReservationsDump, Used
from headgate.policy.wants import Wants
from headgate.policy.window import Totals

_DECISION_S = 5.0  # after which an exchange waits no longer for a decision

Decided = Callable[[Reservation | Denial], None]
Refuse = Callable[[GatewayError], None]


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
        decided(self._reservations.reserve(wants, self._clock.monotonic_s() + self._ahead_s))

    def begin(self, intent: Intent) -> None:
        """Remember it until it is settled."""
        self._reservations.begin(intent)

    def settle(self, reservation: Reservation, used: Used) -> Settled:
        """Count what was used."""
        return self._reservations.settle(reservation, used, self._clock.monotonic_s() + self._ahead_s)

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

    def limits_used(self, counts: Iterable[Count]) -> list[tuple[Count, Totals]]:
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
    """An exchange that asks to be admitted. `divert` finds another endpoint by its name, with the order of its targets, or raises GatewayError."""

    inbound: Inbound
    asked: Asked
    endpoint: Endpoint
    order: TargetOrder
    snapshot: Snapshot
    divert: "Divert"


Divert = Callable[[Candidate, str], tuple[Endpoint, TargetOrder]]


class Admission(msgspec.Struct, eq=False):
    """The admission of one exchange, from the question to the settlement. `reservation` is `None` as long as the store has not decided, or where it denied.

    A budget may send the exchange to another endpoint: then it asks once more, and `candidate` is about that endpoint.
    """

    _admissions: "Admissions"
    candidate: Candidate
    _applying: ApplyingRules
    reservation: Reservation | None = None
    downgraded_from: str = ""  # the endpoint that was asked for, where a budget sent the exchange to another
    on_decided: Callable[[], None] | None = None
    _denial: Denial | None = None
    _lack: BudgetLack | None = None  # why it is sent elsewhere
    _failed: str = ""  # why it cannot be
    _unpriced: bool = False
    _closed: bool = False

    def ask(self, wants: Wants) -> None:
        """Ask the store for a reservation."""
        self._unpriced = wants.unpriced
        self._admissions.store.reserve(wants, self.decided)

    def decided(self, decision: Reservation | Denial) -> None:
        """The store has decided. A reservation for an exchange that has ended meanwhile goes back at once."""
        if isinstance(decision, Reservation):
            if self._closed:
                self._admissions.store.settle(decision, NOTHING)
                return
            self.reservation = decision
        elif self._closed:
            return
        elif isinstance(decision, BudgetLack) and decision.action.kind == DOWNGRADE:
            self._divert(decision)
            return
        else:
            self._denial = decision
        if self.on_decided is not None:
            self.on_decided()

    def require(self) -> Reservation | None:
        """The reservation; `None` while nothing is decided. Raises LimitExceeded or BudgetExhausted where it was denied."""
        denial = self._denial
        if denial is None:
            return self.reservation
        if isinstance(denial, LimitDenial):
            raise refusal(denial)
        raise budget_refusal(denial, self._admissions.clock.wall_ns(), self._failed)

    @property
    def marks(self) -> tuple[BudgetMark, ...]:
        """The budgets that the exchange counts in, or the one that refuses it."""
        reservation = self.reservation
        if reservation is None:
            return (denied_mark(self._denial),) if isinstance(self._denial, BudgetLack) else ()
        if self._lack is None and not self._unpriced:
            return self._applying.marks
        return marks(reservation.money, self._lack, unpriced=self._unpriced)

    def headers(self) -> Headers | None:
        """What the answer says: how much is left of the limit with the least left and of a budget that warns, and where it was sent."""
        reservation = self.reservation
        if reservation is None:
            return None
        found: Headers = [] if reservation.nearest is None else limit_headers(reservation.nearest)
        if reservation.money:
            found += self._budget_headers(reservation.money)
        return found or None

    def begin(self, intent: Intent) -> None:
        """The exchange is about to be sent."""
        self._admissions.store.begin(intent)

    def give_back(self) -> None:
        """Nothing of the exchange was sent, so it uses nothing."""
        self._close(NOTHING)

    def settle(self, outcome: Outcome, *, reached_provider: bool) -> Outcome:
        """The exchange has ended: count what it used. What no provider got uses nothing. Returns the record, which says it."""
        reservation, candidate = self.reservation, self.candidate
        used = NOTHING
        if reached_provider and reservation is not None:
            budgets = candidate.snapshot.budgets
            used = used_of(outcome.usage, costs(budgets, reservation.money, outcome) if reservation.money and budgets is not None else ())
            if outcome.usage is not None:
                self._admissions.outputs.add(candidate.endpoint.name, used.output_tokens)
        settled = self._close(used)
        return outcome if settled is None else msgspec.structs.replace(outcome, settled=settled)

    def _divert(self, lack: BudgetLack) -> None:
        """Ask once more: for the endpoint that the budget names, or, where that cannot serve, for the same one."""
        try:
            wants = self._sent_to(lack.action.to)
            self._lack = lack
        except GatewayError as error:
            self._failed = f"It could not be sent to endpoint {lack.action.to} instead: {error.message} "
            wants = self._admissions.wants(self.candidate, self._applying, may_downgrade=False)
        self.ask(wants)

    def _sent_to(self, name: str) -> Wants:
        asked_for, admissions, candidate, applying = self.candidate, self._admissions, self.candidate, self._applying
        if name != candidate.endpoint.name:
            endpoint, order = candidate.divert(candidate, name)
            candidate = msgspec.structs.replace(candidate, endpoint=endpoint, order=order)
            applying = admissions.applying(candidate)
        wants = admissions.wants(candidate, applying, may_downgrade=False)
        self.candidate, self._applying = candidate, applying
        if candidate is not asked_for:
            self.downgraded_from = asked_for.endpoint.name
        return wants

    def _budget_headers(self, money: Sequence[HeldMoney]) -> Headers:
        found = unpriced_headers(money[0].share.allowance.budget) if self._unpriced else []
        if self._failed:
            found.append((b"x-headgate-budget-downgrade", b"not possible"))
        if self._lack is not None and self.downgraded_from:
            return found + downgrade_headers(self._lack, self.downgraded_from, self.candidate.endpoint.name)
        warned = warning(money)
        return found if warned is None else found + budget_headers(notice(warned))

    def _close(self, used: Used) -> Settled | None:
        self._closed = True
        reservation, self.reservation = self.reservation, None
        return None if reservation is None else self._admissions.store.settle(reservation, used)


class Admissions:
    """The admissions of a worker. `outputs` remembers how long the answers of each endpoint are. `crossed` hears of each percent of a budget reached."""

    def __init__(self, store: ReservationStore, clock: Clock, crossed: Callable[[BudgetCrossing], None]) -> None:
        self.store = store
        self.clock = clock
        self.outputs = RecentOutputs()
        self._crossed = crossed
        self._rules = DeclaredRules(None, None)
        self._waiting: dict[Admission, tuple[float, Refuse]] = {}  # when each is refused, and how

    def ask(self, candidate: Candidate) -> Admission | None:
        """Ask for a reservation; `None` if no limit and no budget applies.

        Raises BadRequest where a hard limit or budget needs a bound that the request does not state, and Forbidden for a model without a price.
        """
        applying = self.applying(candidate)
        if applying.counts is NO_COUNTS and not applying.shares:
            return None
        admission = Admission(self, candidate, applying)
        admission.ask(self.wants(candidate, applying))
        return admission

    def applying(self, candidate: Candidate) -> ApplyingRules:
        """The limits and budgets that apply to the exchange. What its requester's own account pays costs Headgate nothing, so no budget does."""
        snapshot, rules = candidate.snapshot, self._rules
        budgets = None if snapshot.budgets is None else snapshot.budgets.table
        if rules.limits is not snapshot.limits or rules.budgets is not budgets:
            rules = self._rules = DeclaredRules(snapshot.limits, budgets)
        found = rules.applying(candidate.inbound, candidate.asked, candidate.endpoint)
        return found if candidate.inbound.own is None else ApplyingRules(found.counts)

    def wants(self, candidate: Candidate, applying: ApplyingRules, *, may_downgrade: bool = True) -> Wants:
        """What the exchange needs room for. Raises as `ask` does."""
        inbound, snapshot, counts, shares = candidate.inbound, candidate.snapshot, applying.counts, applying.shares
        if not shares and not (snapshot.limits is not None and snapshot.limits.counts_tokens):
            return Wants(inbound.request_id, counts)
        endpoint = candidate.endpoint.name
        input_tokens = (len(inbound.body) + 1) // 4  # an upper guess that costs nothing; the difference goes back with the settlement
        bound = inbound.face.output_tokens_max(candidate.order.asked)
        if not bound and counts.hard:
            raise BadRequest(
                f"A hard rate limit on endpoint {endpoint} reserves all output that a request allows, and this request does not say how much. "
                "Set its largest number of output tokens (max_tokens, max_output_tokens or maxOutputTokens).",
                code="unbounded_output",
            )
        likely = self.outputs.p95(endpoint)
        if 0 < bound < likely:
            likely = bound
        if not shares or snapshot.budgets is None:
            return Wants(inbound.request_id, counts, input_tokens, likely, bound)
        planned = PlannedRequest(inbound, endpoint, candidate.order.targets, input_tokens, likely, bound)
        money, unpriced = spendings(shares, snapshot.budgets.prices, planned)
        return Wants(inbound.request_id, counts, input_tokens, likely, bound, money, inbound.received_at_ns, may_downgrade, unpriced)

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


def used_of(usage: Usage | None, spent: tuple[int, ...] = ()) -> Used:
    """What is counted of an exchange: its input, also what came from a cache or went into one, its output, and what it cost in each budget."""
    if usage is None:
        return Used(costs=spent)
    counts = usage.totals if usage.beside else usage
    return Used(1, counts.all_input_tokens or 0, counts.output_tokens or 0, spent)
