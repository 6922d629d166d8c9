"""The flusher's rounds over the first writer's journal of a data directory."""

from headgate.core.clock import Clock
from headgate.storage.flusher.rounds import FlusherSettings, JournalRounds
from headgate.storage.flusher.table_care import TableCare
from headgate.storage.journal.charge_sums import ChargeSums
from headgate.storage.journal.journals import writer_dir
from headgate.storage.rows.usage_rows import UsageRows
from tests.fakes.records import FakeClock, rates_of


def journal_rounds(data_dir: str, clock: Clock | None = None, **settings: object) -> JournalRounds:
    """A flusher that has just started, of one journal."""
    clock = clock or FakeClock()
    given = FlusherSettings(data_dir=data_dir, **settings)
    return JournalRounds(writer_dir(data_dir), given, TableCare(data_dir, clock), UsageRows(rates_of), clock, ChargeSums())
