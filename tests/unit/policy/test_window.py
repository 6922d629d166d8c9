"""The sliding window: how long an amount counts, what a settlement changes, and when there is room again."""

import math

import pytest

from headgate.core.limit import MEASURES
from headgate.policy.window import Window

REQUESTS, TOKENS, INPUT, OUTPUT, CONCURRENT = range(len(MEASURES))


def begin(window, at_s, input_tokens, output_tokens):
    """A request begins."""
    window.hold(int(at_s), (), input_tokens, output_tokens)


@pytest.mark.parametrize("length_s", [60, 3_600, 86_400])
@pytest.mark.parametrize("into_part", [0.0, 0.5, 0.999])
def test_an_amount_counts_for_the_whole_length_and_at_most_one_part_more(length_s, into_part):
    """It counts at every moment of the window that begins with it, and is gone with the end of its own part."""
    window, part_s = Window(b"m", length_s), length_s / 60
    added_s = 1_000 * length_s + into_part * part_s
    begin(window, added_s, 10, 5)

    window.advance(int(added_s + length_s * 0.999999))
    assert window.used[REQUESTS] == 1
    ends_s = window.frees_at_s(REQUESTS, 1)
    assert added_s + length_s < ends_s + 1e-6
    assert ends_s <= added_s + length_s + part_s
    window.advance(int(math.nextafter(ends_s, 0)))
    assert window.used[TOKENS] == 15
    window.advance(int(ends_s))
    assert (window.used[REQUESTS], window.used[TOKENS]) == (0, 0)
    assert not window.idle  # the request has not ended


def test_each_measure_is_counted_for_itself():
    """Tokens are input and output together; requests under way are counted apart."""
    window = Window(b"m", 60)
    begin(window, 0, 10, 5)

    assert [window.used[measure] for measure in (REQUESTS, INPUT, OUTPUT, TOKENS, CONCURRENT)] == [1, 10, 5, 15, 1]


def test_room_comes_with_the_oldest_parts_that_suffice():
    """Each part frees what is in it."""
    window = Window(b"m", 60)
    for second, tokens in ((0, 10), (5, 20), (9, 30)):
        begin(window, second, tokens, 0)

    assert [window.frees_at_s(TOKENS, amount) for amount in (1, 10, 11, 30, 31, 60)] == [61, 61, 66, 66, 70, 70]
    assert window.frees_at_s(TOKENS, 61) == math.inf


def test_what_was_reserved_too_much_is_given_back_where_it_was_taken():
    """The rest of the reservation still ends with its own part."""
    window = Window(b"m", 60)
    begin(window, 0, 100, 50)
    window.settle(0, 30, 0, -40, -50)

    assert (window.used[INPUT], window.used[OUTPUT], window.used[REQUESTS]) == (60, 0, 1)
    assert window.frees_at_s(TOKENS, 60) == 61


def test_what_was_reserved_too_little_is_a_debt_from_now_on():
    """It counts for a whole window after the settlement, since it was used up to then."""
    window = Window(b"m", 60)
    begin(window, 0, 100, 50)
    window.settle(0, 30, 0, 0, 25)

    assert window.used[TOKENS] == 175
    window.advance(61)
    assert window.used[TOKENS] == 25
    window.advance(91)
    assert window.idle


def test_a_reservation_that_counts_no_more_is_not_given_back():
    """An answer that lasted longer than the window has nothing to give back, only debts."""
    window = Window(b"m", 60)
    begin(window, 0, 100, 50)
    window.settle(0, 300, 0, -100, 7)

    assert (window.used[INPUT], window.used[OUTPUT], window.used[REQUESTS]) == (0, 7, 0)


def test_a_part_is_found_between_others():
    """What is given back goes to the part in which it was taken, also where seconds without requests lie around it."""
    window = Window(b"m", 60)
    for second in (0, 3, 4, 20, 21):
        begin(window, second, 10, 0)
    for second, less in ((3, -3), (4, -4), (20, -9)):
        window.settle(second, 40, 0, less, 0)

    assert window.parts == [0, 1, 10, 0, 3, 1, 7, 0, 4, 1, 6, 0, 20, 1, 1, 0, 21, 1, 10, 0]
    assert window.used == (5, 34, 34, 0, 2)


def test_a_window_goes_on_from_the_parts_of_another():
    """Also within the part that was the current one: each amount counts until its own part has left the window."""
    window, other = Window(b"m", 60), Window(b"m", 60)
    for second in (0, 7):
        begin(window, second, 10, 5)
    other.load(window.parts)
    for each in (window, other):
        each.concurrent += 1
        begin(each, 7, 1, 0)
        each.settle(7, 7, 0, -10, 0)

    assert other.parts == window.parts == [0, 1, 10, 5, 7, 2, 1, 5]
    window.advance(67)
    assert window.used[REQUESTS] == 2


def test_what_had_left_the_window_by_its_last_part_is_not_counted_again():
    """A window that nobody asked for a while still has such parts."""
    window = Window(b"m", 60)
    window.load([0, 9, 9, 9, 10, 1, 10, 5, 70, 2, 20, 0])
    assert (window.parts, window.used) == ([10, 1, 10, 5, 70, 2, 20, 0], (3, 35, 30, 5, 0))
    window.load([])
    window.advance(71)
    assert (window.parts, window.used) == ([70, 2, 20, 0], (2, 20, 20, 0, 0))


def test_a_part_that_was_given_back_whole_is_none():
    """So a window that goes on from the written parts is the same as the one that wrote them."""
    window = Window(b"m", 60)
    begin(window, 0, 0, 0)
    begin(window, 1, 0, 0)
    window.settle(0, 1, -1, 0, 0)
    assert window.parts == [1, 1, 0, 0]
