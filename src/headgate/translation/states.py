"""Leaves out the opaque states that the target's model cannot read: those of other families. The text or call that one was on stays."""

from typing import Final

import msgspec

from headgate.core.conversation import Text, Thinking, ToolCall
from headgate.core.dialect_traits import DialectTraits
from headgate.core.model_profile import ModelProfile
from headgate.core.opaque_state import OpaqueState
from headgate.translation.loss_list import LossList
from headgate.translation.model_kin import reads_states_of

_WHY: Final = "the model that answers cannot read what another one thought"


class States:
    """Decides for one request."""

    def __init__(self, model: str, traits: DialectTraits, profile: ModelProfile, losses: LossList) -> None:
        self._model = model
        self._family = traits.family
        self._states = traits.thinking_states
        self._text = bool(profile.thoughts_back)
        self._losses = losses
        self._makers: dict[str, bool] = {}

    def of_text(self, part: Text) -> Text:
        """Text without the state of another family, which is a loss."""
        if part.state is None or self._readable(part.state):
            return part
        self._losses.add("thinking", _WHY)
        return Text(part.text, part.cached, apart=part.apart)

    def of_call(self, part: ToolCall) -> ToolCall:
        """A call without the state of another family, which is a loss."""
        if part.state is None or self._readable(part.state):
            return part
        self._losses.add("thinking", _WHY)
        return msgspec.structs.replace(part, state=None)

    def of_thinking(self, part: Thinking) -> Thinking | None:
        """A thought with a state that can be read; else its text alone where the target takes that, or `None` and a loss."""
        if part.state is not None and self._states and self._readable(part.state):
            return part
        if part.text and not part.redacted and self._text and not self._states:
            return part if part.state is None else Thinking(part.text, part.summary)
        self._losses.add("thinking", _WHY)
        return None

    def _readable(self, state: OpaqueState) -> bool:
        if state.family != self._family:
            return False
        found = self._makers.get(state.model)
        if found is None:
            found = self._makers[state.model] = reads_states_of(self._model, state.model)
        return found
