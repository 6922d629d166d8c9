"""Backups of a gateway under load, while tables are merged and vacuumed to the last file: restored, they have every row that was acknowledged before, once.

`BACKUP_ROUNDS` sets the rounds of the long loop.
"""

import os
import threading
import time
from collections import Counter
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from deltalake import DeltaTable

from headgate.config.paths import DataDirectory
from headgate.core.clock import SystemClock
from headgate.storage.backup.manifest import require_backup
from headgate.storage.backup.restoring import restore
from headgate.storage.backup.taking import take
from headgate.storage.backup.verifying import problems
from headgate.storage.delta import table_work
from tests.e2e.crash import Crowd, marked_answer
from tests.e2e.exporters import PATHS, ROWS, Exporters, name_of
from tests.e2e.lab import Gateway, lab_provider, running

ROUNDS = int(os.environ.get("BACKUP_ROUNDS", "20"))


@pytest.fixture
def load(tmp_path):
    """A gateway, clients that export all the time, and others that ask."""
    with lab_provider() as provider, running(tmp_path / "gateway", provider) as gateway:
        provider.answer = marked_answer
        exporters = Exporters(gateway, clients=2)
        exporters.create_tables()
        exporters.start()
        try:
            data = DataDirectory(tmp_path / "gateway" / "data")
            yield SimpleNamespace(
                gateway=gateway, exporters=exporters, crowd=Crowd(gateway), folder=tmp_path, data=data, place=str(tmp_path / "backup")
            )
        finally:
            exporters.stop()
        provider.check()


@contextmanager
def merging(gateway):
    """Tables whose files are merged and deleted at once, over and over."""
    ending = threading.Event()

    def merge():
        while not ending.is_set():
            for signal in PATHS:
                location = os.path.join(gateway.data, "warehouse", *name_of(signal).parts)
                table_work.optimize(location, ())
                # Not `full`: that would delete files of rows that the flusher is about to commit.
                DeltaTable(location).vacuum(0, dry_run=False, enforce_retention_duration=False)

    thread = threading.Thread(target=merge)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def back_up_and_restore(load, number):
    """One backup in the middle of a crowd of streams. Returns the restored directory, and what had been acknowledged before the backup began."""
    known = SimpleNamespace()

    def meanwhile():
        time.sleep(0.2)
        known.exports = set(load.exporters.acknowledged)
        known.answers = {mark for mark, how in load.crowd.seen.items() if how == "whole"}
        take(load.data, load.place, SystemClock())

    load.crowd.run([f"mark-{number}-{stream}" for stream in range(20)], meanwhile)
    assert problems(*require_backup(load.place)) == []
    restored = Gateway(load.folder / f"restored-{number}", load.gateway.config, token=load.gateway.token)
    done = restore(load.place, DataDirectory(load.folder / f"restored-{number}" / "data"), SystemClock())
    assert not done.waiting
    return restored, known


def check(restored, known):
    """Every row from before the backup is there, and no row twice. Returns how many exports and exchanges."""
    rows = Exporters(restored)
    for signal in PATHS:
        found = rows.rows(signal)
        wanted = {mark for kind, mark in known.exports if kind == signal}
        assert wanted <= set(found), f"{signal}: {len(wanted - set(found))} of {len(wanted)} acknowledged exports are lost"
        assert set(found.values()) == {ROWS[signal]}, f"{signal}: {[mark for mark, count in found.items() if count != ROWS[signal]][:5]}"
    usage = restored.rows()
    marks = Counter(dict(row["request_tags"] or {}).get("mark", "") for row in usage)
    assert known.answers <= set(marks)
    assert len({row["request_id"] for row in usage}) == len(usage)
    assert {count for mark, count in marks.items() if mark} <= {1}
    return len(known.exports), len(known.answers)


def test_a_backup_under_load(load):
    """The second one replaces the first, and has all that came between them."""
    with merging(load.gateway):
        take(load.data, load.place, SystemClock())
        exports, _ = check(*back_up_and_restore(load, 0))
    assert exports


@pytest.mark.slow
def test_many_backups_under_load(load):
    """One backup after the other, each restored and compared; on the last one a gateway starts and goes on."""
    with merging(load.gateway):
        counts = [check(*back_up_and_restore(load, number)) for number in range(ROUNDS - 1)]
        restored, known = back_up_and_restore(load, ROUNDS - 1)
    counts.append(check(restored, known))
    before = len(restored.rows())
    restored.start()
    try:
        Crowd(restored).run(["mark-after"], lambda: None)
        assert len(restored.rows(before + 1)) == before + 1
        assert restored.stop() == 0
    finally:
        restored.kill_all()
    check(restored, known)
    print(f"{ROUNDS} backups restored: {counts[-1][0]} exports and {counts[-1][1]} answers, 0 lost, 0 doubled")
