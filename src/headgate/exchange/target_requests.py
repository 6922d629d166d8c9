"""What the targets of one exchange are asked: the request as each of them takes it, said anew where a target speaks another dialect.

A target that the request cannot be said to is passed over: nothing is sent to it. Only where that is so with all of them is the request refused.
"""

from headgate.core.endpoint import Provider, Target
from headgate.core.errors import GatewayError
from headgate.core.record import UNTRANSLATABLE
from headgate.dialects.asked import Asked
from headgate.exchange.failover import TargetOrder
from headgate.exchange.inbound import Inbound
from headgate.exchange.said_request import SaidRequest
from headgate.exchange.sending import Sending
from headgate.exchange.translated import translate


class TargetRequests:
    """The request for one target after the other. `plain`: without the ask for usage that Headgate adds."""

    __slots__ = ("_inbound", "_order", "_sending", "plain", "said")

    def __init__(self, inbound: Inbound, order: TargetOrder, sending: Sending) -> None:
        self._inbound = inbound
        self._order = order
        self._sending = sending
        self.plain = False
        self.said = self._first()

    @property
    def target(self) -> Target:
        """The target that is asked."""
        return self._order.targets[self.said.position]

    @property
    def is_last(self) -> bool:
        """Whether no target comes after it."""
        return self.said.position + 1 >= len(self._order.targets)

    def advance(self, tries: int) -> bool:
        """Go on to the next target that may be tried and can be asked, if there is one."""
        failover = self._order.failover
        if failover is None:
            return False
        plain, self.plain = self.plain, False
        found = failover.next(self._order.targets, self.said.position, tries, self._next)
        self.plain = plain and not found
        return bool(found)

    def again(self) -> None:
        """Make the request for the same target anew, without what was learnt meanwhile that it does not take."""
        self.said = self._say(self.said.position)

    def _first(self) -> SaidRequest:
        """The request for the first target that can be asked. Where none can, raises what the first one cannot be asked for."""
        try:
            return self._say(0)
        except GatewayError as error:
            failover = self._order.failover
            if failover is None or not failover.instead(self._order.targets, error.code or UNTRANSLATABLE, self._next):
                raise
            return self.said

    def _next(self, position: int) -> str:
        """Make the request for the target at this place; why it cannot be asked, else nothing."""
        try:
            self.said = self._say(position)
        except GatewayError as error:
            return error.code or UNTRANSLATABLE
        return ""

    def _say(self, position: int) -> SaidRequest:
        """The request for the target at this place. Raises Untranslatable or BadRequest where it cannot be said in its dialect."""
        inbound, sending, target = self._inbound, self._sending, self._order.targets[position]
        foreign = needs_translation(inbound, self._order.asked, target)
        sent = self._asked_of(target.provider, foreign=foreign)
        if not foreign:
            sending.recall.check_own(inbound, sent)
            return SaidRequest(position, sent, None)
        sending.foreign.note(inbound)
        return SaidRequest(
            position, sent, translate(inbound, sent, target, self._order.profiles, sending.limits.translated_objects_max, sending.recall)
        )

    def _asked_of(self, provider: Provider, *, foreign: bool) -> Asked:
        """What the target is asked: without the ask for usage that Headgate added where the provider does not take it.

        States of other providers are taken out for a provider of the client's own dialect alone: translation needs them.
        """
        asked, states = self._order.asked, self._sending.foreign
        if not foreign and states.sessions:
            asked = states.without(self._inbound, asked)
        if asked.usage_hidden and (self.plain or not provider.ask_usage or not self._sending.memory.takes_usage(provider)):
            return asked.without_usage()
        return asked


def needs_translation(inbound: Inbound, asked: Asked, target: Target) -> bool:
    """Whether a request cannot go to the target as it is."""
    return asked.mixed or target.dialect != inbound.head.face.speaks
