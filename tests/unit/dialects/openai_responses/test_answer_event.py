"""What is read of the events of Responses."""

import msgspec

from headgate.dialects.openai_responses.answer_event import AnswerBody, AnswerEvent, ItemFields


def test_an_event_keeps_its_item():
    """An item is decoded when it is known that it is wanted; members of tomorrow do no harm."""
    event = msgspec.json.decode(b'{"type":"response.output_item.added","item":{"id":"fc_1","arguments":"{}"},"of_tomorrow":1}', type=AnswerEvent)
    item = msgspec.json.decode(event.item, type=ItemFields)

    assert (event.type, event.delta, event.response) == ("response.output_item.added", None, msgspec.Raw())
    assert (item.id, bytes(item.arguments), item.input) == ("fc_1", b'"{}"', msgspec.Raw())


def test_a_body_keeps_its_output():
    """The answer of a response object."""
    assert bytes(msgspec.json.decode(b'{"id":"resp_1","output":[{}]}', type=AnswerBody).output) == b"[{}]"
