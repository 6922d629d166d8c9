"""Parts of an answer made into blocks."""

import pytest

from headgate.core.event import Cited, PartClosed, PartGrew, PartOpened
from headgate.core.opaque_state import OpaqueState
from headgate.dialects.anthropic.answer_blocks import AnswerBlocks, BlockBegan, BlockEnded, BlockGrew
from headgate.dialects.anthropic.state_slots import UNSIGNED

STATE = OpaqueState("gemini", "signature", "hgs1.x")
TEXT = {"type": "text", "text": ""}
THOUGHT = {"type": "thinking", "thinking": "", "signature": ""}
CALL = {"type": "tool_use", "id": "t1", "name": "f", "input": {}}


def steps(*events):
    """The steps that these events make, each list of them apart."""
    blocks = AnswerBlocks("req_1")
    return [tuple(map(plain, blocks.feed(event))) for event in events]


def plain(step):
    """A step in plain words, which can be compared."""
    match step:
        case BlockBegan():
            return began(step.index, step.block)
        case BlockGrew():
            return delta(step.index, step.kind, step.member, step.value)
        case BlockEnded():
            return ended(step.index)


def began(index, block):
    """A block that begins."""
    return "began", index, block


def delta(index, kind, member, value):
    """A block that grows."""
    return "grew", index, {"type": kind, member: value}


def ended(index):
    """A block that is whole."""
    return "ended", index


def state(index, data):
    """A block with a state of its own."""
    return began(index, {"type": "redacted_thinking", "data": data}), ended(index)


@pytest.mark.parametrize("kind", ["text", "refusal"])
def test_a_text_begins_with_its_first_character(kind):
    """Anthropic's clients send an empty one back, and that is refused."""
    assert steps(PartOpened(0, kind), PartGrew(0, ""), PartGrew(0, "a"), PartGrew(0, "b"), PartClosed(0)) == [
        (), (), (began(0, TEXT), delta(0, "text_delta", "text", "a")), (delta(0, "text_delta", "text", "b"),), (ended(0),),
    ]  # fmt: skip


def test_an_empty_part_makes_no_block():
    """Neither a text nor a thought, and the next one has its number."""
    made = steps(PartOpened(0, "text"), PartClosed(0), PartOpened(1, "thinking"), PartClosed(1), PartOpened(2, "text"), PartGrew(2, "a"))

    assert made[:5] == [()] * 5
    assert made[5][0] == began(0, TEXT)


@pytest.mark.parametrize("kind", ["thinking", "summary"])
def test_the_signature_is_the_last_of_a_thought(kind):
    """It is for all of it."""
    assert steps(PartOpened(0, kind), PartGrew(0, "hm"), PartClosed(0, STATE)) == [
        (),
        (began(0, THOUGHT), delta(0, "thinking_delta", "thinking", "hm")),
        (delta(0, "signature_delta", "signature", "hgs1.x"), ended(0)),
    ]


def test_a_thought_without_a_state_is_marked():
    """So that it can be taken out before Anthropic gets it."""
    assert steps(PartOpened(0, "thinking"), PartGrew(0, "hm"), PartClosed(0))[2] == (
        delta(0, "signature_delta", "signature", UNSIGNED),
        ended(0),
    )


def test_a_thought_may_be_its_state_alone():
    """It is redacted where the provider says so, else a thought without text."""
    assert steps(PartOpened(0, "thinking"), PartClosed(0, STATE, redacted=True))[1] == state(0, "hgs1.x")
    assert steps(PartOpened(0, "thinking"), PartClosed(0, STATE))[1] == (
        began(0, THOUGHT), delta(0, "signature_delta", "signature", "hgs1.x"), ended(0),
    )  # fmt: skip


def test_a_call_begins_with_the_second_piece_of_its_arguments():
    """Its state may come right behind the first."""
    assert steps(PartOpened(0, "call", "t1", "f"), PartGrew(0, "{"), PartGrew(0, "}"), PartClosed(0)) == [
        (),
        (),
        (began(0, CALL), delta(0, "input_json_delta", "partial_json", "{"), delta(0, "input_json_delta", "partial_json", "}")),
        (ended(0),),
    ]


def test_the_state_of_a_call_comes_before_it():
    """In a block of its own, which says so."""
    assert steps(PartOpened(0, "call", "t1", "f"), PartGrew(0, "{}"), PartClosed(0, STATE))[2] == (
        *state(0, "hgs1.x.next"), began(1, CALL), delta(1, "input_json_delta", "partial_json", "{}"), ended(1),
    )  # fmt: skip


def test_the_state_of_a_call_that_has_begun_comes_after_it():
    """What is written cannot be taken back."""
    made = steps(PartOpened(0, "call", "t1", "f"), PartGrew(0, "{"), PartGrew(0, "}"), PartClosed(0, STATE))

    assert made[3] == (ended(0), *state(1, "hgs1.x.last"))


def test_the_state_of_a_text_comes_after_it():
    """A text without a character leaves its state alone."""
    assert steps(PartOpened(0, "text"), PartGrew(0, "a"), PartClosed(0, STATE))[2] == (ended(0), *state(1, "hgs1.x.last"))
    assert steps(PartOpened(0, "text"), PartClosed(0, STATE))[1] == state(0, "hgs1.x.none")


def test_a_call_without_arguments_has_an_empty_input():
    """And one without an id gets one, the same each time."""
    first, last = steps(PartOpened(0, "call", "", "f"), PartClosed(0))[1]

    assert first[2] == {**CALL, "id": "toolu_a96935a4a16fac4d7bf28bdb"}
    assert last == ended(0)


def test_the_text_of_a_custom_call_is_in_an_object():
    """A block takes nothing else."""
    made = steps(PartOpened(0, "call", "t1", "f", call_kind="custom"), PartGrew(0, "a"), PartGrew(0, '"b'), PartClosed(0))

    assert made[:3] == [(), (), ()]
    assert made[3] == (began(0, CALL), delta(0, "input_json_delta", "partial_json", '{"input":"a\\"b"}'), ended(0))


def test_a_source_is_cited_in_its_text():
    """Not in a thought, nor outside of a part."""
    citation = {"type": "web_search_result_location", "url": "https://x", "title": None, "cited_text": "q", "encrypted_index": ""}
    cited = Cited(0, "https://x", quote="q")

    assert steps(PartOpened(0, "text"), PartGrew(0, "a"), cited)[2] == (delta(0, "citations_delta", "citation", citation),)
    assert steps(PartOpened(0, "text"), cited)[1][0] == began(0, TEXT)
    assert steps(cited, PartOpened(0, "thinking"), cited) == [(), (), ()]


def test_what_has_no_part_is_passed_over():
    """A decoder that keeps to the laws does not write it."""
    assert steps(PartGrew(0, "a"), PartClosed(0)) == [(), ()]


def test_calls_and_refusals_are_counted():
    """They decide why the answer ended."""
    blocks = AnswerBlocks("r")
    for event in (PartOpened(0, "call", "t", "f"), PartClosed(0), PartOpened(1, "refusal")):
        blocks.feed(event)

    assert (blocks.calls, blocks.refused) == (1, True)
