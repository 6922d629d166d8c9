"""Keeps requests, answers and traces of ended exchanges, where that is switched on: a thread beside the event loop makes rows of them and journals those.

Nothing waits for it and nothing fails with it. It is the first to give way: what it cannot keep (a journal in trouble or far behind, a queue that is
full) is dropped, counted, and told. What belongs in a table that is not there yet waits for it within a bound: its place may be out of reach for a while.
"""

import contextlib
import datetime as dt
import logging
import os
import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from typing import NamedTuple

import msgspec

from headgate.catalog import names, otel_tables, payload_tables
from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import MANAGED, Entry
from headgate.catalog.names import Name
from headgate.core.batch import PAYLOADS, Batch
from headgate.core.clock import Clock
from headgate.core.endpoint import Endpoint
from headgate.core.errors import GatewayError
from headgate.exchange import payload
from headgate.exchange.content import ExchangeContent, Room
from headgate.exchange.payload import Logged, PayloadRules, Plan
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.writer import JournalWriter
from headgate.telemetry import exchange_spans

FILES_DIR = "payloads"
_AT_ONCE = 64
_REASONS_MAX = 50
_BARE_BYTES = 1000  # about what an exchange without its bodies takes
_AGAIN_S = 5.0  # so often a table is looked for that is not there
_LOG = logging.getLogger(__name__)


class ContentRules(msgspec.Struct, frozen=True, kw_only=True):
    """What is switched on. `trace_table` is a name as written, empty for none."""

    payloads: PayloadRules = PayloadRules()
    trace_table: str = ""


class ContentLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds: of what open answers are held in, of what waits for the thread, and of the backlog above which nothing more is kept.

    Of what may wait for the thread a quarter may wait for tables.
    """

    held_bytes: int = 256 << 20
    waiting_bytes: int = 128 << 20
    waiting: int = 2000
    backlog_bytes: int = 1 << 30


class ContentPorts(msgspec.Struct, frozen=True):
    """What the log is given. `stalled` says why a table, by its id, takes no rows now."""

    journal: JournalWriter
    catalog: Callable[[], Catalog]
    rules: Callable[[], ContentRules]
    stalled: Callable[[str], str]
    clock: Clock


class _Job(NamedTuple):
    content: ExchangeContent
    plan: Plan | None
    size: int
    traced: bool = False


class _NoTable(Exception):
    """There is no table of this name yet."""

    def __init__(self, name: Name) -> None:
        super().__init__(f"there is no table {name}")


class ContentLog:
    """Implements `exchange.ports.Afterwards`. Made with a journal that is open; `close` comes before the journal's."""

    def __init__(self, ports: ContentPorts, data_dir: str, limits: ContentLimits | None = None) -> None:
        self._journal = ports.journal
        self._catalog = ports.catalog
        self._rules = ports.rules
        self._stalled = ports.stalled
        self._clock = ports.clock
        self._data_dir = data_dir
        self._limits = limits or ContentLimits()
        self._shared = Room(self._limits.held_bytes)
        self._encoder = msgspec.msgpack.Encoder()
        self._wake = threading.Condition()
        # All below is guarded by the condition's lock.
        self._jobs: deque[_Job] = deque()
        self._waiting_bytes = 0
        self._parked: deque[tuple[_Job, str]] = deque()  # for what table, in words
        self._parked_bytes = 0
        self._look_again_at_s = 0.0
        self._ending = False
        self._closing = False
        self._dropped: Counter[str] = Counter()
        self._thread: threading.Thread | None = None

    def room(self, endpoint: Endpoint) -> Room | None:
        """Where the endpoint's answers are held."""
        return self._shared if payload.table_of(endpoint.payload, self._rules().payloads) else None

    def ended(self, content: ExchangeContent, endpoint: Endpoint | None) -> None:
        """Take over an exchange that has ended."""
        rules = self._rules()
        plan = payload.plan(endpoint.payload, rules.payloads, content) if endpoint is not None else None
        if plan is None and not rules.trace_table:
            return
        if plan is None:
            content = msgspec.structs.replace(content, request=b"", answer=())
        size = len(content.request) + sum(map(len, content.answer)) + _BARE_BYTES
        with self._wake:
            if self._closing or len(self._jobs) >= self._limits.waiting or self._waiting_bytes + size > self._limits.waiting_bytes:
                self._dropped["more waited than may wait"] += 1
                return
            self._jobs.append(_Job(content, plan, size))
            self._waiting_bytes += size
            self._wake.notify()
            if self._thread is None:  # most gateways never need it
                self._thread = threading.Thread(target=self._run, name="content", daemon=True)
                self._thread.start()

    def troubles(self) -> list[str]:
        """What was not kept, and why, in words."""
        with self._wake:
            dropped = [f"{count} exchanges were not logged or traced: {reason}" for reason, count in self._dropped.items()]
            parked = Counter(reason for _, reason in self._parked)
            return dropped + [f"{count} exchanges wait to be logged or traced: {reason}" for reason, count in parked.items()]

    def close(self) -> None:
        """Keep what waits, and end."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()

    def drop_old_files(self, keep_days: int) -> None:
        """Delete the files of days that are past keeping; 0 keeps all."""
        if keep_days <= 0:
            return
        oldest = (self._now() - dt.timedelta(days=keep_days)).date().isoformat()
        root = os.path.join(self._data_dir, FILES_DIR)
        with contextlib.suppress(FileNotFoundError):
            for day in os.listdir(root):
                if day < oldest:
                    _remove_day(os.path.join(root, day))

    # From here on: the thread.

    def _run(self) -> None:
        while jobs := self._next():
            try:
                self._work(jobs)
            except Exception as error:  # ruff: ignore[blind-except] - a bug in logging must cost the log alone
                _LOG.exception("exchanges could not be logged")
                self._drop(f"{type(error).__name__}, see the log", len(jobs))

    def _next(self) -> list[_Job]:
        """The next jobs: new ones, or now and then those that wait for a table. None at the end."""
        with self._wake:
            while not (self._jobs or self._closing or self._is_due()):
                self._wake.wait(_AGAIN_S if self._parked else None)
            is_last = self._closing and not self._jobs  # once more before the end
            if self._parked and (is_last or self._is_due()):
                self._ending = is_last
                return self._parked_again()
            jobs = [self._jobs.popleft() for _ in range(min(len(self._jobs), _AT_ONCE))]
            self._waiting_bytes -= sum(job.size for job in jobs)
            return jobs

    def _is_due(self) -> bool:
        return bool(self._parked) and self._clock.monotonic_s() >= self._look_again_at_s

    def _parked_again(self) -> list[_Job]:
        jobs = [job for job, _ in self._parked]
        self._parked.clear()
        self._parked_bytes = 0
        self._look_again_at_s = self._clock.monotonic_s() + _AGAIN_S
        return jobs

    def _work(self, jobs: Sequence[_Job]) -> None:
        if self._journal.trouble is not None or self._journal.backlog_bytes > self._limits.backlog_bytes:
            self._drop("the journal is in trouble or far behind", len(jobs))
            return
        rules = self._rules()
        untraced = [job for job in jobs if not job.traced] if rules.trace_table else []
        missing = ""
        if untraced:
            with self._dropping(len(untraced)):
                try:
                    self._trace(untraced, rules.trace_table)
                except _NoTable as error:
                    missing = f"{error}"
        for job in jobs:
            reason = missing if not job.traced else ""
            left = _Job(msgspec.structs.replace(job.content, request=b"", answer=()), None, _BARE_BYTES, traced=not reason)
            if job.plan is not None:
                with self._dropping(1):
                    try:
                        self._log(job.content, job.plan, rules.payloads)
                    except _NoTable as error:
                        left, reason = job._replace(traced=left.traced), f"{error}"
            if reason:
                self._park(left, reason)

    def _park(self, job: _Job, reason: str) -> None:
        """Have a job wait for its table, if there is room for one more."""
        with self._wake:
            limits = self._limits
            if not self._ending and len(self._parked) < limits.waiting // 4 and self._parked_bytes + job.size <= limits.waiting_bytes // 4:
                if not self._parked:
                    self._look_again_at_s = self._clock.monotonic_s() + _AGAIN_S
                self._parked.append((job, reason))
                self._parked_bytes += job.size
                return
        self._drop(reason, 1)

    @contextlib.contextmanager
    def _dropping(self, count: int) -> Generator[None, None, None]:
        """What cannot be kept costs itself alone."""
        try:
            yield
        except (GatewayError, OSError) as error:
            self._drop(f"{error}", count)

    def _log(self, content: ExchangeContent, plan: Plan, rules: PayloadRules) -> None:
        entry = self._find(payload_tables.table_name(plan.table))
        if entry is None:
            return
        row = self._with_files(payload.logged(content, plan.sampling, rules))
        body = msgspec.msgpack.encode(row.row)
        self._append(entry, PAYLOADS, body, 1)

    def _trace(self, jobs: Sequence[_Job], table: str) -> None:
        entry = self._find(names.parse(table, 3))
        if entry is not None:
            spans = [exchange_spans.spans_of(job.content.outcome) for job in jobs]
            rows = sum(1 + len(job.content.outcome.attempts) for job in jobs)
            self._append(entry, otel_tables.SPANS, b"".join(spans), rows)

    def _find(self, name: Name) -> Entry | None:
        entry = self._catalog().find(name)
        if entry is None:
            raise _NoTable(name)
        reason = f"{name} is no table" if entry.table is None or entry.is_view else self._stalled(entry.id)
        if reason:
            self._drop(reason, 1)
            return None
        return entry

    def _append(self, entry: Entry, signal: str, body: bytes, rows: int) -> None:
        batch = Batch(
            table=entry.id,
            name=str(entry.name),
            location=entry.location,
            signal=signal,
            received_at_ns=self._clock.wall_ns(),
            rows=rows,
            bytes_unfolded=len(body),
            payload=body,
            managed=entry.table is not None and entry.table.table_type == MANAGED,
        )
        self._journal.append(Kind.BATCH, self._encoder.encode(batch))

    def _with_files(self, logged: Logged) -> Logged:
        """The same with its large bodies in files, and their places in the row."""
        row, request_id = logged.row, logged.row.request_id
        if logged.large_request:
            row = msgspec.structs.replace(row, request_file=self._file(f"{request_id}.request", logged.large_request))
        if logged.large_response:
            row = msgspec.structs.replace(row, response_file=self._file(f"{request_id}.response", logged.large_response))
        return Logged(row)

    def _file(self, name: str, text: str) -> str:
        place = os.path.join(FILES_DIR, self._now().date().isoformat(), os.path.basename(name))
        path = os.path.join(self._data_dir, place)
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(fd, "w", encoding="utf-8") as file:
            file.write(text)
        return place

    def _drop(self, reason: str, count: int) -> None:
        with self._wake:
            told = reason in self._dropped
            reason = reason if told or len(self._dropped) < _REASONS_MAX else "other reasons"
            self._dropped[reason] += count
        if not told:
            _LOG.warning("exchanges are not logged or traced: %s", reason)

    def _now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self._clock.wall_ns() / 1e9, dt.UTC)


def _remove_day(path: str) -> None:
    with contextlib.suppress(NotADirectoryError, FileNotFoundError):
        for name in os.listdir(path):
            os.unlink(os.path.join(path, name))
        os.rmdir(path)
