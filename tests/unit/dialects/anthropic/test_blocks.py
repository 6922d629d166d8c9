"""Content blocks, typed."""

import msgspec
import pytest

from headgate.core.errors import BadRequest
from headgate.dialects.anthropic.blocks import TextBlock, ToolUseBlock, UnknownBlock, block, contents


def test_a_text_is_one_block():
    """The short form of a content."""
    assert contents(msgspec.Raw(b'"Hi"'), "x", {}) == [TextBlock(text="Hi")]


@pytest.mark.parametrize("raw", [None, msgspec.Raw(b"null"), msgspec.Raw(b"[]")])
def test_nothing_is_no_block(raw):
    """A content may be missing."""
    assert contents(raw, "x", {}) == []


def test_unknown_members_are_not_read():
    """A later version of the API may add some: they are noted."""
    unread = {}
    found = contents(msgspec.Raw(b'[{"type":"text","text":"a","later":{"x":[1]}}]'), "x", unread)

    assert found == [TextBlock(text="a")]
    assert unread == {"text.later": msgspec.Raw(b'{"x":[1]}')}
    assert not found[0].cached


def test_input_stays_as_it_was_written():
    """Its keys in their order, its numbers to the last digit."""
    found = block(msgspec.Raw(b'{"type":"tool_use","id":"t","name":"f","input":{"b": 1.0, "a":12345678901234567890}}'), "x", {})

    assert isinstance(found, ToolUseBlock)
    assert bytes(found.input) == b'{"b": 1.0, "a":12345678901234567890}'


def test_an_unknown_block_is_kept_as_it_is():
    """Only its own dialect knows it."""
    raw = msgspec.Raw(b'{"type":"server_tool_use","id":"s","source":5}')

    assert block(raw, "x", {}) == UnknownBlock("server_tool_use", raw)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"7", "`messages.0.content` must be a text or a list of blocks."),
        (b"[7]", "`messages.0.content.0` must be a block with a `type`."),
        (b'[{"text":"a"}]', "`messages.0.content.0` must be a block with a `type`."),
        (b'[{"type":"text","text":5}]', "`messages.0.content.0` is not a block of type text: Expected `str`, got `int` - at `$.text`."),
    ],
)
def test_what_is_no_block_is_refused(raw, said):
    """The message says where."""
    with pytest.raises(BadRequest) as caught:
        contents(msgspec.Raw(raw), "messages.0.content", {})

    assert caught.value.message == said


@pytest.mark.parametrize(("mark", "cached"), [(b'{"type":"ephemeral","ttl":"1h"}', True), (b"null", False)])
def test_a_mark_for_caching_is_seen(mark, cached):
    """Null is none."""
    assert block(msgspec.Raw(b'{"type":"text","text":"a","cache_control":%b}' % mark), "x", {}).cached is cached


def test_an_unknown_block_leaves_the_others_as_they_are():
    """They are the same as without it."""
    known = b'{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}'
    unknown = b'{"type":"later","x":1}'

    alone = contents(msgspec.Raw(b"[%b]" % known), "x", {})
    beside = contents(msgspec.Raw(b"[%b,%b]" % (known, unknown)), "x", {})

    assert [*alone, UnknownBlock("later", msgspec.Raw(unknown))] == beside
    assert alone[0].cached
