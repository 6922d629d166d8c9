"""Filling the store of the demo: exactly once, going on after a restart, with the people and their budgets in the store."""

import contextlib
import os
from pathlib import Path

import pytest

from headgate.admin.objects import ObjectAdmin
from headgate.admin.principals import PrincipalAdmin
from headgate.app.demo_month import budgets, timeline
from headgate.app.demo_month.cast import GROUPS, PEOPLE
from headgate.app.demo_month.process import fill
from headgate.config.load import load
from headgate.config.paths import DataDirectory
from headgate.core.principal_name import GROUP
from headgate.storage.flusher.all_journals import AllJournals
from headgate.storage.flusher.rounds import FlusherSettings
from headgate.storage.journal import journal_dir, segments
from headgate.storage.journal.journals import writer_dir
from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.writer import JournalWriter
from headgate.storage.query.usage import read_usage
from headgate.storage.rows.rates import lazy_rates
from headgate.storage.state.objects import ObjectStore
from headgate.storage.state.principals import PrincipalStore
from headgate.storage.state.store import open_state
from tests.fakes.journals import frames
from tests.fakes.ports import FakeClock
from tests.fakes.records import intent, outcome

DAY_S = 86_400


@pytest.fixture(scope="module")
def short_month():
    """A month of fewer days takes less time, and is filled like a whole one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "DAYS", 6)
        yield


@pytest.fixture(scope="module")
def filled(tmp_path_factory, short_month):
    """A store that was filled, then again, and then a day later; what each time was written, and the clock."""
    data, clock = DataDirectory(Path(tmp_path_factory.mktemp("demo"))), FakeClock()
    first, second = fill(data, clock), fill(data, clock)
    clock.now_s += DAY_S
    return data, [first, second, fill(data, clock)], clock


def test_every_exchange_is_written_once(filled):
    """What is written already is not written again, and a restart goes on where it stopped."""
    data, (first, second, third), clock = filled
    codes = [frame.kind for frame in frames(writer_dir(str(data.root), "demo"))]

    assert first.exchanges > 2_000
    assert (second.exchanges, second.identities) == (0, first.identities)
    assert 0 < third.exchanges < 1_500
    assert third.until_ns == clock.wall_ns()
    assert codes.count(Kind.OUTCOME) == first.exchanges + third.exchanges


def test_a_stretch_whose_end_is_lost_is_written_again(tmp_path, short_month):
    """A process that is killed before a segment has its name leaves nothing of it, and the next one writes it."""
    data, clock = DataDirectory(tmp_path), FakeClock()
    whole = fill(data, clock)
    directory = writer_dir(str(tmp_path), "demo")
    for segment in segments.list_segments(directory)[3:]:
        Path(segment.path).rename(f"{segment.path}.tmp")
    clock.now_s += 1
    again = fill(data, clock)
    found = [frame for frame in frames(directory) if frame.kind == Kind.OUTCOME]

    assert 0 < again.exchanges < whole.exchanges
    assert len(found) == pytest.approx(whole.exchanges, abs=3)


def test_two_processes_do_not_fill_one_store(tmp_path):
    """The second one writes nothing and makes nobody."""
    directory = writer_dir(str(tmp_path), "demo")
    journal_dir.ensure_dir(directory)
    with contextlib.ExitStack() as stack:
        lock = journal_dir.try_lock(f"{directory}/{journal_dir.WRITER_LOCK}")
        stack.callback(lambda: os.close(lock))
        assert not fill(DataDirectory(tmp_path), FakeClock()).identities


def test_a_store_with_usage_of_a_real_provider_is_left_alone(tmp_path, short_month):
    """Nothing is made up beside what was really used: no journal, no people."""
    journal = JournalWriter.open(writer_dir(str(tmp_path)), JournalLimits(reserve_bytes=0))
    journal.outcome(outcome("r-1", intent=intent("r-1")))
    journal.close()
    rates_of = lazy_rates(str(tmp_path))
    while AllJournals(FlusherSettings(data_dir=str(tmp_path)), rates_of, FakeClock()).round().done.more:
        pass
    found = fill(DataDirectory(tmp_path), FakeClock())

    assert "usage of the provider anthropic" in found.refused
    assert not found.identities
    assert not segments.list_segments(writer_dir(str(tmp_path), "demo"))


def test_people_and_budgets_are_in_the_store(filled):
    """Ten users in four groups, a budget each, one of them overrun; declared once."""
    data, fills, clock = filled
    state, _ = open_state(data)
    configuration = load("", {}, probe=lambda _address: None, demo=True)
    with contextlib.closing(state):
        principals = PrincipalAdmin(PrincipalStore(state.database), clock)
        groups = {each.row.name: {member.name for member in each.members} for each in principals.list(GROUP)}
        declared = {each.name: each.document for each in ObjectAdmin(ObjectStore(state.database), lambda: configuration, clock).all_of("budget")}
    spent = {group: sum(one.nano_usd for one in fills[0].spent if one.name == budgets.team_budget(group)) / 1e9 for group in GROUPS}

    assert set().union(*groups.values()) == {person.name for person in PEOPLE}
    assert len(declared) == len(GROUPS) + 1
    over = [group for group in GROUPS if spent[group] > declared[budgets.team_budget(group)]["usd"]]
    assert over == ["web"]


def test_the_flusher_makes_rows_of_it(filled):
    """Every outcome becomes a row of the usage table, with the price of its model and no charge."""
    data, fills, clock = filled
    rates_of = lazy_rates(str(data.root))
    journals = AllJournals(FlusherSettings(data_dir=str(data.root)), rates_of, clock)
    while journals.round().done.more:
        pass
    rows = read_usage(str(data.root), rates_of).rows()

    assert len(rows) == sum(one.exchanges for one in fills)
    assert {row["charge_status"] for row in rows} == {"demo", "none", "unpriced"}
