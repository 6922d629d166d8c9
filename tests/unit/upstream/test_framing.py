"""How an answer is framed, without a connection: its end, its bounds, and what is refused."""

import pytest

from headgate.upstream.framing import AnswerFraming, AnswerTooLarge, BadAnswer, check_version
from headgate.upstream.settings import UpstreamSettings

LENGTH = (b"content-length", b"5")
CHUNKED = (b"transfer-encoding", b"Chunked")
EVENTS = (b"content-type", b"Text/Event-Stream; charset=utf-8")


@pytest.mark.parametrize(
    ("status", "headers", "until_close"),
    [(200, [], True), (200, [LENGTH], False), (200, [CHUNKED], False), (204, [], False), (304, [], False), (200, [EVENTS], True)],
)
def test_where_a_body_ends(status, headers, until_close):
    """By its length, by its chunks, with its head, or with the connection."""
    framing = AnswerFraming(UpstreamSettings())
    framing.begin(status, headers)

    assert framing.until_close is until_close


def test_only_a_stream_is_unbounded():
    """An event stream that succeeded may be of any size."""
    framing = AnswerFraming(UpstreamSettings(max_answer_bytes=4))
    framing.begin(200, [EVENTS, LENGTH])
    assert framing.body_bytes_max > 1 << 40
    with pytest.raises(AnswerTooLarge):
        framing.begin(500, [EVENTS, LENGTH])
    framing.bodiless = True
    framing.begin(200, [LENGTH])


def test_what_is_refused():
    """Other codings, too many or odd interim answers, large headers, other versions."""
    framing = AnswerFraming(UpstreamSettings(max_header_bytes=10))
    for refused in (
        lambda: framing.begin(200, [(b"transfer-encoding", b"gzip, chunked")]),
        lambda: framing.skip_interim(101),
        lambda: framing.skip_interim(600),
        lambda: framing.check_size([(b"name", b"value")]),
        lambda: check_version("2.0"),
    ):
        with pytest.raises(BadAnswer):
            refused()
    check_version("1.0")


def test_interim_answers_are_counted_for_each_answer():
    """The next answer may have as many again."""
    framing = AnswerFraming(UpstreamSettings())
    for _ in range(2):
        for _ in range(16):
            framing.skip_interim(103)
        framing.renew()
    with pytest.raises(BadAnswer):
        for _ in range(17):
            framing.skip_interim(103)
