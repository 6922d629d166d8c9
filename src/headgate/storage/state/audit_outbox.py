"""Audit events in the control state: written in the transaction of what they report, and removed once they are in the journal."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, delete, insert, select

from headgate.core.acting import acting
from headgate.core.audit_event import Act, AuditEvent
from headgate.core.clock import Clock, SystemClock
from headgate.policy.audit import audit_event
from headgate.storage.state.database import Database
from headgate.storage.state.schema import audit_events

_AT_ONCE = 500
_EVENT = msgspec.json.Decoder(AuditEvent)  # made here and not by the first threads that read: two at once end the process


class WaitingEvent(NamedTuple):
    """An event that waits for the journal, by its number."""

    number: int
    event: AuditEvent


def note(connection: Connection, act: Act, clock: Clock | None = None) -> None:
    """Write the audit event of a change in the change's own transaction: there is never one without the other."""
    _insert(connection, audit_event(act, acting(), (clock or SystemClock()).wall_ns()))


def note_all(connection: Connection, acts: Iterable[Act]) -> None:
    """Write the audit events of many changes that are one."""
    at_ns, actor = SystemClock().wall_ns(), acting()
    rows = [_row(audit_event(act, actor, at_ns)) for act in acts]
    if rows:
        connection.execute(insert(audit_events), rows)


class AuditOutbox:
    """The events that wait in one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, event: AuditEvent) -> None:
        """Let an event wait that reports no change of the control state."""
        with self._database.unversioned() as connection:
            _insert(connection, event)

    def waiting(self) -> list[WaitingEvent]:
        """The oldest of them."""
        with self._database.reading() as connection:
            rows = connection.execute(select(audit_events.c.id, audit_events.c.event).order_by(audit_events.c.id).limit(_AT_ONCE)).all()
        return [WaitingEvent(row.id, _EVENT.decode(row.event)) for row in rows]

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove events that are in the journal."""
        with self._database.unversioned() as connection:
            connection.execute(delete(audit_events).where(audit_events.c.id.in_(list(numbers))))


def _insert(connection: Connection, event: AuditEvent) -> None:
    connection.execute(insert(audit_events).values(_row(event)))


def _row(event: AuditEvent) -> dict[str, object]:
    return {"at_ms": event.at_ns // 1_000_000, "event": msgspec.json.encode(event).decode()}
