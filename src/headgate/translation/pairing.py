"""Brings calls and their results together: every call has one result, which follows it; a result without a call is the user's text."""

from collections import deque
from collections.abc import Sequence
from itertools import chain
from operator import is_

import msgspec

from headgate.core.conversation import ASSISTANT, FUNCTION, USER, Media, Part, Text, ToolCall, ToolResult, Turn
from headgate.core.dialect_traits import DialectTraits
from headgate.core.model_profile import ModelProfile
from headgate.translation.call_ids import CallIds
from headgate.translation.result_parts import ResultParts, found_text, orphaned
from headgate.translation.tool_list import lowers


class _Pending:
    """A call that waits for its result: its id at the client, and what it is at the target."""

    __slots__ = ("call", "call_id", "kind", "original", "result")

    def __init__(self, original: str, call: ToolCall, call_id: str) -> None:
        self.original = original
        self.call = call
        self.call_id = call_id
        self.kind = call.kind
        self.result: ToolResult | None = None


class _Waiting:
    """The calls of a turn, found by their results: by the id, or, where the client gave none, by the name and the order. No search for any of them."""

    def __init__(self, pending: Sequence[_Pending]) -> None:
        self._calls: dict[tuple[str, str], deque[_Pending]] = {}
        for each in pending:
            for key in ((each.original, ""),) if each.original else (("", ""), ("", each.call.name)):
                self._calls.setdefault(key, deque()).append(each)

    def take(self, result: ToolResult) -> _Pending | None:
        """The call that the result is of, and that has none yet."""
        found = self._calls.get((result.call_id, "" if result.call_id else result.name))
        while found:
            each = found.popleft()
            if each.result is None:
                return each
        return None


class Pairing:
    """Pairs one history."""

    def __init__(self, traits: DialectTraits, profile: ModelProfile) -> None:
        self._traits = traits
        self._results_first = traits.results_first
        self._profile = profile
        self._ids = CallIds(traits)
        self._results = ResultParts(traits, profile)

    def paired(self, turns: Sequence[Turn]) -> list[Turn]:
        """The history with its calls and results together."""
        out: list[Turn] = []
        at, end = 0, len(turns)
        while at < end:
            turn = turns[at]
            pending: list[_Pending] = []
            if turn.role == ASSISTANT:
                turn = self._called(turn, pending)
                at += 1
                parts = [turn.parts]
                while pending and at < end and turns[at].role == ASSISTANT:
                    parts.append(self._called(turns[at], pending).parts)
                    at += 1
                out.append(turn if len(parts) == 1 else Turn(ASSISTANT, tuple(chain.from_iterable(parts))))
            after = at
            while after < end and turns[after].role != ASSISTANT:
                after += 1
            out += self._answered(pending, turns[at:after])
            at = after
        return out

    def _called(self, turn: Turn, pending: list[_Pending]) -> Turn:
        """The turn with the ids of its calls as they are sent; its calls wait from now on."""
        changed = False
        parts: list[Part] = []
        for part in turn.parts:
            if type(part) is ToolCall:
                original = part.call_id
                call_id = self._ids.issue(original, part.name)
                call = part if call_id == original else msgspec.structs.replace(part, call_id=call_id)
                pending.append(_Pending(original, call, call_id))
                changed = changed or call is not part
                parts.append(call)
            elif type(part) is ToolResult:
                changed = True  # no dialect has a result in an assistant's turn
                parts += orphaned(part)
            else:
                parts.append(part)
        return Turn(turn.role, tuple(parts)) if changed else turn

    def _answered(self, pending: list[_Pending], turns: Sequence[Turn]) -> list[Turn]:
        """What is between a turn of the assistant's and the next, with the results of its calls."""
        if len(turns) == 1 and (in_step := self._in_step(pending, turns[0])) is not None:
            return [in_step]
        left: list[tuple[str, list[Part]]] = []
        calls = _Waiting(pending)
        first: list[Part] = []
        beside: list[Part] = []
        for turn in turns:
            parts: list[Part] = []
            for part in turn.parts:
                if type(part) is not ToolResult:
                    parts.append(part)
                    continue
                waiting = calls.take(part)
                if waiting is None:
                    parts += orphaned(part)
                    continue
                waiting.result, more = self._prepared(part, waiting.call)
                if self._results_first:
                    beside += more
                else:
                    parts += (waiting.result, *more)
            left.append((turn.role, parts))
        for each in pending:
            if each.result is None:
                first.append(self._results.interrupted(each.call.call_id, each.call.name, each.call.kind))
            elif self._results_first:
                first.append(each.result)
        return _joined([*first, *beside], left, turns)

    def _in_step(self, pending: Sequence[_Pending], turn: Turn) -> Turn | None:
        """The turn that begins with one result for each call in their order and has no other, as almost all have; `None` for any other turn."""
        count, parts = len(pending), turn.parts
        if len(parts) < count or (len(parts) > count and ToolResult in map(type, parts[count:])):
            return None
        results: list[Part] = []
        after: list[Part] = []
        changed = False
        for at in range(count):
            each, part = pending[at], parts[at]
            if type(part) is not ToolResult or not each.original or part.call_id != each.original:
                return None
            call = each.call
            if each.kind == FUNCTION and part.kind == FUNCTION and not part.tools:
                result, beside = self._results.prepared(part, each.call_id, call.name, FUNCTION)
            else:
                result, beside = self._prepared(part, call)
            changed = changed or result is not part
            results.append(result)
            after += beside
        return Turn(turn.role, (*results, *after, *parts[count:])) if changed or after else turn

    def _prepared(self, result: ToolResult, call: ToolCall) -> tuple[ToolResult, list[Text | Media]]:
        # Chat Completions has one kind of result for every kind of call; a call that is no function says itself what its result is.
        kind = call.kind if result.kind == FUNCTION or call.kind != FUNCTION else result.kind
        if result.tools and not self._traits.openai_tools:
            parts = result.parts or (found_text(result.tools),)
            result = ToolResult(result.call_id, parts, result.name, result.failed, kind, (), result.cached)
        if kind != FUNCTION and lowers(kind, self._traits, self._profile):
            kind = FUNCTION
        return self._results.prepared(result, call.call_id, call.name, kind)


def _joined(first: list[Part], left: Sequence[tuple[str, list[Part]]], turns: Sequence[Turn]) -> list[Turn]:
    """Turns with these parts in front, within the first turn where that is the user's."""
    out: list[Turn] = []
    rest = list(left)
    if first:
        if rest and rest[0][0] == USER:
            out.append(Turn(USER, (*first, *rest.pop(0)[1])))
        else:
            out.append(Turn(USER, tuple(first)))
    for (role, parts), turn in zip(rest, turns[len(turns) - len(rest) :], strict=True):
        if parts:
            out.append(turn if len(parts) == len(turn.parts) and all(map(is_, parts, turn.parts)) else Turn(role, tuple(parts)))
    return out
