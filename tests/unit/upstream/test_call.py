"""A call's deadlines and its silence after the end, on a clock of the test's own."""

import pytest

from headgate.core.endpoint import Provider
from headgate.core.errors import UpstreamFailed
from headgate.exchange.ports import Deadlines, UpstreamRequest
from headgate.upstream.call import Http1Call


class Carrying:
    """A connection that keeps what it is told."""

    def __init__(self):
        self.told = []

    def pause(self):
        self.told.append("pause")

    def resume(self):
        self.told.append("resume")

    def drop(self):
        self.told.append("drop")


class Hearing:
    """A sink that keeps how it ended."""

    def __init__(self):
        self.ends = []

    def end(self):
        self.ends.append("end")

    def fail(self, error):
        self.ends.append(error.code)


def test_a_large_body_that_is_written_is_held_no_longer(call):
    """It is never sent again; a small one is not worth the effort."""
    small, large = b"x" * 4096, b"x" * 4097
    for body, left in ((small, small), (large, b"")):
        call.request.body = body
        call.written()
        assert (call.request.body, call.request.provider.name) == (left, "lab")


@pytest.fixture
def active():
    """The client's set."""
    return set()


@pytest.fixture
def call(active):
    """A call that is being carried: 10 s to the first byte, 5 s of silence, 60 s in all."""
    request = UpstreamRequest(
        provider=Provider(name="lab", dialect="anthropic", base_url="http://h"),
        method="POST",
        target="/",
        headers=[],
        body=b"",
        deadlines=Deadlines(10.0, 5.0, 60.0),
    )
    made = Http1Call(request, Hearing(), active)
    made.carrier = Carrying()
    return made


def run(call, *times_s):
    """The ticker's looks."""
    for now_s in times_s:
        if not call.over:
            call.check(now_s)
    return call.sink.ends


def test_the_first_byte(call, active):
    """Counted from the first look; nothing before it is late."""
    assert run(call, 1000.0, 1009.9) == []
    assert run(call, 1010.0, 1011.0) == ["first_byte_timeout"]
    assert not active
    assert call.carrier is None


def test_silence(call):
    """Counted from the last piece, begun anew by each."""
    run(call, 1000.0)
    call.answering = True
    run(call, 1009.0)
    call.received_bytes += 1
    assert run(call, 1013.9, 1018.8) == []
    assert run(call, 1018.9) == ["idle_timeout"]


def test_silence_from_the_head_on(call):
    """An answer may stop right behind its head."""
    call.answering = True

    assert run(call, 1000.0, 1004.9) == []
    assert run(call, 1005.0) == ["idle_timeout"]


def test_a_pause_is_no_silence(call):
    """The idle deadline begins anew when reading goes on; the total does not wait."""
    call.answering = True
    run(call, 1000.0)
    call.pause()
    assert run(call, 1004.0, 1030.0) == []
    call.resume()
    assert run(call, 1034.9) == []
    assert run(call, 1035.0) == ["idle_timeout"]


def test_the_total(call):
    """However lively, and also in a pause."""
    call.answering = True
    call.pause()

    assert run(call, 1000.0, 1059.9) == []
    assert run(call, 1060.0) == ["total_timeout"]


@pytest.mark.parametrize(("carried", "sent"), [(True, True), (False, False)])
def test_a_deadline_says_whether_anything_was_sent(call, carried, sent):
    """A call that was still connecting was not."""
    errors = []
    call.sink.fail = errors.append
    if not carried:
        call.carrier = None
    run(call, 1000.0, 1010.0)

    assert [error.sent for error in errors] == [sent]


def test_pause_and_resume_reach_the_connection_once(call):
    """Asked twice, told once; after the end nobody is told."""
    carrier = call.carrier
    call.pause()
    call.pause()
    call.resume()
    call.resume()
    call.end()
    call.pause()

    assert carrier.told == ["pause", "resume"]


@pytest.mark.parametrize("last", [Http1Call.end, Http1Call.cancel, lambda call: call.fail(UpstreamFailed("x", code="x"))])
def test_after_the_end_there_is_silence(call, active, last):
    """Whatever comes later is not heard."""
    last(call)
    heard = list(call.sink.ends)
    call.fail(UpstreamFailed("y", code="y"))
    call.cancel()
    call.give_up()

    assert call.sink.ends == heard
    assert call.over
    assert not active


def test_cancel_closes_and_says_nothing(call):
    """The connection goes, the sink hears nothing."""
    carrier = call.carrier
    call.cancel()

    assert (carrier.told, call.sink.ends) == (["drop"], [])
