"""The flusher process: the only one that writes tables. Carries the journal into them every few seconds, takes care of their files, and survives
whatever fails by trying again later; what it cannot carry stays in the journal.

It lives and dies with its supervisor: it watches its parent's process id (a signal on the parent's death would race with that death), and on SIGTERM,
which comes after the serving process has ended, it carries the rest and states the end of a writer that was killed.
"""

import argparse
import contextlib
import gc
import logging
import os
import select
import signal
import time
from collections.abc import Sequence

from headgate.config.log_format import start_logging
from headgate.config.schema import Log
from headgate.core.clock import Clock, SystemClock
from headgate.metering.price import RatesOf
from headgate.storage.flusher.all_journals import AllJournals, RoundOfAll
from headgate.storage.flusher.memory import Garbage
from headgate.storage.flusher.rounds import FlusherSettings, Round
from headgate.storage.flusher.set_aside import SetAside
from headgate.storage.journal import journal_dir
from headgate.storage.journal.flusher_status import FlusherStatus, write_status
from headgate.storage.journal.journals import journals_dir
from headgate.storage.rows.rates import lazy_rates

_PARENT_CHECK_S = 1.0
_RETRY_MAX_S = 30.0
_CARE_EVERY_ROUNDS = 20
_FEW_ROWS = 500  # about as many as cost what a round costs in itself
_ROUNDS_OF_FEW = 2
_QUIET_FACTOR = 3
_LOG = logging.getLogger(__name__)


class Stop:
    """Hears SIGTERM and the end of the parent. One for a process: signals are the process's."""

    def __init__(self, parent_pid: int | None) -> None:
        self._parent_pid = parent_pid
        self._hears, wakes = os.pipe()
        os.set_blocking(wakes, False)
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, _noted)
        # The process that started this one may have blocked the signal, so that one that came while it was still loading waits until here.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        # Ctrl-C reaches every process of the terminal at once; under a supervisor, which drains first, it is not meant for this one.
        signal.signal(signal.SIGINT, _noted if parent_pid is None else signal.SIG_IGN)
        self.asked = False

    @property
    def orphaned(self) -> bool:
        """Whether the supervisor is gone."""
        return self._parent_pid is not None and os.getppid() != self._parent_pid

    def wait(self, seconds: float) -> bool:
        """Sleep; True at once when it is time to stop."""
        deadline = time.monotonic() + seconds
        while not self.asked and not self.orphaned:
            left = min(deadline - time.monotonic(), _PARENT_CHECK_S)
            if left < 0:
                return False
            self.asked = bool(select.select([self._hears], [], [], left)[0])
        return True


