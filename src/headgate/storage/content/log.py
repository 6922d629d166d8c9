"""Logs requests, answers and traces of ended exchanges, where that is switched on: a thread beside the event loop makes rows of them and journals those.

Nothing waits for it and nothing fails with it. It is dropped first: what it cannot log (a journal in trouble or far behind, a queue that is full)
is dropped and counted. What belongs in a table that is not there yet waits for it within a bound: its place may be out of reach for a while.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Generator, Sequence

import msgspec

from headgate.core.endpoint import Endpoint
from headgate.core.errors import GatewayError
from headgate.exchange import payload
from headgate.exchange.content import ExchangeContent, Room
from headgate.exchange.payload import PayloadRules, Plan
from headgate.storage.content.batches import ContentBatches, ContentPorts, NoTable, TableTakesNothing
from headgate.storage.content.files import ContentFiles
from headgate.storage.content.queue import ContentLimits, ContentQueue, QueuedContent

_BARE_BYTES = 1000  # about what an exchange without its bodies takes
_LOG = logging.getLogger(__name__)


class ContentRules(msgspec.Struct, frozen=True, kw_only=True):
    """What is switched on. `trace_table` is a name as written, empty for none."""

    payloads: PayloadRules = PayloadRules()
    trace_table: str = ""


class ContentLog:
    """Implements `exchange.ports.Afterwards`. Made with a journal that is open; `close` comes before the journal's."""

    def __init__(self, ports: ContentPorts, rules: Callable[[], ContentRules], data_dir: str, limits: ContentLimits | None = None) -> None:
        self._journal = ports.journal
        self._rules = rules
        self._limits = limits or ContentLimits()
        self._files = ContentFiles(data_dir, ports.clock)
        self._batches = ContentBatches(ports)
        self._queue = ContentQueue(self._limits, ports.clock)
        self._shared = Room(self._limits.held_bytes)
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
        with self._queue.wake:  # with its lock, so that `close` sees the thread of a job that is in the queue
            if self._queue.put(QueuedContent(content, plan, size)) and self._thread is None:  # most gateways never need it
                self._thread = threading.Thread(target=self._run, name="content", daemon=True)
                self._thread.start()

    def troubles(self) -> list[str]:
        """What was not logged, and why, in words."""
        return self._queue.troubles()

    def close(self) -> None:
        """Log what waits, and end."""
        self._queue.close()
        if self._thread is not None:
            self._thread.join()

    def drop_old_files(self, keep_days: int) -> None:
        """Delete the files of days that are past keeping; 0 keeps all."""
        self._files.drop_old(keep_days)

    # From here on: the thread.

    def _run(self) -> None:
        while jobs := self._queue.next():
            try:
                self._work(jobs)
            except Exception as error:  # ruff: ignore[blind-except] - a bug in logging must cost the log alone
                _LOG.exception("exchanges could not be logged")
                self._queue.drop(f"{type(error).__name__}, see the log", len(jobs))

    def _work(self, jobs: Sequence[QueuedContent]) -> None:
        if self._journal.trouble is not None or self._journal.backlog_bytes > self._limits.backlog_bytes:
            self._queue.drop("the journal is in trouble or far behind", len(jobs))
            return
        rules = self._rules()
        untraced = [job for job in jobs if not job.traced] if rules.trace_table else []
        missing = ""
        if untraced:
            with self._dropping(len(untraced)):
                try:
                    self._batches.trace([job.content for job in untraced], rules.trace_table)
                except NoTable as error:
                    missing = f"{error}"
        for job in jobs:
            reason = missing if not job.traced else ""
            left = QueuedContent(msgspec.structs.replace(job.content, request=b"", answer=()), None, _BARE_BYTES, traced=not reason)
            if job.plan is not None:
                with self._dropping(1):
                    try:
                        self._log(job.content, job.plan, rules.payloads)
                    except NoTable as error:
                        left, reason = job._replace(traced=left.traced), f"{error}"
            if reason:
                self._queue.wait_for_table(left, reason)

    def _log(self, content: ExchangeContent, plan: Plan, rules: PayloadRules) -> None:
        entry = self._batches.payload_table(plan.table)  # first: a file is written only for a row that has a table
        self._batches.log(entry, self._files.with_files(payload.logged(content, plan.sampling, rules)))

    @contextlib.contextmanager
    def _dropping(self, count: int) -> Generator[None, None, None]:
        """What cannot be logged costs itself alone."""
        try:
            yield
        except TableTakesNothing as error:
            self._queue.drop(f"{error}", 1)
        except (GatewayError, OSError) as error:
            self._queue.drop(f"{error}", count)
