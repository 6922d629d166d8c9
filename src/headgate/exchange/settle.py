"""How an ended exchange becomes its record: intent before dispatch, outcome at the end. It decides nothing about the answer itself."""

from collections.abc import Callable
from typing import Final, final

import msgspec

from headgate.core.audit_event import GATEWAY
from headgate.core.client_credential import PAID_BY_REQUESTER
from headgate.core.clock import Clock
from headgate.core.endpoint import Endpoint, Target
from headgate.core.errors import GatewayError
from headgate.core.record import PAID_BY_DEMO, REFUSED, Intent, Outcome
from headgate.core.usage import Usage
from headgate.dialects.asked import Asked, let_go
from headgate.exchange.admission import Admission
from headgate.exchange.content import ExchangeContent
from headgate.exchange.denials import Denials, Denied
from headgate.exchange.dispatch import Dispatch
from headgate.exchange.ending import Ending
from headgate.exchange.inbound import Inbound
from headgate.exchange.keeping import AnswerKeeping, AnswerPlace
from headgate.exchange.phase import Phase
from headgate.exchange.ports import Afterwards, ExchangeJournal, ExchangeListener
from headgate.exchange.pulse import Pulse
from headgate.exchange.relay import Relay

_WORD_MAX: Final = 256  # characters of an id, a name, a reason or a code that others write into a record
_MESSAGE_MAX: Final = 500
_LASTS_S: Final = 5.0

# Compiled code looks up by name what is not Final, and these are needed for every exchange.
_made: Final = Outcome
_replaced: Final = msgspec.structs.replace


@final
class Recorder:
    """Writes down how exchanges ended; one for a worker."""

    __slots__ = ("afterwards", "clock", "denials", "journal", "keeping", "listener")

    def __init__(
        self,
        journal: ExchangeJournal,
        listener: ExchangeListener,
        clock: Clock,
        afterwards: Afterwards | None,
        denials: Denials | None = None,
        keeping: AnswerKeeping | None = None,
    ) -> None:
        self.journal = journal
        self.listener = listener
        self.clock = clock
        self.afterwards = afterwards
        self.denials = denials
        self.keeping = AnswerKeeping() if keeping is None else keeping

    def keep(self, outcome: Outcome) -> None:
        """Write the record of one exchange."""
        self.journal.outcome(outcome)
        self.listener.exchange_ended(outcome)

    def refused(self, inbound: Inbound, intent: Intent, error: GatewayError, endpoint: Endpoint | None) -> None:
        """Record a request that Headgate itself refused."""
        outcome = refusal_of(inbound, intent, error, self.clock)
        self.keep(outcome)
        if self.denials is not None:
            self.denials.tell(error, _denied(inbound, intent))
        if self.afterwards is not None:
            _, _, answer = inbound.head.face.error(error, inbound.request_id)
            self.afterwards.ended(ExchangeContent(outcome, inbound.body, (answer,), generates=inbound.head.operation.generates), endpoint)


def _denied(inbound: Inbound, intent: Intent) -> Denied:
    return Denied(
        service=GATEWAY,
        action=inbound.head.operation.name,
        who=intent.requester,
        token_id=intent.token_id,
        address=inbound.head.ip_address,
        user_agent=intent.user_agent,
        session_id=intent.session_id,
        request_id=inbound.request_id,
        params={"model": intent.model_asked, "endpoint": intent.endpoint},
    )


class Settlement:
    """What the end of one exchange needs, beside its answer. Whatever is reserved for an exchange before it is sent is released here."""

    __slots__ = ("_dispatch", "_endpoint", "_intent", "_on_released", "_pulse", "_recorder", "_released", "admission")

    def __init__(
        self, recorder: Recorder, pulse: Pulse, dispatch: Dispatch, intent: Intent, endpoint: Endpoint, on_released: Callable[[], None]
    ) -> None:
        self._recorder = recorder
        self._pulse = pulse
        self._dispatch = dispatch
        self._intent = intent
        self._endpoint = endpoint
        self._on_released = on_released
        self._released = False  # the request is not held any more
        self.admission: Admission | None = None  # what is reserved for it

    def settle(self, relay: Relay, ending: Ending) -> None:
        """The exchange has ended: record it, and let go of all that it held. Called exactly once."""
        recorder = self._recorder
        self._pulse.discard(relay)
        admission = self.admission
        reached_provider = admission is not None and self._dispatch.served.reached_provider
        outcome = outcome_of(relay, ending, self._intent, self._dispatch, recorder.clock)
        if admission is not None:
            outcome = admission.settle(outcome, reached_provider=reached_provider)
        recorder.keep(outcome)
        if recorder.afterwards is not None:
            recorder.afterwards.ended(content_of(relay, ending, outcome), None if self._released else self._endpoint)
            relay.answer.tally.let_go()
        if relay.answer.translated is not None or (ending.ended == "completed" and recorder.keeping.responses is not None):
            place = AnswerPlace(self._endpoint.name, self._dispatch.served.target.provider.name)
            recorder.keeping.ended(relay.inbound, self._dispatch.order.asked, relay.answer, place)
        if not self._released:
            self._on_released()

    def release_request(self, relay: Relay, now_s: float, readable_bytes: int) -> int | None:
        """Let go of the request's body as soon as nothing needs it: how many bytes were read to do without it, or `None` if it is not time yet.

        An estimate needs the text of a request whose input the provider does not count. Most count it at the end: only of a stream that lasts
        is the text measured before.
        """
        if not _is_certain(relay):
            return None
        dispatch, inbound, read, length = self._dispatch, relay.inbound, 0, -1
        if self._released or dispatch.needs_request:
            return 0
        tally = relay.answer.tally
        if not tally.input_counted and inbound.head.operation.generates:
            read = len(inbound.body)
            if now_s - inbound.received_at_s < _LASTS_S or read > readable_bytes:
                return None
            length = inbound.head.face.request_text_length(dispatch.order.asked)
        self._released = True
        dispatch.release_request(length)
        if self.admission is not None:
            let_go(self.admission.candidate.asked)
        relay.release_request()
        self._on_released()
        return read


