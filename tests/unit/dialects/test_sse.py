"""Splitting event streams."""

import pytest

from headgate.dialects.sse import FRAME_BYTES_MAX, SseSplitter, cut_frames, parse_frame, whole_frames

STREAM = "event: a\ndata: {“one”: 1}\n\n: ping\n\ndata:two\ndata: lines\nid: 7\n\nevent: none\n\ndata: last\n\n".encode()
FRAMES = [(b"a", "{“one”: 1}".encode()), (b"", b"two\nlines"), (b"", b"last")]


def feed(chunks, markers=()):
    """All frames of the chunks."""
    splitter = SseSplitter(markers)
    return [frame for chunk in chunks for frame in splitter.feed(chunk)], splitter


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_frames_come_whole_however_the_stream_is_cut(line_end, size):
    """The same frames for every line end and every cut, also inside of a character or of a CRLF."""
    data = STREAM.replace(b"\n", line_end)

    frames, _ = feed(data[at : at + size] for at in range(0, len(data), size))

    assert frames == FRAMES


def test_mixed_line_ends_end_a_frame():
    """Two line ends of any kinds are an empty line; one CRLF is not."""
    frames, _ = feed([b"data: a\r\ndata: b\r\r\ndata: c\n\r\ndata: d\r\n\n"])

    assert frames == [(b"", b"a\nb"), (b"", b"c"), (b"", b"d")]


def test_chunks_without_a_marker_are_passed_over():
    """What holds no marker is not given out, whether it comes whole or in pieces."""
    wanted, other = b"data: {usage}\n\n", b"data: {text}\n\n"

    frames, _ = feed([other, wanted, other + wanted + other, other[:4], other[4:], wanted[:9], wanted[9:]], (b"usage",))

    assert frames == [(b"", b"{usage}")] * 3


def test_markers_may_change_between_chunks():
    """A reader asks for everything until it knows what it needs."""
    splitter = SseSplitter()
    first = splitter.feed(b"data: a\n\n")
    splitter.markers = (b"z",)

    assert [*first, *splitter.feed(b"data: b\n\n"), *splitter.feed(b"data: z\n\n")] == [(b"", b"a"), (b"", b"z")]


@pytest.mark.parametrize("markers", [(), (b"never",)])
def test_the_boundary_is_known_at_every_byte(markers):
    """True exactly where an event has ended and no half line end hangs over."""
    data = b"\ndata: x\n\n\r\n: c\r\n\r\ndata: y\r\r"
    splitter = SseSplitter(markers)
    places = []
    for at in range(len(data)):
        splitter.feed(data[at : at + 1])
        if splitter.at_boundary:
            places.append(data[: at + 1])

    assert places == [b"\n", b"\ndata: x\n\n", b"\ndata: x\n\n\r\n", b"\ndata: x\n\n\r\n: c\r\n\r\n"]


def test_a_new_stream_is_at_a_boundary():
    """A keep-alive may come before the first event."""
    assert SseSplitter().at_boundary


def test_whole_chunks_keep_the_boundary():
    """The cheap path knows the boundary too."""
    splitter = SseSplitter((b"never",))
    splitter.feed(b"data: x\r\n\r")
    assert not splitter.at_boundary
    splitter.feed(b"\ndata: y\n\n")
    assert splitter.at_boundary


@pytest.mark.parametrize("size", [FRAME_BYTES_MAX * 2, 65_536, 99_991])
def test_a_frame_that_is_too_large_is_passed_over(size):
    """Neither buffered nor an error: what follows it is read again, the same for every cut."""
    data = b"data: a\n\ndata: " + b"x" * (FRAME_BYTES_MAX + 50) + b"\n\ndata: b\n\n"
    splitter = SseSplitter()
    frames = []
    for at in range(0, len(data), size):
        frames += splitter.feed(data[at : at + size])
        assert len(splitter._pending) <= FRAME_BYTES_MAX + 4

    assert frames == [(b"", b"a"), (b"", b"b")]
    assert splitter.at_boundary


def test_inside_of_a_large_frame_is_no_boundary():
    """Nothing may be put into a frame that is passed over."""
    _, splitter = feed([b"data: " + b"x" * (FRAME_BYTES_MAX + 50)])

    assert not splitter.at_boundary


def test_the_largest_frame_is_read():
    """A frame of exactly the limit still comes, in one piece and in two."""
    frame = b"data: " + b"x" * (FRAME_BYTES_MAX - 6)

    whole, _ = feed([frame + b"\n\n"])
    pieces, _ = feed([frame, b"\r\n\r\n"])
    assert len(whole) == len(pieces) == 1


def test_an_unfinished_frame_comes_with_an_empty_line():
    """A stream that ends within a frame is read to its end by feeding an empty line."""
    frames, splitter = feed([b"data: x"])

    assert not frames
    assert splitter.feed(b"\n\n") == [(b"", b"x")]


def test_garbage_is_no_frame():
    """Lines that are no fields, NULs and broken characters say nothing and raise nothing."""
    frames, _ = feed([b"\x00\xff\n\ndata\n\n:\n\nretry: 5\n\n" + b"\n" * 50])

    assert frames == []


def test_raw_frames_are_cut_without_loss():
    """For filters: the frames and the rest are the bytes, with the empty lines before a frame at its head."""
    frames, rest = cut_frames(b"\n: c\r\n\r\ndata: x\n\n\n\ndata: y\n\nda")

    assert frames == [b"\n: c\r\n\r\n", b"data: x\n\n", b"\n\ndata: y\n\n"]
    assert rest == b"da"


