"""Members of Google's JSON in either form of their names."""

import msgspec
import pytest

from headgate.core.errors import BadRequest
from headgate.dialects.gemini.members import camel, compact, elements, flag, members, number, string, strings, whole


def raw(text):
    """A value that is not decoded yet."""
    return msgspec.Raw(text.encode())


def test_names_are_read_in_camel_case_and_snake_case():
    """Both become camel case; null is a missing member."""
    assert camel("system_instruction") == camel("systemInstruction") == "systemInstruction"
    assert list(members(raw('{"top_p": 1, "topK": 2, "seed": null}'), "it")) == ["topP", "topK"]


def test_one_object_is_a_list_of_one():
    """A null or missing list is an empty one."""
    assert [bytes(each) for each in elements(raw("[1, 2]"), "it")] == [b"1", b"2"]
    assert [bytes(each) for each in elements(raw("{}"), "it")] == [b"{}"]
    assert list(elements(raw("null"), "it")) == list(elements(None, "it")) == []


def test_numbers_may_be_strings():
    """Whole numbers may have a point too; a missing one is None."""
    fields = members(raw('{"a": "40", "b": 40.0, "c": "0.5"}'), "it")
    assert whole(fields, "a", "it") == whole(fields, "b", "it") == 40
    assert str(number(fields, "c", "it")) == "0.5"
    assert whole(fields, "d", "it") is None
    assert (string(fields, "d", "it"), strings(fields, "d", "it"), flag(fields, "d", "it")) == ("", (), None)


@pytest.mark.parametrize(
    ("read", "text"),
    [(whole, "0.5"), (whole, '"x"'), (number, "true"), (number, "[]"), (string, "1"), (strings, '["a", 1]'), (strings, '"a"'), (flag, '"true"')],
)
def test_a_member_of_another_type_is_refused(read, text):
    """The message says which member it is."""
    with pytest.raises(BadRequest, match=r"`config\.it` must be"):
        read(members(raw(f'{{"it": {text}}}'), "config"), "it", "config")


def test_a_value_of_another_type_is_refused():
    """An object where a list is expected, and the other way round."""
    with pytest.raises(BadRequest, match="`contents` must be a list"):
        elements(raw("7"), "contents")
    with pytest.raises(BadRequest, match="`tools` must be an object"):
        members(raw("[]"), "tools")


def test_json_is_compacted_as_it_is_written():
    """Order of keys and numbers stay."""
    assert compact(raw('{ "b" : 1.0,\n "a": [1e3] }')) == '{"b":1.0,"a":[1e3]}'
