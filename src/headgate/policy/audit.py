"""Makes an audit event of an act: who did it, and what it was about in bounded JSON without anything that looks like a secret."""

import functools

import msgspec

from headgate.core.acting import Acting
from headgate.core.audit_event import Act, AuditEvent
from headgate.core.ids import new_uuid
from headgate.policy.secrets import Redactor, compile_redactor

_TEXT_CHARS_MAX = 2_000
_JSON_CHARS_MAX = 64 << 10


def audit_event(act: Act, actor: Acting, now_ns: int) -> AuditEvent:
    """The event. Raises TypeError if the act holds a `Secret`, or anything else that is no plain value."""
    redactor = _redactor()
    return AuditEvent(
        id=new_uuid(now_ns),
        at_ns=now_ns,
        service=act.service,
        action=act.action,
        who=act.who or actor.who,
        run_as=act.run_as or actor.run_as,
        address=actor.address,
        user_agent=redactor.text(actor.user_agent)[:_TEXT_CHARS_MAX],
        request_id=actor.request_id,
        params={name: redactor.text(value)[:_TEXT_CHARS_MAX] for name, value in act.params.items()},
        status_code=act.status_code,
        error_message=redactor.text(act.error_message)[:_TEXT_CHARS_MAX],
        result="" if act.status_code < 400 else "refused",
        before=_json(act.before),
        after=_json(act.after),
    )


def _json(value: object) -> str:
    """The value as JSON, keys in order; empty for nothing. What is too large is replaced by its size."""
    if value is None:
        return ""
    plain = _redactor().value(msgspec.to_builtins(value))
    text = msgspec.json.encode(plain, order="sorted").decode()
    return text if len(text) <= _JSON_CHARS_MAX else f'{{"too_large":{len(text)}}}'


@functools.cache
def _redactor() -> Redactor:
    return compile_redactor((), secrets=True) or Redactor(())
