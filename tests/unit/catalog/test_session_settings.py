"""The session's time zone, which is UTC."""

import pytest

from headgate.catalog import ddl
from headgate.catalog.statements import QueryStatement
from headgate.core.errors import BadRequest

ANSWER = QueryStatement("SELECT 'spark.sql.session.timeZone' AS key, 'UTC' AS value")


@pytest.mark.parametrize(
    "sql",
    [
        "SET TIME ZONE 'UTC'",
        "SET TIME ZONE 'Etc/UTC'",
        "SET TIME ZONE LOCAL",
        "set time zone '+00:00'",
        "SET spark.sql.session.timeZone = UTC",
        "SET spark.sql.session.timeZone='utc'",
        "SET spark.sql.session.timeZone",
        "SET TIMEZONE = 'UTC'",
    ],
)
def test_utc_is_what_it_is_anyway(sql):
    """The setting is given back, whichever way it is written."""
    assert ddl.read(sql) == ANSWER


@pytest.mark.parametrize(
    "sql", ["SET TIME ZONE 'America/New_York'", "SET spark.sql.session.timeZone = Asia/Tokyo", "SET TIME ZONE INTERVAL '8' HOUR"]
)
def test_another_zone_is_refused(sql):
    """With the functions that convert."""
    with pytest.raises(BadRequest, match=r"time zone of a statement is UTC, not .*from_utc_timestamp") as refused:
        ddl.read(sql)
    assert refused.value.code == "UNSUPPORTED_FEATURE"


@pytest.mark.parametrize("sql", ["SET spark.sql.ansi.enabled = false", "SET a", "SET"])
def test_another_setting_is_refused(sql):
    """A statement has no session that would keep it."""
    with pytest.raises(BadRequest, match="a statement has no session"):
        ddl.read(sql)
