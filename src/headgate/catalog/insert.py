"""`INSERT INTO`, token by token up to the query; and the statements that write rows in other ways, each refused by its name with what to do instead."""

from typing import NoReturn

from headgate.catalog.sql_text import StatementCursor, refused
from headgate.catalog.statements import InsertRows
from headgate.core.errors import BadRequest

_OTHER_ROWS = "CREATE OR REPLACE TABLE … AS SELECT … gives a table other rows"
_BY_PATH = "an engine that opens the table by its path, such as Spark, can"
_REFUSED = {
    "DELETE": f"rows are only added. {_OTHER_ROWS}, and {_BY_PATH} delete some.",
    "UPDATE": f"rows are only added. {_OTHER_ROWS}, and {_BY_PATH} change some.",
    "MERGE": f"rows are only added. INSERT INTO … SELECT … adds them, {_OTHER_ROWS}, and {_BY_PATH} merge some.",
    "TRUNCATE": "rows are only added. CREATE OR REPLACE TABLE … with the table's columns gives it none.",
    "COPY": "files are not read. Register the Delta table that holds the rows with CREATE TABLE … LOCATION '…', then INSERT INTO … SELECT …; "
    "programs append by path.",
}
REFUSED_HEADS = frozenset(_REFUSED)
_QUERY_HEADS = frozenset({"SELECT", "WITH", "FROM", "VALUES", "(", "TABLE"})


def refuse(head: str) -> NoReturn:
    """Refuse a statement that begins with one of `REFUSED_HEADS`."""
    raise _unsupported("COPY INTO" if head == "COPY" else head, _REFUSED[head])


def read(cursor: StatementCursor, text: str) -> InsertRows:
    """What the statement inserts. The cursor is behind the word INSERT."""
    if cursor.skip("OVERWRITE"):
        raise _unsupported("INSERT OVERWRITE", f"rows are only added. {_OTHER_ROWS}.")
    cursor.expect("INTO")
    cursor.skip("TABLE")
    name = cursor.take_name(3)
    for clause in ("PARTITION", "REPLACE"):
        if cursor.peek() == clause:
            raise _unsupported(f"INSERT INTO … {clause}", "the query gives every column, also those that the table is partitioned by.")
    by_name = cursor.skip("BY NAME")
    columns = () if by_name or cursor.peek() != "(" or cursor.peek(1) in _QUERY_HEADS else cursor.take_list()
    if cursor.peek() not in _QUERY_HEADS:
        found = cursor.peek() or "the end of the statement"
        raise refused(f"VALUES or a query is expected in INSERT INTO, not {found}.")
    return InsertRows(name, cursor.take_rest(text), columns, by_name)


def _unsupported(what: str, why: str) -> BadRequest:
    return BadRequest(f"[UNSUPPORTED_FEATURE] {what} is not taken: {why}", code="UNSUPPORTED_FEATURE")
