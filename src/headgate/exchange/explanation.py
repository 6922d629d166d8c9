"""What would happen to a request, and why: the decisions of the journey, in its order, without sending anything and without leaving a trace.

It decides nothing itself: the answer is what the same functions say that a real request goes through.
"""

from collections.abc import Mapping, Sequence

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.endpoint import Endpoint, Target
from headgate.core.endpoint_grant import EndpointGrant
from headgate.core.errors import GatewayError
from headgate.core.record import Attribution
from headgate.core.scopes import INFERENCE
from headgate.dialects.asked import Asked
from headgate.dialects.faces import ClientFace, Operation
from headgate.exchange.admission import Admissions
from headgate.exchange.candidate import Candidate
from headgate.exchange.failover import FailureMemory, TargetOrder
from headgate.exchange.inbound import Inbound, JudgedHead
from headgate.exchange.snapshot import Snapshot
from headgate.exchange.targets import Choosing, endpoint_of
from headgate.policy.authenticate import require_active
from headgate.policy.budget_states import BudgetState
from headgate.policy.budgets import Spender
from headgate.policy.limits import Count, CountedFor
from headgate.policy.permit import permit, require_scope

_HALF = 0.5  # where the choice of a target is left to chance, one is shown


class AskedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Who would ask for which model. `body` is the request that is looked at, as its dialect has it."""

    token: AccessToken
    face: ClientFace
    operation: Operation
    body: bytes
    model: str
    agent: str = ""
    session_id: str = ""
    tags: Mapping[str, str] = {}


class LimitUse(msgspec.Struct, frozen=True):
    """How much of one limit is used by what the request would be counted with. `value` is whose count it is: a name, a tag's value, an agent."""

    key: str
    endpoint: str
    value: str
    per: str
    measure: str
    maximum: int
    used: int


