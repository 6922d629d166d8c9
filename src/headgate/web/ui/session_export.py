"""An agent session as a file: JSON for programs, Markdown for people. Pure; everything that was said stays text in both."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from headgate.dialects.transcript import CALL, FAILURE, MEDIA, OTHER, RESULT, THINKING, Part
from headgate.web.ui import formats
from headgate.web.ui.session_rows import SessionRows
from headgate.web.ui.session_steps import SessionStep, Spoken

_FENCE = re.compile(r"`{3,}")
_WHO = {"user": "User", "assistant": "Assistant", "system": "System"}


def session_json(session_id: str, found: SessionRows, steps: Sequence[SessionStep], missing: str) -> bytes:
    """The session with every exchange. `missing` says why there is no conversation."""
    value = {
        "session_id": session_id,
        "user": found.distinct("requester"),
        "agent": found.distinct("agent"),
        "requests": len(found.rows),
        "charge": f"{found.charge:f}",
        "errors": len(found.errors),
        "missing": missing,
        "truncated": found.truncated or len(steps) < len(found.rows),
        "exchanges": [_step(step) for step in steps],
    }
    return msgspec.json.format(msgspec.json.encode(value), indent=2)


def session_markdown(session_id: str, found: SessionRows, steps: Sequence[SessionStep], missing: str) -> str:
    """The same for people."""
    about = [f"# Agent session {session_id}", ""]
    about += [f"- User: {', '.join(found.distinct('requester'))}", f"- Agent: {', '.join(found.distinct('agent'))}"]
    about += [f"- Requests: {len(found.rows)}, errors: {len(found.errors)}", f"- Cost: {formats.usd(found.charge)}", ""]
    if missing:
        about += [missing, ""]
    return "\n".join([*about, *(line for number, step in enumerate(steps, start=1) for line in _step_lines(number, step))])


def _step(step: SessionStep) -> dict[str, object]:
    return {
        **{name: value for name, value in step.row.items() if value is not None},
        "asked": [_spoken(each) for each in step.asked],
        "answered": [_spoken(each) for each in step.answered],
    }


def _spoken(spoken: Spoken) -> dict[str, object]:
    fields: dict[str, object] = _part(spoken.part)
    if spoken.result is not None:
        fields["result"] = _part(spoken.result)
    if spoken.decision is not None and spoken.decision.decision:
        fields["decision"] = spoken.decision.decision
    return fields


def _part(part: Part) -> dict[str, object]:
    named = {"name": part.name, "call_id": part.call_id}
    return {"role": part.role, "kind": part.kind, "text": part.text, **{name: value for name, value in named.items() if value}} | (
        {"failed": True} if part.failed else {}
    )


def _step_lines(number: int, step: SessionStep) -> Iterator[str]:
    row: Mapping[str, Any] = step.row
    cost = formats.usd(float(row["charge"])) if row["charge"] is not None else row["charge_status"]
    yield f"## {number}. {formats.when(row['event_us'] / 1000)} · {row['model']} · {formats.count(row['input_tokens'])} in, {formats.count(row['output_tokens'])} out · {cost}"
    yield ""
    if row["error_code"] or row["error_message"]:
        yield f"**{row['ended']}**: {_inline(row['error_code'] or '')} {_inline(row['error_message'] or '')}"
        yield ""
    for spoken in (*step.asked, *step.answered):
        yield from _spoken_lines(spoken)


def _spoken_lines(spoken: Spoken) -> Iterator[str]:
    part = spoken.part
    head = {CALL: f"Tool call: {_inline(part.name)}", RESULT: "Result of a tool", THINKING: "Thinking", MEDIA: f"[{_inline(part.name)}]"}.get(
        part.kind, "Error" if part.kind == FAILURE else _inline(part.name or "other") if part.kind == OTHER else _WHO.get(part.role, part.role)
    )
    decided = f" ({spoken.decision.decision})" if spoken.decision is not None and spoken.decision.decision else ""
    yield f"**{head}**{decided}"
    yield ""
    if part.text:
        yield from _fenced(part.text)
    if spoken.result is not None:
        yield "**Result**" + (" (failed)" if spoken.result.failed else "")
        yield ""
        yield from _fenced(spoken.result.text)


def _fenced(text: str) -> Iterator[str]:
    """The text in a fence that is longer than any in it, so that nothing in it is Markdown."""
    fence = "`" * (max((len(found) for found in _FENCE.findall(text)), default=2) + 1)
    yield f"{fence}text"
    yield text
    yield fence
    yield ""


def _inline(text: object) -> str:
    return "".join(f"\\{each}" if each in "\\`*_{}[]<>()#!|~" else each for each in str(text).replace("\n", " "))
