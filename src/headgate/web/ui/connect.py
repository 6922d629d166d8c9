"""The page that points an agent at this gateway: its configuration with the gateway's address and a token of one's own, and whether it has arrived.

A token is made by the same use-case as everywhere, and shown once. No address has it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final
from urllib.parse import quote

import msgspec

from headgate.admin.page_queries import PageQueries, PageQuery
from headgate.admin.statement_ports import Parameter
from headgate.admin.token_request import TokenRequest, usual_lifetime_s
from headgate.admin.tokens import TokenAdmin
from headgate.agents.registry import AGENTS, TELEMETRY_TABLES, agent_named
from headgate.agents.setting import PLACEHOLDER, Agent, AgentConnection
from headgate.core.access_token import AccessToken
from headgate.core.clock import Clock
from headgate.core.errors import Forbidden, GatewayError
from headgate.core.principal import SERVICE_PRINCIPAL
from headgate.core.scopes import ANY, INFERENCE, TELEMETRY
from headgate.exchange.snapshot import Snapshot
from headgate.policy.permit import allowed_names
from headgate.routing.known_models import VENDORS
from headgate.web.ui.agent_files import ADDRESSES, Snippet, configured, snippets, write_command
from headgate.web.ui.answers import PageAnswer, json_answer, redirect
from headgate.web.ui.frame import PageFrame
from headgate.web.ui.routes import PageRequest, PageRoute
from headgate.web.ui.shown_once import ShownOnce

OTHER: Final = "other"
_PATH: Final = "/connect"
_EXCHANGE: Final = """
SELECT max(event_time) AS at FROM system.ai_gateway.my_usage
WHERE event_time >= current_timestamp() - INTERVAL 7 DAYS AND (:agent = '' OR agent = :agent)
"""
_REPORT: Final = """
SELECT max(event_time) AS at FROM system.ai_gateway.my_exchanges
WHERE event_time >= current_timestamp() - INTERVAL 1 DAY AND client_reported AND (:agent = '' OR agent = :agent)
"""
_PAGE_S: Final = 1.0  # then the page is shown, and its script asks again
_SCRIPT_S: Final = 20.0


class ConnectView(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows. `agent` is `None` for one that is not among the known ones. `model` is the one in the snippets, empty where none may be asked for;
    `chosen` is it where the address names it. `translated` are those of `models` that no provider serves in the agent's own format.

    `secret` is a token that was made a moment ago; `exchange_at` and `report_at` are when the agent was heard of last, ISO text or empty.
    """

    agent: Agent | None
    url: str
    telemetry: bool = False
    secret: str = ""
    model: str = ""
    models: tuple[str, ...] = ()
    translated: frozenset[str] = frozenset()
    chosen: str = ""
    exchange_at: str = ""
    report_at: str = ""
    telemetry_ready: bool = True
    problem: str = ""

    @property
    def word(self) -> str:
        """The agent as an address names it: as records do."""
        return self.agent.recorded_as if self.agent is not None else OTHER

    @property
    def snippets(self) -> list[Snippet]:
        """The texts to copy, with their places."""
        return [] if self.agent is None else snippets(self.agent, self._connection(self.agent))

    @property
    def script(self) -> str:
        """The command that writes the files; empty where there are none."""
        files = {} if self.agent is None else configured(self.agent, self._connection(self.agent))
        return write_command(files) if files else ""

    @property
    def commands(self) -> list[Snippet]:
        """The commands that do it all: with Headgate on that machine, and without. None where there are no files."""
        if self.agent is None or not configured(self.agent, self._connection(self.agent)):
            return []
        word, telemetry = self.agent.word, " --telemetry" if self.telemetry else ""
        model = f" --model {self.model}" if self.model in self.translated else ""
        return [
            Snippet("Where Headgate is installed", f"headgate connect {word} --url {self.url} --token -{model}{telemetry}"),
            Snippet("Anywhere else", f"curl -fsS {self.url}/connect.sh | sh -s -- {word}"),
        ]

    def _connection(self, agent: Agent) -> AgentConnection:
        tables = TELEMETRY_TABLES if self.telemetry else ""
        return AgentConnection(url=self.url, model=self.model or agent.model, token=self.secret or PLACEHOLDER, tables=tables)

    def path(self, word: str, *, telemetry: bool | None = None) -> str:
        """The address of a tab."""
        wanted = self.telemetry if telemetry is None else telemetry
        chosen = f"&model={quote(self.chosen)}" if word == self.word and self.chosen else ""
        return f"{_PATH}?agent={word}{chosen}{'&telemetry=on' if wanted else ''}"


class ConnectParts(msgspec.Struct, frozen=True):
    """What the page is given. `telemetry_ready` says whether the tables that agents report to are there."""

    snapshot: Callable[[], Snapshot]
    tokens: TokenAdmin
    follow: Callable[[], Awaitable[None]]
    queries: PageQueries
    telemetry_ready: Callable[[], bool]
    secrets: ShownOnce
    clock: Clock


def connect_page(frame: PageFrame, view: ConnectView, status: int = 200) -> PageAnswer:
    """The page."""
    return frame.answer("connect.html", "Connect an agent", status=status, view=view, agents=AGENTS, addresses=ADDRESSES, other=OTHER)


