"""What is counted of an answer of Gemini's. Only the places of members are typed: servers differ."""

import msgspec

from headgate.core.usage import UsageLine


class CountedChunk(msgspec.Struct):
    """The members of a chunk or of a whole answer that are read."""

    response_id: object = msgspec.field(default=None, name="responseId")
    model_version: object = msgspec.field(default=None, name="modelVersion")
    candidates: msgspec.Raw = msgspec.Raw()
    prompt_feedback: object = msgspec.field(default=None, name="promptFeedback")
    usage: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="usageMetadata")
    error: object = None
    error_code: object = None  # Databricks' error bodies
    message: object = None


class CountedCandidate(msgspec.Struct):
    """The members of a candidate that are read."""

    finish_reason: object = msgspec.field(default=None, name="finishReason")
    grounding: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="groundingMetadata")


class SearchedGrounding(msgspec.Struct):
    """What was searched for an answer."""

    queries: object = msgspec.field(default=None, name="webSearchQueries")


class ReportedCounts(msgspec.Struct):
    """One `usageMetadata` as it was written. Only its counts are decoded."""

    prompt: object = msgspec.field(default=None, name="promptTokenCount")
    tool_prompt: object = msgspec.field(default=None, name="toolUsePromptTokenCount")
    cached: object = msgspec.field(default=None, name="cachedContentTokenCount")
    candidates: object = msgspec.field(default=None, name="candidatesTokenCount")
    thoughts: object = msgspec.field(default=None, name="thoughtsTokenCount")
    total: object = msgspec.field(default=None, name="totalTokenCount")
    tier: object = msgspec.field(default=None, name="serviceTier")
    traffic: object = msgspec.field(default=None, name="trafficType")
    cost: object = None


class ReportedDetails(msgspec.Struct):
    """The same counts by modality."""

    prompt: object = msgspec.field(default=None, name="promptTokensDetails")
    tool_prompt: object = msgspec.field(default=None, name="toolUsePromptTokensDetails")
    cached: object = msgspec.field(default=None, name="cacheTokensDetails")
    candidates: object = msgspec.field(default=None, name="candidatesTokensDetails")


class GeminiCounts(msgspec.Struct, frozen=True):
    """Gemini's counts so far."""

    prompt: int | None = None
    tool_prompt: int | None = None
    cached: int | None = None
    candidates: int | None = None
    thoughts: int | None = None
    total: int | None = None
    tier: str | None = None
    dearer: tuple[UsageLine, ...] = ()
    searches: int = 0
    charge_reported: float | None = None
