"""Which endpoint answers to a request, and which of its targets it is sent to, in the order of its tries. The choice itself is `routing.choice`'s; this module words the refusals."""

from collections.abc import Callable
from typing import final

from headgate.core.endpoint import CLIENT_AUTH, Endpoint, Target
from headgate.core.errors import DestinationDeleted, UnknownModel
from headgate.dialects.asked import Asked
from headgate.exchange.failover import Failover, FailureMemory, TargetOrder
from headgate.exchange.inbound import Inbound
from headgate.exchange.parameters import allow
from headgate.exchange.snapshot import Snapshot
from headgate.policy.payer import paid_targets
from headgate.policy.permit import allowed_names, permit
from headgate.routing import choice
from headgate.translation.model_profiles import ModelProfiles


def endpoint_of(snapshot: Snapshot, inbound: Inbound, model_asked: str) -> Endpoint:
    """The endpoint that answers to a name. Raises UnknownModel with the name that was probably meant."""
    memory = inbound.head.memory
    known = None if memory is None else memory.named(snapshot, model_asked)
    if known is not None:
        return known
    endpoint = snapshot.endpoints.resolve(model_asked, inbound.head.face.speaks)
    if endpoint is None:
        near = snapshot.endpoints.near(
            model_asked, inbound.head.face.speaks, allowed_names(inbound.head.token, snapshot.permissions, snapshot.endpoints.names_of)
        )
        advice = (
            f"Try {near}; the model listing has all names."
            if near
            else "You may use no model in this agent's format. Ask your Headgate administrator; `headgate check` shows what is set up."
        )
        raise UnknownModel(f"No endpoint answers to the model {model_asked!r}. {advice}", code="model_not_found")
    if memory is not None:
        memory.name(snapshot, model_asked, endpoint)
    return endpoint


def require_permission(snapshot: Snapshot, inbound: Inbound, endpoint: Endpoint) -> None:
    """Raise Forbidden unless the caller may use the endpoint."""
    memory = inbound.head.memory
    if memory is None:
        permit(inbound.head.token, endpoint, snapshot.permissions, snapshot.endpoints.names_of)
    elif not memory.permits(snapshot, endpoint):
        permit(inbound.head.token, endpoint, snapshot.permissions, snapshot.endpoints.names_of)
        memory.permit(snapshot, endpoint)


def meant(snapshot: Snapshot, inbound: Inbound, asked: Asked) -> Asked:
    """The request as its client means it: with the model that its name was derived from, where an endpoint has that name and none has its own."""
    other = asked.otherwise
    if other is None:
        return asked
    endpoints, dialect = snapshot.endpoints, inbound.head.face.speaks
    if endpoints.has(asked.model, dialect):
        return asked
    derived = endpoints.has(other.model, dialect) or (
        endpoints.resolve(asked.model, dialect) is None and endpoints.resolve(other.model, dialect) is not None
    )
    return other if derived else asked


@final
class Choosing:
    """What targets are chosen with; one for a worker. `draw` gives a number from 0 to 1, where the choice is random."""

    __slots__ = ("_draw", "_memory")

    def __init__(self, draw: Callable[[], float], memory: FailureMemory) -> None:
        self._draw = draw
        self._memory = memory

    def order(self, inbound: Inbound, asked: Asked, endpoint: Endpoint, profiles: ModelProfiles) -> TargetOrder:
        """What is sent, and its targets in the order of their tries, at least one.

        Raises Forbidden where none may be paid as the client wants to or a tool is not allowed, and DestinationDeleted where the provider of the first one
        is gone.
        """
        if endpoint.parameters is not None:
            allowed = allow(inbound, asked, endpoint.name, endpoint.parameters)
            targets, failover = self._targets(inbound, endpoint)
            return TargetOrder(targets, allowed.asked, failover, allowed.headers, allowed.notes, profiles)
        targets, failover = self._targets(inbound, endpoint)
        return TargetOrder(targets, asked, failover, profiles=profiles)

    def _targets(self, inbound: Inbound, endpoint: Endpoint) -> tuple[tuple[Target, ...], Failover | None]:
        targets = endpoint.targets
        if len(targets) == 1 and not endpoint.fallbacks and not (provider := targets[0].provider).deleted:
            if inbound.head.own is None and provider.auth != CLIENT_AUTH:
                return targets, None
            return paid_targets(endpoint, targets, inbound.head.own), None
        shares, others = choice.parted(paid_targets(endpoint, choice.in_use((*targets, *endpoint.fallbacks)), inbound.head.own))
        shares = choice.by_share(shares, inbound.attribution.session_id or repr(self._draw())) if shares else shares
        able = choice.up_to_deleted(shares), choice.up_to_deleted(others)
        if not able[0 if shares else 1]:
            raise DestinationDeleted(
                f"Endpoint {endpoint.name} sends this request to provider {(shares or others)[0].provider.name}, which was deleted. "
                "Ask your Headgate administrator to change the endpoint's targets."
            )
        failover = Failover(endpoint, self._memory)
        return _tries(able[0], able[1], failover), failover


def _tries(shares: tuple[Target, ...], others: tuple[Target, ...], failover: Failover) -> tuple[Target, ...]:
    """Begin with the first target that is not in trouble. After one that was chosen by its share come the fallbacks: the choice is not made again."""
    order = (*shares, *others)
    place = failover.first(order)
    if place >= len(shares):
        return order[place:]
    chosen = order[place]
    return (chosen, *(target for target in others if target.label != chosen.label))
