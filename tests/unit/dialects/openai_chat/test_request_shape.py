"""The shape of a Chat Completions request."""

import msgspec
import pytest

from headgate.dialects.openai_chat.request_shape import READ, ChatRequest, present


def test_every_member_that_is_typed_is_read():
    """And the two that are read before."""
    assert {"messages", "tools", "web_search_options", "model", "stream"} <= READ
    assert "logit_bias" not in READ
    assert "metadata" not in READ


@pytest.mark.parametrize(("raw", "expected"), [(b"", None), (b"null", None), (b"{}", b"{}"), (b"0", b"0")])
def test_null_is_missing(raw, expected):
    """As in every member of the dialect."""
    found = present(msgspec.Raw(raw))
    assert (None if found is None else bytes(found)) == expected


def test_null_members_are_allowed():
    """SDKs write them for what is not set."""
    nothing = dict.fromkeys(name for name in ChatRequest.__struct_fields__ if name != "messages")
    assert msgspec.json.decode(msgspec.json.encode(nothing), type=ChatRequest).stop is None
