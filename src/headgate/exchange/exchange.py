"""The journey of one exchange, in the order of its steps: read, resolve, permit, reserve, record the intent, send, relay, settle.

It has no branch on a dialect or a provider, and nothing here waits: every step is a plain call, the answer is pushed. Where its admission is
decided later, the exchange goes on from there (`waiting`).
"""

from collections.abc import Callable

from headgate.core.endpoint import Endpoint
from headgate.core.errors import BadRequest, GatewayError, Unavailable
from headgate.core.record import Intent
from headgate.core.scopes import INFERENCE
from headgate.dialects.asked import Asked
from headgate.exchange.admission import Admission, Admissions
from headgate.exchange.candidate import Candidate
from headgate.exchange.content import Room
from headgate.exchange.dispatch import Dispatch
from headgate.exchange.failover import TargetOrder
from headgate.exchange.headers import ClientHeaders
from headgate.exchange.inbound import Inbound
from headgate.exchange.keeping import AnswerKeeping
from headgate.exchange.outside import Outside
from headgate.exchange.ports import ClientStream
from headgate.exchange.provider_check import Checking
from headgate.exchange.pulse import Pulse
from headgate.exchange.recall import Recall
from headgate.exchange.relay import Relay
from headgate.exchange.reservation_store import MemoryReservations
from headgate.exchange.response_calls import ResponseCalls
from headgate.exchange.sending import Sending
from headgate.exchange.settings import StreamLimits
from headgate.exchange.settle import Recorder, Settlement, intent_of
from headgate.exchange.snapshot import Snapshot
from headgate.exchange.targets import Choosing, endpoint_of, meant, require_permission
from headgate.exchange.waiting import Prepared, Waiting
from headgate.policy.budget_states import BudgetCrossing
from headgate.policy.permit import require_scope


