"""Blocks of an answer decoded into parts."""

import msgspec
import pytest

from headgate.core.event import Cited, PartClosed, PartGrew, PartOpened
from headgate.core.opaque_state import OpaqueState
from headgate.dialects.anthropic.decode_blocks import DecodedBlocks


def start(blocks, index, block):
    """Begin a block."""
    return blocks.start(index, msgspec.Raw(msgspec.json.encode(block)))


def text(piece):
    """A piece of text."""
    return {"type": "text_delta", "text": piece}


def test_a_text_grows():
    """What it begins with comes first; an empty piece is none."""
    blocks = DecodedBlocks()

    assert start(blocks, 0, {"type": "text", "text": "a"}) == [PartOpened(0, "text"), PartGrew(0, "a")]
    assert blocks.delta(0, text("b")) == [PartGrew(0, "b")]
    assert blocks.delta(0, text("")) == []
    assert blocks.stop(0) == [PartClosed(0)]
    assert blocks.stop(0) == []


def test_a_thought_is_proved_by_its_signature():
    """The state has the text that was signed, and the model."""
    blocks = DecodedBlocks()
    blocks.model = "claude"
    start(blocks, 0, {"type": "thinking", "thinking": "h", "signature": ""})
    blocks.delta(0, {"type": "thinking_delta", "thinking": "m"})
    assert blocks.delta(0, {"type": "signature_delta", "signature": "Eq"}) == []

    assert blocks.stop(0) == [PartClosed(0, OpaqueState("anthropic", "signature", "Eq", "claude", text="hm"))]


def test_a_thought_may_have_no_signature():
    """Servers that imitate Anthropic write none."""
    blocks = DecodedBlocks()
    start(blocks, 0, {"type": "thinking"})

    assert blocks.stop(0) == [PartClosed(0)]


def test_a_redacted_thought_is_its_state():
    """It is whole from its beginning."""
    blocks = DecodedBlocks()

    assert start(blocks, 0, {"type": "redacted_thinking", "data": "Em"}) == [
        PartOpened(0, "thinking"),
        PartClosed(0, OpaqueState("anthropic", "redacted", "Em"), redacted=True),
    ]
    assert blocks.stop(0) == []


@pytest.mark.parametrize(
    ("given", "pieces", "arguments"),
    [
        ({"input": {}}, ['{"a"', ":1}"], ['{"a"', ":1}"]),
        ({}, ["{}"], ["{}"]),
        ({}, [], ["{}"]),
        ({"input": None}, [], ["{}"]),
        ({"input": ""}, [], ["{}"]),
        ({"input": {"b": 1, "a": 2}}, [], ['{"b":1,"a":2}']),
        ({"input": '{"a":1}'}, [], ['{"a":1}']),
        ({"input": {"a": 1}}, ['{"a":1}'], ['{"a":1}']),
    ],
)
def test_arguments_come_in_pieces_or_with_the_start(given, pieces, arguments):
    """Never twice."""
    blocks = DecodedBlocks()
    events = start(blocks, 0, {"type": "tool_use", "id": "t1", "name": "f", **given})
    for piece in pieces:
        events += blocks.delta(0, {"type": "input_json_delta", "partial_json": piece})
    events += blocks.stop(0)

    assert events == [PartOpened(0, "call", "t1", "f"), *(PartGrew(0, piece) for piece in arguments), PartClosed(0)]
    assert blocks.calls == 1


def test_blocks_may_overlap():
    """Each part closes once."""
    blocks = DecodedBlocks()
    start(blocks, 0, {"type": "text", "text": ""})
    start(blocks, 1, {"type": "tool_use", "id": "t1", "name": "f"})

    assert blocks.delta(0, text("a")) == [PartGrew(0, "a")]
    assert blocks.end() == [PartClosed(0), PartGrew(1, "{}"), PartClosed(1)]
    assert blocks.end() == []


def test_a_block_at_the_same_place_ends_the_one_before():
    """A server may begin to number again."""
    blocks = DecodedBlocks()
    start(blocks, 0, {"type": "text", "text": "a"})

    assert start(blocks, 0, {"type": "text", "text": "b"}) == [PartClosed(0), PartOpened(1, "text"), PartGrew(1, "b")]


def test_a_thought_in_a_block_of_text_is_a_part_of_its_own():
    """Text never becomes a thought, nor a thought text."""
    blocks = DecodedBlocks()
    start(blocks, 0, {"type": "text", "text": "a"})

    assert blocks.delta(0, {"type": "thinking_delta", "thinking": "hm"}) == [PartClosed(0), PartOpened(1, "thinking"), PartGrew(1, "hm")]


def test_a_text_may_begin_without_a_start():
    """And without an index: it goes on where the last frame was."""
    blocks = DecodedBlocks()

    assert blocks.delta(3, text("a")) == [PartOpened(0, "text"), PartGrew(0, "a")]
    assert blocks.delta(None, text("b")) == [PartGrew(0, "b")]


@pytest.mark.parametrize("kind", ["server_tool_use", "web_search_tool_result", "compaction", "later", 5, None])
def test_blocks_of_anthropics_own_tools_are_passed_over(kind):
    """With everything in them; the next part has the first number."""
    blocks = DecodedBlocks()

    assert start(blocks, 0, {"type": kind, "content": [], "input": {"q": 1}, "text": "x"}) == []
    assert blocks.delta(0, {"type": "input_json_delta", "partial_json": "{}"}) == []
    assert blocks.delta(0, text("a")) == []
    assert blocks.stop(0) == []
    assert start(blocks, 1, {"type": "text", "text": ""}) == [PartOpened(0, "text")]


def test_sources_are_cited():
    """Those with an address; a place in the client's own document has none."""
    blocks = DecodedBlocks()
    web = {"type": "web_search_result_location", "url": "https://x", "title": "X", "cited_text": "q", "encrypted_index": "E"}
    assert start(blocks, 0, {"type": "text", "text": "", "citations": [web]}) == [PartOpened(0, "text"), Cited(0, "https://x", "X", "q")]

    found = {"type": "search_result_location", "source": "https://y", "title": None, "cited_text": "q"}
    assert blocks.delta(0, {"type": "citations_delta", "citation": found}) == [Cited(0, "https://y", "", "q")]
    assert blocks.delta(0, {"type": "citations_delta", "citation": {"type": "char_location", "cited_text": "q"}}) == []


def test_a_start_without_a_block_ends_the_one_before():
    """Nothing begins."""
    blocks = DecodedBlocks()
    start(blocks, 0, {"type": "text", "text": ""})

    assert start(blocks, 0, 5) == [PartClosed(0)]


@pytest.mark.parametrize("delta", [{}, {"type": "later"}, {"type": "signature_delta", "signature": "E"}, {"type": "citations_delta"}, {"type": []}])
def test_other_deltas_say_nothing(delta):
    """Nor do those of a block that is not there."""
    assert DecodedBlocks().delta(0, delta) == []