def connect_routes(parts: ConnectParts) -> tuple[PageRoute, ...]:
    """`/connect`, and what its script asks for."""

    async def shown(request: PageRequest) -> PageAnswer:
        secret = parts.secrets.take(request.caller.id, request.query.get("token", ""))
        return connect_page(request.frame, await _view(parts, request, request.query.get("agent", ""), secret=secret))

    async def heard(request: PageRequest) -> PageAnswer:
        exchange_at, report_at = await _last_heard(parts.queries, request, _agent(request.query.get("agent", "")), _SCRIPT_S)
        return json_answer({"recorded": bool(exchange_at), "telemetry": bool(report_at)})

    async def make(request: PageRequest) -> PageAnswer:
        word, caller = _word(request.form.get("agent", "")), request.caller
        try:
            made = await asyncio.to_thread(partial(parts.tokens.create, _wanted(word, caller, parts.clock), caller))
        except GatewayError as error:
            return connect_page(request.frame, await _view(parts, request, word, problem=error.message), error.status)
        await parts.follow()
        parts.secrets.put(caller.id, made.row.id, made.token)
        telemetry = "&telemetry=on" if "telemetry" in request.form else ""
        model = request.form.get("model", "")
        chosen = f"&model={quote(model)}" if model else ""
        return redirect(f"{_PATH}?agent={word}{chosen}{telemetry}&token={made.row.id}")

    return (PageRoute("GET", _PATH, ANY, shown), PageRoute("POST", _PATH, ANY, make), PageRoute("GET", f"{_PATH}/heard", ANY, heard))


async def _view(parts: ConnectParts, request: PageRequest, asked: str, *, secret: str = "", problem: str = "") -> ConnectView:
    agent = _agent(asked)
    exchange_at, report_at = await _last_heard(parts.queries, request, agent, _PAGE_S)
    snapshot = parts.snapshot()
    models = _models(snapshot, request.caller, agent)
    wanted = (request.form or request.query).get("model", "")
    chosen = wanted if wanted in models else ""
    return ConnectView(
        agent=agent,
        url=request.url,
        telemetry="telemetry" in (request.form or request.query),
        secret=secret,
        model=chosen or _model(snapshot, request.caller, agent, models) if agent is not None else "",
        models=models,
        chosen=chosen,
        translated=frozenset(models) - {each.name for each in snapshot.endpoints.spoken(agent.dialect)} if agent is not None else frozenset(),
        exchange_at=exchange_at,
        report_at=report_at,
        telemetry_ready=parts.telemetry_ready(),
        problem=problem,
    )


def _word(asked: str) -> str:
    """The agent that an address or a form names; the first one where it names none."""
    return asked if asked in {OTHER, *(agent.recorded_as for agent in AGENTS)} else AGENTS[0].recorded_as


def _agent(asked: str) -> Agent | None:
    """The setup of that agent; `None` for another one."""
    return agent_named(_word(asked))


def _wanted(word: str, caller: AccessToken, clock: Clock) -> TokenRequest:
    """A token for the caller itself, named like the agent, for models and telemetry as far as the caller may give that."""
    principal = caller.principal
    scopes = tuple(scope for scope in (INFERENCE, TELEMETRY) if principal.is_administrator or scope in principal.scopes)
    if INFERENCE not in scopes:
        raise Forbidden("The token that you signed in with may not ask models, so it cannot make one that may. Sign in with another token.")
    return TokenRequest(
        name="agent" if word == OTHER else word,
        service_principal=principal.id if principal.kind == SERVICE_PRINCIPAL else "",
        scopes=scopes,
        lifetime_s=usual_lifetime_s(caller, clock.wall_ns() / 1e9),
    )


async def _last_heard(queries: PageQueries, request: PageRequest, agent: Agent | None, within_s: float) -> tuple[str, str]:
    """When the principal's agent last had an exchange, and last reported one; empty where it did not, or where that cannot be found out in time."""
    asked = Parameter("agent", agent.recorded_as if agent is not None else "")

    async def last(text: str) -> str:
        try:
            rows = await queries.rows(PageQuery(text=text, parameters=(asked,), timeout_s=within_s), request.principal)
        except GatewayError:
            return ""
        return next((str(row["at"]) for row in rows.records() if row["at"]), "")

    exchange_at, report_at = await asyncio.gather(last(_EXCHANGE), last(_REPORT))
    return exchange_at, report_at


def _models(snapshot: Snapshot, caller: AccessToken, agent: Agent | None) -> tuple[str, ...]:
    """The names that the caller may ask for with this agent; with any of them in any format where there is none."""
    allowed = allowed_names(caller, snapshot.permissions, snapshot.endpoints.names_of)
    dialects: Sequence[str] = (agent.dialect,) if agent is not None else tuple(VENDORS)
    return tuple(dict.fromkeys(endpoint.name for dialect in dialects for endpoint in snapshot.endpoints.listing(dialect, allowed)))


def _model(snapshot: Snapshot, caller: AccessToken, agent: Agent, models: Sequence[str]) -> str:
    """The model of the snippets: the documented one where the caller may ask for it, else the first that they may."""
    found = snapshot.endpoints.resolve(agent.model, agent.dialect)
    allowed = allowed_names(caller, snapshot.permissions, snapshot.endpoints.names_of)
    if found is not None and agent.dialect in {target.dialect for target in found.targets} and allowed(found.name):
        return agent.model
    return models[0] if models else ""
