"""The stages of an answer."""

from headgate.core.event import PartClosed, PartOpened
from headgate.core.opaque_state import OpaqueState, enveloped
from headgate.translation.answer import AnswerStages
from headgate.translation.call_names import Called, CallNames


def _seal(state):
    return OpaqueState("anthropic", state.kind, enveloped(state))


def test_names_are_raised_and_states_sealed():
    """A call has the client's name, kind and namespace; a state is what the client's dialect takes."""
    stages = AnswerStages(CallNames({"a__b": Called("b", "custom", "a")}), _seal)
    state = OpaqueState("gemini", "signature", "S")

    assert stages.feed([PartOpened(0, "call", "c1", "a__b"), PartClosed(0, state)]) == [
        PartOpened(0, "call", "c1", "b", "a", "custom"),
        PartClosed(0, _seal(state)),
    ]
