"""What is read of an answer of Responses, beside what is counted."""

import msgspec

_NOTHING = msgspec.Raw()


class AnswerEvent(msgspec.Struct):
    """The members of an event that are read."""

    type: object = None
    item_id: object = None
    output_index: object = None
    content_index: object = None
    summary_index: object = None
    delta: object = None
    text: object = None
    refusal: object = None
    arguments: object = None
    input: object = None
    annotation: object = None
    item: msgspec.Raw = _NOTHING
    response: msgspec.Raw = _NOTHING


class AnswerBody(msgspec.Struct):
    """The member of a response object that has the answer."""

    output: msgspec.Raw = _NOTHING


class ItemFields(msgspec.Struct):
    """The members of an output item that are read."""

    type: object = None
    id: object = None
    call_id: object = None
    name: object = None
    namespace: object = None
    execution: object = None
    encrypted_content: object = None
    content: object = None
    summary: object = None
    arguments: msgspec.Raw = _NOTHING
    input: msgspec.Raw = _NOTHING
    action: msgspec.Raw = _NOTHING
    operation: msgspec.Raw = _NOTHING
