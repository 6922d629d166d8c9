"""One round over every journal of a data directory. Trouble with one journal never holds up another."""

from typing import NamedTuple

from headgate.core.clock import Clock
from headgate.metering.price import RatesOf
from headgate.storage.flusher import earlier_layout, set_aside
from headgate.storage.flusher.rounds import FlusherSettings, JournalRounds, Round
from headgate.storage.flusher.set_aside import SetAside
from headgate.storage.flusher.table_care import TableCare
from headgate.storage.journal import journals
from headgate.storage.journal.charge_sums import ChargeSums
from headgate.storage.journal.flusher_status import WaitingTable
from headgate.storage.rows.usage_rows import UsageRows


class RoundOfAll(NamedTuple):
    """What a round over all journals did, and the first error, if one of them failed."""

    done: Round = Round()
    failure: Exception | None = None


class AllJournals:
    """Looks for journals on disk in each round, so that a writer may start at any time. Only a process that holds the flusher's lock may have one."""

    def __init__(self, settings: FlusherSettings, rates_of: RatesOf, clock: Clock) -> None:
        self.tables = TableCare(settings.data_dir, clock)
        self.charges = ChargeSums()
        self._settings = settings
        self._clock = clock
        self._rows = UsageRows(rates_of)
        self._known: dict[str, JournalRounds] = {}

    def round(self) -> RoundOfAll:
        """A round of each journal, then what its tables did not take before, then its old segments. Never raises on account of a journal."""
        total, failure = Round(), self._unprepared()
        for rounds in self._found():
            try:
                total = _sum(total, self._one(rounds))
            except Exception as error:  # ruff: ignore[blind-except] - rows wait in the journal; the other journals go on
                failure = failure or error
        return RoundOfAll(total, failure)

    def waiting(self) -> list[WaitingTable]:
        """The tables that do not take their rows now."""
        return [table for rounds in self._found() for table in rounds.waiting()]

    def set_aside(self) -> SetAside:
        """What is set aside for people to look at."""
        held = [set_aside.held(rounds.directory) for rounds in self._found()]
        return SetAside(sum(one.segments for one in held), sum(one.bytes for one in held))

    def end_dead_writers(self) -> bool:
        """State the end of each writer that was killed under open exchanges. Returns whether there was one. Raises `OSError`."""
        ended = [rounds.end_dead_writer() for rounds in self._found()]
        return any(ended)

    def _found(self) -> list[JournalRounds]:
        listed = journals.list_journals(self._settings.data_dir)
        self._known = {directory: self._known.get(directory) or self._made(directory) for directory in listed}
        return list(self._known.values())

    def _unprepared(self) -> Exception | None:
        """Prepare the tables, also where there is no journal yet. Returns why that failed; the next round tries again."""
        try:
            self.tables.prepare()
        except Exception as error:  # ruff: ignore[blind-except] - as for a round
            return error
        return None

    def _made(self, directory: str) -> JournalRounds:
        return JournalRounds(directory, self._settings, self.tables, self._rows, self._clock, self.charges)

    def _one(self, rounds: JournalRounds) -> Round:
        done = rounds.round()
        late = rounds.retry()
        rounds.tidy()
        if rounds.directory == journals.journals_dir(self._settings.data_dir):
            earlier_layout.remove_if_done(rounds.directory, rounds.released_before_s)
        return done._replace(rows=done.rows + late)


def _sum(one: Round, other: Round) -> Round:
    return Round(one.segments + other.segments, one.rows + other.rows, one.lost + other.lost, max(one.seq, other.seq), more=one.more or other.more)
