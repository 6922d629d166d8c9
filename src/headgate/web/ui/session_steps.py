"""An agent session as the conversation that it was: of each exchange what is new in its request, and its answer, with the result of each tool call. Pure.

Each request of an agent contains the whole conversation before it. What was in an earlier request or answer of the same thread is not shown again, in
whatever order it comes. A session has several threads: sub-agents, and small requests beside the conversation, which offer no tools.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from headgate.dialects.transcript import CALL, RESULT, SYSTEM, THINKING, Part, Transcript
from headgate.web.ui.session_rows import ReportedTool
from headgate.web.ui.tool_diffs import FileChange, change_of

_SHORTENED_MIN = 4  # parts: fewer than so many that are gone are no shortening of the conversation
_Key = tuple[str, str, str]


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """A part as it is shown: a call with its result, with what its agent reported of it, and with what it changes."""

    part: Part
    result: Part | None = None
    decision: ReportedTool | None = None
    change: FileChange | None = None


class SessionStep(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange: its usage row, what is new in it, and its answer. `gone` are the parts that the request before had and this one has not."""

    row: Mapping[str, Any]
    asked: tuple[Spoken, ...] = ()
    answered: tuple[Spoken, ...] = ()
    gone: int = 0
    beside: bool = False
    read: bool = False


class _Thread:
    """One conversation within the session, and what was seen of it."""

    def __init__(self, subagent: str, *, tools: bool) -> None:
        self.subagent = subagent
        self.tools = tools
        self.seen: Counter[_Key] = Counter()
        self.last: Counter[_Key] = Counter()
        self.answer_id = ""

    def take(self, transcript: Transcript) -> tuple[list[Part], int]:
        """What is new in a request, and how many parts of the request before are gone."""
        spoken = [part for part in transcript.parts if part.role != SYSTEM and part.kind != THINKING]
        counted = Counter(map(_key, spoken))
        left, new = Counter(self.seen), []
        for part in spoken:
            key = _key(part)
            if left[key] > 0:
                left[key] -= 1
            else:
                new.append(part)
        gone = (self.last - counted).total()
        shortened = gone >= _SHORTENED_MIN and gone * 2 > self.last.total()
        self.last = counted
        self.seen |= counted
        return new, gone if shortened else 0

    def answer(self, parts: Iterable[Part], answer_id: str) -> None:
        """Remember an answer, which the next request brings back."""
        answered = Counter(_key(part) for part in parts if part.kind != THINKING)
        self.seen |= self.last + answered
        self.answer_id = answer_id

    def common(self, transcript: Transcript) -> int:
        """How much of a request was seen in this thread."""
        return (Counter(_key(part) for part in transcript.parts if part.role != SYSTEM) & self.seen).total()


class Unfolding:
    """Takes the exchanges of one session in their order. Calls find their results when all are taken. `reported` is by the ids of calls."""

    def __init__(self, session_id: str, reported: Mapping[str, ReportedTool]) -> None:
        self._session_id = session_id
        self._reported = reported
        self._threads: list[_Thread] = []
        self._steps: list[SessionStep] = []

    def add(self, row: Mapping[str, Any], request: Transcript | None, answer: Sequence[Part], *, shown: bool = True) -> None:
        """Take an exchange: without a request where it is not kept. What is not shown only says what is new in those after it."""
        step = SessionStep(row=row, answered=tuple(Spoken(part=part) for part in answer), read=request is not None)
        if request is not None and request.parts:
            thread = self._thread(str(row.get("subagent_id") or ""), request)
            new, gone = thread.take(request)
            thread.answer(answer, str(row.get("response_id") or ""))
            step = msgspec.structs.replace(
                step, asked=tuple(Spoken(part=part) for part in new), gone=gone, beside=not thread.tools and self._has_tools
            )
        if shown:
            self._steps.append(step)

    def steps(self) -> list[SessionStep]:
        """The steps that are shown: each call with its result, which is then not shown by itself."""
        results = _Results(part for step in self._steps for part in (spoken.part for spoken in step.asked) if part.kind == RESULT)
        joined = [msgspec.structs.replace(step, answered=self._joined(step.answered, results)) for step in self._steps]
        joined = [msgspec.structs.replace(step, asked=self._joined(step.asked, results)) for step in joined]
        return [msgspec.structs.replace(step, asked=tuple(each for each in step.asked if id(each.part) not in results.used)) for step in joined]

    @property
    def _has_tools(self) -> bool:
        return any(thread.tools for thread in self._threads)

    def _thread(self, subagent: str, request: Transcript) -> _Thread:
        subagent = "" if subagent == self._session_id else subagent
        alike = [each for each in self._threads if each.subagent == subagent and each.tools == bool(request.tools)]
        found = max(alike, key=lambda each: each.common(request), default=None)
        if found is not None and (found.common(request) or (request.continues and request.continues == found.answer_id) or request.tools):
            return found
        made = _Thread(subagent, tools=bool(request.tools))
        self._threads.append(made)
        return made

    def _joined(self, spoken: Iterable[Spoken], results: "_Results") -> tuple[Spoken, ...]:
        return tuple(self._call(each.part, results) if each.part.kind == CALL else each for each in spoken)

    def _call(self, part: Part, results: "_Results") -> Spoken:
        return Spoken(part=part, result=results.of(part), decision=self._reported.get(part.call_id), change=change_of(part))


class _Results:
    """The results of tool calls: by the call's id, or by the tool's name in their order where there are no ids."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self.used: set[int] = set()
        self._by_id: dict[str, Part] = {}
        self._by_name: dict[str, list[Part]] = {}
        for part in parts:
            if part.call_id:
                self._by_id.setdefault(part.call_id, part)
            else:
                self._by_name.setdefault(part.name, []).append(part)

    def of(self, call: Part) -> Part | None:
        """The result of a call; each is given once."""
        if call.call_id:
            found = self._by_id.pop(call.call_id, None)
        else:
            waiting = self._by_name.get(call.name)
            found = waiting.pop(0) if waiting else None
        if found is not None:
            self.used.add(id(found))
        return found


def _key(part: Part) -> _Key:
    """What is the same in an answer and in the requests after it, and in two requests."""
    if part.kind in {CALL, RESULT} and part.call_id:
        return part.kind, part.call_id, ""
    return part.kind, part.name, f"{part.role}\n{part.text.strip()}"
