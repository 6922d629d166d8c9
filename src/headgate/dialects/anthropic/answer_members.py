"""What is read of Anthropic's answers, a frame or a whole one."""

import msgspec

_NULL = msgspec.Raw(b"null")


class AnswerMembers(msgspec.Struct):
    """The members of a frame or of a whole answer that are read."""

    type: object = None
    id: object = None
    model: object = None
    message: object = None
    delta: object = None
    usage: object = None
    stop_reason: object = None
    error: object = None
    error_code: object = None  # Databricks' error bodies


class MessageFrame(msgspec.Struct):
    """The members of a frame that are read."""

    type: object = None
    index: object = None
    message: msgspec.Raw = _NULL
    content_block: msgspec.Raw = _NULL
    delta: object = None
    usage: object = None
    error: object = None
    error_code: object = None


class AnswerMessage(msgspec.Struct):
    """A message: the members that are read, of a stream's beginning or of a whole answer."""

    type: object = None
    id: object = None
    model: object = None
    usage: object = None
    content: msgspec.Raw = _NULL
    stop_reason: object = None
    stop_sequence: object = None
    stop_details: object = None


class BlockStart(msgspec.Struct):
    """The beginning of a block."""

    type: object = None
    text: object = None
    thinking: object = None
    signature: object = None
    data: object = None
    id: object = None
    name: object = None
    input: msgspec.Raw = msgspec.Raw(b"{}")
    citations: object = None
