"""Rate limits against a plain model that keeps every event: whatever happens in whatever order, also restarts, no window holds more than its limit."""

import math

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from headgate.core.limit import WINDOWS_S
from headgate.core.record import Intent
from headgate.policy.limit_denial import LimitDenial
from headgate.policy.limits import NO_COUNTS, CountedFor, LimitTable
from headgate.policy.replay import Replay
from headgate.policy.reservation import NOTHING, Reservation, Used
from headgate.policy.reservations import Reservations
from headgate.policy.reservations_dump import ReservationsDump
from headgate.policy.wants import Wants
from tests.fakes import examples
from tests.fakes.limits import limit
from tests.fakes.principals import user
from tests.fakes.records import intent, outcome

USERS = (user("ada", "staff"), user("ben", "staff", "guests"), user("cyd", "guests"), user("dan"))
MEASURES = ("requests", "tokens", "input_tokens", "output_tokens")
BOUNDS = st.fixed_dictionaries(
    {}, optional={"requests": st.integers(1, 4), "concurrent": st.integers(2, 5), **{name: st.integers(15, 60) for name in MEASURES[1:]}}
).filter(bool)
KINDS = st.sampled_from([("endpoint", ""), ("user_default", ""), ("user", "ada"), ("group", "staff"), ("group", "guests")])
AMOUNTS = st.integers(0, 12)
WAITS = st.sampled_from([0.0, 0.4, 1.0, 59.0, 60.0, 60.5, 61.0, 3_600.0, 3_660.0, 86_400.0, 87_840.0, -3_600.0, -86_400.0])


class Event:
    """Something that counts: when, for whom, and how much. What goes back is taken out of it; a debt is an event of its own."""

    def __init__(self, at_s, counts, amounts):
        self.at_s = at_s
        self.counts = counts  # ids of limits, with the value
        self.amounts = amounts  # requests, input, output

    def of(self, measure):
        """How much of a measure."""
        requests, input_tokens, output_tokens = self.amounts
        return {"requests": requests, "input_tokens": input_tokens, "output_tokens": output_tokens, "tokens": input_tokens + output_tokens}[measure]


def hand_over(replay, record):
    """A record as it is read back from its bytes; `None` says that a process began."""
    if record is None:
        replay.interrupt()
        return
    read = msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=type(record))
    (replay.intent if isinstance(read, Intent) else replay.outcome)(read)


