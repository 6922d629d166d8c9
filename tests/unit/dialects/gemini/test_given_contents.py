"""Contents that are written as almost all are, and those that are not."""

import msgspec
import pytest

from headgate.dialects.gemini.given_contents import read_content, read_part, usual_contents

USUAL = b'{"role":"model","parts":[{"text":"Hi"},{"functionCall":{"name":"ls","args":{"p":1}}}]}'


def test_usual_contents_are_read_at_once():
    """Texts and calls, with a call's arguments as they are written."""
    found = usual_contents(msgspec.Raw(b"[%s]" % USUAL))

    assert found is not None
    assert [content.role for content in found] == ["model"]
    said, called = found[0].parts
    assert (said.text, said.function_call) == ("Hi", None)
    assert (called.function_call.name, bytes(called.function_call.args)) == ("ls", b'{"p":1}')


@pytest.mark.parametrize(
    "part", [b'{"text":"Hi","functionCall":{"name":"ls"}}', b"{}", b'{"inlineData":{}}', b'{"function_call":{"name":"ls"}}', b"7"]
)
def test_one_odd_part_is_enough(part):
    """Two things in one part, none, a medium, another spelling and what is no part are left to the reading member by member."""
    assert usual_contents(msgspec.Raw(b'[%s,{"parts":[%s]}]' % (USUAL, part))) is None
    assert read_part(msgspec.Raw(part)) is None


def test_no_contents():
    """What is missing and what is no list are none of them; an empty list has none."""
    assert usual_contents(None) is None
    assert usual_contents(msgspec.Raw(b"{}")) is None
    assert usual_contents(msgspec.Raw(b"[]")) == []


def test_one_content_and_its_parts():
    """The parts stay as they are written; a member that is not listed makes it another one."""
    content = read_content(msgspec.Raw(USUAL))

    assert content is not None
    assert (content.role, bytes(content.parts[0])) == ("model", b'{"text":"Hi"}')
    assert read_part(content.parts[0]).text == "Hi"
    assert read_content(msgspec.Raw(b'{"role":"model","more":1}')) is None
