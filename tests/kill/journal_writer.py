"""A gateway's journal as a program of its own, to be killed: begins and ends exchanges all the time, and notes each in a ledger once it is kept."""

import os
import random
import sys
import time

from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.writer import JournalWriter
from tests.fakes.records import intent, outcome


def main(directory: str, ledger: str, name: str) -> None:
    """Go on until the end, or until whoever started this is gone."""
    parent = os.getppid()
    chance = random.Random(name)
    book = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    journal = JournalWriter.open(directory, JournalLimits(roll_s=0.03, sync_interval_s=0.01, reserve_bytes=0))
    running: list[str] = []
    number = 0
    while os.getppid() == parent:
        time.sleep(0.002)
        number += 1
        running.append(f"{name}-{number}")
        journal.intent(intent(running[-1]))
        os.write(book, f"intent {running[-1]}\n".encode())
        while len(running) > chance.randrange(1, 20):
            ended = running.pop(chance.randrange(len(running)))
            journal.outcome(outcome(ended))
            os.write(book, f"outcome {ended}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
