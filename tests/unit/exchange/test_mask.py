"""What comes back from a provider never holds its credential, and nothing else is changed or kept waiting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.exchange import mask as mask_module
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


KEY = b"sk-a/b+c&9=Z"
SPELLINGS = st.tuples(*[
    st.sampled_from([
        bytes([byte]),
        *(b"\\" * count + b"u%04x" % byte for count in (1, 2, 4)),
        b"\\u00%02X" % byte,
        *([b"\\/", b"\\\\/"] if byte == ord("/") else []),
        *([b"%%%02X" % byte, b"%%%02x" % byte] if byte in b"/+&=" else []),
    ])
    for byte in KEY
]).map(b"".join)
AROUND = st.lists(st.sampled_from([b"a", b"\\n", b"\\", b"\\u00", b"s", b"sk-", b"%", b"%2", b"\n", b"u0073", KEY[:5]]), max_size=6).map(b"".join)


@given(AROUND, SPELLINGS, AROUND, st.data())
def test_no_spelling_of_the_secret_passes(before: bytes, spelled: bytes, after: bytes, drawn: st.DataObject) -> None:
    """Whole or cut anywhere: what PHP, .NET and Go write instead of a character is that character. All around it passes as it came."""
    data = before + b" " + spelled + b" " + after
    cuts = sorted(drawn.draw(st.lists(st.integers(0, len(data)), max_size=6)))
    pieces = [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    mask = Mask(KEY)

    passed = b"".join([*map(mask.feed, filter(None, pieces)), mask.rest()])

    assert passed == before + b" " + b"*" * len(spelled) + b" " + after
    assert Mask(KEY).whole(data) == passed


@given(st.lists(st.sampled_from([b"\\", b"u", b"0", b"7", b"3", b"s", b"k", b"-", b"%", b"/", b"\\u0073", b"\n", b"x"]), max_size=30), st.data())
def test_what_does_not_hold_the_secret_is_not_changed(pieces: list[bytes], drawn: st.DataObject) -> None:
    """However much it looks like the beginning of it, and however it is cut, nothing is lost or changed."""
    data = b"".join(pieces)
    size = drawn.draw(st.integers(1, 5))
    mask = Mask(KEY)

    passed = b"".join([*(mask.feed(data[at : at + size]) for at in range(0, len(data), size)), mask.rest()])

    assert passed == data


def test_a_decoded_text_and_the_name_of_a_header_do_not_hold_it() -> None:
    """Texts of ours are made of decoded ones, and names of headers come in lower case."""
    mask = Mask(KEY)

    assert mask.text("bad key " + KEY.decode()) == "bad key " + "*" * len(KEY)
    assert mask.text("half a pair \ud83d") == "half a pair \ud83d"
    assert mask.headers([(b"x-ratelimit-" + KEY.lower(), b"1"), (b"a", b"b")]) == [(b"a", b"b")]


@pytest.mark.parametrize("text", [b"", b'"text":"a\\nb \\"c\\" 100%"', b'"\\u00e9\\u20ac"'])
def test_escapes_of_other_characters_are_not_looked_into(text: bytes) -> None:
    """Most events hold a line break or a quotation mark; only an escape that writes a character of the secret costs more than a search."""
    looked = []
    needle = mask_module._needle(SECRET)

    def noting(data: bytes) -> object:
        looked.append(needle.searches[0](data))
        return looked[-1]

    mask = Mask(SECRET)
    mask._needle = mask_module._Needle(SECRET, (noting,))
    mask.feed(b"data: {" + text + b"}\n\n")

    assert len(needle.searches) == 1  # no character of it is ever percent-coded
    assert [found for found in looked if found is not None] == []
