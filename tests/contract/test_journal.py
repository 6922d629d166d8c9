"""One suite over every journal: the one on disk and the one that tests of the exchange use."""

import pytest

from headgate.core.errors import Unavailable
from headgate.exchange.ports import ExchangeJournal
from headgate.storage.journal import segments
from headgate.storage.journal.record_codec import make_codec
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.writer import JournalWriter
from tests.fakes.ports import MemoryJournal
from tests.fakes.records import QUIET, intent, outcome


class OnDisk:
    """The journal's writer, and what another process reads of it."""

    def __init__(self, directory, monkeypatch):
        self._directory = directory
        self._monkeypatch = monkeypatch
        self.journal = JournalWriter.open(directory, QUIET)

    def fill(self):
        """No byte fits any more."""
        self._monkeypatch.setattr("headgate.storage.journal.appender.os.write", lambda _fd, _data: 0)

    def kept(self):
        """What is in the segments."""
        codec = make_codec()
        frames = [frame for segment in segments.list_segments(self._directory) for frame in segments.read_segment(segment).frames]
        return (
            [codec.intents.decode(frame.body) for frame in frames if frame.kind == Kind.INTENT],
            [codec.outcomes.decode(frame.body) for frame in frames if frame.kind == Kind.OUTCOME],
        )

    def close(self):
        """End it on a disk with space."""
        self._monkeypatch.undo()
        self.journal.close()


class InMemory:
    """The test double."""

    def __init__(self):
        self.journal = MemoryJournal()

    def fill(self):
        """It refuses from now on."""
        self.journal.full = True

    def kept(self):
        """What it remembers."""
        return self.journal.intents, self.journal.outcomes

    def close(self):
        """Nothing to end."""


@pytest.fixture(params=["disk", "memory"])
def place(request, tmp_path, monkeypatch):
    """A journal that is open."""
    made = OnDisk(str(tmp_path / "journal"), monkeypatch) if request.param == "disk" else InMemory()
    yield made
    made.close()


def test_records_are_kept_whole_and_in_order(place):
    """Every intent and every outcome, as it was given."""
    journal: ExchangeJournal = place.journal
    for request_id in ("a", "b"):
        journal.intent(intent(request_id))
    for request_id in ("b", "a", "refused"):
        journal.outcome(outcome(request_id))

    assert place.kept() == ([intent("a"), intent("b")], [outcome("b"), outcome("a"), outcome("refused")])


def test_a_full_journal_refuses_what_is_not_sent_yet(place):
    """An intent that cannot be kept is an `Unavailable`, so that the exchange never begins; an outcome never raises, for it has happened."""
    place.journal.intent(intent("a"))
    place.fill()
    with pytest.raises(Unavailable):
        place.journal.intent(intent("b"))
    place.journal.outcome(outcome("a"))

    assert [one.request_id for one in place.kept()[0]] == ["a"]
