"""Members are taken out of a body and put in; all other bytes stay."""

import pytest

from headgate.upstream.platforms.members import Members


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        (b'{"model":"m","stream":true,"max_tokens":1}', b'{"v":"1","max_tokens":1}'),
        (b'{"max_tokens":1,"stream":true,"model":"m"}', b'{"v":"1","max_tokens":1}'),
        (b'{ "a" : [1, 2] , "model": "m",\n "v" : 0, "b": {"model":"x"}\n}', b'{"v":"1","a" : [1, 2],"b": {"model":"x"}}'),
        (b'{"model":"m"}', b'{"v":"1"}'),
    ],
)
def test_changed(body, changed):
    """Wherever they are, with or without white space; a member that is added takes the place of its namesake."""
    assert Members(body).changed(("model", "stream"), {"v": "1"}) == changed


def test_nothing_added():
    """Without anything added the rest is there, or an empty object."""
    assert Members(b'{"model":"m","a":1}').changed(("model",), {}) == b'{"a":1}'
    assert Members(b'{"model":"m"}').changed(("model",), {}) == b"{}"


def test_values():
    """A value is decoded, or as it is written, or replaced in its place."""
    members = Members(b'{"a": [1, 2], "b":3}')
    assert (members.value("a"), members.raw("a"), members.value("c"), members.raw("c")) == ([1, 2], b"[1, 2]", None, b"")
    assert members.with_value("a", b"0") == b'{"a": 0, "b":3}'


def test_half_of_a_pair():
    """An escape that no decoder takes stays as it was written."""
    assert Members(rb'{"model":"m","a":"\ud83d"}').changed(("model",), {}) == rb'{"a":"\ud83d"}'