class Limits(RuleBasedStateMachine):
    """Reserves, settles, refunds and restarts in any order, at times that jump forwards and backwards."""

    @initialize(
        declared=st.lists(st.tuples(KINDS, st.sampled_from(["minute", "minute", "hour", "day"]), BOUNDS, st.booleans()), min_size=1, max_size=4)
    )
    def begin(self, declared):
        """With any limits."""
        unique = {(key, holder, per): (bounds, hard) for (key, holder), per, bounds, hard in declared}
        self.limits = [limit(key, per, holder=holder, hard=hard, **bounds) for (key, holder, per), (bounds, hard) in unique.items()]
        self.table, self.reservations = LimitTable(self.limits), Reservations()
        self.clock_s = 100_000.0
        self.latest_s = 0.0  # the latest time that a count was asked at
        self.events = []  # all that was ever reserved or owed
        self.debts = []  # what was owed: it was used, and could not be refused
        self.open = []  # reservations with their events
        self.records = []  # what the journal has
        self.asked = 0
        self.checkpoint()

    @rule(who=st.sampled_from(USERS), amounts=st.tuples(AMOUNTS, AMOUNTS, AMOUNTS))
    def reserve(self, who, amounts):
        """Admitted exactly as far as the windows allow; a denial says when it would fit."""
        wants = self._wants(who, amounts)
        if wants is None:
            return
        self._look_at_the_clock()
        decision = self.reservations.reserve(wants, self.clock_s)
        if isinstance(decision, Reservation):
            self._admit(wants, decision)
        else:
            self._check_denial(wants, decision)

    @precondition(lambda self: self.open)
    @rule(data=st.data(), used=st.tuples(AMOUNTS, AMOUNTS) | st.none())
    def settle(self, data, used):
        """To more, to less, or to nothing."""
        reservation, event = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        self._look_at_the_clock()
        settled = self.reservations.settle(reservation, NOTHING if used is None else Used(1, *used), self.clock_s)
        begun = intent(reservation.request_id, reserved=reservation.reserved)
        self.records.append(outcome(reservation.request_id, intent=begun, settled=settled))
        self._count_used(event, (0, 0, 0) if used is None else (1, *used))

    def _count_used(self, event, real):
        for count, each in event.items():
            reserved = each.amounts
            each.amounts = tuple(min(pair) for pair in zip(reserved, real, strict=True))
            owed = tuple(max(0, after - before) for before, after in zip(reserved, real, strict=True))
            if any(owed):
                debt = Event(self.latest_s, {count}, owed)
                self.events.append(debt)
                self.debts.append(debt)

    @rule(seconds=WAITS | st.floats(0, 70))
    def wait(self, seconds):
        """Time passes, or the clock jumps."""
        self.clock_s = max(0.0, self.clock_s + seconds)

    @rule()
    def checkpoint(self):
        """All that is known is written down, with how many records it contains."""
        self._look_at_the_clock()
        self.written = len(self.records), msgspec.msgpack.encode(self.reservations.dump(self.clock_s))

    @rule(seconds=WAITS)
    def restart(self, seconds):
        """The process is killed. Another one knows the same from the checkpoint and the records behind it; what was under way counts by its estimate."""
        contained, dumped = self.written
        replay = Replay(msgspec.msgpack.decode(dumped, type=ReservationsDump), None, lambda _: ())
        for record in self.records[contained:]:
            hand_over(replay, record)
        replay.interrupt()
        for reservation, event in self.open:
            self.reservations.settle(reservation, Used(1, reservation.reserved.input_tokens, 0), self.latest_s)
            self._count_used(event, (1, reservation.reserved.input_tokens, 0))
        assert self._counted(replay.reservations) == self._counted(self.reservations)
        self.reservations = replay.reservations
        self.open = []
        self.records.append(None)
        self.clock_s = max(0.0, self.clock_s + seconds)

    def _counted(self, reservations):
        """What still counts, at the latest time: the whole state, and of each count its totals."""
        for _ in range(2):
            reservations.sweep(self.latest_s)
        return reservations.dump(self.latest_s), {key: window.used for key, window in reservations.counters._windows.items()}

    @rule()
    def sweep(self):
        """Counts that are empty go."""
        self._look_at_the_clock()
        self.reservations.sweep(self.clock_s)

    @invariant()
    def no_window_holds_more(self):
        """At the end of every event's own window: without debts there is never more in it than the limit, wherever it begins."""
        for declared in getattr(self, "limits", ()):
            for value in {value for event in self.events for limit_id, value in event.counts if limit_id == declared.id}:
                self._check_windows(declared, value)

    def _check_windows(self, declared, value):
        count, length_s = (declared.id, value), WINDOWS_S[declared.per]
        counted = [event for event in self.events if count in event.counts]
        for measure, maximum in declared.bounds:
            if measure == "concurrent":
                assert sum(count in event for _, event in self.open) <= maximum
                continue
            for first in counted:
                window = [event for event in counted if first.at_s <= event.at_s < first.at_s + length_s]
                if not any(event in self.debts for event in window):
                    assert sum(event.of(measure) for event in window) <= maximum, (declared, measure)

    def _look_at_the_clock(self):
        self.latest_s = max(self.latest_s, self.clock_s)

    def _wants(self, who, amounts):
        counts = self.table.counts("opus", CountedFor(who, "tok", "", {}))
        likely, more = sorted(amounts[1:])
        self.asked += 1
        return None if counts is NO_COUNTS else Wants(f"req_{self.asked}", counts, amounts[0], likely, more)

    def _admit(self, wants, reservation):
        events = {}
        held = [*wants.counts.needed]
        for parts in wants.counts.either:
            fitting = [part for part in parts if all(self._fits(count, wants, self.latest_s) for count in part)]
            assert fitting, "admitted without room in any group"
            held += [count for part in fitting for count in part]
        for count in held:
            assert self._fits(count, wants, self.latest_s), count
            declared, value = count.limit, count.value
            event = Event(self.latest_s, {(declared.id, value)}, (1, wants.input_tokens, self._output(declared, wants)))
            events[declared.id, value] = event
            self.events.append(event)
        assert len(reservation.reserved.counts) == len(held)
        self.open.append((reservation, events))
        self.records.append(intent(reservation.request_id, reserved=reservation.reserved))
        self.reservations.begin(self.records[-1])

    def _check_denial(self, wants, denial):
        """Not before the stated moment, and then at once, if nothing else happens meanwhile."""
        assert isinstance(denial, LimitDenial)
        if math.isinf(denial.wait_s):
            assert denial.amount > denial.maximum
        elif denial.measure != "concurrent":
            assert 0 < denial.wait_s <= WINDOWS_S[denial.limit.per] * 61 / 60
            assert not self._all_fit(wants, self.latest_s)
            assert self._all_fit(wants, self.latest_s + denial.wait_s, windows_only=True)

    def _all_fit(self, wants, at_s, *, windows_only=False):
        def fits(count):
            return self._fits(count, wants, at_s, windows_only=windows_only)

        return all(map(fits, wants.counts.needed)) and all(any(all(map(fits, part)) for part in parts) for parts in wants.counts.either)

    def _fits(self, count, wants, at_s, *, windows_only=False):
        """Whether there is room by the model: each event counts until its part has left the window."""
        declared, value = count.limit, count.value
        length_s = WINDOWS_S[declared.per]
        part_s = length_s // 60
        counted = [event for event in self.events if (declared.id, value) in event.counts and at_s < (event.at_s // part_s + 61) * part_s]
        for measure, maximum in declared.bounds:
            if measure == "concurrent":
                if not windows_only and sum((declared.id, value) in event for _, event in self.open) + 1 > maximum:
                    return False
                continue
            new = Event(at_s, {}, (1, wants.input_tokens, self._output(declared, wants)))
            if sum(event.of(measure) for event in counted) + new.of(measure) > maximum:
                return False
        return True

    def _output(self, declared, wants):
        return wants.output_bound if declared.hard else wants.output_tokens


def test_no_window_of_any_history_holds_more_than_its_limit():
    """Whatever is reserved, settled and refunded, at whatever times; and each decision is that of the model."""
    run_state_machine_as_test(Limits, settings=settings(max_examples=examples.count(400), stateful_step_count=40, deadline=None))
