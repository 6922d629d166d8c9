"""Refusals as audit events: told at once, and at a bounded rate."""

import pytest

from headgate.core.audit_event import AuditEvent
from headgate.core.errors import (
    BadRequest,
    BudgetExhausted,
    FeatureDisabled,
    Forbidden,
    GatewayError,
    LimitExceeded,
    LimitSpent,
    NotFound,
    OverLimit,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnknownModel,
    UpstreamFailed,
)  # fmt: skip
from headgate.exchange.denials import CALLERS_MAX, KINDS_MAX, SEVERAL, TOO_MANY_GUESSES, Denials, Denied, is_denial, reason_of
from tests.fakes.ports import FakeClock
from tests.unit.exchange.journeys import Stage

ADA = Denied(service="aiGateway", action="messages", who="ada@example.com", token_id="tok_1", address="192.0.2.1", params={"model": "opus"})
NO = Forbidden("Not this one.", code="endpoint_not_allowed")


class Told:
    """Refusals, and the events that they became."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.events: list[AuditEvent] = []
        self.denials = Denials(self.events.append, self.clock)

    def counts(self) -> list[tuple[str, int]]:
        """The action and the number of each event."""
        return [(event.action, event.occurrences) for event in self.events]


@pytest.fixture
def told() -> Told:
    """None yet."""
    return Told()


@pytest.mark.parametrize(
    ("error", "denies"),
    [
        (Unauthenticated("x"), True), (Forbidden("x"), True), (UnknownModel("x"), True), (FeatureDisabled("x"), True), (LimitExceeded("x"), True),
        (LimitSpent("x"), True), (OverLimit("x"), True), (BudgetExhausted("x"), True), (BadRequest("x"), False), (NotFound("x"), False),
        (TooLarge("x"), False), (Unavailable("x"), False), (UpstreamFailed("x"), False), (GatewayError("x"), False),
    ],
)  # fmt: skip
def test_what_denies(error: GatewayError, denies: bool) -> None:
    """What says that a caller may not do this, or not so much; not what is a mistake, or trouble."""
    assert is_denial(error) is denies


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Unauthenticated("x"), "credential"), (LimitExceeded("x", code=TOO_MANY_GUESSES), "credential"), (Forbidden("x"), "permission"),
        (UnknownModel("x"), "model"), (FeatureDisabled("x"), "preview"), (LimitSpent("x"), "limit"), (OverLimit("x"), "limit"),
        (BudgetExhausted("x"), "budget"), (BadRequest("x"), "request"), (TooLarge("x"), "request"), (Unavailable("x"), "unavailable"),
        (GatewayError("x"), "unavailable"),
    ],
)  # fmt: skip
def test_each_refusal_has_a_reason(error: GatewayError, reason: str) -> None:
    """One word, by which refusals are counted."""
    assert reason_of(error) == reason


def test_every_refusal_is_counted(told: Told) -> None:
    """Also the one that is no denial, and every one of a flood; a bug is no refusal."""
    for _ in range(20):
        told.denials.tell(NO, ADA)
    told.denials.tell(BadRequest("x"), ADA)
    told.denials.count(Unavailable("x"), "otel")
    told.denials.count(RuntimeError("x"), "otel")

    assert told.denials.counts == {("aiGateway", "permission"): 20, ("aiGateway", "request"): 1, ("otel", "unavailable"): 1}
    assert len(told.events) == 1


def test_the_first_is_told_at_once_with_all_that_is_known(told: Told) -> None:
    """Who, with which token, from where, what and why."""
    told.denials.tell(NO, ADA)
    (event,) = told.events
    assert (event.who, event.address, event.service, event.action) == ("ada@example.com", "192.0.2.1", "aiGateway", "messages")
    assert event.params == {"error_code": "endpoint_not_allowed", "token_id": "tok_1", "model": "opus"}
    assert (event.status_code, event.error_message, event.result, event.occurrences) == (403, "Not this one.", "refused", 1)
    told.denials.tell(BadRequest("x"), ADA)
    told.denials.tell(ValueError("a bug"), ADA)
    assert len(told.events) == 1


def test_what_is_repeated_is_one_event_a_minute(told: Told) -> None:
    """With its number; another kind has its own, and what is not repeated has no second event."""
    for _ in range(1_000):
        told.denials.tell(NO, ADA)
    told.denials.tell(UnknownModel("x"), ADA)
    told.denials.tick()
    assert told.counts() == [("messages", 1), ("messages", 1)]
    told.clock.now_s += 61
    told.denials.tick()
    told.denials.tick()
    assert told.counts()[2:] == [("messages", 999)]
    told.denials.tell(NO, ADA)
    assert told.counts()[3:] == [("messages", 1)]
    assert sum(event.occurrences for event in told.events) == 1_002


def test_what_is_counted_is_told_at_the_end(told: Told) -> None:
    """Nothing is lost when the process ends."""
    told.denials.tell(NO, ADA)
    told.denials.tell(NO, ADA)
    told.denials.flush()
    assert told.counts() == [("messages", 1), ("messages", 1)]


def test_a_flood_of_kinds_is_bounded(told: Told) -> None:
    """One caller that varies what it asks for: the rest is counted together, still as its own. Another caller is not affected."""
    for number in range(1_000):
        told.denials.tell(UnknownModel("x"), Denied(service="aiGateway", action="messages", who="ada", params={"model": str(number)}))
    told.denials.tell(NO, Denied(service="aiGateway", action="messages", who="ben"))
    told.denials.flush()
    assert len(told.events) == KINDS_MAX + 3
    together = [event for event in told.events if event.action == SEVERAL]
    assert {(event.who, event.params["error_code"]) for event in together} == {("ada", "model_not_found")}
    assert sum(event.occurrences for event in told.events) == 1_001


def test_a_flood_of_callers_is_bounded(told: Told) -> None:
    """Strangers from many addresses: the rest is counted without who it was."""
    for number in range(5_000):
        told.denials.tell(Unauthenticated("x"), Denied(service="aiGateway", action="", address=str(number)))
    told.denials.flush()
    assert len(told.events) == CALLERS_MAX + 2
    assert [(event.address, event.occurrences) for event in told.events[-2:]] == [("", 1), ("", 5_000 - CALLERS_MAX - 1)]


def test_a_refused_exchange_is_told_and_another_is_not() -> None:
    """With the model that was asked for and the endpoint."""
    told = Told()
    stage = Stage(denials=told.denials)
    stage.run()
    with pytest.raises(Forbidden):
        stage.run(allowed=("other-*",))
    with pytest.raises(BadRequest):
        stage.exchanges.run(stage.inbound(b"{"), None, lambda: None)  # type: ignore[arg-type]
    (event,) = told.events
    assert (event.action, event.params["model"], event.params["endpoint"]) == ("messages", "opus", "opus")
    assert event.request_id == stage.journal.outcomes[-2].intent.request_id
