"""Streams through the gateway, byte by byte: fidelity, signs of life, breaks, clients that leave or lag."""

import hashlib
import json
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.e2e.asking import ANTHROPIC, CASES, CHAT, GOOGLE, Asking
from tests.e2e.lab import CLAUDE, SENT
from tests.fakes.turns import Call, Cut, EndEarly, Refuse, Silence, Text, Thinking, Tokens, Turn

RICH = Turn(
    (Thinking("Hm, “hm”.", "c2ln"), Text("Grüße — \N{WAVING HAND SIGN} 你好, and so on.", pieces=5), Call("weather", {"city": "Nîmes"}, "call_1")),
    Tokens(fresh=7, read=300, output=21, reasoning=4),
)
# What each format's sign of life looks like on the wire.
SIGNS = {
    "anthropic": rb'event: ping\ndata: ?\{"type": ?"ping"\}\n\n',
    "openai_chat": rb"(?m)^:[^\n]*\n\n",
    "openai_responses": rb"event: keepalive\ndata: [^\n]*\n\n",
    "gemini": rb"(?<=\r\n\r\n)\n+|^\n+",
}

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.dialect)
each_way = pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])


def ask(lab, case, body=None, *, stream=True, **headers):
    """A request of the case through the gateway."""
    return Asking(lab.url, lab.token, case.path(stream=stream), case.body(stream=stream) if body is None else body, headers)


def odd_body(case, *, stream):
    """The least request, written as no serialiser writes it, with fields that nobody knows."""
    plain = case.body("“Grüße” \\u00e9", stream=stream)
    odd = (
        b'"x_unknown" : {"a":1,"a":2,"deep":[[[{"n":1e400,"z":-0.0,"big":123456789012345678901234567890}]]]},'
        b'\r\n\t"\\u0078_escaped":"\\ud83d\\ude00 \\/ \xc3\xa9",  "tools":[{"type":"made_up_2031","name":"x"}] , '
    )
    return b"\n{ " + odd + plain[1:] + b"  \n"


@each_case
@each_way
def test_bytes_pass_both_ways(lab, play, case, stream):
    """The provider gets the client's bytes with the model's name spliced, the client gets the provider's bytes."""
    ledger = play(RICH)
    body = odd_body(case, stream=stream)
    with ask(lab, case, body, stream=stream) as asking:
        assert asking.status == 200
        received = asking.rest()
        assert asking.answer.getheader("content-type", "").split(";")[0] == ("text/event-stream" if stream else "application/json")
    entry = ledger.entries[-1]
    assert entry.body == body.replace(case.endpoint.encode(), SENT[case.endpoint].encode())
    assert received == bytes(entry.sent)


@each_case
@pytest.mark.parametrize("borders", [(1,), (2, 3), (7,), (1000, 1), (1 << 20,)], ids=str)
def test_chunk_borders_do_not_matter(lab, play, case, borders):
    """However the provider's bytes are cut into chunks, within a character or a frame, the same bytes arrive, and the usage is read."""
    ledger = play(Turn(RICH.parts, RICH.tokens, borders=borders), RICH)
    hashes = []
    for _ in range(2):
        with ask(lab, case) as asking:
            received = asking.rest()
        assert received == bytes(ledger.entries[-1].sent)
        hashes.append(hashlib.sha256(re.sub(rb"\d{6}", b"", received)).hexdigest())
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("borders", [(), (1,), (5,), (1000, 1)], ids=str)
def test_hidden_usage_leaves_all_else_untouched(lab, play, borders):
    """Usage that only we asked for is taken out of a chat stream; the other chunks pass byte for byte but for their null usage."""
    ledger = play(Turn(RICH.parts, RICH.tokens, borders=borders))
    fields = CHAT.fields()
    del fields["stream_options"]
    with ask(lab, CHAT, json.dumps(fields).encode()) as asking:
        received = asking.rest()
    sent = bytes(ledger.entries[-1].sent)
    frames = [frame for frame in sent.split(b"\n\n") if b'"choices":[]' not in frame]
    assert received.split(b"\n\n") in (frames, [frame.replace(b',"usage":null', b"") for frame in frames])


@each_case
@each_way
def test_nothing_of_the_provider_but_its_answer(lab, play, case, stream):
    """Headers pass by an allow-list: request id and rate limits do, cookies and hop-by-hop headers do not."""
    extra = (("set-cookie", "a=b"), ("x-ratelimit-remaining-tokens", "9"), ("server", "secret-brand"), ("alt-svc", "h3"))
    play(Turn((Text("hello"),), headers=extra))
    with ask(lab, case, stream=stream) as asking:
        headers = {name.lower(): value for name, value in asking.answer.getheaders()}
        asking.rest()
    assert headers["x-ratelimit-remaining-tokens"] == "9"
    assert headers["request-id"].startswith("req_")
    assert not {"set-cookie", "alt-svc"} & set(headers)
    assert headers.get("server") != "secret-brand"


