"""A serving process without its network, to lose its power: keeps exports and exchanges, and notes in a ledger what it has acknowledged.

The ledger lies elsewhere than the data, on a disk that keeps its power.
"""

import asyncio
import os
import random
import sys
from collections import deque

from headgate.core.batch import Batch
from headgate.core.clock import SystemClock
from headgate.core.errors import Unavailable
from headgate.storage.journal import journals
from headgate.storage.journal.batches import JournalBatches
from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.writer import JournalWriter
from tests.fakes import exports
from tests.fakes.durably import durably
from tests.fakes.records import intent, outcome

EXCHANGE_SAFE_S = 1.0  # exchanges are promised within a fraction of a second; exports at once


class Writer:
    """Everything that one life of the gateway does."""

    def __init__(self, data_dir: str, ledger: str, name: str) -> None:
        self._directory = journals.writer_dir(data_dir)
        self._warehouse = os.path.join(data_dir, "warehouse", "main", "default")
        self._ledger = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._name = name
        self._chance = random.Random(name)
        self._clock = SystemClock()
        self._journal = JournalWriter.open(self._directory, JournalLimits(roll_s=0.1, reserve_bytes=0))
        self._batches = JournalBatches(self._journal, data_dir, self._clock)

    async def run(self) -> None:
        """Until the power is cut."""
        async with asyncio.TaskGroup() as group:
            for number in range(8):
                group.create_task(self._export("metrics", f"{self._name}-m{number}"))
                group.create_task(self._export("logs", f"{self._name}-l{number}"))
            group.create_task(self._exchange())

    async def _export(self, signal: str, name: str) -> None:
        number = 0
        while True:
            number += 1
            mark = f"{name}-{number}"
            await asyncio.sleep(self._chance.uniform(0.0, 0.02))
            try:
                await durably(self._batches.keep_durably, self._batch(signal, getattr(exports, signal)(mark, 2)))
            except Unavailable:
                await asyncio.sleep(0.05)
                continue
            self._note(signal, mark)

    async def _exchange(self) -> None:
        waiting: deque[tuple[float, str]] = deque()
        number = 0
        while True:
            number += 1
            request_id = f"{self._name}-x{number}"
            await asyncio.sleep(0.005)
            try:
                self._journal.intent(intent(request_id))
            except Unavailable:
                continue
            await asyncio.sleep(0)
            self._journal.outcome(outcome(request_id))
            now_s = self._clock.monotonic_s()
            waiting.append((now_s, request_id))
            while waiting[0][0] < now_s - EXCHANGE_SAFE_S and self._journal.trouble is None:
                self._note("exchange", waiting.popleft()[1])

    def _batch(self, signal: str, payload: bytes) -> Batch:
        return Batch(
            table=signal,
            name=f"main.default.{signal}",
            location=os.path.join(self._warehouse, signal),
            signal=signal,
            received_at_ns=self._clock.wall_ns(),
            rows=2,
            bytes_unfolded=len(payload),
            payload=payload,
            managed=True,
        )

    def _note(self, kind: str, mark: str) -> None:
        os.write(self._ledger, f"{kind} {mark}\n".encode())


if __name__ == "__main__":
    asyncio.run(Writer(*sys.argv[1:]).run())
