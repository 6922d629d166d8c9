"""The record of one exchange of the demo: an agent's request and how it ended, in the fields that a gateway would have written."""

import random

import msgspec

from headgate.app.demo_month import seeded
from headgate.app.demo_month.agents import PACES, SHAPES, AgentShape
from headgate.app.demo_month.budgets import marks_of
from headgate.app.demo_month.cast import IN_HOUSE, PROVIDERS, Person
from headgate.app.demo_month.happenings import Identity
from headgate.core.record import PAID_BY_DEMO, REFUSED, AttemptRecord, Intent, Outcome
from headgate.core.usage import Usage

MS = 1_000_000
_BYTES_PER_TOKEN = 4
_FINISHED = {
    "anthropic": ("end_turn", "tool_use"),
    "openai_responses": ("completed", "completed"),
    "gemini": ("STOP", "STOP"),
    "cursor": ("stop", "tool_calls"),
    "openai_chat": ("stop", "tool_calls"),
}
"""How an answer in a format ends, without tool calls and with them."""


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """Whose request it is, of which session: what all its exchanges share."""

    person: Person
    identity: Identity
    agent: str
    agent_version: str
    surface: str
    session_id: str
    tags: dict[str, str]
    address: str

    @property
    def shape(self) -> AgentShape:
        """How its agent asks."""
        return SHAPES[self.agent]


class Thread(msgspec.Struct, frozen=True):
    """Where in its session a request belongs: the prompt that it works on, and the sub-agent that sends it."""

    turn_id: str = ""
    subagent_id: str = ""
    parent_subagent_id: str = ""


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """How an exchange fails. `refused`: by Headgate. `tried_before` are tries of the same target that failed before the one that counts."""

    status: int
    ended: str = "failed"
    error_code: str = ""
    message: str = ""
    refused: bool = False
    no_target: bool = False  # refused before one was chosen
    budget_blocks: str = ""  # the budget that refused it


def intent(asking: Asking, thread: Thread, model: str, at_ns: int, rng: random.Random) -> Intent:
    """What is known before a request is sent."""
    shape, (provider, dialect) = asking.shape, PROVIDERS.get(model, ("", ""))
    return Intent(
        request_id=seeded.request_id(rng, at_ns),
        started_at_ns=at_ns,
        principal_id=asking.identity.principal_id,
        requester=asking.person.name,
        token_id=asking.identity.token_id,
        endpoint=model,
        provider=provider,
        provider_dialect=dialect,
        model_asked=model,
        model_sent=model,
        dialect=shape.dialect,
        api_type=shape.api_type,
        path=shape.path.format(model=model),
        stream=True,
        agent=asking.agent,
        agent_version=asking.agent_version,
        surface=asking.surface,
        session_id=asking.session_id,
        subagent_id=thread.subagent_id,
        parent_subagent_id=thread.parent_subagent_id,
        turn_id=thread.turn_id,
        user_agent=shape.user_agent.format(product=shape.surfaces[asking.surface], version=asking.agent_version, surface=asking.surface, model=model),
        ip_address=asking.address,
        request_tags=asking.tags,
        paid_by=PAID_BY_DEMO,
        budgets=marks_of(asking.person, asking.identity.principal_id, unpriced=model == IN_HOUSE),
    )


def answered(sent: Intent, usage: Usage, rng: random.Random, *, calls_tools: bool) -> Outcome:
    """A whole answer, at the pace of its model."""
    pace = PACES[sent.model_sent]
    fresh = (usage.input_tokens or 0) + (usage.cache_write_5m_tokens or 0)
    first_ms = int(pace.first_token_ms * rng.lognormvariate(0.0, 0.32) + fresh / 1000 * pace.per_thousand_ms)
    output = usage.output_tokens or 0
    latency_ms = first_ms + int(output / (pace.output_per_s * rng.uniform(0.75, 1.15)) * 1000) + rng.randrange(4, 30)
    sent = msgspec.structs.replace(
        sent, request_bytes=(usage.all_input_tokens or 0) * _BYTES_PER_TOKEN, estimated_input_tokens=usage.all_input_tokens or 0
    )
    return Outcome(
        intent=sent,
        status_code=200,
        ended="completed",
        ended_at_ns=sent.started_at_ns + latency_ms * MS,
        latency_ms=latency_ms,
        time_to_first_byte_ms=first_ms,
        usage=usage,
        model_served=sent.model_sent,
        response_id=f"demo_{seeded.hex_id(rng, 20)}",
        finish_reason=_FINISHED[sent.dialect][calls_tools],
        response_content_type="text/event-stream",
        response_bytes=600 + output * 11,
        attempts=(_attempt(sent, 200, first_ms),),
    )