class Flusher:
    """The loop around the rounds: when they happen, and what the status and the log say about them."""

    def __init__(self, journals: AllJournals, settings: FlusherSettings, clock: Clock) -> None:
        self.delay_s = 0.0
        self._journals = journals
        journals.charges.write(journals_dir(settings.data_dir))  # the sums begin anew with this process
        self._settings = settings
        self._clock = clock
        self._directory = journals_dir(settings.data_dir)
        self._status = FlusherStatus()
        self._failures = 0
        self._rounds = 0
        self._of_few = 0  # rounds that found few rows, less those that found none
        self._garbage = Garbage()

    def attempt(self) -> Round | None:
        """One round, whatever comes of it; `None` if it failed. `delay_s` says when the next one is due."""
        done = Round()
        try:
            done, failure = self._round()
        except Exception as error:  # ruff: ignore[blind-except] - rows wait in the journal; ending would not bring them further
            failure = error
        self._note(done, failure)
        return done if failure is None else None

    def end_dead_writers(self) -> None:
        """State the end of writers that were killed, as far as that is possible."""
        try:
            if self._journals.end_dead_writers():
                _LOG.warning("the gateway was killed while exchanges were under way; they are recorded as interrupted")
        except OSError:
            _LOG.exception("the end of the killed gateway could not be written down; the next start does it")

    def finish(self) -> None:
        """Write all that is left, once the writers have ended; give up at the first failure, for the journal keeps it."""
        self._write_all()
        self.end_dead_writers()
        self._write_all()

    def _interval_s(self, rows: int) -> float:
        """How long to wait after a round. Longer where rows keep coming, but few at a time: each commit costs as much as some hundred rows. The first rows
        after a silence do not wait so long, nor do many.
        """
        if rows >= _FEW_ROWS:
            self._of_few = 0
        else:
            self._of_few = min(self._of_few + 1, _ROUNDS_OF_FEW) if rows else max(self._of_few - 1, 0)
        return self._settings.interval_s * (_QUIET_FACTOR if self._of_few == _ROUNDS_OF_FEW else 1)

    def _write_all(self) -> None:
        while (done := self.attempt()) is not None and done.more:
            pass

    def _round(self) -> RoundOfAll:
        done, failure = self._journals.round()
        if done.segments:
            self._rounds += 1
            if self._rounds % _CARE_EVERY_ROUNDS == 0:
                self._journals.tables.care()
        self._journals.tables.expire()
        if done.segments or done.rows:
            self._garbage.collect()
        return RoundOfAll(done, failure)

    def _note(self, done: Round, failure: Exception | None) -> None:
        """Say in the status how it went, and when the next round is due."""
        old, trouble = self._status, ""
        if failure is None:
            self._failures = 0
            self.delay_s = 0.0 if done.more else self._interval_s(done.rows)
        else:
            self._failures += 1
            self.delay_s = min(2.0 ** min(self._failures, 10) * 0.5, _RETRY_MAX_S)
            trouble = f"{type(failure).__name__}: {failure}".strip().splitlines()[0]
            if trouble != old.trouble:
                _LOG.error("rows stay in the journal, which is tried again: %s", trouble, exc_info=failure)
        waiting, aside = old.waiting, SetAside(old.kept_segments, old.kept_bytes)
        with contextlib.suppress(OSError):
            waiting, aside = tuple(self._journals.waiting()), self._journals.set_aside()
        now_ns = self._clock.wall_ns()
        changed = bool(done.segments or done.rows or trouble or old.trouble or waiting != old.waiting)
        if done.rows:
            self._journals.charges.write(self._directory)
        self._status = FlusherStatus(
            at_ns=now_ns if changed else old.at_ns,
            seq=done.seq or old.seq,
            rows=old.rows + done.rows,
            lost=old.lost + done.lost,
            trouble=trouble,
            waiting=waiting,
            kept_segments=aside.segments,
            kept_bytes=aside.bytes,
            round_at_ns=old.round_at_ns if trouble else now_ns,
            pid=os.getpid(),
        )
        write_status(self._directory, self._status)


def run_flusher(settings: FlusherSettings, rates_of: RatesOf) -> None:
    """Be the flusher of a data directory until SIGTERM or the parent's end. Waits while another flusher is still at work there."""
    stop = Stop(settings.parent_pid)
    directory = journals_dir(settings.data_dir)
    journal_dir.ensure_dir(directory)
    lock_fd = None
    while lock_fd is None:
        lock_fd = journal_dir.try_lock(os.path.join(directory, journal_dir.FLUSHER_LOCK))
        if lock_fd is None and stop.wait(0.2):
            return
    clock = SystemClock()
    flusher = Flusher(AllJournals(settings, rates_of, clock), settings, clock)
    while not stop.wait(flusher.delay_s):
        done = flusher.attempt()
        if done is not None and not done.more:
            flusher.end_dead_writers()  # at a restart the next serving process takes another journal, so no other process states it
    if stop.orphaned:
        _LOG.warning("the supervisor has gone; what is in the journal is carried at the next start")
    else:
        flusher.finish()
    os.close(lock_fd)


def main(argv: Sequence[str] | None = None) -> None:
    """The command line of the flusher process."""
    options = argparse.ArgumentParser(
        prog="python -m headgate.storage.flusher", description="Carries the journal of a data directory into its tables."
    )
    options.add_argument("--data", required=True, help="the data directory")
    options.add_argument("--parent", type=int, default=None, help="process id of the supervisor, whose end is the flusher's too")
    options.add_argument("--interval", type=float, default=4.0, help="seconds between two rounds; three times as long while rows come, but few")
    options.add_argument("--log-format", default=Log().format, help="text or json")
    options.add_argument("--log-level", default=Log().level, help="debug, info, warning or error")
    given = options.parse_args(argv)
    start_logging(Log(format=given.log_format, level=given.log_level))
    with contextlib.suppress(OSError):
        os.nice(5)  # the serving process has priority
    gc.set_threshold(100_000, 20, 20)  # records have no cycles, and there are many at once; each round ends with a collection
    try:
        run_flusher(FlusherSettings(data_dir=given.data, parent_pid=given.parent, interval_s=given.interval), lazy_rates(given.data))
    except PermissionError as error:
        _LOG.error("%s cannot be used: %s", error.filename or "a file", error.strerror)
        raise SystemExit(1) from error


def _noted(_signum: int, _frame: object) -> None:
    """Nothing to do: the wake-up pipe has told it."""
