"""Opaque states of other families."""

from headgate.core.conversation import Text, Thinking, ToolCall
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.core.opaque_state import OpaqueState
from headgate.translation.loss_list import LossList
from headgate.translation.states import States
from tests.fakes.translation import ANTHROPIC, CHAT, RESPONSES

CLAUDES = OpaqueState("anthropic", "signature", "EqQB", "claude-opus-5")
OPENAIS = OpaqueState("openai", "encrypted", "gAAA", "gpt-5.6")
LOSS = Loss("thinking", "the model that answers cannot read what another one thought")


def _states(traits, model="claude-opus-5-5", **profile):
    losses = LossList()
    return States(model, traits, ModelProfile(**profile), losses), losses


def test_a_state_of_the_targets_family_stays():
    """On every part; the same objects."""
    states, losses = _states(ANTHROPIC)
    text, call, thought = Text("a", state=CLAUDES), ToolCall("c", "f", "{}", state=CLAUDES), Thinking("hm", state=CLAUDES)

    assert states.of_text(text) is text
    assert states.of_call(call) is call
    assert states.of_thinking(thought) is thought
    assert losses.all() == ()


def test_the_text_and_the_call_stay_without_the_state_of_another_family():
    """A thought is a loss."""
    states, losses = _states(ANTHROPIC)

    assert states.of_text(Text("a", cached=True, state=OPENAIS)) == Text("a", cached=True)
    assert states.of_call(ToolCall("c", "f", "{}", state=OPENAIS)) == ToolCall("c", "f", "{}")
    assert states.of_thinking(Thinking("hm", summary=True, state=OPENAIS)) is None
    assert states.of_thinking(Thinking("hm")) is None
    assert losses.all() == (LOSS,)


def test_a_model_of_another_kin_reads_nothing_of_the_same_family():
    """Grok answers in OpenAI's dialect too."""
    states, losses = _states(RESPONSES, "grok-4")

    assert states.of_thinking(Thinking(state=OPENAIS, redacted=True)) is None
    assert losses.all() == (LOSS,)


def test_a_chat_model_that_wants_its_thoughts_back_gets_their_text():
    """Others get none, and no model a thought that is hidden."""
    states, _ = _states(CHAT, "gpt-oss-120b", thoughts_back="reasoning")

    assert states.of_thinking(Thinking("hm", state=CLAUDES)) == Thinking("hm")
    assert states.of_thinking(Thinking("hm")) == Thinking("hm")
    assert states.of_thinking(Thinking("", state=CLAUDES, redacted=True)) is None
    assert _states(CHAT)[0].of_thinking(Thinking("hm")) is None
