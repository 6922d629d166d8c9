"""What was hidden with calls comes back in the place that it had."""

from headgate.core.conversation import Conversation, Text, Thinking, ToolCall, ToolResult, Turn
from headgate.core.event import Finished, PartClosed, PartGrew, PartOpened, Started
from headgate.core.opaque_state import OpaqueState, enveloped
from headgate.translation.replay import call_key, call_keys, hidden_states, replayed

PROOF = OpaqueState("anthropic", "signature", "c2ln", model="claude-opus-4-6")
LATER = OpaqueState("anthropic", "signature", "bGF0ZXI")
OWN = OpaqueState("gemini", "signature", "Z2Vt")


def sealed(state: OpaqueState) -> OpaqueState:
    """As the stages give it to an encoder of another family."""
    return OpaqueState(state.family, state.kind, enveloped(state))


def part(index: int, kind: str, text: str, state: OpaqueState | None = None, call_id: str = "") -> list:
    """One whole part of an answer."""
    name = "weather" if call_id else ""
    return [PartOpened(index, kind, call_id, name), PartGrew(index, text), PartClosed(index, state)]


def asked(*parts) -> Conversation:
    """The next request, with one turn of the assistant's."""
    results = tuple(ToolResult(each.call_id, (Text("Rain"),)) for each in parts if isinstance(each, ToolCall))
    return Conversation(turns=(Turn("user", (Text("Hi"),)), Turn("assistant", parts), Turn("user", results)))


ANSWER = [
    Started("msg_1", "claude"),
    *part(0, "thinking", "Let me look.", sealed(PROOF)),
    *part(1, "text", "I look."),
    *part(2, "thinking", "And there.", sealed(LATER)),
    *part(3, "call", '{"city": "Rome", "days": 1}', sealed(OWN), "call_1"),
    *part(4, "call", '{"city": "Oslo"}', None, "call_2"),
    Finished("tool_use", "tool_use"),
]
ROME, OSLO = ToolCall("call_1", "weather", '{"days":1,"city":"Rome"}'), ToolCall("call_2", "weather", '{"city":"Oslo"}')


def test_thoughts_and_states_come_back_in_their_places():
    """What began the turn is first again, what came before a call is before it, and the call has its state; how the client writes JSON does not matter."""
    found = hidden_states(ANSWER)
    turn = replayed(asked(Text("I look."), ROME, OSLO), found).turns[1]

    assert turn.parts == (
        Thinking("Let me look.", state=PROOF),
        Text("I look."),
        Thinking("And there.", state=LATER),
        ToolCall("call_1", "weather", '{"days":1,"city":"Rome"}', state=OWN),
        OSLO,
    )
    assert [each.empty for each in found.values()] == [False, True]
    assert list(found) == call_keys(asked(ROME, OSLO))


def test_a_thought_that_the_client_brings_without_its_proof_is_not_said_twice():
    """Some clients send `reasoning_content` back: the proven thought takes its place."""
    turn = replayed(asked(Thinking("Let me look."), ROME), hidden_states(ANSWER)).turns[1]

    assert [each.text for each in turn.parts if isinstance(each, Thinking)] == ["Let me look.", "And there."]


def test_another_call_of_the_same_id_gets_nothing():
    """Servers count calls from 0 in every answer: only the very call has the states."""
    conversation = asked(ToolCall("call_1", "weather", '{"city":"Paris"}'))

    assert replayed(conversation, hidden_states(ANSWER)) is conversation


def test_a_state_of_text_comes_back_on_the_text():
    """Gemini hangs a signature on text, also on an empty one."""
    with_text = hidden_states([*part(0, "text", "I look.", sealed(OWN)), *part(1, "call", '{"days":1,"city":"Rome"}', None, "call_1")])
    without = hidden_states([*part(0, "text", "", sealed(OWN)), *part(1, "call", '{"days":1,"city":"Rome"}', None, "call_1")])

    assert replayed(asked(Text("I look."), ROME), with_text).turns[1].parts == (Text("I look.", state=OWN), ROME)
    assert replayed(asked(ROME), without).turns[1].parts == (Text("", state=OWN), ROME)


def test_a_state_of_the_clients_own_family_is_kept_as_it_is():
    """It is in no envelope: a client of Chat Completions before a provider of Responses."""
    own = OpaqueState("openai", "encrypted", "gAAA", item_id="rs_1")
    found = hidden_states([*part(0, "summary", "I looked.", own), *part(1, "call", "{}", None, "call_1")])

    assert found[call_key("call_1", "weather", "{}")].first == (Thinking("I looked.", summary=True, state=own),)


def test_calls_that_are_no_json_are_known_too():
    """The free text of a custom tool is its own fingerprint."""
    found = hidden_states(part(0, "call", "*** Begin Patch", sealed(OWN), "call_1"))

    assert replayed(asked(ToolCall("call_1", "weather", "*** Begin Patch")), found).turns[1].parts[0].state == OWN


def test_the_keys_of_calls():
    """In order; each begins with the call's id, and differs with its arguments."""
    keys = call_keys(asked(Text("I look."), ROME, OSLO))

    assert [key.partition(" ")[0] for key in keys] == ["call_1", "call_2"]
    assert call_key("call_1", "weather", "{}") == call_key("call_1", "weather", "") != call_key("call_1", "weather", "[]")
