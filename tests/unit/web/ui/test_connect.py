"""The page that connects an agent: tabs, a token of one's own, models, and the lights."""

import json
from html import unescape

import msgspec
import pytest

from headgate.admin.tokens import TokenAdmin
from headgate.core.access_token import AccessToken
from headgate.core.endpoint import Provider
from headgate.core.endpoint_grant import EndpointGrant
from headgate.core.errors import Unavailable
from headgate.core.principal_name import PrincipalName
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable
from headgate.policy.permissions import PermissionTable
from headgate.routing.table import EndpointTable
from headgate.web.ui.connect import ConnectParts, connect_routes
from headgate.web.ui.shown_once import ShownOnce
from tests.fakes.browser import LAPTOP, PAGES, Browser
from tests.fakes.page_rows import FakeQueries, read
from tests.fakes.ports import FakeClock
from tests.fakes.state import MemoryState

LAB = Provider(name="lab", dialect="anthropic", base_url="http://127.0.0.1:9", models=("claude-opus-4-6", "claude-house"))


class Desk:
    """A signed-in member before the page."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.state = MemoryState()
        self.queries = FakeQueries({"at": None})
        self.permissions: PermissionTable | None = None
        self.providers: list[Provider] = [LAB]
        self.ready = True
        self.follows = 0
        parts = ConnectParts(
            snapshot=self._snapshot,
            tokens=TokenAdmin(self.state, b"p" * 32, self.clock),
            follow=self._follow,
            queries=self.queries,
            telemetry_ready=lambda: self.ready,
            secrets=ShownOnce(self.clock),
            clock=self.clock,
        )
        self.browser = Browser(routes=(*PAGES, *connect_routes(parts)))

    def _snapshot(self) -> Snapshot:
        return Snapshot(1, TokenTable({}), EndpointTable(self.providers, []), permissions=self.permissions)

    async def _follow(self) -> None:
        self.follows += 1

    async def page(self, path: str = "/connect") -> str:
        """What is sent."""
        status, _, body = await self.browser.ask("GET", path)
        assert status == 200
        assert len(body.encode()) < 60 << 10
        return body

    def use(self, token: AccessToken) -> None:
        """Give the member another token."""
        self.browser.tokens = [token]


@pytest.fixture
async def desk() -> Desk:
    """One that is signed in."""
    made = Desk()
    await made.browser.sign_in("plain")
    return made


async def test_each_agent_has_a_tab(desk: Desk) -> None:
    """Tabs are plain links; an unknown agent is the first one."""
    for word, text in (("claude-code", "ANTHROPIC_BASE_URL"), ("codex", "model_provider"), ("gemini-cli", "GEMINI_MODEL"), ("other", "Base URL")):
        page = await desk.page(f"/connect?agent={word}")
        assert f'<a href="/connect?agent={word}" aria-current="true">' in page
        assert text in page
    assert "ANTHROPIC_BASE_URL" in await desk.page("/connect?agent=nothing")


async def test_a_token_is_made_and_shown_once(desk: Desk) -> None:
    """It is the member's own, for models and telemetry, named like the agent; it is in the snippets, in no address, and gone with the next look."""
    status, headers, _ = await desk.browser.press("/connect", agent="claude-code", telemetry="on")
    (row,) = desk.state.list_tokens()
    assert (status, headers["location"]) == (303, f"/connect?agent=claude-code&telemetry=on&token={row.id}")
    assert (row.name, row.principal.name, row.scopes) == ("claude-code", "ada@example.com", ("inference", "telemetry"))
    assert desk.follows == 1
    page = await desk.page(headers["location"])
    assert page.count("hg_") >= 3
    assert row.last4 in page
    assert "OTEL_METRICS_EXPORTER" in page
    again = await desk.page(headers["location"])
    assert "hg_" not in again
    assert "&lt;token&gt;" in again


