"""Admits exchanges: asks for a reservation before an exchange is sent, and settles it when the exchange has ended.

It counts nothing: that is the store's part, and `policy` says which limits apply and how a denial is worded.
"""

from collections.abc import Callable, Sequence

import msgspec

from headgate.core.budget import DOWNGRADE, BudgetMark
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, GatewayError, Unavailable
from headgate.core.headers import Headers
from headgate.core.record import Intent, Outcome, Settled
from headgate.core.usage import Usage
from headgate.dialects.error_answer import budget_headers, limit_headers
from headgate.exchange.budgeting import amounts_of, costs, denied_mark, downgrade_headers, marks, unpriced_headers
from headgate.exchange.candidate import ApplyingRules, Candidate
from headgate.exchange.reservation_store import ReservationStore
from headgate.exchange.rules import DeclaredRules
from headgate.metering.recent_outputs import RecentOutputs
from headgate.policy.budget_count import HeldMoney
from headgate.policy.budget_counts import warning
from headgate.policy.budget_states import BudgetCrossing, BudgetLack
from headgate.policy.budget_text import notice
from headgate.policy.budget_text import refusal as budget_refusal
from headgate.policy.limit_denial import LimitDenial
from headgate.policy.limit_refusal import refusal
from headgate.policy.limits import NO_COUNTS
from headgate.policy.reservation import NOTHING, Denial, Reservation, Used
from headgate.policy.wants import WantedMoney, Wants

_DECISION_S = 5.0  # after which an exchange waits no longer for a decision

Refuse = Callable[[GatewayError], None]


