"""How an ended exchange becomes its record: intent before dispatch, outcome at the end. It decides nothing about the answer itself."""

import msgspec

from headgate.core.clock import Clock
from headgate.core.endpoint import Endpoint, Target
from headgate.core.errors import GatewayError
from headgate.core.record import REFUSED, Intent, Outcome
from headgate.core.usage import Usage
from headgate.dialects.faces import Asked
from headgate.exchange.attempt import Attempt
from headgate.exchange.content import Content
from headgate.exchange.dispatch import Dispatch
from headgate.exchange.inbound import Inbound
from headgate.exchange.relay import Relay

_WORD_MAX = 256  # characters of an id, a name, a reason or a code that others write into a record
_MESSAGE_MAX = 500


def intent_of(inbound: Inbound, asked: Asked | None, endpoint: Endpoint | None, target: Target | None) -> Intent:
    """All that is known before anything is sent. A refused request may lack what was asked, the endpoint or the target."""
    principal, agent = inbound.token.principal, inbound.attribution
    return Intent(
        request_id=inbound.request_id,
        started_at_ns=inbound.received_at_ns,
        principal_id=principal.id,
        requester=principal.name,
        requester_type=principal.kind,
        token_id=inbound.token.id,
        endpoint=endpoint.name if endpoint is not None else "",
        endpoint_tags=endpoint.tags if endpoint is not None else {},
        provider=target.provider.name if target is not None else "",
        provider_dialect=target.provider.dialect if target is not None else "",
        price_as=target.provider.price_as if target is not None else "",
        model_asked=asked.model if asked is not None else inbound.path_model,
        model_sent=target.model if target is not None else "",
        dialect=inbound.dialect.name,
        api_type=inbound.operation.api_type,
        path=inbound.path,
        stream=asked.stream if asked is not None else False,
        agent=agent.agent,
        agent_version=agent.agent_version,
        surface=agent.surface,
        session_id=agent.session_id or (inbound.dialect.session_of(asked)[:_WORD_MAX] if asked is not None else ""),
        subagent_id=agent.subagent_id,
        parent_subagent_id=agent.parent_subagent_id,
        turn_id=agent.turn_id,
        client_request_id=agent.client_request_id,
        user_agent=agent.user_agent,
        ip_address=inbound.ip_address,
        request_tags=inbound.request_tags,
        request_bytes=len(inbound.body),
        # An upper guess that costs nothing; only the row of an exchange that was killed shows it, flagged as estimated.
        estimated_input_tokens=(len(inbound.body) + 1) // 4 if inbound.operation.generates else 0,
        trace_id=inbound.trace_id,
        parent_span_id=inbound.parent_span_id,
    )


def served_by(intent: Intent, target: Target) -> Intent:
    """The intent with all that depends on the target."""
    provider = target.provider
    return msgspec.structs.replace(
        intent, provider=provider.name, provider_dialect=provider.dialect, price_as=provider.price_as, model_sent=target.model
    )


def outcome_of(relay: Relay, intent: Intent, dispatch: Dispatch, clock: Clock) -> Outcome:
    """The record of an exchange that was dispatched. `intent` names the endpoint's first target, the record the one that served."""
    inbound, meter = relay.inbound, relay.answer.meter
    failure, error = meter.failure, relay.error
    ended_s = clock.monotonic_s()
    served = dispatch.served
    clean = relay.mask.text  # what was decoded may spell the provider's key otherwise than the bytes did
    if served is not None and len(dispatch.targets) > 1 and served.target is not dispatch.targets[0]:
        intent = served_by(intent, served.target)
    return Outcome(
        intent=intent,
        status_code=499 if relay.ended == "client_gone" and not relay.status else relay.status,
        ended=relay.ended,
        ended_at_ns=clock.wall_ns(),
        latency_ms=_ms(ended_s - inbound.received_at_s),
        time_to_first_byte_ms=_ms(relay.first_byte_at_s - inbound.received_at_s) if relay.first_byte_at_s else 0,
        usage=_usage(relay, served) if inbound.operation.generates else None,
        model_served=clean(meter.model_served)[:_WORD_MAX],
        response_id=clean(meter.response_id)[:_WORD_MAX],
        finish_reason=clean(meter.finish_reason)[:_WORD_MAX],
        error_code=error.code or error.kind if error is not None else clean(failure.code)[:_WORD_MAX] if failure is not None else "",
        error_message=clean(error.message)[:_MESSAGE_MAX]
        if error is not None
        else clean(failure.message)[:_MESSAGE_MAX]
        if failure is not None
        else "",
        response_content_type=relay.content_type[:_WORD_MAX],
        response_bytes=relay.answer.bytes,
        upstream_request_id=relay.upstream_request_id[:_WORD_MAX],
        attempts=dispatch.close(),
    )


def _usage(relay: Relay, served: Attempt | None) -> Usage | None:
    """What was reported, or the flagged estimate. Only what no provider bills has neither: what was never sent, and an error answer.

    An error that is all of a stream's answer is such a one too, sent with another status.
    """
    meter = relay.answer.meter
    if served is None or relay.unsent or not served.reached_provider or served.status >= 300:
        return meter.usage
    if meter.failure is not None and not relay.answer.begun:
        return meter.usage
    return relay.answer.usage()


def content_of(relay: Relay, outcome: Outcome) -> Content:
    """What a dispatched exchange said, to be kept whole where that is wanted."""
    answer = relay.answer
    copy = answer.copy or (relay.own_answer,)
    return Content(
        outcome,
        relay.dialect,
        relay.inbound.body,
        copy,
        streamed=relay.streaming,
        complete=answer.complete_copy,
        generates=relay.inbound.operation.generates,
    )


def refusal_of(inbound: Inbound, intent: Intent, error: GatewayError, clock: Clock) -> Outcome:
    """The record of a request that Headgate itself refused before it was sent anywhere."""
    status, _, _ = inbound.dialect.error(error, inbound.request_id)  # a dialect may tell an error by another status than its own
    return Outcome(
        intent=intent,
        status_code=status,
        ended=REFUSED,
        ended_at_ns=clock.wall_ns(),
        latency_ms=_ms(clock.monotonic_s() - inbound.received_at_s),
        error_code=error.code or error.kind,
        error_message=error.message[:_MESSAGE_MAX],
    )


def _ms(seconds: float) -> int:
    return max(0, round(seconds * 1000))
