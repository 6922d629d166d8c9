"""What is handed over of an exchange that has ended."""

import pytest

from headgate.core.errors import Forbidden, UpstreamFailed
from headgate.exchange import content
from headgate.exchange.content import ExchangeContent, Room
from headgate.exchange.settings import StreamLimits
from tests.unit.exchange.journeys import DELTA, JSON, SSE, START, STOP, Stage

LIMITS = StreamLimits(kept_stream_bytes=100, held_answer_bytes=5000, whole_answer_bytes=2000)
LONG = b": " + b"x" * 196 + b"\n\n"


class Wanted:
    """Somebody who wants everything, and has some room."""

    def __init__(self, room: int | None = 1 << 20) -> None:
        self.shared = Room(room) if room is not None else None
        self.contents: list[ExchangeContent] = []
        self.endpoints: list[str] = []

    def room(self, endpoint: object) -> Room | None:
        """The shared one."""
        del endpoint
        return self.shared

    def ended(self, content: ExchangeContent, endpoint: object) -> None:
        """Note it."""
        self.contents.append(content)
        self.endpoints.append(getattr(endpoint, "name", ""))


pytestmark = pytest.mark.usefixtures("small_steps")


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room is taken in small steps."""
    monkeypatch.setattr("headgate.exchange.tally.STEP_BYTES", 400)


def test_room_is_bounded() -> None:
    """What is taken is missing until it is given back."""
    room = Room(10)
    assert [room.take(6), room.take(6), room.take(4), room.take(1)] == [True, False, True, False]
    room.give_back(6)
    assert room.take(6)
    assert content.STEP_BYTES == 256 << 10


def test_request_and_stream_are_handed_over_whole_after_the_record() -> None:
    """Every byte as it came, in order; the room is free again."""
    wanted = Wanted()
    stage = Stage(LIMITS, wanted)
    stage.run()
    sink = stage.upstream.sinks[0]
    sink.head(200, SSE)
    for piece in (START, *([LONG] * 10), DELTA, STOP):
        sink.data(piece)
    assert not wanted.contents
    assert wanted.shared.left_bytes < 1 << 20
    sink.end()

    (ended,) = wanted.contents
    assert b"".join(ended.answer) == START + LONG * 10 + DELTA + STOP
    assert (ended.assemble is not None, ended.complete, ended.outcome) == (True, True, stage.journal.outcomes[0])
    assert b'"Hi"' in ended.request
    assert wanted.endpoints == ["opus"]
    assert wanted.shared.left_bytes == 1 << 20


@pytest.mark.parametrize(("room", "pieces"), [(1 << 20, 40), (600, 20)], ids=["one answer's bound", "all answers' bound"])
def test_an_answer_without_room_is_handed_over_as_far_as_it_was_held(room: int, pieces: int) -> None:
    """And says that it is not whole; the client has all of it."""
    wanted = Wanted(room)
    stage = Stage(LIMITS, wanted)
    client = stage.run()
    sink = stage.upstream.sinks[0]
    sink.head(200, SSE)
    for piece in (START, *([LONG] * pieces), DELTA, STOP):
        sink.data(piece)
    sink.end()

    (ended,) = wanted.contents
    held = b"".join(ended.answer)
    assert not ended.complete
    assert client.body.startswith(held)
    assert len(held) < 5000
    assert client.body.endswith(STOP)
    assert wanted.shared.left_bytes == room


def test_a_large_unstreamed_answer_is_held_while_it_passes() -> None:
    """It is never read whole otherwise."""
    wanted = Wanted()
    stage = Stage(LIMITS, wanted)
    stage.run(stream=False)
    sink = stage.upstream.sinks[0]
    sink.head(200, JSON)
    for _ in range(3):
        sink.data(b"y" * 1000)
    sink.end()

    (ended,) = wanted.contents
    assert b"".join(ended.answer) == b"y" * 3000
    assert (ended.assemble, ended.complete) == (None, True)


def test_errors_are_handed_over_as_the_client_saw_them() -> None:
    """The provider's own answer, ours in its place, a refusal before anything was sent, a request for nothing that there is."""
    wanted = Wanted()
    stage = Stage(LIMITS, wanted)
    client = stage.run()
    stage.upstream.sinks[-1].head(400, JSON)
    stage.upstream.sinks[-1].data(b'{"error":1}')
    stage.upstream.sinks[-1].end()
    assert b"".join(wanted.contents[-1].answer) == client.body == b'{"error":1}'

    client = stage.run(model="single")
    stage.upstream.sinks[-1].fail(UpstreamFailed("It is not there.", sent=False))
    assert b"".join(wanted.contents[-1].answer) == client.body
    assert b"It is not there" in client.body

    with pytest.raises(Forbidden):
        stage.run(allowed=("other",))
    assert b"error" in wanted.contents[-1].answer[0]
    assert wanted.contents[-1].outcome.status_code == 403
    with pytest.raises(Exception, match="No endpoint"):
        stage.run(model="nothing-like-it")
    assert wanted.endpoints == ["opus", "single", "opus", ""]


def test_nothing_is_held_where_nobody_wants_it() -> None:
    """A stream's beginning is, for its estimate, and no more."""
    wanted = Wanted(None)
    stage = Stage(LIMITS, wanted)
    stage.run()
    sink = stage.upstream.sinks[0]
    sink.head(200, SSE)
    for piece in (START, *([LONG] * 10), DELTA, STOP):
        sink.data(piece)
    sink.end()

    assert len(b"".join(wanted.contents[0].answer)) < 400