class Admission:
    """The admission of one exchange, from the question to the settlement. `reservation` is `None` as long as the store has not decided, or where it denied.

    A budget may send the exchange to another endpoint: then it asks once more, and `candidate` is about that endpoint.
    """

    __slots__ = ("_admissions", "_applying", "_closed", "_denial", "_failed", "_lack", "_unpriced", "candidate", "downgraded_from", "on_decided",
                 "reservation")  # fmt: skip

    def __init__(self, admissions: "Admissions", candidate: Candidate, applying: ApplyingRules, *, unpriced: bool) -> None:
        self._admissions = admissions
        self.candidate = candidate
        self._applying = applying
        self.reservation: Reservation | None = None
        self.downgraded_from = ""  # the endpoint that was asked for, where a budget sent the exchange to another
        self.on_decided: Callable[[], None] | None = None
        self._denial: Denial | None = None
        self._lack: BudgetLack | None = None  # why it is sent elsewhere
        self._failed = ""  # why it cannot be
        self._unpriced = unpriced
        self._closed = False

    def decided(self, decision: Reservation | Denial) -> None:
        """The store has decided. A reservation for an exchange that has ended meanwhile goes back at once."""
        if type(decision) is Reservation:
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
        on_decided, self.on_decided = self.on_decided, None  # it holds what waits, which holds this
        if on_decided is not None:
            on_decided()

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

    def begin(self, intent: Intent) -> Headers | None:
        """The exchange is about to be sent. Returns what its answer says: how much is left of the limit with the least left and of a budget that warns, and where
        it was sent.
        """
        reservation = self.reservation
        if reservation is None:
            return None
        self._admissions.store.begin(intent)
        found: Headers = [] if reservation.nearest is None else limit_headers(reservation.nearest)
        if reservation.money and (self._applying.warns or self._unpriced or self._lack is not None or self._failed):
            found += self._budget_headers(reservation.money)
        return found or None

    def give_back(self) -> None:
        """Nothing of the exchange was sent, so it uses nothing."""
        self._close(NOTHING)

    def settle(self, outcome: Outcome, *, reached_provider: bool) -> Outcome:
        """The exchange has ended: count what it used. What no provider got uses nothing. Returns the record, which says it."""
        reservation, candidate = self.reservation, self.candidate
        used = NOTHING
        if reached_provider and reservation is not None:
            usage, budgets = outcome.usage, candidate.snapshot.budgets
            spent = costs(budgets, reservation.money, outcome) if reservation.money and budgets is not None else ()
            used = used_of(usage, spent)
            if usage is not None:
                self._admissions.outputs.add(candidate.endpoint.name, used.output_tokens)
        settled = self._close(used)
        if settled is not None:
            msgspec.structs.force_setattr(outcome, "settled", settled)  # nothing else has the record yet; a copy of it costs ten times as much
        return outcome

    def _divert(self, lack: BudgetLack) -> None:
        """Ask once more: for the endpoint that the budget names, or, where that cannot serve, for the same one."""
        try:
            wants = self._sent_to(lack.action.to)
            self._lack = lack
        except GatewayError as error:
            self._failed = f"It could not be sent to endpoint {lack.action.to} instead: {error.message} "
            wants = self._admissions.wants(self.candidate, self._applying, may_downgrade=False)
        self._unpriced = wants.money is not None and wants.money.unpriced
        self._admissions.store.reserve(wants, self.decided)

    def _sent_to(self, name: str) -> Wants:
        asked_for, admissions, candidate, applying = self.candidate, self._admissions, self.candidate, self._applying
        if name != candidate.endpoint.name:
            candidate = candidate.diverted(name)
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
        self.on_decided = None
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
        wants = self.wants(candidate, applying)
        admission = Admission(self, candidate, applying, unpriced=wants.money is not None and wants.money.unpriced)
        self.store.reserve(wants, admission.decided)
        return admission

    def applying(self, candidate: Candidate) -> ApplyingRules:
        """The limits and budgets that apply to the exchange. What its requester's own account pays costs Headgate nothing, so no budget does."""
        snapshot, rules = candidate.snapshot, self._rules
        if rules.limits is not snapshot.limits or rules.budgets is not snapshot.budgets:
            rules = self._rules = DeclaredRules(snapshot.limits, snapshot.budgets)
        found = rules.applying(candidate.inbound, candidate.asked, candidate.endpoint.name)
        return found if candidate.inbound.head.own is None else ApplyingRules(found.counts, (), counts_tokens=found.counts_tokens)

    def wants(self, candidate: Candidate, applying: ApplyingRules, *, may_downgrade: bool = True) -> Wants:
        """What the exchange needs room for. Raises as `ask` does."""
        inbound, counts, shares = candidate.inbound, applying.counts, applying.shares
        if not applying.counts_tokens:
            return Wants(inbound.request_id, counts)
        name = candidate.endpoint.name
        input_tokens = (len(inbound.body) + 1) // 4  # an upper guess that costs nothing; the difference goes back with the settlement
        bound = inbound.head.face.output_tokens_max(candidate.order.asked)
        if not bound and counts.hard:
            raise BadRequest(
                f"A hard rate limit on endpoint {name} reserves all output that a request allows, and this request does not say how much. "
                "Set its largest number of output tokens (max_tokens, max_output_tokens or maxOutputTokens).",
                code="unbounded_output",
            )
        likely = self.outputs.p95(name)
        if 0 < bound < likely:
            likely = bound
        if not shares:
            return Wants(inbound.request_id, counts, input_tokens, likely, bound)
        amounts, unpriced = amounts_of(candidate, applying, input_tokens, likely, bound)
        money = WantedMoney(shares, amounts, inbound.received_at_ns, may_downgrade=may_downgrade, unpriced=unpriced)
        return Wants(inbound.request_id, counts, input_tokens, likely, bound, money)

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


def used_of(usage: Usage | None, spent: Sequence[int] = ()) -> Used:
    """What is counted of an exchange: its input, also what came from a cache or went into one, its output, and what it cost in each budget."""
    if usage is None:
        return Used(costs=spent)
    counts = usage.totals if usage.beside else usage
    # Written out as in `all_input_tokens`, for every exchange comes here, and each count is read once.
    read, written_5m, written_1h = counts.cache_read_tokens, counts.cache_write_5m_tokens, counts.cache_write_1h_tokens
    input_tokens = (counts.input_tokens or 0) + (read or 0) + (written_5m or 0) + (written_1h or 0)
    return Used(1, input_tokens, counts.output_tokens or 0, spent)
