"""Ids of calls."""

from itertools import starmap

from hypothesis import given
from hypothesis import strategies as st

from headgate.translation.call_ids import CallIds
from tests.fakes.translation import ALL_TRAITS, ANTHROPIC, CHAT


def test_legal_ids_stay_and_others_are_hashed():
    """By the dialect's own alphabet and length."""
    ids = CallIds(ANTHROPIC)

    assert ids.issue("toolu_01", "read") == "toolu_01"
    assert ids.issue("functions.read:0", "read") == "c_yilmvmw6fzlnkr5u4y2a5x6bdill26qh"
    assert CallIds(CHAT).issue("functions.read:0", "read") == "functions.read:0"
    assert CallIds(CHAT).issue("c" * 41, "read").startswith("c_")


def test_a_second_call_with_an_id_gets_one_of_its_own():
    """Some servers number the calls of every answer from 0. The first one keeps its id in every later turn."""
    ids = CallIds(ANTHROPIC)

    assert [ids.issue("call_0", "read") for _ in range(3)] == [
        "call_0",
        "c_cwxdezn4x4nqnvdkiesltkq3ruw2a3rv",
        "c_zalyirwdnq7tipfwbdnrl2b2pnfa7r74",
    ]


@given(st.lists(st.tuples(st.text(max_size=70), st.sampled_from(["a", "b"]))), st.sampled_from(ALL_TRAITS))
def test_every_id_is_legal_and_its_own(calls, traits):
    """And it is kept where it is sent again."""
    ids, again = CallIds(traits), CallIds(traits)
    issued = list(starmap(ids.issue, calls))

    assert len(set(issued)) == len(issued)
    assert all(0 < len(each) <= traits.call_id_length_max for each in issued)
    assert [again.issue(each, name) for each, (_, name) in zip(issued, calls, strict=True)] == issued
