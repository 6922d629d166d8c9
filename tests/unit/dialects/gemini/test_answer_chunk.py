"""What is read of Gemini's chunks."""

import msgspec

from headgate.dialects.gemini.answer_chunk import AnswerCandidate, AnswerChunk, AnswerContent, AnsweredCall, AnswerPart

CHUNK = (
    b"""{"candidates":[{"content":{"parts":[{"text":"Hi","thoughtSignature":"c2ln","of_tomorrow":1}]},"finishMessage":"Done."}],"responseId":"r"}"""
)


def test_a_chunk_is_read_level_by_level():
    """Each level is kept undecoded until it is asked for, and what is not read does no harm."""
    chunk = msgspec.json.decode(CHUNK, type=AnswerChunk)
    (raw,) = msgspec.json.decode(chunk.candidates, type=list[msgspec.Raw])
    candidate = msgspec.json.decode(raw, type=AnswerCandidate)
    content = msgspec.json.decode(candidate.content, type=AnswerContent)
    (part,) = msgspec.json.decode(content.parts, type=list[AnswerPart])

    assert (candidate.message, candidate.index) == ("Done.", None)
    assert (part.text, part.thought, part.signature, part.call) == ("Hi", None, "c2ln", msgspec.Raw())


def test_a_call_keeps_its_arguments():
    """They are read later, as they are written."""
    call = msgspec.json.decode(b'{"id":"c1","name":"ls","args":{"b":1.0}}', type=AnsweredCall)

    assert (call.call_id, call.name, bytes(call.arguments)) == ("c1", "ls", b'{"b":1.0}')
