"""Stop sequences that Headgate cuts at."""

from hypothesis import given
from hypothesis import strategies as st

from headgate.translation.stop_cut import StopCut


def _fed(stops, *texts):
    cut = StopCut(stops)
    passed = ""
    for text in texts:
        passed += cut.feed(text)
        if cut.match:
            return passed, cut.match
    return passed + cut.rest(), ""


def test_the_text_ends_before_the_sequence():
    """Also where it comes in pieces."""
    assert _fed(["END"], "one END two") == ("one ", "END")
    assert _fed(["END"], "one E", "N", "D two") == ("one ", "END")
    assert _fed(["END"], "one EN", "OUGH") == ("one ENOUGH", "")
    assert _fed(["END"], "EN") == ("EN", "")


def test_what_may_begin_a_sequence_is_held_back():
    """No more than that."""
    cut = StopCut(["\n\nHuman:"])

    assert cut.feed("Hi.\n") == "Hi."
    assert cut.feed("there") == "\nthere"
    assert not cut.rest()


def test_the_sequence_that_is_whole_first_counts():
    """Of two that end together the longer."""
    assert _fed(["abc", "b"], "xabc") == ("xa", "b")
    assert _fed(["bc", "abc"], "xabc") == ("x", "abc")


@given(st.text("ab", max_size=12), st.lists(st.text("ab", min_size=1, max_size=4), max_size=3), st.data())
def test_a_split_changes_nothing(text, stops, data):
    """Wherever it is."""
    at = data.draw(st.integers(0, len(text)))

    assert _fed(stops, text) == _fed(stops, text[:at], text[at:]) == _fed(stops, *text)