class Exchanges:
    """Runs exchanges and holds the open ones. One per worker."""

    def __init__(self, outside: Outside, limits: StreamLimits) -> None:
        self._outside = outside
        self._snapshot = outside.snapshot
        keeping = AnswerKeeping(outside.responses, outside.call_states)
        self._recorder = Recorder(outside.journal, outside.listener, outside.clock, outside.afterwards, outside.denials, keeping)
        self.pulse = Pulse(limits, outside.clock)
        recall = Recall(outside.responses, outside.call_states)
        sending = self._sending = Sending(outside.upstream_of, limits, outside.clock, ClientHeaders(outside.pass_headers), recall)
        self.memory = sending.memory
        self.failures = sending.failures
        self.refusals = sending.refusals
        self._choosing = Choosing(outside.draw, self.failures)
        self.admissions = Admissions(outside.reservations or MemoryReservations(outside.clock), outside.clock, outside.crossed or _unheard)
        self.draining = False

    def checking(self) -> Checking:
        """What tests of providers are made with: the upstreams, headers and memories of exchanges."""
        outside, sending = self._outside, self._sending
        return Checking(outside.upstream_of, outside.clock, self.memory, self.failures.circuits, sending.headers)

    def response_calls(self) -> ResponseCalls:
        """What requests for kept responses are answered with."""
        outside, sending = self._outside, self._sending
        return ResponseCalls(outside.snapshot, outside.upstream_of, outside.responses, sending.headers, sending.limits)

    def run(self, inbound: Inbound, client: ClientStream, on_released: Callable[[], None]) -> None:
        """Take one request to its end; `on_released` is called once its body is held no longer: when its record is kept, or before.

        Raises GatewayError where the request is refused before anything was sent; the refusal is already recorded then, the answer is the caller's to word.
        """
        asked: Asked | None = None
        endpoint: Endpoint | None = None
        admission: Admission | None = None
        try:
            if self.draining:
                raise Unavailable("Headgate is shutting down. Try again in a few seconds.", code="draining", retry_after_s=5)
            snapshot = self._snapshot()
            if not snapshot.previews.coding_agents:
                snapshot.previews.require("coding_agents")
            require_scope(inbound.head.token.principal, INFERENCE)  # before anything else, or a refusal would say which names there are
            if isinstance(inbound.checked, BadRequest):
                raise inbound.checked
            asked = inbound.head.face.read(
                inbound.body if inbound.checked is None else inbound.checked, inbound.head.operation, inbound.head.path_model
            )
            asked = meant(snapshot, inbound, asked)
            endpoint = endpoint_of(snapshot, inbound, asked.model)
            order = self._permitted(snapshot, inbound, asked, endpoint)
            decided = True
            if (snapshot.limits is not None or snapshot.budgets is not None) and inbound.head.operation.generates:
                admission = self.admissions.ask(Candidate(inbound, asked, endpoint, order, snapshot, self._divert))
                if admission is not None:
                    endpoint, order = admission.candidate.endpoint, admission.candidate.order
                    decided = admission.require() is not None
            intent = intent_of(inbound, asked, endpoint, order.targets[0], admission)
            relay = Relay(inbound, client, self._recorder.clock, stream_asked=asked.stream)
            dispatch = Dispatch(relay, order, self._room(endpoint), self._sending)
            if admission is not None and not decided:
                self._wait(Prepared(relay, dispatch, asked, endpoint, on_released), admission, client)
                return
            self._recorder.journal.intent(intent, dispatch.lose)
        except GatewayError as error:
            refused = intent_of(inbound, asked, endpoint, None, admission)
            if admission is not None:
                admission.give_back()
            self._recorder.refused(inbound, refused, error, endpoint)
            raise
        settlement = Settlement(self._recorder, self.pulse, dispatch, intent, endpoint, on_released)
        _end_with(relay, settlement, admission, intent)
        self.pulse.add(relay, settlement)
        client.watch(relay)
        dispatch.start()

    def _wait(self, prepared: Prepared, admission: Admission, client: ClientStream) -> None:
        """Send the exchange when its admission is decided, if it is admitted."""

        def go() -> None:
            relay, dispatch = prepared.relay, prepared.dispatch
            endpoint, order = admission.candidate.endpoint, admission.candidate.order
            if admission.downgraded_from:
                dispatch = Dispatch(relay, order, self._room(endpoint), self._sending)
            intent = intent_of(relay.inbound, prepared.asked, endpoint, order.targets[0], admission)
            self._recorder.journal.intent(intent, dispatch.lose)
            settlement = Settlement(self._recorder, self.pulse, dispatch, intent, endpoint, prepared.on_released)
            _end_with(relay, settlement, admission, intent)
            self.pulse.add(relay, settlement)
            dispatch.start()

        Waiting(prepared, admission, self.admissions, self._recorder, self.pulse).begin(client, go)

    def _divert(self, candidate: Candidate, name: str) -> tuple[Endpoint, TargetOrder]:
        """The endpoint of this name with the order of its targets, for a request that asked for another; its principal must be permitted to use it too."""
        endpoint = endpoint_of(candidate.snapshot, candidate.inbound, name)
        return endpoint, self._permitted(candidate.snapshot, candidate.inbound, candidate.asked, endpoint)

    def _permitted(self, snapshot: Snapshot, inbound: Inbound, asked: Asked, endpoint: Endpoint) -> TargetOrder:
        require_permission(snapshot, inbound, endpoint)
        return self._choosing.order(inbound, asked, endpoint, snapshot.profiles)

    def _room(self, endpoint: Endpoint) -> Room | None:
        afterwards = self._recorder.afterwards
        return None if afterwards is None else afterwards.room(endpoint)


def _unheard(_crossing: BudgetCrossing) -> None:
    """Crossed percents are not reported."""


def _end_with(relay: Relay, settlement: Settlement, admission: Admission | None, intent: Intent) -> None:
    """Settle the exchange at its end. What is reserved for it is settled with it, and its answer says how much is left."""
    relay.on_end = settlement.settle
    if admission is None:
        return
    settlement.admission = admission
    relay.own_headers = admission.begin(intent)
