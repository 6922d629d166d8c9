"""What is read of a frame."""

import msgspec

from headgate.dialects.anthropic.answer_members import AnswerMembers


def test_what_is_not_read_is_passed_over():
    """Members of tomorrow do no harm, and those that are missing are `None`."""
    read = msgspec.json.decode(b'{"type":"message_stop","of_tomorrow":[1]}', type=AnswerMembers)

    assert (read.type, read.usage) == ("message_stop", None)