def _is_certain(relay: Relay) -> bool:
    """Whether the client's answer comes, piece by piece, from the target that is answering: nothing is sent to another any more."""
    return relay.phase in {Phase.STREAMING, Phase.PASSING} or (relay.phase is Phase.DRAINING and relay.answer.passes)


def intent_of(inbound: Inbound, asked: Asked | None, endpoint: Endpoint | None, target: Target | None, admission: Admission | None = None) -> Intent:
    """All that is known before anything is sent. A refused request may lack what was asked, the endpoint or the target."""
    memory = inbound.head.memory
    if memory is None or asked is None or endpoint is None or target is None:
        return _intent_of(inbound, asked, endpoint, target, admission)
    known = memory.intent(asked, endpoint, target)
    if known is None:
        intent = _intent_of(inbound, asked, endpoint, target, admission)
        memory.intend(asked, endpoint, target, intent)
        return intent
    agent, body_bytes = inbound.attribution, len(inbound.body)
    return _replaced(
        known,
        request_id=inbound.request_id,
        started_at_ns=inbound.received_at_ns,
        session_id=agent.session_id or inbound.head.face.session_id(asked)[:_WORD_MAX],
        turn_id=agent.turn_id,
        client_request_id=agent.client_request_id,
        request_bytes=body_bytes,
        estimated_input_tokens=(body_bytes + 1) // 4 if inbound.head.operation.generates else 0,
        trace_id=inbound.trace_id,
        parent_span_id=inbound.parent_span_id,
        budgets=() if admission is None else admission.marks,
        downgraded_from="" if admission is None else admission.downgraded_from,
        reserved=None if admission is None or admission.reservation is None else admission.reservation.reserved,
    )


def _intent_of(inbound: Inbound, asked: Asked | None, endpoint: Endpoint | None, target: Target | None, admission: Admission | None) -> Intent:
    principal, agent = inbound.head.token.principal, inbound.attribution
    return Intent(
        request_id=inbound.request_id,
        started_at_ns=inbound.received_at_ns,
        principal_id=principal.id,
        requester=principal.name,
        requester_type=principal.kind,
        token_id=inbound.head.token.id,
        endpoint=endpoint.name if endpoint is not None else "",
        endpoint_tags=endpoint.tags if endpoint is not None else {},
        untracked=endpoint is not None and not endpoint.usage_tracking,
        provider=target.provider.name if target is not None else "",
        provider_dialect=target.provider.dialect if target is not None else "",
        price_as=target.provider.price_as if target is not None else "",
        model_asked=asked.model if asked is not None else inbound.head.path_model,
        model_sent=target.model if target is not None else "",
        dialect=inbound.head.face.name,
        api_type=inbound.head.operation.api_type,
        path=inbound.head.path,
        stream=asked.stream if asked is not None else False,
        agent=agent.agent,
        agent_version=agent.agent_version,
        surface=agent.surface,
        session_id=agent.session_id or (inbound.head.face.session_id(asked)[:_WORD_MAX] if asked is not None else ""),
        subagent_id=agent.subagent_id,
        parent_subagent_id=agent.parent_subagent_id,
        turn_id=agent.turn_id,
        client_request_id=agent.client_request_id,
        user_agent=agent.user_agent,
        ip_address=inbound.head.ip_address,
        request_tags=inbound.head.request_tags,
        request_bytes=len(inbound.body),
        # An upper guess that costs nothing; only the row of an exchange that was killed shows it, flagged as estimated.
        estimated_input_tokens=(len(inbound.body) + 1) // 4 if inbound.head.operation.generates else 0,
        trace_id=inbound.trace_id,
        parent_span_id=inbound.parent_span_id,
        paid_by=_paid_by(inbound, target),
        budgets=() if admission is None else admission.marks,
        downgraded_from="" if admission is None else admission.downgraded_from,
        reserved=None if admission is None or admission.reservation is None else admission.reservation.reserved,
    )


def _paid_by(inbound: Inbound, target: Target | None) -> str:
    """Who pays the target: all targets of a request have the same payer, except those of the demo, which has none."""
    if target is None:
        return ""
    if target.provider.is_demo:
        return PAID_BY_DEMO
    return "" if inbound.head.own is None else PAID_BY_REQUESTER


