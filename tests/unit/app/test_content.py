"""The tables that payloads and traces need, made where they are missing."""

import asyncio
from types import SimpleNamespace

import pytest

from headgate.app.content import ContentKeeping
from headgate.catalog.names import Name
from headgate.config.schema import Payloads, Settings, Telemetry
from headgate.core.errors import Unavailable
from tests.fakes.records import FakeClock

KEPT, TRACED = Name(("main", "default", "kept_payload")), Name(("main", "default", "traced"))


class Tables:
    """Tables in a place that may be out of reach."""

    def __init__(self):
        self.made = []
        self.tried = 0
        self.trouble = None

    async def snapshot(self):
        """What there is."""
        return SimpleNamespace(find=lambda name: SimpleNamespace(properties={}) if name in self.made else None)

    async def create(self, _session, creation):
        """Make one, unless its place is missing."""
        self.tried += 1
        if self.trouble is not None:
            raise self.trouble
        self.made.append(creation.name)


@pytest.fixture
def house(tmp_path):
    """Payloads and traces are switched on."""
    settings = Settings(payloads=Payloads(table="main.default.kept"), telemetry=Telemetry(trace_table="main.default.traced"))
    control = SimpleNamespace(
        configuration=SimpleNamespace(settings=settings),
        data=SimpleNamespace(root=tmp_path),
        snapshot=lambda: SimpleNamespace(endpoints=SimpleNamespace(written=())),
    )
    tables, clock = Tables(), FakeClock()
    cases = SimpleNamespace(catalog=tables, tables=tables)
    keeping = ContentKeeping(control, cases, SimpleNamespace(), SimpleNamespace(stalled=lambda _table: ""), clock)
    return SimpleNamespace(keeping=keeping, tables=tables, clock=clock)


async def later(house, seconds):
    """Time passes, and a tick comes."""
    house.clock.now_ns += int(seconds * 1e9)
    house.keeping.tick()
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.parametrize("trouble", [Unavailable("The bucket does not exist."), RuntimeError("a bug")])
async def test_tables_whose_place_is_missing_are_made_when_it_comes(house, trouble, caplog):
    """They are tried again within a minute, each of them, for as long as it takes; it is said on /readyz, and once in the log."""
    house.tables.trouble = trouble
    for _ in range(5):
        await later(house, 31)
    assert house.tables.tried == 10
    assert [text.partition(" cannot be made")[0] for text in house.keeping.troubles()] == [f"the table {KEPT}", f"the table {TRACED}"]
    assert sum("it is tried again" in message for message in caplog.messages) == 2
    house.tables.trouble = None
    await later(house, 31)
    assert house.tables.made == [KEPT, TRACED]
    assert house.keeping.troubles() == []
    await later(house, 100)
    assert house.tables.tried == 12
    house.keeping.close()


async def test_it_is_not_tried_more_often(house):
    """Each try is a process."""
    house.tables.trouble = Unavailable("The bucket does not exist.")
    for _ in range(20):
        await later(house, 1)
    assert house.tables.tried == 2
    house.keeping.close()
