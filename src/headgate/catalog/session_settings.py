"""`SET TIME ZONE …` and `SET spark.sql.session.timeZone = …`: the one setting of a session that is read, since tools send it. Statements are answered in UTC."""

from headgate.catalog.sql_text import StatementCursor, refused
from headgate.catalog.statements import QueryStatement
from headgate.core.errors import BadRequest

_NAME = "spark.sql.session.timeZone"
_UTC = frozenset({"UTC", "ETC/UTC", "GMT", "Z", "+00:00", "UTC+0", "LOCAL"})


def read(cursor: StatementCursor) -> QueryStatement:
    """The statement that gives the setting back, as Databricks answers. Raises for another zone, and for another setting."""
    if cursor.skip("TIME ZONE"):
        return _set(_words(cursor))
    name, value = "", None
    while not cursor.done and value is None:
        if cursor.skip("="):
            value = _words(cursor)
        else:
            name += cursor.take_word()
    if name.lower() not in {_NAME.lower(), "timezone"}:
        raise refused(f"SET {name[:80]} is not taken: a statement has no session. SET TIME ZONE 'UTC' is.")
    return _set("UTC" if value is None else value)


def _words(cursor: StatementCursor) -> str:
    found = ""
    while not cursor.done:
        found += cursor.take_word()
    return found


def _set(zone: str) -> QueryStatement:
    if zone.upper() not in _UTC:
        raise BadRequest(
            f"[UNSUPPORTED_FEATURE] The time zone of a statement is UTC, not {zone[:60]!r}. Convert what is shown: from_utc_timestamp(at, 'Asia/Tokyo'), or "
            "convert_timezone.", code="UNSUPPORTED_FEATURE",
        )  # fmt: skip
    return QueryStatement(f"SELECT '{_NAME}' AS key, 'UTC' AS value")
