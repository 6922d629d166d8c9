"""`kill -9` and SIGTERM under streams: what was sent to a provider is in the books afterwards, once."""

import json
import os
import signal
import time
import urllib.error
import urllib.request

import pytest

from tests.e2e.asking import ANTHROPIC, Asking
from tests.e2e.crash import Crowd, check_marks, marked_answer, wait_for_streams
from tests.e2e.lab import running, until
from tests.fakes.turns import Text, Tokens, Turn, say


def wait_until_ready(gateway, timeout_s=15.0):
    """The supervisor has put a new process in the place of a killed one."""
    deadline = time.monotonic() + timeout_s
    while not gateway.is_ready():
        assert time.monotonic() < deadline, gateway.log[-2000:]
        time.sleep(0.05)


@pytest.mark.slow
def test_kill_of_the_serving_process(provider, gateway):
    """The supervisor starts another one on the same port, and every exchange that was under way has its row."""
    provider.answer = marked_answer
    crowd = Crowd(gateway)

    def kill():
        wait_for_streams(provider.ledger, 12, 0)
        os.kill(gateway.serving_pid(), signal.SIGKILL)

    crowd.run([f"mark-serving-{number}" for number in range(24)], kill)
    wait_until_ready(gateway)
    crowd.run([f"mark-after-{number}" for number in range(8)], lambda: None)
    ends = check_marks(gateway, provider, crowd)
    assert ends["interrupted"] > 0
    assert ends["completed"] >= 8


@pytest.mark.slow
def test_kill_of_everything(provider, gateway):
    """All processes die at once; started again on the same data, the books are whole."""
    provider.answer = marked_answer
    crowd = Crowd(gateway)

    def kill():
        wait_for_streams(provider.ledger, 12, 0)
        gateway.kill_all()

    crowd.run([f"mark-tree-{number}" for number in range(24)], kill)
    gateway.start()
    crowd.run([f"mark-after-{number}" for number in range(8)], lambda: None)
    ends = check_marks(gateway, provider, crowd)
    assert ends["interrupted"] > 0
    assert gateway.stop() == 0
    assert check_marks(gateway, provider, crowd) == ends


@pytest.mark.slow
def test_an_interrupted_exchange_keeps_what_was_known(provider, gateway):
    """The row of a killed exchange says who asked for what, and that its end was not seen."""
    provider.play(Turn((Text("word " * 40, pieces=40),), Tokens(fresh=5, output=9), pace_s=0.05))
    with Asking(gateway.url, gateway.token, ANTHROPIC.path(), ANTHROPIC.body()) as asking:
        next(asking.pieces())
        gateway.kill_all()
    gateway.start()
    (row,) = gateway.rows(1)
    assert (row["ended"], row["model_asked"], row["requester"]) == ("interrupted", ANTHROPIC.endpoint, "ada@example.com")
    assert row["endpoint_name"] == ANTHROPIC.endpoint


def readiness(gateway):
    """The status of `/readyz` and its reasons."""
    try:
        with urllib.request.urlopen(f"{gateway.url}/readyz", timeout=60) as answer:
            return answer.status, json.load(answer)["reasons"]
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)["reasons"]


def test_sigterm_lets_streams_finish(provider, gateway):
    """Told to end, it says so, takes no more requests, finishes the stream that is under way, keeps its row and exits cleanly."""
    provider.play(Turn((Text("word " * 20, pieces=20),), Tokens(fresh=5, output=9), pace_s=0.1))
    with Asking(gateway.url, gateway.token, ANTHROPIC.path(), ANTHROPIC.body()) as asking:
        first = next(asking.pieces())
        gateway.process.send_signal(signal.SIGTERM)
        until(lambda: readiness(gateway), (503, ["Headgate is shutting down."]))
        with Asking(gateway.url, gateway.token, ANTHROPIC.path(), ANTHROPIC.body()) as late:
            assert (late.status, b"shutting down" in late.rest()) == (503, True)
        assert not provider.ledger.entries[-1].whole, "the stream was over before the end began"
        received = first + asking.rest()
    assert received == bytes(provider.ledger.entries[-1].sent)
    assert gateway.process.wait(60) == 0
    assert "being finished" in gateway.log
    rows = {row["ended"]: row for row in gateway.rows(2)}
    assert (rows["completed"]["output_tokens"], rows["refused"]["error_code"], len(gateway.rows())) == (9, "draining", 2)


def test_sigterm_ends_a_stream_that_does_not(provider, tmp_path):
    """A stream that is longer than the time to finish is broken off, as its format's clients ask again for it, and has its row."""
    with running(tmp_path / "gateway", provider, "[server]\ndrain_s = 1\n") as gateway:
        provider.play(Turn((Text("word " * 400, pieces=400),), Tokens(fresh=5, output=900), pace_s=0.1))
        with Asking(gateway.url, gateway.token, ANTHROPIC.path(), ANTHROPIC.body()) as asking:
            next(asking.pieces())
            gateway.process.send_signal(signal.SIGTERM)
            received = asking.rest()
        assert asking.broken
        assert b"content_block_delta" in received
        assert b"message_stop" not in received
        assert gateway.process.wait(60) == 0
        (row,) = gateway.rows(1)
        assert row["ended"] in {"cut", "failed"}
        assert 0 < row["output_tokens"] < 900
        assert row["usage_estimated"] is True


def test_a_second_sigterm_ends_streams_now(provider, gateway):
    """Who asks twice does not wait for streams; they have their rows all the same, and the end is a clean one."""
    provider.play(Turn((Text("word " * 400, pieces=400),), Tokens(fresh=5, output=900), pace_s=0.1))
    with Asking(gateway.url, gateway.token, ANTHROPIC.path(), ANTHROPIC.body()) as asking:
        next(asking.pieces())
        gateway.process.send_signal(signal.SIGTERM)
        until(lambda: readiness(gateway)[0], 503)
        gateway.process.send_signal(signal.SIGTERM)
        assert gateway.process.wait(60) == 0
        asking.rest()
    assert asking.broken
    (row,) = gateway.rows(1)
    assert row["ended"] == "interrupted"


def test_starts_again_on_its_data(provider, gateway):
    """Ended and started again, it knows its tokens and its rows."""
    provider.play(say("one"), say("two"))
    for _ in range(2):
        with Asking(gateway.url, gateway.token, ANTHROPIC.path(), ANTHROPIC.body()) as asking:
            assert asking.status == 200
            asking.rest()
        assert gateway.stop() == 0
        gateway.start()
    assert [row["ended"] for row in gateway.rows(2)] == ["completed", "completed"]


def test_what_is_kept_is_its_owners_alone(provider, tmp_path):
    """Also in a data directory that others may enter: no file in it, table or other, can be read by another user."""
    data = tmp_path / "gateway" / "data"
    data.mkdir(parents=True, mode=0o755)
    provider.play(say("one"))
    with running(tmp_path / "gateway", provider) as gateway:
        with Asking(gateway.url, gateway.token, ANTHROPIC.path(), ANTHROPIC.body()) as asking:
            asking.rest()
        assert gateway.stop() == 0
    kept = [path for path in data.rglob("*") if path.is_file()]
    assert any(path.suffix == ".parquet" for path in kept)
    assert [str(path) for path in kept if path.stat().st_mode & 0o077] == []
