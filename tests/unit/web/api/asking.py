"""The workspace API over fakes."""

import json
from typing import Any

from headgate.admin.grants import Granted
from headgate.admin.principals import PrincipalAdmin
from headgate.admin.statement_ports import StatementCall
from headgate.admin.system_services import SYSTEM_AI, own_name
from headgate.core.audit_event import AuditEvent
from headgate.core.group import DeclaredGroup
from headgate.core.principal import Principal
from headgate.exchange.denials import Denials
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable, compose_token, digest
from headgate.policy.budget_counts import BudgetCounts
from headgate.policy.budget_states import BudgetState
from headgate.policy.budget_text import meter
from headgate.policy.budgets import BudgetTable
from headgate.routing.table import EndpointTable
from headgate.web.api.budgets import budget_routes
from headgate.web.api.identity import identity_routes
from headgate.web.api.me import LimitMeter, Remaining, me_routes
from headgate.web.api.policy import ExplainRequest, policy_routes
from headgate.web.api.scim import scim_routes
from headgate.web.api.service import Api
from headgate.web.api.statements import statement_routes
from headgate.web.api.unity import Unity, unity_routes
from headgate.web.api.unity_grants import ServiceGrants
from headgate.web.authenticator import Authenticator
from headgate.web.denied_requests import DeniedRequests
from headgate.web.guesses import Guesses
from headgate.web.path_table import PathTable
from tests.fakes.asking import ask, head
from tests.fakes.principal_state import MemoryPrincipals
from tests.fakes.principals import administrator, token_of, user
from tests.unit.admin.tabling import Desk

PEPPER = b"p" * 32
TOKENS = {name: compose_token(name[:1].encode() * 32) for name in ("root", "ada")}


class FakeStatements:
    """Answers with what it was asked; `raises` is raised instead."""

    def __init__(self) -> None:
        self.calls: list[StatementCall] = []
        self.raises: Exception | None = None

    async def call(self, call: StatementCall) -> bytes:
        self.calls.append(call)
        if self.raises is not None:
            raise self.raises
        return b'{"kind": "%s"}' % call.kind.encode()


class FakeSystemServices:
    """Remembers what is granted on endpoints, and grants it to everyone who asks."""

    def __init__(self) -> None:
        self.granted: list[Granted] = []

    def listed(self, _principal, endpoint, holder=""):
        return [each for each in self.granted if each.on == own_name(endpoint) and holder in {"", each.holder}]

    def effective(self, principal, endpoint, holder=""):
        return [*self.listed(principal, endpoint, holder), Granted("account users", "EXECUTE", SYSTEM_AI)]

    def change(self, _principal, endpoint, changes):
        self.granted += [Granted(change.holder, word, own_name(endpoint)) for change in changes for word in change.add]


class House:
    """An API whose administrator is `root` and whose user is `ada`."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.statements = FakeStatements()
        self.explained: list[ExplainRequest] = []
        self.budgets, self.counts = BudgetTable([]), BudgetCounts()
        self.limits: list[LimitMeter] = []
        tokens = {
            digest(PEPPER, TOKENS["root"]): token_of(administrator("root"), "t1"),
            digest(PEPPER, TOKENS["ada"]): token_of(user("ada"), "t2"),
        }
        self.tokens = tokens
        self._snapshot = Snapshot(1, TokenTable(tokens), EndpointTable([], []))
        authenticator = Authenticator(lambda: self._snapshot, self._refresh, PEPPER, self.desk.clock, Guesses(self.desk.clock), {})
        self.system_services, self.followed = FakeSystemServices(), 0
        services = ServiceGrants(self.system_services, self._follow)
        unity = Unity(self.desk.catalog, self.desk.tables, self.desk.grants, self.desk.locations, self.desk.clock, services)
        self.principals = PrincipalAdmin(MemoryPrincipals(), self.desk.clock, lambda: self.declared)
        self.declared: list[DeclaredGroup] = []
        self.table = PathTable((
            *statement_routes(self.statements, authenticator.live_token),
            *unity_routes(unity),
            *scim_routes(self.principals, self._refresh),
            *identity_routes(),
            *me_routes(self._remaining, demo=True),
            *budget_routes(self._budget_states),
            *policy_routes(self._explain),
        ))
        self.audited: list[AuditEvent] = []
        self.api = Api(self.table, authenticator, denied=DeniedRequests(Denials(self.audited.append, self.desk.clock), authenticator))

    async def _follow(self) -> None:
        self.followed += 1

    def _budget_states(self, principal: Principal | None = None) -> list[BudgetState]:
        return self.counts.states(self.budgets, self.desk.clock.wall_ns(), principal)

    def _remaining(self, principal: Principal) -> Remaining:
        return Remaining(self.limits, [meter(state) for state in self._budget_states(principal)])

    def _explain(self, asked: ExplainRequest) -> dict[str, Any]:
        self.explained.append(asked)
        return {"asked": asked.model}

    async def _refresh(self) -> None:
        """Nobody is new."""

    def become(self, who: str, principal: Principal, *, expires_at_s: float = 0.0) -> None:
        """Have a token stand for another principal."""
        self.tokens[digest(PEPPER, TOKENS[who])] = token_of(principal, expires_at_s=expires_at_s)
        self._snapshot = Snapshot(2, TokenTable(self.tokens), self._snapshot.endpoints)

    def revoke(self, who: str) -> None:
        """Take a token out of the snapshot."""
        del self.tokens[digest(PEPPER, TOKENS[who])]
        self._snapshot = Snapshot(2, TokenTable(self.tokens), self._snapshot.endpoints)

    async def ask(self, who: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """One request; status and decoded body. `body` may be bytes, sent as they are."""
        status, _, answer = await self.ask_whole(who, method, path, body)
        return status, json.loads(answer)

    async def ask_whole(self, who: str, method: str, path: str, body: object = None) -> tuple[int, dict[bytes, bytes], bytes]:
        """The same with headers, and the body as it came."""
        path, _, query = path.partition("?")
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = [(b"host", b"gate.example:8484"), (b"content-length", b"%d" % len(data))]
        if who:
            headers.append((b"authorization", b"Bearer " + TOKENS.get(who, who).encode()))
        target = f"{path}?{query}" if query else path
        client = await ask(self.api, head(method, target, headers, address=""), data)
        assert client.finished
        return client.status, client.headers, client.body
