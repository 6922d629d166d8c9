"""What is read of an answer of Gemini's, beside what is counted. Of each member only its place is typed: servers differ."""

import msgspec


class AnswerChunk(msgspec.Struct):
    """A chunk of a stream, or a whole answer."""

    candidates: msgspec.Raw = msgspec.Raw()


class AnswerCandidate(msgspec.Struct):
    """One of the answers in it."""

    index: object = None
    content: msgspec.Raw = msgspec.Raw()
    message: object = msgspec.field(default=None, name="finishMessage")
    grounding: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="groundingMetadata")


class AnswerContent(msgspec.Struct):
    """What the answer says."""

    parts: msgspec.Raw = msgspec.Raw()


class AnswerPart(msgspec.Struct):
    """A part of that."""

    text: object = None
    thought: object = None
    signature: object = msgspec.field(default=None, name="thoughtSignature")
    call: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="functionCall")


class AnsweredCall(msgspec.Struct):
    """A call of a function."""

    call_id: object = msgspec.field(default=None, name="id")
    name: object = None
    arguments: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="args")
