"""Admission in the journey: before anything is sent, settled to what was used, and decided at once or later."""

import json

import msgspec
import pytest

from headgate.core.errors import BadRequest, LimitExceeded, OverLimit, Unavailable
from headgate.core.usage import Usage, UsageLine
from headgate.dialects.faces import Operation
from headgate.exchange.admission import used_of
from headgate.policy.limits import LimitTable
from headgate.policy.reservation import NOTHING
from tests.fakes.limits import LateReservations, limit
from tests.fakes.ports import FakeClient, FakeClock
from tests.unit.exchange.journeys import DELTA, JSON, MESSAGES, SSE, START, STOP, Stage

COUNT_TOKENS = Operation("count_tokens", "anthropic/v1/messages/count_tokens", streams="never", generates=False)


def limited(*limits, late=False):
    """A stage with limits, and its store if that answers late."""
    clock = FakeClock()
    store = LateReservations(clock) if late else None
    return Stage(declared=LimitTable(limits), store=store, clock=clock), store


def amounts(used):
    """What is counted, in a row."""
    return used.requests, used.input_tokens, used.output_tokens, used.costs


def answer(stage, index=-1):
    """The provider's whole stream: 42 tokens of input, 30 of them from a cache, and 7 of output."""
    sink = stage.upstream.sinks[index]
    sink.head(200, SSE)
    for piece in (START, DELTA, STOP):
        sink.data(piece)
    sink.end()


def test_what_exceeds_a_limit_is_refused_and_recorded_and_never_sent():
    """The error says how long to wait; the row has its code."""
    stage, _ = limited(limit("user_default", requests=1))
    stage.run()
    stage.clock.now_s += 7

    with pytest.raises(LimitExceeded, match="1 request per minute for each user") as refused:
        stage.run()

    (row,) = stage.journal.outcomes
    assert len(stage.upstream.requests) == len(stage.journal.intents) == 1
    assert (row.ended, row.status_code, row.error_code, row.intent.endpoint) == ("refused", 429, "limit_user_default", "opus")
    assert refused.value.retry_after_s == 54  # the first one came with the second 1000, which ends to count at 1061


def test_counting_tokens_is_outside_the_limits():
    """Claude Code does it eighteen times at once."""
    stage, _ = limited(limit(requests=1))
    body = json.dumps({"model": "opus", "messages": []}).encode()
    for _ in range(3):
        stage.ask("anthropic", body, COUNT_TOKENS)

    assert len(stage.upstream.requests) == 3


def test_an_answer_says_how_much_is_left():
    """In headers of our own beside the provider's."""
    stage, _ = limited(limit("user_default", requests=3))
    client = stage.run()
    answer(stage)

    assert client.headers[b"x-headgate-limit-key"] == b"user_default"
    assert client.headers[b"x-headgate-limit-measure"] == b"requests"
    assert (client.headers[b"x-headgate-limit-max"], client.headers[b"x-headgate-limit-remaining"]) == (b"3", b"2")
    assert b"x-headgate-limit-reset" not in client.headers


def test_tokens_are_settled_to_what_was_used():
    """A guess is reserved; what the provider counts replaces it, with what came from its cache."""
    stage, _ = limited(limit(tokens=55))
    stage.run()
    with pytest.raises(LimitExceeded, match=f"{_guess(stage)} are counted, and this request needs {_guess(stage)}"):
        stage.run()
    answer(stage)
    with pytest.raises(LimitExceeded, match="49 are counted"):
        stage.run()
    stage.clock.now_s += 61
    client = stage.run()
    answer(stage)

    assert client.headers[b"x-headgate-limit-remaining"] == str(55 - _guess(stage)).encode()


def _guess(stage):
    """What is reserved for a request that allows five tokens of output."""
    return (stage.journal.intents[0].request_bytes + 1) // 4 + 5


