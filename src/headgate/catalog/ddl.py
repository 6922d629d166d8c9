"""Reads a statement in Databricks' dialect into one of the values of `statements`. Says what was meant; checks no privilege and changes nothing.

Commands are read token by token; `CREATE TABLE` and column lists by sqlglot; a statement that reads is handed on as text.
"""

from collections.abc import Callable

from sqlglot.errors import SqlglotError

from headgate.catalog import create_table, create_view, insert, names, privileges, session_settings, table_properties
from headgate.catalog.names import DEFAULTS, METASTORE, Name
from headgate.catalog.sql_text import StatementCursor, refused, tokenize
from headgate.catalog.statements import (
    AddColumns,
    CreateCatalog,
    CreateSchema,
    Describe,
    Drop,
    Grant,
    Optimize,
    QueryStatement,
    Revoke,
    SetOwner,
    SetProperties,
    Show,
    ShowGrants,
    Statement,
    UseDefault,
    Vacuum,
)
from headgate.core.errors import BadRequest

_LEVELS = {"CATALOG": 1, "SCHEMA": 2, "DATABASE": 2, "TABLE": 3, "VIEW": 3}
_QUERY_HEADS = {"SELECT", "WITH", "FROM", "VALUES", "(", "TABLE"}


def read(text: str, defaults: tuple[str, ...] = DEFAULTS) -> Statement:
    """The statement's meaning, or a refusal. `defaults` complete short names."""
    try:
        return _read(text, defaults)
    except BadRequest as error:
        if error.code == "PARSE_SYNTAX_ERROR":
            names.refuse_placeholders(text)
        raise
    except RecursionError as error:
        raise refused("The statement is nested too deeply.") from error
    except (SqlglotError, AttributeError) as error:  # an unexpected shape of tree lacks what is read from it
        raise refused("The statement cannot be read; perhaps a part of it is missing or misplaced.") from error


def _read(text: str, defaults: tuple[str, ...]) -> Statement:
    cursor = StatementCursor(tokenize(text), defaults)
    if cursor.peek() in _QUERY_HEADS:
        return QueryStatement(text)
    head = cursor.take_word().upper()
    if head == "INSERT":
        return insert.read(cursor, text)
    if head in insert.REFUSED_HEADS:
        insert.refuse(head)
    reader = _READERS.get(head)
    if reader is None:
        raise refused(f"{head} statements are not taken; taken are SELECT, INSERT, {', '.join(sorted(_READERS))}.")
    if head == "CREATE":
        or_replace = cursor.skip("OR REPLACE")
        if cursor.peek() in {"TABLE", "EXTERNAL"}:
            head, query = cursor.split_at("AS", text)
            return create_table.read(head, defaults, query)
        if _is_view(cursor):
            return create_view.read(cursor, text, or_replace=or_replace)
    if head == "ALTER" and cursor.peek() == "TABLE":
        return _alter_table(cursor, text)
    if head == "ALTER" and cursor.skip("VIEW"):
        return _alter_view(cursor, text)
    statement = reader(cursor)
    cursor.finish()
    return statement


def _is_view(cursor: StatementCursor) -> bool:
    """Skip the word VIEW, or refuse another kind of view than the one that Headgate has."""
    for words in ("TEMPORARY", "TEMP", "GLOBAL TEMPORARY", "MATERIALIZED"):
        if cursor.skip(words):
            raise refused(f"{words} views are not taken. CREATE VIEW makes one that is computed when it is read, and stays until it is dropped.")
    return cursor.skip("VIEW")


def _create(cursor: StatementCursor) -> Statement:
    level = _LEVELS.get(cursor.take_word().upper(), 0)
    if level not in {1, 2}:
        raise refused("CREATE takes CATALOG, SCHEMA, TABLE or VIEW.")
    exists = cursor.skip("IF NOT EXISTS")
    name = cursor.take_name(level)
    comment = location = ""
    while not cursor.done:
        if cursor.skip("COMMENT"):
            comment = cursor.take_string()
        elif cursor.skip("MANAGED LOCATION") or cursor.skip("LOCATION"):
            location = cursor.take_string()
        else:
            break
    made = CreateCatalog if level == 1 else CreateSchema
    return made(name, exists, comment, location)


