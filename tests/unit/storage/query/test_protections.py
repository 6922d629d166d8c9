"""A sandbox that is not whole is reported, and refused where it is required."""

import pytest

from headgate.catalog.names import DEFAULTS
from headgate.core.errors import Unavailable
from headgate.storage.query import protections
from headgate.storage.query.parser_pool import ParserPool
from headgate.storage.query.protections import Protections
from headgate.storage.query.sandbox import ALL
from headgate.storage.query.worker_messages import Job
from headgate.storage.query.worker_pool import WorkerPool, WorkerPoolSettings
from tests.fakes.principals import user


def test_a_whole_sandbox_is_no_news(caplog):
    """Nothing is missing, nothing is logged, nothing is refused."""
    found = Protections(required=True)
    found.check(ALL)

    assert (found.missing, caplog.text) == ((), "")


def test_what_is_missing_is_logged_once(caplog):
    """With what it would have kept from a query; every process of the machine lacks the same."""
    found = Protections()
    for _ in range(3):
        found.check(("limits", "seccomp"))

    assert found.missing == ("landlock",)
    assert [record.getMessage() for record in caplog.records] == [
        "the sandbox of SQL is incomplete on this machine; its processes lack: landlock (no file but those of tables)"
    ]


@pytest.fixture
def gap(monkeypatch):
    """A protection that no machine has."""
    monkeypatch.setattr(protections, "ALL", (*ALL, "moat"))


@pytest.mark.usefixtures("gap")
async def test_where_it_is_required_nothing_is_parsed_or_run(tmp_path):
    """The refusal names what is missing and the setting."""
    parsers = ParserPool(Protections(required=True))
    pool = WorkerPool(WorkerPoolSettings(readable=(str(tmp_path),), workers=1, memory_mb=128), Protections(required=True))

    with pytest.raises(Unavailable, match=r"lacks moat .* sql.require_sandbox is set") as refused:
        await parsers.read("SELECT 1", user("ana"), DEFAULTS, 60)
    assert refused.value.code == "SANDBOX_INCOMPLETE"
    with pytest.raises(Unavailable, match="moat"):
        await pool.run(Job(sql="SELECT 1", views=(), paths=(), row_limit=1, byte_limit=1000), 60)

    await parsers.close()
    await pool.close()