def test_the_likely_output_is_that_of_the_latest_answers():
    """Bounded by what the request allows, and a guess of a thousand in the beginning."""
    stage, store = limited(limit(tokens=10_000), late=True)
    free = json.dumps({"model": "opus", "messages": [], "stream": True}).encode()
    stage.run()
    stage.ask("anthropic", free, MESSAGES)
    store.answer()
    answer(stage)
    stage.ask("anthropic", free, MESSAGES)
    stage.run()

    assert [wants.output_tokens for wants, _ in store.asked] == [7, 5]
    assert [amounts(used) for used in store.settled] == [(1, 42, 7, ())]


def test_a_hard_limit_needs_a_bound():
    """Where a request does not state it, it is refused with what to set."""
    stage, _ = limited(limit(hard=True, output_tokens=5))
    with pytest.raises(BadRequest, match="max_tokens") as refused:
        stage.ask("anthropic", json.dumps({"model": "opus", "messages": []}).encode(), MESSAGES)
    stage.run()
    with pytest.raises(LimitExceeded):
        stage.run()

    assert refused.value.code == "unbounded_output"
    assert len(stage.upstream.requests) == 1


def test_what_can_never_fit_is_refused_for_good():
    """No waiting makes the request smaller."""
    stage, _ = limited(limit(input_tokens=3))
    with pytest.raises(OverLimit):
        stage.run()

    assert [row.error_code for row in stage.journal.outcomes] == ["over_limit"]


@pytest.mark.parametrize(("fails", "left"), [("journal", 1), ("unreachable", 1), ("provider", 0)])
def test_what_no_provider_got_uses_nothing(fails, left):
    """A request that a provider refused counts; one that could not be sent does not."""
    stage, _ = limited(limit(requests=1))
    if fails == "journal":
        stage.journal.full = True
        with pytest.raises(Unavailable):
            stage.run()
        stage.journal.full = False
    else:
        stage.run(stream=False, model="single")
        if fails == "unreachable":
            stage.upstream.calls[0].sent = False
            stage.journal.losses[0](Unavailable("The disk is full."))
        else:
            stage.upstream.sinks[0].head(400, JSON)
            stage.upstream.sinks[0].data(b"{}")
            stage.upstream.sinks[0].end()

    if left:
        stage.run()
    else:
        with pytest.raises(LimitExceeded):
            stage.run()


def test_requests_at_a_time_are_free_when_they_end():
    """A client that leaves frees its place too, when its answer has been read on."""
    stage, _ = limited(limit(concurrent=1))
    client = stage.run()
    with pytest.raises(LimitExceeded, match="1 request at a time"):
        stage.run()
    client.watcher.client_gone()
    answer(stage)

    stage.run()
    assert len(stage.upstream.requests) == 2


def test_a_late_decision_goes_on_where_the_exchange_waited():
    """Nothing is journalled or sent before it, everything after it, and it is settled like any other."""
    stage, store = limited(limit(requests=1), late=True)
    client = stage.run()
    assert not stage.journal.intents
    assert not stage.upstream.requests
    assert len(stage.exchanges.pulse) == 1
    store.answer()
    assert len(stage.journal.intents) == 1
    answer(stage)

    assert (client.status, client.body, client.finished) == (200, START + DELTA + STOP, True)
    assert client.headers[b"x-headgate-limit-remaining"] == b"0"
    assert [row.ended for row in stage.journal.outcomes] == ["completed"]
    assert (stage.settled, len(stage.exchanges.pulse)) == (1, 0)
    assert [amounts(used) for used in store.settled] == [(1, 42, 7, ())]


def test_a_late_denial_answers_the_client():
    """In its dialect, with the wait, and once in the records."""
    stage, store = limited(limit(requests=1), late=True)
    stage.run()
    store.answer()
    stage.clock.now_s += 7
    client = stage.run()
    store.answer()

    assert (client.status, client.headers[b"retry-after"], client.headers[b"x-headgate-limit-reset"]) == (429, b"54", b"54")
    assert json.loads(client.body)["error"]["type"] == "rate_limit_error"
    assert client.finished
    assert [(row.ended, row.error_code, row.attempts) for row in stage.journal.outcomes] == [("refused", "limit_endpoint", ())]
    assert (stage.settled, len(stage.upstream.requests)) == (1, 1)


