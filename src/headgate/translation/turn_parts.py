"""Prepares the parts of turns, one by one: what a part of its kind can be at the target, in one visit of each. Results wait for their calls: see `pairing`."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from headgate.core.conversation import FUNCTION, SERVER, SYSTEM, Foreign, Media, Part, RefusalText, Text, Thinking, ToolCall, ToolResult, Turn
from headgate.core.dialect_traits import DialectTraits
from headgate.core.model_profile import ModelProfile
from headgate.translation import custom_tools, openai_tools
from headgate.translation.arguments import prepared_arguments
from headgate.translation.loss_list import LossList
from headgate.translation.media import check_media
from headgate.translation.sent_names import SentNames
from headgate.translation.states import States
from headgate.translation.tool_list import lowers

# Claude Code's first system block: api.anthropic.com takes it out again; it means nothing to any other provider.
_ATTRIBUTION: Final = "x-anthropic-billing-header"


class TurnParts:
    """Prepares the parts of one conversation."""

    def __init__(self, model: str, traits: DialectTraits, profile: ModelProfile, names: SentNames, losses: LossList) -> None:
        self._model = model
        self._traits = traits
        self._alternates = traits.alternates
        self._objects = traits.argument_objects
        self._profile = profile
        self._names = names
        self._losses = losses
        self._states = States(model, traits, profile, losses)
        self._attributed = traits.family == "anthropic"

    def prepared(self, turn: Turn) -> Turn | None:
        """The turn with what is left of its parts; the same object where nothing changes, `None` where nothing is left."""
        given = turn.parts
        attribution = turn.role == SYSTEM and not self._attributed
        left: list[Part] = []
        changed = False
        for part in given:
            made = self._prepared(part)
            if attribution and type(made) is Text and made.text.startswith(_ATTRIBUTION):
                made = None
            changed = changed or made is not part
            if made is not None:
                left.append(made)
        if not left:
            return None
        return Turn(turn.role, tuple(left)) if changed else turn

    def _prepared(self, part: Part) -> Part | None:
        # Almost all are of these types, and a call that is not looked up takes a third of the time.
        if type(part) is Text:
            return self._text(part)
        if type(part) is ToolResult:
            return self._result(part)
        if type(part) is ToolCall:
            return self._call(part)
        return _BY_TYPE[type(part)](self, part)

    @staticmethod
    def by_type() -> "Mapping[type, Callable[[TurnParts, Any], Part | None]]":
        """What prepares a part of each other type."""
        return {
            Media: TurnParts._media,
            Thinking: TurnParts._thinking,
            Foreign: TurnParts._foreign,
            RefusalText: _as_it_is,
        }

    def _thinking(self, part: Thinking) -> Part | None:
        return self._states.of_thinking(part)

    def _text(self, part: Text) -> Text | None:
        if part.state is not None:
            part = self._states.of_text(part)
        if self._alternates and part.state is None:
            text = part.text
            if not text or text.isspace():
                return None
        return part

    def _media(self, part: Media) -> Media:
        return check_media(part, self._model, self._profile)

    def _call(self, part: ToolCall) -> ToolCall | None:
        kind, name, arguments, space, state = part.kind, part.name, part.arguments, part.namespace, part.state
        if kind == FUNCTION and state is None:  # as almost all
            namespace, sent = self._names.of_call(name, kind, space)
            written = prepared_arguments(arguments, objects=self._objects)
            if written is arguments and sent == name and namespace == space:
                return part
            return ToolCall(part.call_id, sent, written, kind, namespace, part.item_id, None, part.cached)
        return self._other_call(part)

    def _other_call(self, part: ToolCall) -> ToolCall | None:
        """A call of another kind, or with a state."""
        kind, arguments = part.kind, part.arguments
        if kind == SERVER:
            self._losses.add(f"call of {part.name}", "the provider that answers did not run this tool")
            return None
        namespace, sent = self._names.of_call(part.name if kind == FUNCTION else openai_tools.name_of(kind, part.name), kind, part.namespace)
        if kind != FUNCTION and lowers(kind, self._traits, self._profile):
            arguments = custom_tools.wrapped(arguments) if kind not in openai_tools.OWN_TOOLS else arguments
            kind = FUNCTION
        if kind == FUNCTION:
            arguments = prepared_arguments(arguments, objects=self._objects)
        state = self._states.of_call(part).state if part.state is not None else None
        if arguments is part.arguments and state is part.state and (sent, namespace, kind) == (part.name, part.namespace, part.kind):
            return part
        return ToolCall(part.call_id, sent, arguments, kind, namespace, part.item_id, state, part.cached)

    def _result(self, part: ToolResult) -> ToolResult | None:
        if part.kind == SERVER:
            self._losses.add(f"result of {part.name or 'a tool'}", "the provider that answers did not run this tool")
            return None
        changed = False
        parts: list[Text | Media] = []
        for each in part.parts:
            made = each if type(each) is Text and each.state is None else self._inside(each)
            changed = changed or made is not each
            parts.append(made)
        if not changed:
            return part
        return ToolResult(part.call_id, tuple(parts), part.name, part.failed, part.kind, part.tools, part.cached)

    def _inside(self, part: Text | Media) -> Text | Media:
        """A part of a result. No provider hangs a state on it."""
        if isinstance(part, Media):
            return check_media(part, self._model, self._profile)
        return part if part.state is None else Text(part.text, part.cached)

    def _foreign(self, part: Foreign) -> Foreign | None:
        if part.dialect == self._traits.dialect:
            return part
        self._losses.add(part.kind, f"only {part.dialect} has it")
        return None


def _as_it_is(_: TurnParts, part: RefusalText) -> RefusalText:
    return part


_BY_TYPE: Final = TurnParts.by_type()