def troubled(sent: Intent, trouble: Trouble, rng: random.Random, usage: Usage | None = None) -> Outcome:
    """An exchange that did not end well."""
    latency_ms = rng.randrange(2, 9) if trouble.refused else rng.randrange(350, 4_200)
    attempts = () if trouble.refused else (_attempt(sent, trouble.status, latency_ms, trouble.error_code),)
    if trouble.no_target:
        sent = msgspec.structs.replace(sent, provider="", provider_dialect="", model_sent="", paid_by="", budgets=())
    elif trouble.refused:
        marks = tuple(msgspec.structs.replace(mark, action="block") for mark in sent.budgets if mark.name == trouble.budget_blocks)
        sent = msgspec.structs.replace(sent, budgets=marks)
    return Outcome(
        intent=sent,
        status_code=trouble.status,
        ended=REFUSED if trouble.refused else trouble.ended,
        ended_at_ns=sent.started_at_ns + latency_ms * MS,
        latency_ms=latency_ms,
        time_to_first_byte_ms=0 if trouble.refused else latency_ms,
        usage=usage,
        error_code=trouble.error_code,
        error_message=trouble.message,
        response_content_type="application/json",
        response_bytes=180,
        attempts=attempts,
    )


def retried(outcome: Outcome, status: int, code: str, wait_ms: int) -> Outcome:
    """The same answer after a first try of the same target that failed."""
    sent, late_ns = outcome.intent, wait_ms * MS
    first = _attempt(sent, status, wait_ms, code)
    again = tuple(msgspec.structs.replace(attempt, started_at_ns=attempt.started_at_ns + late_ns, action="retry") for attempt in outcome.attempts)
    return msgspec.structs.replace(
        outcome,
        attempts=(first, *again),
        latency_ms=outcome.latency_ms + wait_ms,
        time_to_first_byte_ms=outcome.time_to_first_byte_ms + wait_ms,
        ended_at_ns=outcome.ended_at_ns + late_ns,
    )


def cut_short(outcome: Outcome, ended: str, rng: random.Random) -> Outcome:
    """The same answer, when the provider broke it off, or when its client hung up before the end."""
    share, usage = rng.uniform(0.1, 0.7), outcome.usage
    came = (
        Usage()
        if usage is None
        else msgspec.structs.replace(usage, output_tokens=max(1, int((usage.output_tokens or 0) * share)), reasoning_tokens=None, estimated=True)
    )
    latency_ms = outcome.time_to_first_byte_ms + int((outcome.latency_ms - outcome.time_to_first_byte_ms) * share)
    gone = ended == "client_gone"
    return msgspec.structs.replace(
        outcome,
        ended=ended,
        ended_at_ns=outcome.intent.started_at_ns + latency_ms * MS,
        latency_ms=latency_ms,
        usage=came,
        finish_reason="",
        error_code="" if gone else "cut",
        error_message="" if gone else "The provider ended its answer before it was complete. Nothing was retried; ask again.",
        response_bytes=int(outcome.response_bytes * share),
    )


def _attempt(sent: Intent, status: int, latency_ms: int, code: str = "") -> AttemptRecord:
    return AttemptRecord(
        provider=sent.provider,
        model=sent.model_sent,
        status_code=status,
        error_code=code if status != 200 else "",
        started_at_ns=sent.started_at_ns,
        latency_ms=latency_ms,
    )