async def test_a_token_lives_no_longer_than_the_members_own(desk: Desk) -> None:
    """And a token that may not ask models makes none that may: the page says why."""
    now_s = desk.clock.wall_ns() / 1e9
    desk.use(msgspec.structs.replace(LAPTOP, expires_at_s=now_s + 500))
    assert (await desk.browser.press("/connect", agent="codex"))[0] == 303
    (row,) = desk.state.list_tokens()
    assert row.expires_at_ms <= (now_s + 500) * 1000
    desk.use(msgspec.structs.replace(LAPTOP, principal=msgspec.structs.replace(LAPTOP.principal, scopes=frozenset({"sql"}))))
    status, _, body = await desk.browser.press("/connect", agent="codex")
    assert (status, "may not ask models" in read(body)) == (403, True)
    assert len(desk.state.list_tokens()) == 1


async def test_the_models_are_those_that_may_be_asked_for(desk: Desk) -> None:
    """And the snippet names one of them."""
    page = read(await desk.page())
    assert "claude-opus-4-6 claude-house" in page
    assert "ANTHROPIC_MODEL&#34;: &#34;claude-opus-4-6&#34;" in await desk.page()
    desk.permissions = PermissionTable([EndpointGrant(PrincipalName("eve"), "claude-opus-4-6")])
    page = read(await desk.page())
    assert "The model in it is claude-house" in page
    assert "claude-opus-4-6" not in page
    assert "claude-house" in read(await desk.page("/connect?agent=codex"))
    assert "claude-house" in read(await desk.page("/connect?agent=other"))


async def test_the_lights(desk: Desk) -> None:
    """Without scripts they are as the page was loaded; each query is for the agent of the tab and with the rights of the member."""
    assert "Waiting for your first request…" in read(await desk.page("/connect?agent=codex"))
    assert {query.parameters[0].value for query, _ in desk.queries.asked} == {"codex"}
    assert {principal.name for _, principal in desk.queries.asked} == {"ada@example.com"}
    desk.queries.records = [{"at": "2026-11-30T09:00:00Z"}]
    page = await desk.page("/connect?agent=codex")
    assert page.count('class="light good"') == 2
    assert "Arrived. 2026-11-30 09:00:00" in read(page)
    _, _, heard = await desk.browser.ask("GET", "/connect/heard?agent=codex")
    assert json.loads(heard) == {"recorded": True, "telemetry": True}
    assert desk.queries.asked[-1][0].timeout_s > desk.queries.asked[0][0].timeout_s
    desk.queries.refusal = Unavailable("SQL is starting.")
    assert 'class="light good"' not in await desk.page("/connect?agent=codex")
    assert 'data-light="telemetry"' not in await desk.page("/connect?agent=cursor")


async def test_a_model_of_another_maker(desk: Desk) -> None:
    """It is listed as translated; chosen, it is in the texts with the variables that Claude Code needs, and in the command."""
    desk.providers.append(Provider(name="open", dialect="openai", base_url="http://127.0.0.1:9/v1", models=("gpt-5.2",)))
    assert '<option value="gpt-5.2">gpt-5.2 (translated)</option>' in await desk.page("/connect?agent=claude-code")
    page = read(await desk.page("/connect?agent=claude-code&model=gpt-5.2"))
    assert "It is served in another format than that of Claude Code" in page
    assert "--token - --model gpt-5.2" in page
    text = unescape(await desk.page("/connect?agent=claude-code&model=gpt-5.2"))
    for name in ("ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL"):
        assert f'"{name}": "gpt-5.2"' in text
    assert "ANTHROPIC_DEFAULT_HAIKU_MODEL" not in await desk.page("/connect?agent=claude-code&model=no-such-model")


async def test_missing_tables_are_said(desk: Desk) -> None:
    """Where telemetry is wanted and would be refused."""
    desk.ready = False
    assert "headgate telemetry init" in await desk.page("/connect?agent=codex&telemetry=on")
    assert "headgate telemetry init" not in await desk.page("/connect?agent=codex")
