"""`/events` as a browser asks for it: with a session, and as long as that lasts."""

from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable
from headgate.routing.table import EndpointTable
from headgate.web.session import Sessions
from headgate.web.ui.event_streams import EventStreams
from headgate.web.ui.events import event_routes
from headgate.web.ui.service import Browsers, Pages
from tests.fakes.asking import ask, head
from tests.fakes.ports import FakeClient, FakeClock
from tests.fakes.principals import token_of, user


class House:
    """The pages of a gateway with one token."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.tokens = [token_of(user("ada"), "tok_ada")]
        sessions = Sessions(b"p" * 32, self.clock, self._snapshot)
        self.cookie = sessions.issue(self.tokens[0], secure=False).partition(";")[0].encode()
        self.streams = EventStreams(self.clock)
        self._pages = Pages(event_routes(self.streams, sessions), Browsers(sessions, "http://127.0.0.1"), self.clock)

    def _snapshot(self) -> Snapshot:
        return Snapshot(1, TokenTable({token.id.encode(): token for token in self.tokens}), EndpointTable([], []), frozenset())

    async def ask(self, method: str = "GET", cookie: bytes | None = None) -> FakeClient:
        """One request for the stream."""
        cookie = self.cookie if cookie is None else cookie
        return await ask(self._pages, head(method, "/events", [(b"cookie", cookie)]))


async def test_a_signed_in_browser_listens() -> None:
    """The answer begins at once and does not end; the stream watches the browser from then on."""
    house = House()
    client = await house.ask()
    assert (client.status, client.finished, len(house.streams._streams)) == (200, False, 1)
    assert client.watcher is not None
    client.watcher.client_gone()
    assert len(house.streams._streams) == 0


async def test_without_a_session_there_is_no_stream() -> None:
    """Not for a browser that is signed out, and no longer once the token has been revoked."""
    house = House()
    assert (await house.ask(cookie=b"")).status == 401
    client = await house.ask()
    house.tokens.clear()
    house.clock.now_s += 10
    house.streams.tick()
    assert client.finished
    assert (await house.ask()).status == 401


async def test_head_opens_nothing() -> None:
    """A look at the head leaves no stream behind."""
    house = House()
    client = await house.ask("HEAD")
    assert (client.status, client.finished, len(house.streams._streams)) == (204, True, 0)


async def test_a_stream_that_is_refused_is_answered() -> None:
    """Where the server ends, the browser hears why."""
    house = House()
    house.streams.close()
    assert (await house.ask()).status == 503