def test_one_frame_is_parsed():
    """Name and data, with at most one space taken off."""
    assert parse_frame(b"event:x\ndata:  y") == (b"x", b" y")


@pytest.mark.parametrize("first", [b"d", b"\n", b"\r", b"", b"\n\n"])
def test_a_short_first_chunk_is_part_of_the_stream(first):
    """Even one byte is kept for the frame it begins."""
    rest = b"data: x\n\n".removeprefix(first)

    frames, _ = feed([first, rest])

    assert frames == [(b"", b"x")]


def test_a_stream_that_lies_there_whole_is_cut_whole():
    """Whatever a frame's size, and the last one also without its end."""
    large = b"x" * (FRAME_BYTES_MAX + 1)
    data = b"event: a\ndata: 1\n\n: comment\n\ndata: " + large + b"\r\n\r\ndata: last"

    assert whole_frames(data) == [(b"a", b"1"), (b"", large), (b"", b"last")]
    assert whole_frames(b"") == []


@pytest.mark.parametrize("rest", [b"", b"x" * 5000], ids=["short", "long"])
@pytest.mark.parametrize(
    ("head", "frame"),
    [
        (b"event: a\ndata: ", (b"a", b"1")),
        (b"data: ", (b"", b"1")),
        (b"event: \ndata: ", (b"", b"1")),
        (b"data:  ", (b"", b" 1")),
        (b"data:", (b"", b"1")),
    ],
)
def test_a_chunk_that_is_one_frame_is_read_as_in_pieces(head, frame, rest):
    """However long it is; a chunk that lacks a marker is still passed over."""
    chunk = head + b"1" + rest + b"\n\n"
    expected = [(frame[0], frame[1] + rest)]

    assert feed([chunk])[0] == expected
    assert feed([chunk[:3], chunk[3:]])[0] == expected
    assert feed([chunk], (b"1",))[0] == expected
    assert feed([chunk], (b"2",))[0] == []


@pytest.mark.parametrize(
    ("stream", "frames"),
    [
        (b"data: b\n\n", [(b"", b"b")]),
        (b"event: a\ndata: b\n\n", [(b"a", b"b")]),
        (b"event: \ndata: b\n\n", [(b"", b"b")]),
        (b"event: a\ndata: b\n\n\n", [(b"a", b"b")]),
        (b"event: a\nid: 1\ndata: b\n\n", [(b"a", b"b")]),
        (b"event: a\n\n", []),
        (b"data: \n\n", []),
        (b"data: b\ndata: c\n\n", [(b"", b"b\nc")]),
        (b"data: b\n\ndata: c\n\n", [(b"", b"b"), (b"", b"c")]),
        (b"data: b\rdata: c\n\n", [(b"", b"b\nc")]),
        (b"event: a\rdata: b\n\n", [(b"a", b"b")]),
        (b"data: " + b"b" * 5_000 + b"\n\n", [(b"", b"b" * 5_000)]),
    ],
)
def test_a_chunk_that_is_a_frame_is_read_as_its_bytes_are_one_by_one(stream, frames):
    """The usual form has a way of its own."""
    assert list(SseSplitter().feed(stream)) == frames
    splitter = SseSplitter()
    assert [frame for at in range(len(stream)) for frame in splitter.feed(stream[at : at + 1])] == frames


DELTA = b'event: delta\ndata: {"type":"text_delta","index":0,"text":"%b"}\n\n'
MARKS = (b'"news"', b'"the_end"', b"odd")
TEXTS = [b"a", b"b", b"", b'news\\"', b'"news"', b"the odd word", b"c", b"od", b"the_end", b"news", b"d"]


@pytest.mark.parametrize("markers", [MARKS, MARKS[:1], MARKS[2:]])
@pytest.mark.parametrize("before", [0, 1, 3, 20])
def test_a_marker_is_found_wherever_it_is_in_chunks_that_begin_alike(markers, before):
    """In the text, across the place up to which they are alike, and in what differs from them: the same chunks pass as where each is searched whole."""
    chunks = [*([DELTA % b"x"] * before), *(DELTA % text for text in TEXTS)]
    chunks += [*([b": odd\n\n"] * 2), *(b'data: {"number":"%d","a":"b"}\n\n' % at for at in range(30)), *(DELTA % text for text in TEXTS)]
    splitter = SseSplitter(markers)

    for chunk in chunks:
        wanted = any(marker in chunk for marker in markers) and b"data:" in chunk
        assert bool(splitter.feed(chunk)) is wanted, chunk


def test_what_was_searched_for_other_markers_is_searched_again():
    """A beginning without one of the old markers may have one of the new ones."""
    splitter = SseSplitter((b'"news"',))
    before = [splitter.feed(DELTA % b"x") for _ in range(3)]
    splitter.markers = (b'"text_delta"',)

    assert [list(each) for each in before] == [[], [], []]
    assert len(splitter.feed(DELTA % b"x")) == 1


@pytest.mark.parametrize(
    ("chunk", "alone"),
    [
        (b"data: a\n\n", True),
        (b"event: b\ndata: a\n\n", True),
        (b"data: a\r\n\r\n", True),
        (b"data: a\n\ndata: b\n\n", False),
        (b"data: a\n", False),
        (b"", False),
    ],
)
def test_a_chunk_that_is_one_frame_is_alone(chunk, alone):
    """From one boundary to the next; a frame that was begun before is not."""
    _, splitter = feed([chunk])
    assert splitter.alone is alone

    _, splitter = feed([b"data: a\n", chunk])
    assert splitter.alone is False
