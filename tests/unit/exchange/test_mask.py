"""What comes back from a provider never holds its credential, and nothing else is changed or kept waiting."""

from hypothesis import given
from hypothesis import strategies as st

from headgate.exchange.mask import Mask

SECRET = b"sk-lab-0123456789"
STARS = b"*" * len(SECRET)


def test_a_secret_in_one_piece_is_starred() -> None:
    """Its length stays, so that nothing that counts bytes is led astray."""
    assert Mask(SECRET).feed(b"a " + SECRET + b" b\n") == b"a " + STARS + b" b\n"


def test_a_secret_in_two_pieces_is_starred() -> None:
    """Its beginning waits for the piece that tells."""
    mask = Mask(SECRET)

    assert mask.feed(b"a " + SECRET[:5]) == b"a "
    assert mask.feed(SECRET[5:] + b" b\n") == STARS + b" b\n"
    assert mask.rest() == b""


def test_what_only_began_like_it_goes_on_with_the_next_piece() -> None:
    """Held back are the bytes that may be the secret, and no others."""
    mask = Mask(SECRET)

    assert mask.feed(b"tasks") == b"task"
    assert mask.feed(b" of the day") == b"s of the day"


def test_a_whole_event_is_never_held_back() -> None:
    """It ends with a line break, which no credential holds."""
    assert Mask(SECRET).feed(b"data: sk\n\n") == b"data: sk\n\n"


def test_the_end_brings_what_is_held_back() -> None:
    """A stream that ends like a secret begins is passed on whole."""
    mask = Mask(SECRET)

    assert mask.feed(b"task: sk-lab") == b"task: "
    assert mask.rest() == b"sk-lab"
    assert mask.rest() == b""


def test_headers_and_bodies_are_masked() -> None:
    """A provider may repeat its key anywhere."""
    mask = Mask(SECRET)

    assert mask.whole(b'{"message":"bad key ' + SECRET + b'"}') == b'{"message":"bad key ' + STARS + b'"}'
    assert mask.headers([(b"x-request-id", SECRET), (b"retry-after", b"7")]) == [(b"x-request-id", STARS), (b"retry-after", b"7")]


def test_no_secret_masks_nothing() -> None:
    """A provider without a key has nothing to hide."""
    mask = Mask()

    assert mask.feed(b"") == b""
    assert mask.feed(b"anything") == b"anything"
    assert mask.whole(b"anything") == b"anything"


@given(st.lists(st.sampled_from([b"a", b"b", b"ab", b"aab", b"aabaab", b"\n", b"c"])), st.sampled_from([b"aabaab", b"ab", b"aaab", b"baa"]))
def test_however_it_is_cut_the_whole_is_masked(pieces: list[bytes], secret: bytes) -> None:
    """The pieces that come out are the masked whole, for secrets that repeat themselves too."""
    mask = Mask(secret)

    passed = b"".join([*map(mask.feed, pieces), mask.rest()])

    assert passed == b"".join(pieces).replace(secret, b"*" * len(secret))
