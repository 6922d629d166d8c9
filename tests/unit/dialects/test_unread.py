"""Members that have no place, found and noted."""

import msgspec

from headgate.dialects.unread import note, pruned


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    """Within another one."""

    a: int = 0


class Outer(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="outer"):
    """With one of them, a list of them, and what may be a text."""

    inner: Inner | None = None
    inners: list[Inner] | None = None
    either: str | Inner = ""
    raw: msgspec.Raw = msgspec.Raw()


def read(body):
    """An object without the members that are not known, and these."""
    unread = {}
    return pruned(msgspec.Raw(body), Outer, "outer", unread), {name: bytes(value) for name, value in unread.items()}


def test_known_members_stay_as_they_are_written():
    """To the last digit."""
    body = b'{"type":"outer","inner":null,"either":"x","raw":{"b":1.0,"unknown":2}}'
    assert read(body) == (body, {})


def test_unknown_members_are_taken_out_at_every_depth():
    """By the path of their names. Of several values of one the first is kept."""
    body = b'{"type":"outer","later":[1],"inner":{"a":1,"x":2},"inners":[{"x":3},{"x":4}],"either":{"y":5}}'
    assert read(body) == (
        b'{"type":"outer","inner":{"a":1},"inners":[{},{}],"either":{}}',
        {"outer.later": b"[1]", "outer.inner.x": b"2", "outer.inners.x": b"3", "outer.either.y": b"5"},
    )


def test_what_is_no_object_stays():
    """A strict decoder refuses it in its own words."""
    assert read(b"[1]") == (b"[1]", {})
    assert read(b'{"inners":[1],"inner":5}') == (b'{"inners":[1],"inner":5}', {})


def test_members_of_a_request_have_no_kind():
    """They are known by their names alone."""
    unread = {}
    note(unread, "", [("a", msgspec.Raw(b"1"))])
    assert unread == {"a": msgspec.Raw(b"1")}