class PrivilegeNeeded(msgspec.Struct, frozen=True):
    """A privilege of the catalog that using the endpoint takes, and whether the caller has it. A grant that names the endpoint replaces the last one."""

    privilege: str
    on: str
    held: bool


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What would happen. `refusal` is the error that the agent would get. `grants` are those that name the endpoint, `privileges` those that it takes as a
    model service of the catalog, none where it is no such service. `downgraded_from` is
    the endpoint that was asked for where a budget sends the request to another. `passed_over` are targets in trouble.
    """

    endpoint: str = ""
    refusal: GatewayError | None = None
    grants: tuple[EndpointGrant, ...] = ()
    privileges: tuple[PrivilegeNeeded, ...] = ()
    limits: tuple[LimitUse, ...] = ()
    budgets: tuple[BudgetState, ...] = ()
    targets: tuple[Target, ...] = ()
    passed_over: tuple[Target, ...] = ()
    downgraded_from: str = ""


class Explainer:
    """Explains over the state of a worker, or of a copy of it."""

    def __init__(self, admissions: Admissions, failures: FailureMemory) -> None:
        self._admissions = admissions
        self._failures = failures

    def explain(self, question: AskedRequest, snapshot: Snapshot) -> Explanation:
        """Go through the decisions. What was found before a refusal is in the explanation too."""
        inbound = self._inbound(question)
        found = Explanation()
        try:
            require_active(question.token)
            snapshot.previews.require("coding_agents")
            require_scope(question.token.principal, INFERENCE)
            asked = inbound.head.face.read(inbound.body, inbound.head.operation, question.model)
            endpoint = endpoint_of(snapshot, inbound, question.model)
            found = self._about(inbound, endpoint, snapshot)
            order = self._permitted(snapshot, inbound, asked, endpoint)
            found = msgspec.structs.replace(found, targets=order.targets, passed_over=self._troubled(order.targets))
            return self._admitted(Candidate(inbound, asked, endpoint, order, snapshot, self._divert), found)
        except GatewayError as error:
            return msgspec.structs.replace(found, refusal=error)

    def _admitted(self, candidate: Candidate, found: Explanation) -> Explanation:
        snapshot = candidate.snapshot
        admission = self._admissions.ask(candidate)
        if admission is None:
            return found
        try:
            admission.require()
        finally:
            admission.give_back()  # before anything is shown, or the question itself would be counted
        if not admission.downgraded_from:
            return found
        served = admission.candidate
        targets = served.order.targets
        return msgspec.structs.replace(
            self._about(served.inbound, served.endpoint, snapshot),
            targets=targets,
            passed_over=self._troubled(targets),
            downgraded_from=admission.downgraded_from,
            budgets=found.budgets,
        )

    def _about(self, inbound: Inbound, endpoint: Endpoint, snapshot: Snapshot) -> Explanation:
        """What is declared about the endpoint for this caller, and how much of it is used."""
        permissions, principal = snapshot.permissions, inbound.head.token.principal
        needs = permissions.needs(endpoint.name) if permissions is not None else ()
        return Explanation(
            endpoint=endpoint.name,
            privileges=tuple(
                PrivilegeNeeded(need.privilege, need.place, principal.is_administrator or need.holders.have(principal)) for need in needs
            ),
            grants=tuple(permissions.on(endpoint.name)) if permissions is not None else (),
            limits=self._limits(inbound, endpoint, snapshot),
            budgets=self._budgets(inbound, endpoint, snapshot),
        )

    def _limits(self, inbound: Inbound, endpoint: Endpoint, snapshot: Snapshot) -> tuple[LimitUse, ...]:
        if snapshot.limits is None:
            return ()
        token = inbound.head.token
        counts = snapshot.limits.counts(endpoint.name, CountedFor(token.principal, token.id, inbound.attribution.agent, inbound.head.request_tags))
        return tuple(
            LimitUse(count.limit.key, count.limit.endpoint, _counted_for(count, token), count.limit.per, measure, maximum, used[place])
            for count, used in self._admissions.store.limits_used(counts.every)
            for (measure, maximum), (place, _) in zip(count.limit.bounds, count.bounds, strict=True)
        )

    def _budgets(self, inbound: Inbound, endpoint: Endpoint, snapshot: Snapshot) -> tuple[BudgetState, ...]:
        if snapshot.budgets is None:
            return ()
        attribution, table = inbound.attribution, snapshot.budgets.table
        principal = inbound.head.token.principal
        spender = Spender(principal, endpoint.name, attribution.agent, attribution.session_id, inbound.head.request_tags)
        counted = {(share.allowance.budget.name, share.value) for share in table.shares(spender)}
        states = self._admissions.store.budget_states(table, principal)
        return tuple(state for state in states if (state.budget.name, state.value) in counted)

    def _divert(self, candidate: Candidate, name: str) -> tuple[Endpoint, TargetOrder]:
        endpoint = endpoint_of(candidate.snapshot, candidate.inbound, name)
        return endpoint, self._permitted(candidate.snapshot, candidate.inbound, candidate.asked, endpoint)

    def _permitted(self, snapshot: Snapshot, inbound: Inbound, asked: Asked, endpoint: Endpoint) -> TargetOrder:
        permit(inbound.head.token, endpoint, snapshot.permissions, snapshot.endpoints.names_of)
        # With a memory of its own: to look at a target in trouble must not count as the request that tries it again.
        return Choosing(lambda: _HALF, FailureMemory(self._failures.clock)).order(inbound, asked, endpoint, snapshot.profiles)

    def _troubled(self, targets: Sequence[Target]) -> tuple[Target, ...]:
        found = tuple(target for target in targets if self._failures.circuits.passes_over(target))
        return found if len(found) < len(targets) else ()  # where all are in trouble, the first is tried all the same

    def _inbound(self, question: AskedRequest) -> Inbound:
        head = JudgedHead(question.face, question.operation, question.token, "")
        head.path_model = question.model
        head.request_tags = dict(question.tags)
        clock, agent = self._failures.clock, Attribution(agent=question.agent, session_id=question.session_id)
        inbound = Inbound(head, "explained", [], agent, (clock.wall_ns(), clock.monotonic_s()))
        inbound.body = question.body
        return inbound


def _counted_for(count: Count, token: AccessToken) -> str:
    """Whose count it is, as people name it: counts are by the ids of users."""
    return count.limit.holder or (token.principal.name if count.limit.key == "user_default" else count.value)
