"""Where usage is read from."""

import pytest

from headgate.admin.statements import PATH
from headgate.cli.usage_reading import FoundUsage, UsageQuestion, find_usage
from headgate.cli.usage_statement import ALL_USAGE, OWN_USAGE
from tests.unit.cli.answering import ME, answering
from tests.unit.cli.test_remote_sql import attachment, succeeded


def test_this_machines_store(tmp_path):
    """Where `--data` names it."""
    (tmp_path / "state.db").touch(mode=0o600)
    assert find_usage(UsageQuestion(), "", str(tmp_path)) == FoundUsage(rows=[], is_demo=False)


@pytest.mark.parametrize(("reads_all", "table", "whose"), [(False, OWN_USAGE, "Usage of ada@example.com"), (True, ALL_USAGE, "Usage of everyone")])
def test_a_gateway(monkeypatch, reads_all, table, whose):
    """Is asked for everyone's usage if the caller may see it, or else for their own."""
    monkeypatch.setenv("HEADGATE_TOKEN", "hg_x")
    me = ME | {"principal": ME["principal"] | {"reads_all_usage": reads_all}, "gateway": {"version": "1", "demo": True}}
    with answering({"/api/2.0/headgate/me": me, f"POST {PATH}": succeeded({"attachment": attachment(7)})}) as (url, asked):
        found = find_usage(UsageQuestion(by="user"), url, "")
    assert found == FoundUsage(rows=[{"n": 7}], is_demo=True, whose=f"{whose}, from {url}")
    assert f"FROM {table} LATERAL VIEW" in asked[1]["body"]["statement"]


def test_more_rows_than_one_answer(monkeypatch, capsys):
    """Is said, with what to do."""
    monkeypatch.setenv("HEADGATE_TOKEN", "hg_x")
    with answering({"/api/2.0/headgate/me": ME, f"POST {PATH}": succeeded({"attachment": attachment(7)}, truncated=True)}) as (url, asked):
        find_usage(UsageQuestion(every_exchange=True), url, "")
    assert "narrow --since and --until" in capsys.readouterr().err
    assert "ORDER BY event_time, request_id" in asked[1]["body"]["statement"]
