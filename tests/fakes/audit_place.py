"""A data directory with a journal of audit events, and flushers that write them to the audit table."""

from operator import itemgetter

import msgspec
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from headgate.catalog.audit_table import AUDIT
from headgate.core.audit_event import AUDIT_EVENTS, AuditEvent
from headgate.core.batch import Batch
from headgate.storage.delta import delta_table
from tests.fakes.landing_place import LandingPlace

AT_NS = 1_764_000_000_000_000_000


def event(mark: str, **fields: object) -> AuditEvent:
    """An event whose id is its mark."""
    return AuditEvent(id=mark, at_ns=AT_NS, service="accounts", action="generateDbToken", **fields)  # type: ignore[arg-type]


class AuditPlace(LandingPlace):
    """Everything below one folder."""

    @property
    def table(self) -> DeltaTable:
        """The table as it is now."""
        return DeltaTable(self.path)

    @property
    def path(self) -> str:
        """Where the table is."""
        return delta_table.table_path(self.data_dir, AUDIT)

    def note(self, *events: AuditEvent) -> None:
        """Journal events in one batch."""
        self.put(self.holding(*events))

    def holding(self, *events: AuditEvent) -> Batch:
        """A batch of events."""
        return Batch(
            table=str(AUDIT.name), name=str(AUDIT.name), location=self.path, signal=AUDIT_EVENTS, received_at_ns=AT_NS, rows=len(events),
            bytes_unfolded=1000, payload=msgspec.json.encode(events), managed=True,
        )  # fmt: skip

    def write(self, *marks: str) -> None:
        """Journal events and write them to the table."""
        self.note(*map(event, marks))
        self.close()
        self.carry()

    def carry(self) -> None:
        """A flusher starts, and does a round."""
        self.carrier().round()

    def chain(self) -> list[dict]:
        """The table's rows in the order of the chain."""
        found = self.table.to_pyarrow_table().to_pylist()
        return sorted(found, key=itemgetter("chain_sequence"))

    def replace(self, rows: list[dict]) -> None:
        """Write the table anew, as its attacker does."""
        schema = pa.schema(DeltaTable(self.path).schema().to_arrow())
        DeltaTable(self.path).alter.set_table_properties({"delta.appendOnly": "false"})
        write_deltalake(self.path, pa.Table.from_pylist(rows, schema=schema), mode="overwrite")
