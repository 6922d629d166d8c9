"""The way of audit events to their table, in a serving process: from the control state, and from the process itself, into the journal."""

import asyncio
import logging
import os

import msgspec

from headgate.catalog.audit_table import AUDIT
from headgate.core.acting import acting
from headgate.core.audit_event import ACCOUNTS, AUDIT_EVENTS, Act, AuditEvent
from headgate.core.batch import Batch
from headgate.core.clock import Clock
from headgate.core.errors import Unauthenticated, Unavailable
from headgate.exchange.denials import Denials, Denied
from headgate.policy.audit import audit_event
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.writer import JournalWriter
from headgate.storage.state.audit_outbox import AuditOutbox
from headgate.storage.state.database import Database
from headgate.storage.state.unread_writes import UnreadWrites

_log = logging.getLogger("headgate.app")


class AuditTrail:
    """One for a serving process. `follow` is called about twice a second.

    An event leaves the control state when the journal has it on the disk. A process that is killed in between writes it to the journal again, and the
    flusher knows it by its id.
    """

    def __init__(self, database: Database, journal: JournalWriter, warehouse: str, clock: Clock) -> None:
        self._outbox = AuditOutbox(database)
        self._unread = UnreadWrites(database, clock)
        self._journal = journal
        self._location = os.path.join(warehouse, *AUDIT.name.parts)
        self._clock = clock
        self.denials = Denials(self.keep, clock)
        self.moves = True  # whether the events of the control state are this process' to move: of several serving processes one does it
        self._kept: set[int] = set()  # numbers that are in the journal, and perhaps still in the control state

    async def follow(self) -> None:
        """Move the events that wait in the control state. Raises Unavailable if that or the journal cannot be used: they wait."""
        if not self.moves or not self._unread.may_be():
            return
        waiting = await asyncio.to_thread(self._outbox.waiting)
        fresh = [one for one in waiting if one.number not in self._kept]
        if fresh:
            await self._keep_durably([one.event for one in fresh])
            self._kept.update(one.number for one in fresh)
        if waiting:
            numbers = [one.number for one in waiting]
            await asyncio.to_thread(self._outbox.remove, numbers)
            self._kept.difference_update(numbers)
        self._unread.read()

    async def close(self) -> None:
        """Move what waits, before the journal is closed. What comes later waits for the next process."""
        self.denials.flush()
        await self.follow()

    def note(self, act: Act) -> None:
        """Keep an act that changes nothing in the control state."""
        self.keep(audit_event(act, acting(), self._clock.wall_ns()))

    def keep(self, event: AuditEvent) -> None:
        """Keep an event. Never raises: a journal that takes nothing is logged, and refuses all traffic anyway."""
        try:
            self._journal.append(Kind.BATCH, self._batch([event]))
        except Unavailable as error:
            _log.error("an audit event could not be kept: %s %s of %s: %s", event.service, event.action, event.who, error.message)

    def link_refused(self, address: str) -> None:
        """A browser came with a sign-in link that is not good."""
        error = Unauthenticated("The sign-in link is unknown, used or expired.")
        self.denials.tell(error, Denied(service=ACCOUNTS, action="login", address=address))

    async def _keep_durably(self, events: list[AuditEvent]) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def told(trouble: Unavailable | None) -> None:
            if done.done():
                return
            if trouble is None:
                done.set_result(None)
            else:
                done.set_exception(trouble)

        self._journal.append_durable(Kind.BATCH, self._batch(events), told)
        await done

    def _batch(self, events: list[AuditEvent]) -> bytes:
        payload = msgspec.json.encode(events)
        batch = Batch(
            table=str(AUDIT.name),
            name=str(AUDIT.name),
            location=self._location,
            signal=AUDIT_EVENTS,
            received_at_ns=self._clock.wall_ns(),
            rows=len(events),
            bytes_unfolded=len(payload),
            payload=payload,
            managed=True,
        )
        return msgspec.msgpack.encode(batch)
