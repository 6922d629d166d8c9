"""What the service of pages does when the reader of a page leaves."""

import asyncio

import pytest

from headgate.core.scopes import ADMIN, PUBLIC
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable
from headgate.routing.table import EndpointTable
from headgate.web.session import Sessions
from headgate.web.ui.answers import PageAnswer, json_answer
from headgate.web.ui.routes import PageRequest, PageRoute
from headgate.web.ui.service import Browsers, Pages
from tests.fakes.asking import ask, head, opened
from tests.fakes.ports import FakeClient, FakeClock
from tests.fakes.principals import administrator, token_of


class Slow:
    """A page that takes long, and notes how its making ended."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.ending = ""

    async def make(self, _request: PageRequest) -> PageAnswer:
        """Wait."""
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.ending = "cancelled"
            raise
        self.ending = "made"
        return json_answer({})


async def _asked(method: str) -> tuple[Slow, FakeClient, "asyncio.Task[None]"]:
    """A slow page that a browser waits for."""
    slow, client = Slow(), FakeClient()
    browsers = Browsers(Sessions(b"p" * 32, FakeClock(), lambda: None), "http://127.0.0.1")  # type: ignore[arg-type] # no page asks for a session
    pages = Pages([PageRoute("GET", "/slow", PUBLIC, slow.make), PageRoute("POST", "/slow", PUBLIC, slow.make)], browsers, FakeClock())
    on_body = await opened(pages, head(method, "/slow"), client)
    assert on_body is not None
    rest = on_body(b"")
    assert rest is not None
    task = asyncio.get_running_loop().create_task(rest)
    await asyncio.sleep(0)
    return slow, client, task


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_page_without_a_reader_is_not_made(method: str) -> None:
    """Its making is cancelled, and with it what it waits for; nothing is answered."""
    slow, client, task = await _asked(method)
    assert client.watcher is not None
    client.watcher.client_slow()
    client.watcher.client_ready()
    client.watcher.client_gone()
    await asyncio.gather(task, return_exceptions=True)
    assert (slow.ending, task.cancelled(), client.status) == ("cancelled", True, 0)


async def test_a_change_is_done_to_its_end() -> None:
    """A browser that leaves after it has sent a form stops nothing half-way."""
    slow, client, task = await _asked("POST")
    assert client.watcher is None
    slow.gate.set()
    await task
    assert (slow.ending, client.status) == ("made", 200)


async def test_a_page_is_given_to_the_reader_that_waits() -> None:
    """Watching changes nothing of the answer."""
    slow, client, task = await _asked("GET")
    slow.gate.set()
    await task
    assert (client.status, client.body) == (200, b"{}")


async def test_a_signed_in_browser_that_looks_is_noticed() -> None:
    """What answers queries starts with the first page that a signed-in browser asks for, and with no page of a stranger's."""
    clock, token, noticed = FakeClock(), token_of(administrator("ada@example.com"), "tok_ada"), []
    snapshot = Snapshot(1, TokenTable({b"tok_ada": token}), EndpointTable([], []), frozenset())
    sessions = Sessions(b"p" * 32, clock, lambda: snapshot)
    browsers = Browsers(sessions, "http://127.0.0.1", looked=lambda: noticed.append("looked"))
    slow = Slow()
    slow.gate.set()
    pages = Pages([PageRoute("GET", "/own", ADMIN, slow.make), PageRoute("GET", "/open", PUBLIC, slow.make)], browsers, clock)
    cookie = sessions.issue(token, secure=False).partition(";")[0].encode()
    for path, headers in (("/own", []), ("/open", [(b"cookie", cookie)])):
        await ask(pages, head("GET", path, headers))
    assert noticed == []
    await ask(pages, head("GET", "/own", [(b"cookie", cookie)]))
    assert noticed == ["looked"]
