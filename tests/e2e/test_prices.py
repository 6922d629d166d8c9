"""Prices that the configuration states, from the file to the rows that the flusher writes."""

import pyarrow as pa
import pytest
from deltalake import DeltaTable, QueryBuilder

from tests.e2e.asking import ANTHROPIC, Asking
from tests.e2e.lab import until
from tests.fakes.turns import Text, Tokens, Turn

FACTOR = '[[prices]]\nprovider = "lab-anthropic"\nfactor = 0.5\n'
RATES = '[[prices]]\nmodel = "claude-opus-*"\nfrom = 2026-01-01\ninput_mtok = 1.0\ncache_read_mtok = 0.1\noutput_mtok = 2.0\n'
LATER = '[[prices]]\nmodel = "claude-opus-*"\nfrom = 2999-01-01\ninput_mtok = 9.0\noutput_mtok = 9.0\n'


def test_a_change_of_the_file_prices_what_comes_after(gateway, provider):
    """Without a restart: list price, a factor on it, rates that go before both; a refused file changes nothing; rows keep what they were priced with."""
    file = gateway.folder / "headgate.toml"
    usage = f"{gateway.data}/warehouse/system/ai_gateway/usage"
    written = file.read_text(encoding="utf-8")
    for number, prices in enumerate(("", FACTOR, FACTOR + RATES + LATER, "[[prices]]\nfactor = -1\n")):
        told = gateway.log.count("the configuration was read again") + gateway.log.count("the changed configuration is refused")
        if prices:
            file.write_text(written + prices, encoding="utf-8")
            until(lambda told=told: gateway.log.count("the configuration was read again") + gateway.log.count("configuration is refused") > told)
        provider.play(Turn((Text("one two three"),), Tokens(fresh=1000, read=200, output=40)))
        with Asking(gateway.url, gateway.token, ANTHROPIC.path(stream=True), ANTHROPIC.body("Count.", stream=True)) as asking:
            asking.rest()
        assert len(gateway.rows(number + 1)) == number + 1
        until(lambda number=number: _rows(usage) > number)  # the flusher has written it

    found = QueryBuilder().register("usage", DeltaTable(usage)).execute("SELECT charge, rates FROM usage ORDER BY event_time").read_all()
    rows = pa.table(found).to_pylist()
    listed = rows[0]["rates"]
    assert [row["rates"]["source"] for row in rows] == [listed["source"], f"{listed['source']} × 0.5", "configuration", "configuration"]
    assert [row["rates"]["input_mtok"] for row in rows] == [listed["input_mtok"], listed["input_mtok"] / 2, 1.0, 1.0]
    assert (rows[2]["rates"]["provider"], rows[2]["rates"]["model"]) == ("lab-anthropic", "claude-opus-*")
    assert [float(row["charge"]) for row in rows[2:]] == pytest.approx([(1000 * 1.0 + 200 * 0.1 + 40 * 2.0) / 1e6] * 2)
    assert float(rows[1]["charge"]) == pytest.approx(float(rows[0]["charge"]) / 2)


def _rows(location: str) -> int:
    return DeltaTable(location).count() if DeltaTable.is_deltatable(location) else 0
