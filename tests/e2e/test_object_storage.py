"""A real gateway whose tables lie in object storage, configured as printed: telemetry, payloads and traces go there, and every way to ask finds them."""

import json
import time
import tomllib
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from headgate.catalog import otel_tables
from headgate.catalog.names import Name
from tests.e2e.asking import ANTHROPIC, Asking
from tests.e2e.documented import block
from tests.e2e.lab import ALONE, Gateway, headgate
from tests.e2e.workspace import Asker, administrator
from tests.fakes import exports
from tests.fakes.object_store import BUCKET, Store

PAGE = "docs/operations.md"
EXTRA = '[payloads]\ntable = "main.default.kept"\n[telemetry]\ntrace_table = "main.default.traced"\n'
TABLE = "main.default.metered"
MARKS = f"SELECT sum.attributes['mark'] AS mark FROM {TABLE} ORDER BY 1"


@dataclass(frozen=True)
class House:
    """The gateway, who administers it, and how it reaches the store."""

    gateway: Gateway
    root: Asker
    variables: dict[str, str]

    def command(self, *arguments: str) -> str:
        """A command beside the gateway, in the same environment."""
        return headgate(*arguments, "--data", self.gateway.data, variables=self.variables)

    def export(self, mark: str) -> None:
        """A small export."""
        named = {"content-type": "application/x-protobuf", "authorization": f"Bearer {self.root.token}", "x-databricks-uc-table-name": TABLE}
        request = urllib.request.Request(f"{self.gateway.url}/api/2.0/otel/v1/metrics", exports.metrics(mark, 1), named)
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 200

    def rows_once(self, statement: str, done: Callable[[list[list[str | None]]], object]) -> list[list[str | None]]:
        """The rows, once they are those that are waited for."""
        deadline = time.monotonic() + 90
        while not done(found := self.root.rows(statement)):
            assert time.monotonic() < deadline, found
            time.sleep(0.3)
        return found

    def described(self) -> dict[str, object]:
        """What a table is, as the command tells."""
        return json.loads(self.command("table", "describe", TABLE, "--json"))


@pytest.fixture(scope="module")
def store():
    """A store of S3's kind."""
    with Store() as made:
        yield made


@pytest.fixture(scope="module")
def house(store, tmp_path_factory):
    """The documented configuration and variables, with this store's names in them."""
    printed = dict(line.split("=", 1) for line in block("object-storage-keys", PAGE).text.splitlines())
    here = store.variables()
    assert printed.keys() <= here.keys()
    configured = block("object-storage", PAGE).text
    warehouse = tomllib.loads(configured)["storage"]["warehouse"]
    config = ALONE + configured.replace(warehouse, f"{BUCKET}/headgate") + EXTRA
    gateway = Gateway(tmp_path_factory.mktemp("s3"), config, arguments=("--demo",), variables=here)
    try:
        gateway.start()
        root = administrator(gateway)
        root.rows(otel_tables.ddl(Name(("main", "default", "metered")), "metrics"))
        yield House(gateway, root, here)
    finally:
        gateway.kill_all()
    assert here["AWS_SECRET_ACCESS_KEY"] not in gateway.log
    assert "Traceback" not in gateway.log, gateway.log[-4000:]


def test_telemetry_is_read_before_and_after_it_is_carried(house):
    """Over HTTP and from the terminal; the description tells the place and the files, and care goes there."""
    house.export("a")
    assert house.root.rows(MARKS) == [["a"]]
    house.rows_once(f"DESCRIBE HISTORY {TABLE}", lambda steps: len(steps) > 1)
    house.export("b")
    assert house.root.rows(MARKS) == [["a"], ["b"]]
    assert house.root.rows(f"SELECT count(*) FROM {TABLE} VERSION AS OF 0") == [["0"]]
    assert json.loads(house.command("sql", MARKS, "--json")) == [{"mark": "a"}, {"mark": "b"}]
    assert house.root.rows(f"SELECT count(*) FROM {TABLE} m JOIN {TABLE} n ON m.name = n.name") == [["4"]]
    assert int(house.root.rows("SELECT count(*) FROM system.ai_gateway.sessions")[0][0]) >= 1
    described = house.described()
    assert str(described["location"]).startswith(f"{BUCKET}/headgate/")
    assert int(str(described["version"])) >= 1
    house.command("table", "optimize", TABLE)
    assert house.root.rows(MARKS) == [["a"], ["b"]]
    house.command("table", "vacuum", TABLE, "--dry-run")


def test_an_exchange_is_kept_here_and_there(house):
    """Its usage in the data directory, its payload and its trace in the bucket."""
    with Asking(house.gateway.url, house.root.token, ANTHROPIC.path(stream=False), ANTHROPIC.body(stream=False)) as asking:
        assert asking.status == 200
        asking.rest()
    assert len(house.gateway.rows(1)) == 1
    assert "claude-opus-4-6" in house.command("usage")
    house.rows_once("SELECT request, response FROM main.default.kept_payload", lambda rows: len(rows) == 1)
    house.rows_once("SELECT name FROM main.default.traced", bool)
    assert all(f"{BUCKET}/headgate/" in house.command("table", "describe", f"main.default.{table}") for table in ("kept_payload", "traced"))


def test_a_store_that_goes_away_is_told(house):
    """In the answer's status, without an address; the gateway's own tables go on."""
    away = house.variables | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    with pytest.raises(AssertionError, match="STORAGE_UNAVAILABLE") as raised:
        headgate("sql", MARKS, "--data", house.gateway.data, variables=away)
    assert "127.0.0.1:9" not in str(raised.value)
    assert house.root.rows("SELECT count(*) FROM system.ai_gateway.usage") != []