def test_a_client_that_leaves_before_the_decision_gets_nothing_sent():
    """Its reservation goes back as soon as it comes, and the record says that it left."""
    stage, store = limited(limit(requests=1), late=True)
    client = stage.run()
    client.watcher.client_gone()
    assert [(row.ended, row.status_code, row.attempts) for row in stage.journal.outcomes] == [("client_gone", 499, ())]
    store.answer()

    assert store.settled == [NOTHING]
    assert not stage.journal.intents
    assert not stage.upstream.requests
    assert (stage.settled, len(stage.exchanges.pulse)) == (1, 0)
    stage.run()
    store.answer()
    assert len(stage.upstream.requests) == 1


def test_a_lost_decision_is_not_waited_for():
    """The exchange is refused after five seconds; a decision that comes afterwards is given back."""
    stage, store = limited(limit(requests=1), late=True)
    client = stage.run(stream=False)
    stage.clock.now_s += 4.9
    stage.exchanges.admissions.tick()
    assert not client.status
    stage.clock.now_s += 0.2
    stage.exchanges.admissions.tick()

    assert (client.status, client.headers[b"retry-after"]) == (503, b"5")
    assert [(row.ended, row.error_code) for row in stage.journal.outcomes] == [("refused", "limits_unavailable")]
    stage.exchanges.admissions.tick()
    store.answer()
    assert store.settled == [NOTHING]
    assert not stage.upstream.requests


def test_shutting_down_ends_what_waits():
    """As any other open exchange."""
    stage, _ = limited(limit(requests=1), late=True)
    client = stage.run()
    stage.exchanges.pulse.interrupt_all(Unavailable("Headgate is shutting down.", code="draining"))

    assert client.status == 503
    assert [row.error_code for row in stage.journal.outcomes] == ["draining"]
    assert stage.settled == 1


def test_a_journal_that_refuses_a_late_exchange_takes_its_reservation_with_it():
    """Nothing is sent, the client has the reason, and the limit is as before."""
    stage, store = limited(limit(requests=1), late=True)
    client = stage.run()
    stage.journal.full = True
    store.answer()

    assert client.status == 503
    assert store.settled == [NOTHING]
    assert not stage.upstream.requests
    assert (stage.settled, len(stage.exchanges.pulse)) == (1, 0)


def test_a_stream_that_waits_long_begins_early():
    """Gemini CLI would give up; a denial then comes inside the stream."""
    stage, store = limited(limit(requests=1), late=True)
    stage.run()
    client = stage.run()
    stage.clock.now_s += 41
    stage.exchanges.pulse.tick()
    assert client.status == 200
    store.answer()

    assert b"event: error" in client.body
    assert client.finished


def test_changed_limits_hold_for_the_next_request():
    """Counts go on; the snapshot is all that changes."""
    stage, _ = limited(limit(requests=2))
    stage.run()
    stage.snapshot = msgspec.structs.replace(stage.snapshot, limits=LimitTable([limit(requests=1)]))
    with pytest.raises(LimitExceeded):
        stage.run()
    stage.snapshot = msgspec.structs.replace(stage.snapshot, limits=None)

    assert isinstance(stage.run(), FakeClient)


def test_what_a_limit_counts_of_usage():
    """Input with all of its caches, output, and lines beside the answer's own."""
    usage = Usage(
        input_tokens=1, cache_read_tokens=2, cache_write_5m_tokens=3, cache_write_1h_tokens=4, output_tokens=5,
        beside=(UsageLine(input_tokens=10, output_tokens=20, kind="compaction"),),
    )  # fmt: skip

    assert amounts(used_of(usage)) == (1, 20, 25, ())
    assert amounts(used_of(None)) == (1, 0, 0, ())
