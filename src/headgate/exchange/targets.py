"""Which targets one exchange is sent to, in the order of its tries. The choice itself is `routing.choice`'s; this module words the refusals."""

from collections.abc import Callable

from headgate.core.endpoint import Endpoint, Target
from headgate.core.errors import DestinationDeleted, Untranslatable
from headgate.exchange.inbound import Inbound
from headgate.policy.payer import paid_targets
from headgate.routing import choice


def targets_of(inbound: Inbound, endpoint: Endpoint, draw: Callable[[], float]) -> tuple[Target, ...]:
    """The targets in the order of their tries, at least one. `draw` gives a number from 0 to 1, where the choice is random.

    Raises Untranslatable where none speaks the client's dialect, Forbidden where none may be paid as the client wants to, and DestinationDeleted where the
    provider of the first one is gone.
    """
    targets, dialect = endpoint.targets, inbound.face.speaks
    if len(targets) == 1 and targets[0].dialect == dialect:
        return paid_targets(endpoint, targets, inbound.own)
    speaking = choice.speaking(targets, dialect)
    if not speaking:
        spoken = ", ".join(sorted({target.provider.dialect for target in endpoint.targets}))
        raise Untranslatable(
            f"Endpoint {endpoint.name} is served by a provider that speaks {spoken}; it cannot be asked in {inbound.face.name}. "
            "Choose an endpoint of your agent's own dialect.",
            code="dialect_mismatch",
        )
    speaking = paid_targets(endpoint, speaking, inbound.own)
    if choice.is_split(speaking):
        # A retry does not choose anew, so that an endpoint's shares stay what they are while a target fails.
        speaking = choice.by_share(speaking, inbound.attribution.session_id or repr(draw()))[:1]
    tries = choice.up_to_deleted(speaking)
    if not tries:
        raise DestinationDeleted(
            f"Endpoint {endpoint.name} sends this request to provider {speaking[0].provider.name}, which was deleted. "
            "Ask your Headgate administrator to change the endpoint's targets."
        )
    return tries
