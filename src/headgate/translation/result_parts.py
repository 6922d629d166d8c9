"""Prepares what tools answered: failures in words where the dialect has no mark for them, images beside the results where they cannot be in one."""

from collections.abc import Sequence
from typing import Final

from headgate.core.conversation import Media, Text, Tool, ToolResult
from headgate.core.dialect_traits import DialectTraits
from headgate.core.model_profile import ModelProfile

INTERRUPTED: Final = "The call was interrupted: it has no result."
_FAILED: Final = "Error: "
_BESIDE: Final = "[{} of the result of call {} below]"
_LABEL: Final = "{} of the result of call {}:"
_ORPHAN: Final = "[Result of {}, whose call is no longer in this conversation]"


class ResultParts:
    """Prepares the parts of results for one target."""

    def __init__(self, traits: DialectTraits, profile: ModelProfile) -> None:
        self._media = traits.result_media and profile.result_media
        self._errors = traits.result_errors
        self._blank = not traits.alternates  # takes texts without a word in them

    def prepared(self, result: ToolResult, call_id: str, name: str, kind: str) -> tuple[ToolResult, list[Text | Media]]:
        """The result of a call, by the id and the name that the call has at the target, and the parts that follow all results."""
        given: tuple[Text | Media, ...] = result.parts
        failed = result.failed
        beside: list[Text | Media] = []
        parts = given
        if not self._media and _has_media(parts):
            parts, beside = _apart(parts, call_id)
        if not self._blank and _has_blank(parts):
            parts = tuple([part for part in parts if not _is_blank(part)])
        if failed and not self._errors:
            parts = _said_to_fail(parts)
        if parts is given and result.call_id == call_id and result.name == name and result.kind == kind:
            return result, beside
        return ToolResult(call_id, parts, name, failed, kind, result.tools, result.cached), beside

    def interrupted(self, call_id: str, name: str, kind: str) -> ToolResult:
        """The result of a call that has none."""
        text = INTERRUPTED if self._errors else _FAILED + INTERRUPTED
        return ToolResult(call_id, (Text(text),), name, failed=True, kind=kind)


def orphaned(result: ToolResult) -> list[Text | Media]:
    """What a result without its call is: the user's text."""
    said = tuple(part for part in result.parts if not _is_blank(part))
    return [Text(_ORPHAN.format(result.name or result.call_id or "a tool")), *(_said_to_fail(said) if result.failed else said)]


def found_text(tools: Sequence[Tool]) -> Text:
    """What a search for tools answered, for a model that gets the tools in its list."""
    names = ", ".join(f"{tool.namespace}.{tool.name}" if tool.namespace else tool.name for tool in tools)
    return Text(f"Found tools: {names}")


def _has_media(parts: Sequence[Text | Media]) -> bool:
    for part in parts:  # ruff: ignore[reimplemented-builtin] - `any` builds a generator for every result
        if type(part) is not Text:
            return True
    return False


def _has_blank(parts: Sequence[Text | Media]) -> bool:
    for part in parts:  # ruff: ignore[reimplemented-builtin] - as above
        if _is_blank(part):
            return True
    return False


def _is_blank(part: Text | Media) -> bool:
    if type(part) is not Text:
        return False
    text = part.text
    return not text or text.isspace()


def _apart(parts: Sequence[Text | Media], call_id: str) -> tuple[tuple[Text | Media, ...], list[Text | Media]]:
    inside: list[Text | Media] = []
    beside: list[Text | Media] = []
    for part in parts:
        if type(part) is Text:
            inside.append(part)
            continue
        kind = part.kind if isinstance(part, Media) else ""
        inside.append(Text(_BESIDE.format(kind, call_id)))
        beside += (Text(_LABEL.format(kind.capitalize(), call_id)), part)
    return tuple(inside), beside


def _said_to_fail(parts: tuple[Text | Media, ...]) -> tuple[Text | Media, ...]:
    first = parts[0] if parts else Text("")
    if not isinstance(first, Text):
        return (Text(_FAILED.strip()), *parts)
    if first.text.lower().startswith("error"):
        return parts
    return (Text(_FAILED + first.text, first.cached, first.state), *parts[1:])
