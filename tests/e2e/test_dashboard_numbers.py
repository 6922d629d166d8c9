"""The numbers of shipped dashboards over the demo's month, counted a second time from the raw rows: no SQL of a tile is used for that.

A module `second_count_…` has a function for each tile of a dashboard, `-` in its name as `_`.
"""

import datetime as dt
import json
import time

import pytest

from headgate.storage.query.usage import read_usage
from headgate.storage.rows.rates import lazy_rates
from headgate.web.ui.dashboard_folder import DashboardFolder
from tests.e2e import second_count_cache, second_count_performance
from tests.e2e.lab import ALONE, Gateway
from tests.e2e.second_count import Month, differences
from tests.e2e.visitor import Visitor

COUNTED = {"performance": second_count_performance, "cache": second_count_cache}
TILES = [(name, tile.name) for name in COUNTED for tile in DashboardFolder("").shipped()[name].dashboard.tiles]
_TODAY = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
# Whole days that are over: the demo goes on while the test runs.
START, END = _TODAY - dt.timedelta(days=20), _TODAY
RANGE = f"from={START:%Y-%m-%d}&to={END - dt.timedelta(days=1):%Y-%m-%d}"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A gateway with the demo's month."""
    gateway = Gateway(tmp_path_factory.mktemp("demo"), ALONE, arguments=("--demo",), token="-", variables={"HEADGATE_DEMO_FILL": "true"})
    gateway.start()
    try:
        deadline = time.monotonic() + 90
        while sum(group["requests"] for group in read_usage(gateway.data, lazy_rates(gateway.data)).grouped("agent")) < 15_000:
            assert time.monotonic() < deadline, gateway.log
            time.sleep(0.2)
        yield gateway
    finally:
        gateway.stop()


@pytest.fixture(scope="module")
def administrator(demo):
    """An administrator who looks."""
    return Visitor(demo)


@pytest.fixture(scope="module")
def month(demo):
    """The raw rows."""
    deadline = time.monotonic() + 60
    while len((found := Month(demo.data, START, END)).everything) < 15_000:  # what the journal has is flushed a moment later
        assert time.monotonic() < deadline, "the table does not fill"
        time.sleep(0.2)
    return found


@pytest.mark.parametrize(("dashboard", "tile"), TILES)
def test_a_tile_shows_what_the_rows_say(administrator, month, dashboard, tile):
    """Row by row, to the last digit; percentiles within two percent of their rank."""
    shown = json.loads(administrator.page(f"/dashboards/{dashboard}/tiles/{tile}?{RANGE}&as=json"))
    counted = getattr(COUNTED[dashboard], tile.replace("-", "_"))(month)
    assert counted, "the demo has nothing to count"
    assert differences(shown, counted) == []