def _drop(cursor: StatementCursor) -> Statement:
    if _skip_service(cursor):
        exists = cursor.skip("IF EXISTS")
        return Drop(cursor.take_service(), exists)
    word = cursor.take_word().upper()
    level = _LEVELS.get(word, 0)
    if not level:
        raise refused("DROP takes CATALOG, SCHEMA, TABLE or VIEW.")
    exists = cursor.skip("IF EXISTS")
    name = cursor.take_name(level)
    cascade = cursor.skip("CASCADE")
    if not cascade:
        cursor.skip("RESTRICT")
    return Drop(name, exists, cascade, word == "VIEW")


def _alter_table(cursor: StatementCursor, text: str) -> Statement:
    cursor.expect("TABLE")
    name = cursor.take_name(3)
    if cursor.skip("ADD COLUMN") or cursor.skip("ADD COLUMNS"):
        return AddColumns(name, create_table.read_added(text))
    if cursor.skip("SET TBLPROPERTIES"):
        statement: Statement = SetProperties(name, table_properties.check(cursor.take_properties()))
    elif cursor.skip("CLUSTER BY"):
        columns = "" if cursor.skip("NONE") else ",".join(cursor.take_list())
        statement = SetProperties(name, {table_properties.CLUSTERING: columns})
    else:
        statement = _owner(cursor, name, "SET TBLPROPERTIES (…), ADD COLUMN …, CLUSTER BY (…) or OWNER TO …")
    cursor.finish()
    return statement


def _alter_view(cursor: StatementCursor, text: str) -> Statement:
    name = cursor.take_name(3)
    if cursor.peek() == "AS":
        return create_view.read_altered(cursor, name, text)
    statement = _owner(cursor, name, "AS query or OWNER TO …", "VIEW")
    cursor.finish()
    return statement


def _alter(cursor: StatementCursor) -> Statement:
    if _skip_service(cursor):
        return _owner(cursor, cursor.take_service(), "OWNER TO …")
    level = _LEVELS.get(cursor.take_word().upper(), 0)
    if not level:
        raise refused("ALTER takes CATALOG, SCHEMA, TABLE, VIEW or MODEL SERVICE.")
    return _owner(cursor, cursor.take_name(level), "OWNER TO …")


def _owner(cursor: StatementCursor, name: Name, taken: str, kind: str = "") -> SetOwner:
    cursor.skip("SET")
    if not cursor.skip("OWNER TO"):
        raise refused(f"ALTER {kind or name.kind} takes {taken}")
    return SetOwner(name, cursor.take_principal())


def _describe(cursor: StatementCursor) -> Statement:
    if _skip_service(cursor):
        return Describe(cursor.take_service())
    level = 3
    style = ""
    for word in ("TABLE", "VIEW", "HISTORY", "DETAIL", "CATALOG", "SCHEMA", "DATABASE"):
        if cursor.peek(1) not in {"", "."} and cursor.skip(word):
            level = _LEVELS.get(word, 3)
            style = word if word in {"HISTORY", "DETAIL"} else ""
            break
    if cursor.peek(1) not in {"", "."} and cursor.skip("EXTENDED"):
        style = "EXTENDED"
    return Describe(cursor.take_name(level), style)


