"""The journey of one exchange, in the order of its steps: read, resolve, permit, record the intent, send, relay, settle.

No branch on a dialect or a provider stands here, and nothing here waits: every step is a plain call, the answer is pushed.
"""

from collections.abc import Callable

import msgspec

from headgate.core.clock import Clock
from headgate.core.endpoint import Endpoint, Target
from headgate.core.errors import BadRequest, GatewayError, Unavailable, UnknownModel, Untranslatable
from headgate.core.record import Intent, Outcome
from headgate.dialects.faces import Asked
from headgate.exchange.content import Content, Room
from headgate.exchange.dispatch import Dispatch, Sending
from headgate.exchange.headers import ClientHeaders
from headgate.exchange.inbound import Inbound
from headgate.exchange.ports import Afterwards, ClientStream, ExchangeListener, Journal, Upstream
from headgate.exchange.provider_memory import ProviderMemory
from headgate.exchange.pulse import Pulse
from headgate.exchange.relay import Relay
from headgate.exchange.settings import StreamLimits
from headgate.exchange.settle import content_of, intent_of, outcome_of, refusal_of
from headgate.exchange.snapshot import Snapshot
from headgate.policy.permit import permit


class Outside(msgspec.Struct, frozen=True):
    """What the journey is given: the ports it speaks through. `snapshot` returns the current control state."""

    snapshot: Callable[[], Snapshot]
    upstream_of: Callable[[Target], Upstream]
    journal: Journal
    listener: ExchangeListener
    clock: Clock
    afterwards: Afterwards | None = None
    pass_headers: tuple[str, ...] = ("*",)


class Exchanges:
    """Runs exchanges and holds the open ones. One per worker."""

    def __init__(self, outside: Outside, limits: StreamLimits) -> None:
        self._outside = outside
        self._limits = limits
        self.pulse = Pulse(limits, outside.clock)
        self.memory = ProviderMemory(outside.clock)
        self._sending = Sending(outside.upstream_of, limits, outside.clock, self.memory, ClientHeaders(outside.pass_headers))
        self.draining = False

    def run(self, inbound: Inbound, client: ClientStream, on_settled: Callable[[], None]) -> None:
        """Take one request to its end; `on_settled` is called once its record is kept.

        Raises GatewayError where the request is refused before anything was sent; the refusal is already recorded then, the answer is the caller's to word.
        """
        asked: Asked | None = None
        endpoint: Endpoint | None = None
        try:
            if self.draining:
                raise Unavailable("Headgate is shutting down. Try again in a few seconds.", code="draining", retry_after_s=5)
            if isinstance(inbound.checked, BadRequest):
                raise inbound.checked
            asked = inbound.dialect.read(inbound.body if inbound.checked is None else inbound.checked, inbound.operation, inbound.path_model)
            endpoint = self._resolve(inbound, asked)
            permit(inbound.token, endpoint)
            targets = self._targets(inbound, endpoint)
            intent = intent_of(inbound, asked, endpoint, targets[0])
            relay = Relay(inbound, asked, client, self._limits, self._outside.clock, self._room(endpoint))
            self._outside.journal.intent(intent, relay.lose)
        except GatewayError as error:
            self._refuse(inbound, intent_of(inbound, asked, endpoint, None), error, endpoint)
            raise
        afterwards = self._outside.afterwards
        dispatch = Dispatch(relay, targets, self._sending)

        def settle(relay: Relay) -> None:
            self.pulse.discard(relay)
            outcome = self._outcome(relay, intent, dispatch)
            self._keep(outcome)
            if afterwards is not None:
                afterwards.ended(content_of(relay, outcome), endpoint)
                relay.answer.let_go()
            on_settled()

        relay.on_end = settle
        self.pulse.add(relay)
        client.watch(relay)
        dispatch.start()

    def _resolve(self, inbound: Inbound, asked: Asked) -> Endpoint:
        endpoints = self._outside.snapshot().endpoints
        endpoint = endpoints.resolve(asked.model, inbound.dialect.speaks)
        if endpoint is None:
            near = endpoints.near(asked.model, inbound.dialect.speaks, inbound.token.endpoints)
            advice = (
                f"Try {near}; all names stand in the model listing."
                if near
                else "No model is listed for this agent's format; `headgate check` shows what is set up."
            )
            raise UnknownModel(f"No endpoint answers to the model {asked.model!r}. {advice}", code="model_not_found")
        return endpoint

    def _room(self, endpoint: Endpoint) -> Room | None:
        return None if self._outside.afterwards is None else self._outside.afterwards.room(endpoint)

    def _targets(self, inbound: Inbound, endpoint: Endpoint) -> tuple[Target, ...]:
        targets = tuple(target for target in endpoint.targets if target.dialect == inbound.dialect.speaks)
        if not targets:
            spoken = ", ".join(sorted({target.provider.dialect for target in endpoint.targets}))
            raise Untranslatable(
                f"Endpoint {endpoint.name} is served by a provider that speaks {spoken}; it cannot be asked in {inbound.dialect.name}. "
                "Choose an endpoint of your agent's own dialect.",
                code="dialect_mismatch",
            )
        return targets

    def _outcome(self, relay: Relay, intent: Intent, dispatch: Dispatch) -> Outcome:
        return outcome_of(relay, intent, dispatch, self._outside.clock)

    def _refuse(self, inbound: Inbound, intent: Intent, error: GatewayError, endpoint: Endpoint | None) -> None:
        outcome = refusal_of(inbound, intent, error, self._outside.clock)
        self._keep(outcome)
        if self._outside.afterwards is not None:
            _, _, answer = inbound.dialect.error(error, inbound.request_id)
            content = Content(outcome, inbound.dialect, inbound.body, (answer,), generates=inbound.operation.generates)
            self._outside.afterwards.ended(content, endpoint)

    def _keep(self, outcome: Outcome) -> None:
        self._outside.journal.outcome(outcome)
        self._outside.listener.exchange_ended(outcome)
