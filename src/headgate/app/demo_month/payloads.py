"""Which agent sessions of the demo have their requests and answers kept, and those as the rows of a payload table.

Kept are a sample of the last week, and the sessions that are worth reading: the one whose cached prefix broke, and the one with sub-agents.
"""

import json
from collections.abc import Iterable
from types import ModuleType
from typing import Final

from headgate.app.demo_month import anthropic_payload, responses_payload
from headgate.app.demo_month.calendar import BROKEN_CACHE, SUBAGENTS
from headgate.app.demo_month.cast import CLAUDE_CODE, CODEX
from headgate.app.demo_month.happenings import AgentSession
from headgate.app.demo_month.transcript import Moment, moments
from headgate.core.payload import LoggedPayload
from headgate.exchange.payload import payload_row

_FORMS: Final[dict[str, ModuleType]] = {CLAUDE_CODE: anthropic_payload, CODEX: responses_payload}
_SAMPLE: Final = 0.1
_WEEK_NS: Final = 7 * 86_400_000_000_000


def kept(sessions: Iterable[AgentSession], after_ns: int, until_ns: int, month_ends_ns: int) -> list[LoggedPayload]:
    """The payloads of the exchanges that ended in a stretch of time. Of the month's sessions, the sample begins a week before its end."""
    found = []
    for session in sessions:
        if session.agent not in _FORMS or not _is_kept(session, month_ends_ns) or not session.overlaps(after_ns, until_ns):
            continue
        form = _FORMS[session.agent]
        within = (moment for moment in moments(session) if after_ns < moment.step.at_ns <= until_ns and not moment.step.bypassed)
        found += [_payload(moment, form) for moment in within if moment.step.outcome.intent.provider]
    return found


def _is_kept(session: AgentSession, month_ends_ns: int) -> bool:
    if session.special:
        return session.special in {BROKEN_CACHE, SUBAGENTS}
    return session.begun_at_ns >= month_ends_ns - _WEEK_NS and int(session.session_id[:4], 16) < _SAMPLE * 16**4


def _payload(moment: Moment, form: ModuleType) -> LoggedPayload:
    request, response = (json.dumps(said, ensure_ascii=False) for said in (form.request(moment), form.answer(moment)))
    return payload_row(moment.step.outcome, _SAMPLE, request, response)