def _show(cursor: StatementCursor) -> Statement:
    what = cursor.take_word().upper()
    if what == "GRANTS" or (what == "GRANT" and cursor.peek()):
        return _show_grants(cursor)
    if what == "CREATE":
        if not cursor.skip("VIEW"):
            cursor.expect("TABLE")
        return Show("CREATE TABLE", cursor.take_name(3))
    if what == "MODEL" and cursor.skip("SERVICES"):
        what = "MODEL SERVICES"
    levels = {"CATALOGS": 0, "SCHEMAS": 1, "DATABASES": 1, "TABLES": 2, "VIEWS": 2, "MODEL SERVICES": 2, "COLUMNS": 3}
    if what not in levels:
        raise refused(f"SHOW takes CATALOGS, SCHEMAS, TABLES, VIEWS, MODEL SERVICES, COLUMNS, CREATE TABLE or GRANTS, not {what}.")
    within = METASTORE
    if cursor.skip("IN") or cursor.skip("FROM"):
        within = cursor.take_name(levels[what])
    elif levels[what] == 3:
        raise refused("SHOW COLUMNS takes IN and a table.")
    elif levels[what]:
        within = cursor.default_name(levels[what])
    pattern = ""
    if cursor.skip("LIKE") or not cursor.done:
        pattern = cursor.take_string()
    return Show("SCHEMAS" if what == "DATABASES" else what, within, pattern)


def _show_grants(cursor: StatementCursor) -> Statement:
    principal = "" if cursor.peek() == "ON" else cursor.take_principal()
    cursor.expect("ON")
    return ShowGrants(_securable(cursor), principal)


def _grant(cursor: StatementCursor) -> Statement:
    words, name = _privileges(cursor)
    cursor.expect("TO")
    return Grant(words, name, cursor.take_principal())


def _revoke(cursor: StatementCursor) -> Statement:
    words, name = _privileges(cursor)
    cursor.expect("FROM")
    return Revoke(words, name, cursor.take_principal())


def _privileges(cursor: StatementCursor) -> tuple[tuple[str, ...], Name]:
    """The privileges up to `ON`, each checked for the securable that follows."""
    words: list[str] = [""]
    while cursor.peek() != "ON":
        word = cursor.take_word()
        if word == ",":
            words.append("")
        else:
            words[-1] = f"{words[-1]} {word}".strip()
    cursor.expect("ON")
    name = _securable(cursor)
    return tuple(privileges.parse(word, name.kind) for word in words), name


def _securable(cursor: StatementCursor) -> Name:
    if cursor.skip("METASTORE"):
        return METASTORE
    if _skip_service(cursor):
        return cursor.take_service()
    level = 3
    for word, levels in _LEVELS.items():
        if cursor.peek(1) != "." and cursor.skip(word):
            level = levels
            break
    return cursor.take_name(level)


def _skip_service(cursor: StatementCursor) -> bool:
    """Skip `MODEL SERVICE`, or `SERVICE` before a name; a table may be called so too."""
    return cursor.skip("MODEL SERVICE") or (cursor.peek(1) not in {"", ".", "TO", "FROM", "OWNER", "SET"} and cursor.skip("SERVICE"))


def _optimize(cursor: StatementCursor) -> Statement:
    name = cursor.take_name(3)
    cursor.skip("FULL")
    return Optimize(name, cursor.take_list() if cursor.skip("ZORDER BY") else ())


def _vacuum(cursor: StatementCursor) -> Statement:
    name = cursor.take_name(3)
    hours = None
    if cursor.skip("RETAIN"):
        hours = cursor.take_number()
        cursor.expect("HOURS")
    return Vacuum(name, hours, cursor.skip("DRY RUN"))


def _use(cursor: StatementCursor) -> Statement:
    if cursor.skip("CATALOG"):
        return UseDefault(cursor.take_name(1))
    _ = cursor.skip("SCHEMA") or cursor.skip("DATABASE")
    return UseDefault(cursor.take_name(2))


_READERS: dict[str, Callable[[StatementCursor], Statement]] = {
    "CREATE": _create,
    "DROP": _drop,
    "ALTER": _alter,
    "DESCRIBE": _describe,
    "DESC": _describe,
    "SHOW": _show,
    "GRANT": _grant,
    "REVOKE": _revoke,
    "OPTIMIZE": _optimize,
    "VACUUM": _vacuum,
    "USE": _use,
    "SET": session_settings.read,
}
