"""Event streams: who hears what, how often, and when a stream ends."""

import msgspec
import pytest

from headgate.core.errors import LimitExceeded, Unavailable
from headgate.core.principal import Principal
from headgate.core.roles import VIEWER
from headgate.telemetry.otlp.messages import Export
from headgate.web.ui import event_streams
from headgate.web.ui.event_streams import STREAMS_EACH_MAX, EventStreams
from tests.fakes.ports import FakeClient, FakeClock
from tests.fakes.principals import administrator, user
from tests.fakes.records import intent, outcome

ADA, BEN, ROOT = user("ada"), user("ben"), administrator("root")
VERA = msgspec.structs.replace(user("vera"), roles=frozenset({VIEWER}))
EXPORT = Export("logs", b"", 1)
BEGIN = b"retry: 3000\n\n"


class House:
    """Streams, a clock, and the sessions of principals."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.clock.now_s = 100.0
        self.streams = EventStreams(self.clock)
        self.signed_in: dict[str, Principal | None] = {}

    def open(self, principal: Principal) -> FakeClient:
        """A browser that listens."""
        client = FakeClient()
        self.signed_in.setdefault(principal.id, principal)
        self.streams.open(client, principal, lambda: self.signed_in[principal.id])
        assert (client.status, client.body) == (200, BEGIN)
        assert client.headers[b"content-type"] == b"text/event-stream; charset=utf-8"
        return client

    def ended(self, principal: Principal, agent: str = "claude-code") -> None:
        """An exchange of this principal was recorded."""
        self.streams.exchange_ended(outcome("r", intent=intent("r", principal_id=principal.id, requester=principal.name, agent=agent)))

    def pass_s(self, seconds: float) -> None:
        """Time passes, with a tick twice a second."""
        for _ in range(round(seconds * 2)):
            self.clock.now_s += 0.5
            self.streams.tick()


def said(client: FakeClient) -> list[tuple[str, dict[str, object]]]:
    """The events that a browser has got, each kind with its data."""
    events = []
    for event in client.body.removeprefix(BEGIN).decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in event.splitlines() if not line.startswith(":"))
        if lines:
            events.append((lines["event"], msgspec.json.decode(lines["data"])))
    return events


def test_a_member_hears_of_its_own():
    """Others' exchanges make no event for a member; viewers and administrators hear of all, and which were their own."""
    house = House()
    ada, vera, root = house.open(ADA), house.open(VERA), house.open(ROOT)
    house.ended(ADA)
    house.ended(ADA, "codex")
    house.ended(ADA, "codex")
    house.ended(BEN)
    house.ended(ROOT, "")
    house.pass_s(1)
    assert said(ada) == [("recorded", {"exchanges": 3, "own": {"claude-code": 1, "codex": 2}})]
    assert said(vera) == [("recorded", {"exchanges": 5, "own": {}})]
    assert said(root) == [("recorded", {"exchanges": 5, "own": {"": 1}})]
    house.ended(BEN)
    house.pass_s(1)
    assert (len(said(ada)), said(vera)[1:]) == (1, [("recorded", {"exchanges": 1, "own": {}})])


def test_events_are_a_second_apart():
    """However many exchanges end, a browser hears once a second; what ended before it came is not news."""
    house = House()
    house.ended(ADA)
    house.pass_s(1)
    ada = house.open(ADA)
    for _ in range(12):
        house.ended(ADA)
        house.pass_s(0.5)
    assert [data["exchanges"] for _, data in said(ada)] == [1, 2, 2, 2, 2, 2]


def test_telemetry():
    """Exports whose rows are safe are events of their own."""
    house = House()
    ada, root = house.open(ADA), house.open(ROOT)
    house.streams.export_kept(ADA, EXPORT)
    house.ended(ADA)
    house.pass_s(1)
    assert said(ada) == [("recorded", {"exchanges": 1, "own": {"claude-code": 1}}), ("telemetry", {"exports": 1, "own": {"": 1}})]
    assert said(root)[1] == ("telemetry", {"exports": 1, "own": {}})


def test_nothing_is_counted_apart_where_no_browser_listens():
    """One number is all that an exchange costs then."""
    house = House()
    house.ended(ADA)
    house.streams.export_kept(ADA, EXPORT)
    assert [dict(counts._keyed) for counts in house.streams._counts.values()] == [{}, {}]


def test_what_is_counted_apart_is_bounded(monkeypatch):
    """Beyond the bound exchanges are counted together."""
    monkeypatch.setattr(event_streams, "_KEYS_MAX", 1)
    house = House()
    root = house.open(ROOT)
    house.ended(ROOT)
    house.ended(ROOT, "codex")
    house.ended(ROOT)
    house.pass_s(1)
    assert said(root) == [("recorded", {"exchanges": 3, "own": {"claude-code": 2}})]


def test_a_slow_browser_gets_the_sum():
    """Nothing is written to a browser that does not read; later it hears all at once."""
    house = House()
    ada = house.open(ADA)
    ada.watcher.client_slow()
    for _ in range(3):
        house.ended(ADA)
        house.pass_s(1)
    assert said(ada) == []
    ada.watcher.client_ready()
    house.pass_s(1)
    assert said(ada) == [("recorded", {"exchanges": 3, "own": {"claude-code": 3}})]


def test_a_quiet_stream_is_kept_open():
    """A comment now and then keeps proxies from closing the connection; it is no event."""
    house = House()
    ada = house.open(ADA)
    house.pass_s(40)
    assert said(ada) == []
    assert ada.body.count(b": still here\n\n") == 2


def test_a_stream_ends_with_its_session():
    """Within seconds of a sign-out, or of a token's end."""
    house = House()
    ada, root = house.open(ADA), house.open(ROOT)
    house.signed_in[ADA.id] = None
    house.pass_s(6)
    assert (ada.finished, root.finished) == (True, False)
    assert len(house.streams._streams) == 1


def test_a_role_that_was_taken_away():
    """What a browser hears follows what its principal may read now."""
    house = House()
    vera = house.open(VERA)
    house.signed_in[VERA.id] = user("vera")
    house.pass_s(6)
    house.ended(BEN)
    house.pass_s(1)
    assert said(vera) == []


def test_a_browser_that_leaves():
    """Its stream is forgotten, and nothing is counted for it."""
    house = House()
    ada = house.open(ADA)
    ada.watcher.client_gone()
    ada.watcher.client_gone()
    house.ended(ADA)
    house.pass_s(1)
    assert (said(ada), len(house.streams._streams)) == ([], 0)


def test_streams_are_bounded(monkeypatch):
    """For each principal, and together."""
    house = House()
    for _ in range(STREAMS_EACH_MAX):
        house.open(ADA)
    with pytest.raises(LimitExceeded):
        house.open(ADA)
    house.open(BEN)
    monkeypatch.setattr(event_streams, "STREAMS_MAX", STREAMS_EACH_MAX + 1)
    with pytest.raises(Unavailable):
        house.open(ROOT)


def test_the_end():
    """Every stream ends cleanly when the server does, and none begins after that."""
    house = House()
    ada = house.open(ADA)
    house.streams.close()
    assert ada.finished
    house.pass_s(1)
    with pytest.raises(Unavailable):
        house.open(BEN)
