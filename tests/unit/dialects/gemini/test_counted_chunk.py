"""What is counted of an answer of Gemini's."""

import msgspec

from headgate.dialects.gemini.counted_chunk import CountedCandidate, CountedChunk, ReportedCounts, ReportedDetails, SearchedGrounding


def test_members_have_gemini_s_names():
    """Whatever their values are."""
    chunk = msgspec.json.decode(b'{"responseId":1,"modelVersion":"m","usageMetadata":{"a":1},"promptFeedback":[]}', type=CountedChunk)
    assert (chunk.response_id, chunk.model_version, bytes(chunk.usage), chunk.prompt_feedback) == (1, "m", b'{"a":1}', [])

    candidate = msgspec.json.decode(b'{"finishReason":"STOP","groundingMetadata":{"webSearchQueries":["q"]}}', type=CountedCandidate)
    assert candidate.finish_reason == "STOP"
    assert msgspec.json.decode(candidate.grounding, type=SearchedGrounding).queries == ["q"]

    written = b'{"promptTokenCount":1,"toolUsePromptTokenCount":2,"cachedContentTokenCount":3,"candidatesTokenCount":4,"thoughtsTokenCount":"5"}'
    counts = msgspec.json.decode(written, type=ReportedCounts)
    assert (counts.prompt, counts.tool_prompt, counts.cached, counts.candidates, counts.thoughts) == (1, 2, 3, 4, "5")
    assert msgspec.json.decode(b'{"cacheTokensDetails":[1]}', type=ReportedDetails).cached == [1]
