"""`CREATE VIEW` and `ALTER VIEW … AS`, token by token up to the query, which is kept as it is written. What is not understood is refused by name."""

from headgate.catalog.column_names import check_column_name
from headgate.catalog.names import Name
from headgate.catalog.sql_text import StatementCursor, refused
from headgate.catalog.statements import AlterView, CreateView, ViewColumn
from headgate.core.errors import BadRequest

_QUERY_HEADS = frozenset({"SELECT", "WITH", "FROM", "VALUES", "(", "TABLE"})
_CLAUSES = "CREATE VIEW takes columns in parentheses, COMMENT and AS, in this order"


def read(cursor: StatementCursor, text: str, *, or_replace: bool) -> CreateView:
    """The view that the statement makes. The cursor is behind the word VIEW."""
    exists = cursor.skip("IF NOT EXISTS")
    if exists and or_replace:
        raise refused("CREATE VIEW takes OR REPLACE or IF NOT EXISTS, not both.")
    name = cursor.take_name(3)
    columns = _columns(cursor) if cursor.peek() == "(" else ()
    comment = cursor.take_string() if cursor.skip("COMMENT") else ""
    return CreateView(name=name, text=_query(cursor, text), columns=columns, comment=comment, if_not_exists=exists, or_replace=or_replace)


def read_altered(cursor: StatementCursor, name: Name, text: str) -> AlterView:
    """The new query of a view. The cursor is behind its name."""
    return AlterView(name, _query(cursor, text))


def _query(cursor: StatementCursor, text: str) -> str:
    if not cursor.skip("AS"):
        raise refused(f"{cursor.peek() or 'The end of the statement'} is not understood here: {_CLAUSES}.")
    if cursor.peek() not in _QUERY_HEADS:
        raise refused(f"A query is expected after AS, not {cursor.peek() or 'the end of the statement'}.")
    return cursor.take_rest(text)


def _columns(cursor: StatementCursor) -> tuple[ViewColumn, ...]:
    cursor.expect("(")
    columns = [_column(cursor)]
    while cursor.skip(","):
        columns.append(_column(cursor))
    cursor.expect(")")
    seen: set[str] = set()
    for column in columns:
        if column.name.lower() in seen:
            raise BadRequest(f"[COLUMN_ALREADY_EXISTS] The column {column.name} is named twice.", code="COLUMN_ALREADY_EXISTS")
        seen.add(column.name.lower())
    return tuple(columns)


def _column(cursor: StatementCursor) -> ViewColumn:
    parts = cursor.take_parts()
    if len(parts) != 1:
        raise refused(f"{'.'.join(parts)} is not the name of a column.")
    return ViewColumn(check_column_name(parts[0]), cursor.take_string() if cursor.skip("COMMENT") else "")
