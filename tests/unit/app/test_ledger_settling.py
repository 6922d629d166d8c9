"""When the ledger is settled."""

import asyncio
import os
import sys

import pytest

from headgate.app import ledger_settling
from headgate.app.ledger_settling import LedgerSettling
from headgate.storage.journal.flusher_status import FlusherStatus, write_status
from headgate.storage.journal.journals import journals_dir
from tests.fakes.ports import FakeClock

_NOTES = "import sys; open(sys.argv[1], 'a').write('x')"


class House:
    """A data directory, whose settling process leaves a mark each time."""

    def __init__(self, path):
        self.clock = FakeClock()
        self.may_begin = True
        self.marks = path / "marks"
        self._journals = journals_dir(str(path))
        os.makedirs(self._journals)
        command = (sys.executable, "-c", _NOTES, str(self.marks))
        self.settling = LedgerSettling(command, str(path), lambda: self.may_begin, self.clock, first_s=20.0)

    def rows(self, count):
        """The flusher has written so many rows by now."""
        write_status(self._journals, FlusherStatus(rows=count))

    async def after(self, seconds):
        """How often the ledger was settled when so much more time has passed."""
        self.clock.now_s += seconds
        await self.settling.follow()
        if self.settling._running is not None:
            await self.settling._running
        return len(self.marks.read_text()) if self.marks.exists() else 0


@pytest.fixture
def house(tmp_path):
    """A gateway that was just started."""
    return House(tmp_path)


async def test_soon_after_the_start_and_then_while_rows_come(house):
    """Some seconds after the start, then every ten minutes if the flusher has written rows; without any, a few times a day."""
    house.rows(1)
    assert await house.after(1) == 0
    assert await house.after(20) == 1
    house.rows(2)
    assert await house.after(60) == 1
    assert await house.after(600) == 2
    assert await house.after(600) == 2
    assert await house.after(6 * 3600) == 3


async def test_not_before_old_rows_are_in(house):
    """A day is settled for good, so its rows must have come."""
    house.may_begin = False
    assert await house.after(3600) == 0
    house.may_begin = True
    assert await house.after(1) == 1


async def test_the_process_ends_with_the_event_loop(tmp_path):
    """A process that runs is killed when its task is cancelled, as the end of the loop does, and nothing waits for it."""
    command = (sys.executable, "-c", "import time; time.sleep(600)")
    clock = FakeClock()
    settling = LedgerSettling(command, str(tmp_path), lambda: True, clock, first_s=20.0)
    clock.now_s += 30
    await asyncio.wait_for(settling.follow(), 10)
    running = settling._running
    assert running is not None
    await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.wait_for(asyncio.gather(running, return_exceptions=True), 10)

    assert running.cancelled()


async def test_a_process_that_takes_too_long_is_ended(house, monkeypatch):
    """The next one goes on where it was."""
    house.settling._command = (sys.executable, "-c", "import time; time.sleep(600)")
    monkeypatch.setattr(ledger_settling, "_TIMEOUT_S", 0.0)

    assert await house.after(30) == 0
