"""What was said in one request and its answer, as far as it is kept: what is latest by itself, and what came before. Pure."""

from collections.abc import Sequence

import msgspec

from headgate.dialects.transcript import ASSISTANT, SYSTEM, Part
from headgate.web.ui.payload_reading import Bodies, Kept, read_answer, read_request
from headgate.web.ui.session_steps import Spoken, Unfolding

_SHOWN_MAX = 300  # parts of one page


class SaidInRequest(msgspec.Struct, frozen=True, kw_only=True):
    """`before` is the conversation that the request repeats, `latest` what follows the last answer in it, `answered` the answer.

    `missing` says why there is nothing; `unread` that a body is too large to be read for a page, or is not in a known format.
    """

    before: tuple[Spoken, ...] = ()
    latest: tuple[Spoken, ...] = ()
    answered: tuple[Spoken, ...] = ()
    tools: tuple[str, ...] = ()
    bodies: Bodies = Bodies()
    missing: str = ""
    left_out: int = 0

    @property
    def unread(self) -> bool:
        """Whether a body is kept of which nothing can be shown."""
        return self.bodies.large or not (self.before or self.latest or self.answered)

    def json(self) -> bytes:
        """Both bodies as they are kept: as JSON where they are, else as text."""
        return msgspec.json.format(msgspec.json.encode({"request": _value(self.bodies.request), "response": _value(self.bodies.response)}), indent=2)


def said_in_request(kept: Kept, request_id: str, dialect: str) -> SaidInRequest:
    """What is kept of one exchange."""
    bodies = kept.bodies.get(request_id)
    if bodies is None:
        return SaidInRequest(missing=kept.missing)
    transcript = read_request(dialect, bodies.request)
    unfolding = Unfolding("", {})
    unfolding.add({"request_id": request_id}, transcript, read_answer(dialect, bodies.response))
    [step] = unfolding.steps()
    system = tuple(Spoken(part=part) for part in transcript.parts if part.role == SYSTEM)
    start = _start([each.part for each in step.asked])
    before = (*system, *step.asked[:start])
    return SaidInRequest(
        before=before[-_SHOWN_MAX:],
        latest=step.asked[start:][:_SHOWN_MAX],
        answered=step.answered[:_SHOWN_MAX],
        tools=transcript.tools,
        bodies=bodies,
        left_out=max(0, len(before) - _SHOWN_MAX),
    )


def _start(parts: Sequence[Part]) -> int:
    """Where what follows the last answer begins. A result belongs to its call, so with nothing behind it the last answer is the latest."""
    last = next((number for number in range(len(parts) - 1, -1, -1) if parts[number].role == ASSISTANT), -1)
    if last < len(parts) - 1:
        return last + 1
    while last > 0 and parts[last - 1].role == ASSISTANT:
        last -= 1
    return max(0, last)


def _value(body: str) -> object:
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return body