@each_case
def test_what_the_front_refuses_is_told_in_the_dialect(lab, case):
    """A body over the limit is refused on its head; the agent reads the reason where it reads all others."""
    with socket.create_connection(urlsplit(lab.url).netloc.split(":"), timeout=5) as raw:
        raw.sendall(f"POST {case.path()} HTTP/1.1\r\nHost: x\r\nContent-Length: {1 << 40}\r\n\r\n".encode())
        head, _, body = raw.makefile("rb").read().partition(b"\r\n\r\n")
    told = json.loads(body)

    assert head.startswith(b"HTTP/1.1 413 ")
    assert "larger" in told["error"]["message"]
    assert (told.get("type") == "error") == (case is ANTHROPIC)
    assert (told["error"].get("code") == 413) == (case is GOOGLE)


@each_case
def test_signs_of_life_between_events(lab, play, case):
    """In silence between two events the format's own sign of life is sent; without it the bytes are the provider's."""
    ledger = play(Turn(RICH.parts, RICH.tokens, fault=Silence(1.5, after_frames=3)))
    with ask(lab, case) as asking:
        received = asking.rest()
    sent = bytes(ledger.entries[-1].sent)
    sign = SIGNS[case.dialect]
    assert len(received) > len(sent)
    assert len(re.findall(sign, received)) > len(re.findall(sign, sent))
    assert re.sub(sign, b"", received) == re.sub(sign, b"", sent)


@each_case
def test_no_sign_within_an_event(lab, play, case):
    """A silence in the middle of an event is left alone: a word of ours there would destroy it."""
    ledger = play(Turn(RICH.parts, RICH.tokens, borders=(60,), fault=Silence(1.5, after_frames=2)))
    with ask(lab, case) as asking:
        assert asking.rest() == bytes(ledger.entries[-1].sent)


@each_case
def test_headers_come_early(lab, play, case):
    """A provider that is slow to begin does not keep the client from its headers, nor from signs of life."""
    ledger = play(Turn(RICH.parts, RICH.tokens, fault=Silence(2.2, after_frames=-1)))
    with ask(lab, case) as asking:
        assert asking.status == 200
        assert ledger.entries[-1].status == 0, "the provider had answered already"
        received = asking.rest()
    sent, sign = bytes(ledger.entries[-1].sent), SIGNS[case.dialect]
    assert re.sub(sign, b"", received) == re.sub(sign, b"", sent)


@each_case
def test_a_late_refusal_is_told_in_the_stream(lab, play, case):
    """Once the headers are out, the provider's refusal comes as the format's in-band error with its words."""
    lab.provider.answer = lambda entry: LATE
    with ask(lab, case) as asking:
        assert asking.status == 200
        received = asking.rest()
    assert b"the scripted reason" in received
    assert_ends_in_error(case, received)


def test_a_connection_that_ends_a_broken_answer_is_reset(lab, play):
    """A reset is the one end that every version of Claude Code asks again after; all that came before it arrives."""
    play(Turn(RICH.parts, RICH.tokens, fault=EndEarly(after_frames=5)))
    body = json.dumps({"model": CLAUDE, "max_tokens": 9, "stream": True, "messages": [{"role": "user", "content": "x"}]}).encode()
    head = f"POST /anthropic/v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {lab.token}\r\ncontent-type: application/json\r\n"
    received = b""
    with socket.create_connection(("127.0.0.1", lab.gateway.port), timeout=15) as client:
        client.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        with pytest.raises(ConnectionResetError):
            while True:
                data = client.recv(65536)
                assert data, "the connection ended as a whole answer does"
                received += data

    assert received.count(b"event: ") == 5


LATE = Turn(fault=Refuse(429, "the scripted reason", delay_s=1.6))


@each_case
@pytest.mark.parametrize("fault", [Cut(after_frames=3), Cut(after_frames=3, reset=False), Cut(after_bytes=333), EndEarly(after_frames=3)], ids=str)
def test_a_break_is_told_in_the_stream(lab, play, case, fault):
    """However the provider breaks off after its first byte, the client is told as its format's agents ask again: in-band, or by a broken connection."""
    ledger = play(Turn(RICH.parts, RICH.tokens, fault=fault))
    with ask(lab, case) as asking:
        received = asking.rest()
    sent = bytes(ledger.entries[-1].sent)
    assert received.startswith(sent[: sent.rfind(b"\n") + 1])
    assert_ends_broken(case, asking, received)


@each_case
def test_silence_for_too_long_is_a_break(lab, play, case):
    """A provider that falls silent beyond the deadline is given up, as one that breaks off."""
    play(Turn(RICH.parts, RICH.tokens, fault=Silence(6.0, after_frames=3)))
    with ask(lab, case) as asking:
        received = asking.rest()
    assert_ends_broken(case, asking, received)


def assert_ends_broken(case, asking, received):
    """The last event is the format's error and HTTP ends cleanly; once a block of Anthropic's has begun, or within an event of Gemini's, the connection ends."""
    within_event = case.dialect == "gemini" and not received.endswith(b"\r\n\r\n")
    assert asking.broken == (within_event or b"event: content_block_start" in received)
    if asking.broken:
        assert b"event: error" not in received
    else:
        assert_ends_in_error(case, received)


