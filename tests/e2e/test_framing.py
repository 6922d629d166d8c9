"""Every framing row, in raw bytes against a real server: refused with one small answer, and closed."""

import logging
from collections.abc import Iterator

import pytest

from headgate.core.clock import SystemClock
from headgate.web.front import FrontLimits
from headgate.web.rare_log import RareLog
from tests.e2e.refused_rows import REFUSED
from tests.fakes.front import FrontServer

LIMITS = FrontLimits(body_bytes_max=200_000, linger_timeout_s=0.3, sweep_interval_s=0.05)


@pytest.fixture(scope="module")
def server() -> Iterator[FrontServer]:
    """One server for all rows: what one row does to it, the next would show."""
    with FrontServer(LIMITS) as running:
        yield running


@pytest.mark.parametrize(("request_bytes", "status"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_is_refused_and_closed(server: FrontServer, request_bytes: bytes, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """One small answer that repeats no input, then the end of the connection; no application is given a whole request; one line is logged."""
    server.seen.clear()
    server.front.rare_log = RareLog(SystemClock())
    with caplog.at_level(logging.INFO, "headgate.web"), server.connect() as client:
        client.send(request_bytes)
        answer = client.answer()
        assert answer is not None
        assert answer.status == status
        assert answer.headers["connection"] == "close"
        assert set(answer.json()["error"]) == {"message", "type"}
        assert client.ended()

    assert server.seen == []
    assert len(caplog.messages) == 1
    assert "refused" in caplog.messages[0]


def test_malformed_requests_fill_no_log(server: FrontServer, caplog: pytest.LogCaptureFixture) -> None:
    """However many a stranger sends, the log has each kind once in a while."""
    server.front.rare_log = RareLog(SystemClock())
    with caplog.at_level(logging.INFO, "headgate.web"):
        for _ in range(60):
            with server.connect() as client:
                client.send(b"\r\n\r\n")
                answer = client.answer()
                assert answer is not None
                assert answer.status == 400

    assert len(caplog.messages) == 1


@pytest.mark.parametrize(("request_bytes", "status"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_is_refused_however_it_is_split(server: FrontServer, request_bytes: bytes, status: int) -> None:
    """The same in two pieces, split in the middle of the first kilobyte."""
    server.seen.clear()
    middle = min(len(request_bytes), 1000) // 2
    with server.connect() as client:
        client.send(request_bytes[:middle])
        client.send(request_bytes[middle:])
        answer = client.answer()
        assert answer is not None
        assert answer.status == status
        assert client.ended()

    assert server.seen == []
