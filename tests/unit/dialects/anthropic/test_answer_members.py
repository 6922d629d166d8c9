"""What is read of a frame."""

import msgspec

from headgate.dialects.anthropic.answer_members import AnswerMembers, AnswerMessage, BlockStart, MessageFrame


def test_what_is_not_read_is_passed_over():
    """Members of tomorrow do no harm, and those that are missing are `None`."""
    read = msgspec.json.decode(b'{"type":"message_stop","of_tomorrow":[1]}', type=AnswerMembers)

    assert (read.type, read.usage) == ("message_stop", None)


def test_a_frame_keeps_its_message_and_its_block():
    """Both are decoded when it is known that they are wanted."""
    frame = msgspec.json.decode(b'{"type":"message_start","message":{"id":"msg_1","content":[]}}', type=MessageFrame)
    message = msgspec.json.decode(frame.message, type=AnswerMessage)

    assert bytes(frame.content_block) == b"null"
    assert (message.id, bytes(message.content), message.usage) == ("msg_1", b"[]", None)


def test_a_block_begins_without_arguments():
    """A call's input is an empty object where a server leaves it out."""
    assert bytes(msgspec.json.decode(b'{"type":"tool_use","id":"t1","name":"ls"}', type=BlockStart).input) == b"{}"