def served_by(intent: Intent, target: Target) -> Intent:
    """The intent with all that depends on the target."""
    provider = target.provider
    if provider.is_demo:
        paid_by = PAID_BY_DEMO
    else:
        paid_by = "" if intent.paid_by == PAID_BY_DEMO else intent.paid_by
    return msgspec.structs.replace(
        intent, provider=provider.name, provider_dialect=provider.dialect, price_as=provider.price_as, model_sent=target.model, paid_by=paid_by
    )


def outcome_of(relay: Relay, ending: Ending, intent: Intent, dispatch: Dispatch, clock: Clock) -> Outcome:
    """The record of an exchange that was dispatched. `intent` names the endpoint's first target, the record the one that served."""
    inbound, answer = relay.inbound, relay.answer
    meter, names = answer.tally.meter, answer.names
    ended_s = clock.monotonic_s()
    served = dispatch.served
    clean = answer.mask.text  # what was decoded may spell the provider's key otherwise than the bytes did
    if served.target is not dispatch.order.targets[0]:
        intent = served_by(intent, served.target)
    outcome = _made(
        intent=intent,
        status_code=499 if ending.ended == "client_gone" and not ending.status else ending.status,
        ended=ending.ended,
        ended_at_ns=clock.wall_ns(),
        latency_ms=_ms(ended_s - inbound.received_at_s),
        time_to_first_byte_ms=_ms(answer.first_byte_at_s - inbound.received_at_s) if answer.first_byte_at_s else 0,
        usage=_usage(relay, dispatch) if inbound.head.operation.generates else None,
        model_served=clean(meter.model_served)[:_WORD_MAX],
        response_id=clean(meter.response_id)[:_WORD_MAX],
        finish_reason=clean(meter.finish_reason)[:_WORD_MAX],
        response_content_type=names.get(b"content-type", b"").decode("latin-1")[:_WORD_MAX],
        response_bytes=answer.tally.bytes,
        upstream_request_id=(names.get(b"request-id") or names.get(b"x-request-id", b"")).decode("latin-1")[:_WORD_MAX],
        attempts=dispatch.close(ending, ended_s),
        translated_to=served.target.dialect if answer.translated is not None else "",
        losses=dispatch.losses,
    )
    error, failure = ending.error, meter.failure
    if error is not None:
        code, message = error.code or error.kind, error.message
    elif failure is not None:
        code, message = clean(failure.code), failure.message
    else:
        return outcome
    return msgspec.structs.replace(outcome, error_code=code[:_WORD_MAX], error_message=clean(message)[:_MESSAGE_MAX])


def _usage(relay: Relay, dispatch: Dispatch) -> Usage | None:
    """What was reported, or the flagged estimate. Only what no provider bills has neither: what was never sent, and an error answer.

    A stream that is nothing but an error counts as an error answer too, sent with another status.
    """
    tally, served = relay.answer.tally, dispatch.served
    if not served.reached_provider or served.status >= 300 or (tally.meter.failure is not None and not tally.begun):
        return tally.meter.usage
    return tally.usage(relay.inbound.head.face, dispatch.order.asked)


def content_of(relay: Relay, ending: Ending, outcome: Outcome) -> ExchangeContent:
    """What a dispatched exchange said, to be kept whole where that is wanted."""
    answer, inbound = relay.answer, relay.inbound
    copy, assemble = answer.tally.copy, answer.tally.face.assemble if answer.streams else None
    if answer.translated is not None:  # logged as the client has it
        copy = (answer.translated.body,) if answer.translated.body else copy
        assemble = answer.translated.assemble if answer.streams else None
    return ExchangeContent(
        outcome,
        inbound.body,
        copy if not ending.own_answer else (ending.own_answer,),
        assemble=assemble,
        complete=answer.tally.complete_copy,
        generates=inbound.head.operation.generates,
    )


def refusal_of(inbound: Inbound, intent: Intent, error: GatewayError, clock: Clock) -> Outcome:
    """The record of a request that Headgate itself refused before it was sent anywhere."""
    status, _, _ = inbound.head.face.error(error, inbound.request_id)  # a dialect may tell an error by another status than its own
    return Outcome(
        intent=intent,
        status_code=status,
        ended=REFUSED,
        ended_at_ns=clock.wall_ns(),
        latency_ms=_ms(clock.monotonic_s() - inbound.received_at_s),
        error_code=error.code or error.kind,
        error_message=error.message[:_MESSAGE_MAX],
    )


def left_before_sending(inbound: Inbound, intent: Intent, clock: Clock) -> Outcome:
    """The record of a request whose client left before it was sent anywhere."""
    return Outcome(
        intent=intent,
        status_code=499,
        ended="client_gone",
        ended_at_ns=clock.wall_ns(),
        latency_ms=_ms(clock.monotonic_s() - inbound.received_at_s),
    )


def _ms(seconds: float) -> int:
    return int(seconds * 1000 + 0.5) if seconds > 0 else 0  # `round` costs many times as much