def assert_ends_in_error(case, received):
    """The last event is the format's error, whole and parseable."""
    frames = [frame for frame in re.split(rb"\r?\n\r?\n", received.strip()) if frame.strip()]
    last = frames[-1].decode()
    value = json.loads(last[last.index("data:") + 5 :])
    if case.dialect == "anthropic":
        assert last.startswith("event: error\n")
        assert value["error"]["message"]
    elif case.dialect == "openai_responses":
        assert last.startswith("event: response.failed\n")
        assert value["response"]["error"]["message"]
    else:
        assert value["error"]["message"]
    if case is GOOGLE:
        assert "event:" not in last


@each_case
@each_way
@pytest.mark.parametrize("fault", [Cut(after_frames=-1), Cut(after_frames=-1, reset=False)], ids=str)
def test_no_answer_is_a_bad_gateway(lab, play, case, stream, fault):
    """A provider that closes without a byte is a 502 in the client's format: no half-begun stream."""
    play(Turn(fault=fault))
    with ask(lab, case, stream=stream) as asking:
        assert asking.status == 502
        assert json.loads(asking.rest())["error"]["message"]


@each_case
@pytest.mark.parametrize("reset", [False, True])
def test_a_client_that_leaves_is_counted(lab, play, case, reset):
    """The provider's answer is read on to its usage after the client has left, and the row says what it cost and that nobody heard the end."""
    ledger = play(Turn((Text("word " * 30, pieces=20),), RICH.tokens, pace_s=0.02))
    tag = f"leaves-{case.dialect}-{reset}"
    asking = Asking(lab.url, lab.token, case.path(), case.body(), {"Databricks-Ai-Gateway-Request-Tags": json.dumps({"tag": tag})})
    assert next(asking.pieces())
    asking.hang_up(reset=reset)
    ledger.wait(lambda entries: entries[-1].whole or entries[-1].client_closed)
    (row,) = [row for row in lab.gateway.rows(len(ledger.entries)) if dict(row["request_tags"] or {}).get("tag") == tag]
    assert row["ended"] == "client_gone"
    assert (row["fresh_input_tokens"], row["cache_read_tokens"], row["output_tokens"]) == (7, 300, 21)
    assert row["usage_estimated"] is False


@each_case
@each_way
def test_a_client_that_leaves_before_the_first_byte_is_counted(lab, play, case, stream):
    """Its plain close is noticed while the provider thinks, though nothing is written for an unstreamed answer, and the input is charged at least."""
    ledger = play(Turn((Text("too late"),), RICH.tokens, fault=Silence(1.5, after_frames=-1)))
    tag, before = f"early-{case.dialect}-{stream}", len(ledger.entries)
    asking = Asking(
        lab.url, lab.token, case.path(stream=stream), case.body(stream=stream), {"Databricks-Ai-Gateway-Request-Tags": json.dumps({"tag": tag})}
    )
    ledger.wait(lambda entries: len(entries) > before)
    asking.hang_up()
    (row,) = [row for row in lab.gateway.rows(len(ledger.entries)) if dict(row["request_tags"] or {}).get("tag") == tag]
    assert row["ended"] == "client_gone"
    assert row["input_tokens"] > 0
    assert row["usage_estimated"] is False  # it was read on


def test_a_slow_client_slows_the_provider(gateway, provider):
    """What a client does not read is not gathered in the gateway: the provider's connection fills up and stands still.

    The gateway has patience: on a busy machine the script itself pauses for seconds.
    """
    size = 64 << 20
    provider.play(Turn((Text("0123456789abcdef" * (size // 16), pieces=2000),)))
    with ask(gateway, ANTHROPIC) as asking:
        first = next(asking.pieces())
        entry = provider.ledger.entries[-1]
        before = -1
        while before != (before := len(entry.sent)):  # until it stands still
            time.sleep(0.4)
        assert not entry.whole
        assert before < size // 2, "the gateway gathers what nobody reads"
        received = first + asking.rest()
    assert received[-300:] == bytes(entry.sent)[-300:]
    kept = [hashlib.sha256(re.sub(SIGNS["anthropic"], b"", stream)).digest() for stream in (received, bytes(entry.sent))]
    assert kept[0] == kept[1], "bytes were lost on the way to the slow client"


def test_streams_side_by_side(lab, play):
    """Fifty streams at once each get their own words."""

    def answer(entry):
        words = entry.json["messages"][0]["content"]
        return Turn((Text(f"You said {words}.", pieces=8),), RICH.tokens, pace_s=0.01)

    lab.provider.answer = answer

    def one(number):
        with ask(lab, ANTHROPIC, ANTHROPIC.body(f"number {number}")) as asking:
            return b"".join(re.findall(rb'"text":"([^"]*)"', asking.rest()))

    with ThreadPoolExecutor(50) as pool:
        told = list(pool.map(one, range(50)))
    assert told == [f"You said number {number}.".encode() for number in range(50)]
