"""The link to the statement process: what becomes of calls when it answers, refuses, dies, or is not wanted any more."""

import asyncio
import os
import sys

import pytest

from headgate.admin.statement_ports import StatementCall
from headgate.app.statement_link import StatementLink
from headgate.core.errors import GatewayError, NotFound, Unavailable
from tests.fakes.principals import user

# Speaks as the statement process does, and does what a call's body says.
PROGRAM = """
import asyncio, os, sys
import msgspec
from headgate.app.statement_link import AnswerFrame, AskedFrame, EndFrame, ErrorValue, frame, read_frame

async def main():
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    held, ended = [], []
    while True:
        try:
            asked = msgspec.msgpack.decode(await read_frame(reader), type=AskedFrame)
        except asyncio.IncompleteReadError:
            return
        if isinstance(asked, EndFrame):
            ended.append(asked.number)
            continue
        body = asked.call.body
        if body == b"die":
            os._exit(1)
        if body == b"deaf":
            loop.call_soon(os.dup2, os.open(os.devnull, os.O_RDONLY), 0)
        if body == b"hold":
            held.append(asked)
            continue
        if body == b"refuse":
            answers = [AnswerFrame(asked.number, failed=ErrorValue(message="no", status=403, kind="forbidden", code="X", retry_after_s=2.0))]
        elif body == b"gap":
            answers = [AnswerFrame(asked.number, unprotected=("landlock",))]
        elif body == b"ended":
            # Answers late what is waited for no more, too.
            answers = [*(AnswerFrame(number, b"late") for number in ended), AnswerFrame(asked.number, bytes(ended))]
        elif body == b"large":
            answers = [AnswerFrame(asked.number, bytes(5_000_000))]
        else:
            answers = [AnswerFrame(each.number, each.call.body + str(os.getpid()).encode()) for each in (asked, *held)]
            held = []
        for answer in answers:
            sys.stdout.buffer.write(frame(answer))
        sys.stdout.buffer.flush()

asyncio.run(main())
"""


def call(body: bytes) -> StatementCall:
    return StatementCall(kind="execute", principal=user("ada"), body=body)


@pytest.fixture
async def link():
    """A link to the program above."""
    made = StatementLink((sys.executable, "-c", PROGRAM))
    yield made
    await made.close()


async def test_answers_in_any_order(link):
    """Each call gets its own answer, from one process."""
    held = [asyncio.ensure_future(link.call(call(b"hold"))) for _ in range(3)]
    await asyncio.sleep(0)
    answer = await link.call(call(b"go:"))
    answers = await asyncio.gather(*held)
    assert {each.removeprefix(b"hold") for each in answers} == {answer.removeprefix(b"go:")}


async def test_large_answers(link):
    """Rows are as many bytes as they are."""
    assert len(await link.call(call(b"large"))) == 5_000_000


async def test_refusals(link):
    """A refusal arrives as the error that it was."""
    with pytest.raises(GatewayError) as refused:
        await link.call(call(b"refuse"))
    error = refused.value
    assert (error.message, error.status, error.kind, error.code, error.retry_after_s) == ("no", 403, "forbidden", "X", 2.0)


async def test_a_caller_that_leaves(link):
    """The process hears that the call may end. An answer that comes all the same is for no other call."""
    await link.call(call(b""))
    leaving = asyncio.ensure_future(link.call(call(b"hold")))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert await link.call(call(b"ended")) == bytes([2])
    assert link._process.waiting == 0


async def test_a_caller_that_leaves_at_the_start(link):
    """The start goes on for those who come next: one process is started, not two."""
    leaving, staying = (asyncio.ensure_future(link.call(call(b""))) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    first = await staying
    assert leaving.cancelled()
    assert await link.call(call(b"")) == first


async def test_a_start_in_advance(link):
    """The process is there before its first call, and is started once; a closed link starts none."""
    link.warm()
    link.warm()
    async with asyncio.timeout(30):
        while link._process is None:
            await asyncio.sleep(0.001)
    started = link._process
    link.warm()
    assert link._starting is None
    await link.call(call(b""))
    assert link._process is started
    await link.close()
    link.warm()
    assert link._starting is None


async def test_the_first_call_to_each_process(caplog):
    """None waits for its answer, and one that is refused stops nothing; a process that comes after it has a first call too."""
    link = StatementLink((sys.executable, "-c", PROGRAM))
    opened = []

    async def opening():
        opened.append(len(opened))
        return call(b"refuse" if len(opened) > 1 else b"hold")

    link.opening = opening
    with caplog.at_level("INFO", "headgate.app"):
        link.warm()
        await until(lambda: opened)
        assert (await link.call(call(b"go"))).startswith(b"go")
        with pytest.raises(Unavailable):
            await link.call(call(b"die"))
        await link.call(call(b""))
        await until(lambda: any("the first call to a statement process failed: no" in each for each in caplog.messages))
    assert opened == [0, 1]
    await link.close()


async def until(condition):
    """Wait for it."""
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_process_that_is_kept(monkeypatch):
    """Without a time of rest nothing ends the process."""
    link = StatementLink((sys.executable, "-c", PROGRAM), idle_s=None)
    await link.call(call(b""))
    assert link._timer is None
    await link.close()


async def test_a_process_that_dies(link, caplog):
    """Whoever waits is told, and the next call has a new process."""
    first = await link.call(call(b""))
    waiting = asyncio.ensure_future(link.call(call(b"hold")))
    await asyncio.sleep(0)
    for lost in (link.call(call(b"die")), waiting):
        with pytest.raises(Unavailable) as told:
            await lost
        assert told.value.code == "STATEMENT_PROCESS_ENDED"
    assert await link.call(call(b"")) != first
    assert link.restarts == 1
    assert [record.getMessage() for record in caplog.records if record.name == "headgate.app"] == [
        f"statement process {int(first)} ended with exit code 1, and another one is started"
    ]


async def test_a_process_that_has_lost_one_pipe_of_two(link):
    """One that is dying does not lose both at once: nothing is written to it, the next call has a new process, and the old one is gone for good."""
    first = int((await link.call(call(b"deaf"))).removeprefix(b"deaf"))
    async with asyncio.timeout(30):
        while not link._process._writer.is_closing():
            await asyncio.sleep(0.001)
        second = int(await link.call(call(b"")))
        while _lives(first):
            await asyncio.sleep(0.001)

    assert second != first


async def test_strangers_start_nothing(link):
    """A link is followed only where results are."""
    with pytest.raises(NotFound):
        await link.call(StatementCall(kind="link", principal=user("ada")))
    await link.call(call(b""))
    assert await link.call(StatementCall(kind="link", principal=user("ada")))


async def test_rest_and_end():
    """A process that nobody asks ends, and so does every process with its link."""
    link = StatementLink((sys.executable, "-c", PROGRAM), idle_s=0.05)
    first = int(await link.call(call(b"")))
    while _lives(first):
        await asyncio.sleep(0.02)
    second = int(await link.call(call(b"")))
    assert second != first
    await link.close()
    assert not _lives(second)
    with pytest.raises(Unavailable):
        await link.call(call(b""))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_gap_in_the_sandbox_is_remembered(link):
    """It is a matter of the machine, so it is known also after the process that found it has ended."""
    await link.call(call(b"x"))
    assert link.unprotected == ()

    await link.call(call(b"gap"))
    with pytest.raises(Unavailable):
        await link.call(call(b"die"))
    await link.call(call(b"x"))

    assert link.unprotected == ("landlock",)
