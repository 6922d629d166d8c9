"""Items of an input that are written as almost all are, and any others."""

import msgspec

from headgate.dialects.openai_responses.input_items import InputItem, UsualItem, all_items, read_item

CALL = b'{"type":"function_call","call_id":"c1","name":"ls","arguments":"{}"}'


def test_usual_items_are_decoded_with_their_texts():
    """A call has its arguments as a text, a message its content."""
    found = all_items(msgspec.Raw(b'[{"role":"user","content":"Hi"},%s]' % CALL))

    assert found is not None
    assert [type(item) for item in found] == [UsualItem, UsualItem]
    assert (found[0].content, found[1].arguments) == ("Hi", "{}")


def test_an_item_of_another_type_has_all_passed_over_first():
    """One shell call is enough: then no item has its texts yet."""
    found = all_items(msgspec.Raw(b'[%s,{"type":"shell_call","call_id":"c2","action":{"commands":["ls"]}}]' % CALL))

    assert found is not None
    assert [type(item) for item in found] == [InputItem, InputItem]
    assert (bytes(found[0].arguments), bytes(found[1].action)) == (b'"{}"', b'{"commands":["ls"]}')


def test_a_member_that_is_not_known():
    """The list is read item by item then: the member is left out of its item, and noted."""
    raw = msgspec.Raw(b'{"type":"message","content":"Hi","of_tomorrow":[1]}')
    more: dict[str, msgspec.Raw] = {}
    item = read_item(raw, more)

    assert all_items(msgspec.Raw(b"[%s]" % bytes(raw))) is None
    assert item is not None
    assert (item.type, bytes(item.content), {name: bytes(value) for name, value in more.items()}) == ("message", b'"Hi"', {"of_tomorrow": b"[1]"})


def test_what_is_no_item():
    """A number is none, and a text is no list of items."""
    assert read_item(msgspec.Raw(b"7"), {}) is None
    assert all_items(msgspec.Raw(b'"Hi"')) is None
