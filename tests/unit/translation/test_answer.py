"""The stages of an answer."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from headgate.core.event import Failed, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.opaque_state import OpaqueState, enveloped
from headgate.core.usage import Usage
from headgate.translation.answer import AnswerStages
from headgate.translation.call_names import Called, CallNames
from tests.fakes.conversations import answers

NAMES = CallNames({("", "a_b"): Called("a.b"), ("", "exec"): Called("exec", "custom", "n")})


def _seal(state):
    return msgspec.structs.replace(state, family="sealed", data=enveloped(state))


def _fed(events, stop=(), names=NAMES):
    stages = AnswerStages(names, _seal, stop)
    return [said for event in events for said in stages.feed([event])]


def test_names_are_raised_and_states_sealed():
    """A call has the client's name, kind and namespace; a state is what the client's dialect takes."""
    state = OpaqueState("gemini", "signature", "S")

    assert _fed([PartOpened(0, "call", "c1", "exec"), PartGrew(0, '{"input":"ls"}'), PartClosed(0, state)]) == [
        PartOpened(0, "call", "c1", "exec", "n", "custom"),
        PartGrew(0, "ls"),
        PartClosed(0, _seal(state)),
    ]


def test_an_answer_with_a_call_ends_for_it():
    """Gemini says `STOP`; a cut one stays cut."""
    call = [PartOpened(0, "call", "c1", "f"), PartGrew(0, "{}"), PartClosed(0)]

    assert _fed([*call, Finished("STOP", "stop")])[-1] == Finished("STOP", "tool_use")
    assert _fed([*call, Finished("MAX_TOKENS", "length")])[-1] == Finished("MAX_TOKENS", "length")
    assert _fed([Finished("STOP", "stop")]) == [Finished("STOP", "stop")]


def test_an_answer_is_cut_at_a_stop_sequence():
    """It is finished then; only counts follow. Thoughts and arguments are not searched."""
    events = [
        Started("", "m"),
        PartOpened(0, "thinking"),
        PartGrew(0, "END"),
        PartClosed(0),
        PartOpened(1, "text"),
        PartGrew(1, "one E"),
        PartGrew(1, "ND two"),
        PartClosed(1),
        PartOpened(2, "call", "c1", "f"),
        PartClosed(2),
        UsageSeen(Usage(output_tokens=7)),
        Finished("stop", "stop"),
        UsageSeen(Usage(output_tokens=9)),
    ]

    assert _fed(events, ("END",))[4:] == [
        PartOpened(1, "text"),
        PartGrew(1, "one "),
        PartClosed(1),
        Finished("stop_sequence", "stop_sequence", "END"),
        UsageSeen(Usage(output_tokens=7)),
        UsageSeen(Usage(output_tokens=9)),
    ]


def test_the_beginning_of_a_stop_sequence_that_is_none_is_said():
    """At the latest at the end of the part."""
    stages = AnswerStages(NAMES, _seal, ("END",))

    assert stages.feed([PartOpened(0, "text"), PartGrew(0, "one EN")]) == [PartOpened(0, "text"), PartGrew(0, "one ")]
    assert stages.feed([PartClosed(0)]) == [PartGrew(0, "EN"), PartClosed(0)]
    assert not stages.cut


def _folded(events):
    """The answer without the cuts between the pieces of a part."""
    parts, rest = {}, []
    for event in events:
        if isinstance(event, PartGrew):
            parts[event.index] = parts.get(event.index, "") + event.text
        else:
            rest.append(event)
    return {index: text for index, text in parts.items() if text}, rest


@given(answers(), st.sampled_from([(), ("ab",), ("a{", "b")]))
def test_the_laws_of_events_hold(events, stop):
    """Whatever overlaps: parts come one after the other, numbered from 0, and there is one end."""
    opened, current, ends = 0, None, 0
    said = _fed(events, stop)

    assert isinstance(said[0], Started)
    for event in said[1:]:
        match event:
            case PartOpened():
                assert current is None
                assert event.index == opened
                current, opened = event.index, opened + 1
            case PartClosed():
                assert event.index == current
                current = None
            case Finished() | Failed():
                assert current is None
                ends += 1
            case UsageSeen():
                pass
            case _:
                assert event.index == current
        assert ends == 0 or isinstance(event, Finished | Failed | UsageSeen)
    assert ends == 1


@given(answers(), st.sampled_from([(), ("ab",), ("a{", "b")]))
def test_a_split_of_a_piece_changes_nothing(events, stop):
    """Wherever the network cuts."""
    split = [each for event in events for each in ([PartGrew(event.index, one) for one in event.text] if isinstance(event, PartGrew) else [event])]

    assert _folded(_fed(split, stop)) == _folded(_fed(events, stop))
