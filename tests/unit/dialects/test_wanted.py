"""What is wanted of a JSON text."""

from headgate.dialects.wanted import EVERYTHING, TEXT, Wanted


def test_members_are_wanted_by_name():
    """Whole, in part, or not at all."""
    wanted = Wanted("id", inner=Wanted("a"))

    assert wanted.of("id") is EVERYTHING
    assert EVERYTHING.of("anything") is EVERYTHING
    assert wanted.of("other") is None
    assert wanted.of("inner").of("b") is None
    assert (wanted.everything, Wanted().everything) == (False, True)


def test_texts_are_added_to_what_is_wanted():
    """At any depth, beside what was wanted before."""
    wanted = Wanted("id", inner=Wanted("a"))
    counting = wanted.counting(inner=Wanted(text=TEXT), other=Wanted(text=TEXT))

    assert counting.of("id") is EVERYTHING
    assert counting.of("inner").of("a") is EVERYTHING
    assert counting.of("inner").of("text") is counting.of("other").of("text") is TEXT
    assert wanted.of("inner").of("text") is None
