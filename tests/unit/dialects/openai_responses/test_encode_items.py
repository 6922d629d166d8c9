"""The parts of an answer as items."""

import json

import msgspec
import pytest

from headgate.core.event import Cited, PartOpened
from headgate.dialects.openai_responses.encode_items import Place, open_item, state_item


def written(opened, *texts, sealed="", cited=()):
    """All events of one item as (name without `response.`, the rest that is of interest), and the item at its end."""
    place = Place("r")
    item = open_item(opened, place)
    frames = [frame for text in texts for frame in item.grow(text)]
    frames += [frame for source in cited for frame in item.cite(source)]
    frames += item.close(sealed)
    assert all(frame["output_index"] == 0 for frame in frames)
    ids = {frame.get("item_id") or frame["item"]["id"] for frame in frames}
    assert len(ids) <= 1
    done = json.loads(msgspec.json.encode(place.output))
    return [str(frame["type"]).removeprefix("response.") for frame in frames], [frame.get("delta") for frame in frames if "delta" in frame], done


def without_id(items):
    """The one item, and how its id begins."""
    (item,) = items
    return item.pop("id").partition("_")[0], item


def test_a_text():
    """Announced with its first character."""
    names, deltas, done = written(PartOpened(0, "text"), "", "a", "b", cited=[Cited(0, "https://x", "X")])
    assert names == [
        "output_item.added", "content_part.added", "output_text.delta", "output_text.delta", "output_text.annotation.added", "output_text.done",
        "content_part.done", "output_item.done",
    ]  # fmt: skip
    assert deltas == ["a", "b"]
    annotation = {"type": "url_citation", "start_index": 0, "end_index": 2, "url": "https://x", "title": "X"}
    content = [{"type": "output_text", "text": "ab", "annotations": [annotation], "logprobs": []}]
    assert without_id(done) == ("msg", {"type": "message", "status": "completed", "role": "assistant", "content": content})


def test_a_refusal():
    """A content of its own type."""
    names, _, done = written(PartOpened(0, "refusal"), "no", cited=[Cited(0, "https://x")])
    assert names == ["output_item.added", "content_part.added", "refusal.delta", "refusal.done", "content_part.done", "output_item.done"]
    assert without_id(done)[1]["content"] == [{"type": "refusal", "refusal": "no"}]


@pytest.mark.parametrize("kind", ["text", "refusal", "thinking", "summary"])
def test_a_part_without_anything_is_no_item(kind):
    """Neither announced nor done."""
    assert written(PartOpened(0, kind), "", cited=[Cited(0, "https://x")]) == ([], [], [])


def test_a_summary():
    """With the state of the thought at its end."""
    names, deltas, done = written(PartOpened(0, "summary"), "a", "b", sealed="hgs1.x", cited=[Cited(0, "https://x")])
    part, text = "reasoning_summary_part", "reasoning_summary_text"
    assert names == ["output_item.added", f"{part}.added", f"{text}.delta", f"{text}.delta", f"{text}.done", f"{part}.done", "output_item.done"]
    assert deltas == ["a", "b"]
    summary = [{"type": "summary_text", "text": "ab"}]
    assert without_id(done) == ("rs", {"type": "reasoning", "status": "completed", "summary": summary, "encrypted_content": "hgs1.x"})


def test_a_thought():
    """What was thought itself is the content, not the summary."""
    names, _, done = written(PartOpened(0, "thinking"), "a")
    text = "reasoning_text"
    assert names == ["output_item.added", "content_part.added", f"{text}.delta", f"{text}.done", "content_part.done", "output_item.done"]
    content = [{"type": "reasoning_text", "text": "a"}]
    assert without_id(done)[1] == {"type": "reasoning", "status": "completed", "summary": [], "content": content, "encrypted_content": None}


def test_a_state_alone():
    """A redacted thought, or the state of another part."""
    _, _, done = written(PartOpened(0, "thinking"), sealed="hgs1.x")
    assert without_id(done)[1] == {"type": "reasoning", "status": "completed", "summary": [], "encrypted_content": "hgs1.x"}
    place = Place("r")
    assert [frame["type"] for frame in state_item("hgs1.x", place)] == ["response.output_item.added", "response.output_item.done"]
    assert place.index == 1


def test_a_call_of_a_function():
    """Announced with its second piece; the namespace is beside the name."""
    place = Place("r")
    item = open_item(PartOpened(0, "call", "call_1", "f", "ns"), place)
    assert item.grow('{"a"') == item.grow("") == []
    assert [frame["type"] for frame in item.grow(":1}")] == [
        "response.output_item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.delta",
    ]
    frames = item.close("")
    assert [frame["type"] for frame in frames] == ["response.function_call_arguments.done", "response.output_item.done"]
    call = {"type": "function_call", "status": "completed", "call_id": "call_1", "name": "f", "namespace": "ns", "arguments": '{"a":1}'}
    assert without_id(place.output) == ("fc", call)


def test_a_call_in_one_piece():
    """Announced when it closes; one without arguments has an empty object."""
    names, deltas, done = written(PartOpened(0, "call", "call_1", "f"), cited=[Cited(0, "https://x")])
    arguments = "function_call_arguments"
    assert names == ["output_item.added", f"{arguments}.delta", f"{arguments}.done", "output_item.done"]
    assert deltas == ["{}"]
    assert without_id(done)[1] == {"type": "function_call", "status": "completed", "call_id": "call_1", "name": "f", "arguments": "{}"}


def test_a_call_of_a_custom_tool():
    """With free text, which may be empty."""
    names, deltas, done = written(PartOpened(0, "call", "call_1", "exec", "", "custom"), "print", "(1)")
    given = "custom_tool_call_input"
    assert names == ["output_item.added", f"{given}.delta", f"{given}.delta", f"{given}.done", "output_item.done"]
    assert deltas == ["print", "(1)"]
    assert without_id(done) == (
        "ctc",
        {"type": "custom_tool_call", "status": "completed", "call_id": "call_1", "name": "exec", "input": "print(1)"},
    )
    assert not without_id(written(PartOpened(0, "call", "c", "exec", "", "custom"))[2])[1]["input"]


def test_a_call_of_openais_own_tools():
    """Announced when it is whole."""
    names, deltas, done = written(PartOpened(0, "call", "c", "tool_search", "", "tool_search"), '{"que', 'ry":"q"}', cited=[Cited(0, "https://x")])
    assert names == ["output_item.added", "output_item.done"]
    assert deltas == []
    assert without_id(done) == (
        "tsc",
        {"type": "tool_search_call", "status": "completed", "call_id": "c", "execution": "client", "arguments": {"query": "q"}},
    )


def test_ids_are_of_the_request_and_the_place():
    """The same for the same answer, others for another."""
    one, other = Place("r"), Place("s")
    first = one.item_id("msg")
    assert first == Place("r").item_id("msg")
    assert first != other.item_id("msg")
    state_item("x", one)
    assert one.item_id("msg") != first
