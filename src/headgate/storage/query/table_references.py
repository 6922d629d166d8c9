"""A table as a query's tree names it: its version, the names that it may not have, and another relation put in its place. Asks no catalog."""

from sqlglot import exp

from headgate.storage.query import tree_nodes
from headgate.storage.query.analysis.value import refused
from headgate.storage.query.compiled import AsOf

OWN_PREFIX = "headgate_"  # of all our relations in the engine; no query may use it
_PARTS_OF_A_TABLE = frozenset({"this", "db", "catalog", "alias", "version", "joins", "sample", "pivots", "laterals"})


def as_of(table: exp.Table) -> AsOf:
    """`VERSION AS OF 3`, `TIMESTAMP AS OF '…'` and the short form `table@v3`, which is removed from the tree."""
    version = table.args.get("version")
    alias = table.args.get("alias")
    if alias is not None and isinstance(alias.this, exp.Parameter):
        short = alias.this.this.name
        if not (short[:1] in {"v", "V"} and short[1:].isdigit()):
            raise refused("A version is written table@v3.")
        table.set("alias", None)
        return AsOf(int(short[1:][:18]))
    if version is None:
        return AsOf()
    value = version.expression
    if version.args.get("kind") != "AS OF" or not isinstance(value, exp.Literal):
        raise refused("Time travel is written VERSION AS OF 3 or TIMESTAMP AS OF '2026-01-31T12:00:00Z'.")
    if str(version.this).upper() == "TIMESTAMP":
        return AsOf(timestamp=str(value.this))
    if not str(value.this).isdigit():
        raise refused("A version is a whole number.")
    return AsOf(int(str(value.this)[:18]))


def refuse_own_names(tree: exp.Expression) -> None:
    """Refuse our prefix where a relation is named: as a CTE, an alias, or a bare table. A table of the catalog is still read by its longer name."""
    for node in tree_nodes.of_kinds(tree, exp.Table, exp.TableAlias):
        name = "" if isinstance(node, exp.Table) and node.args.get("db") else node.name
        if name.lower().startswith(OWN_PREFIX):
            raise refused(
                f"The name {name[:64]!r} cannot be used here: names that begin with {OWN_PREFIX} are reserved. Read a table of that name as schema.table."
            )


def refuse_extras(table: exp.Table) -> None:
    """Refuse a clause beside a table's name that is not supported."""
    extra = next((key for key, value in table.args.items() if value and key not in _PARTS_OF_A_TABLE), None)
    if extra:
        raise refused(f"{extra.replace('_', ' ')} is not taken on a table.")
    if any(not isinstance(part, exp.Identifier) for part in table.parts):
        raise refused(f"{table.sql('databricks')[:80]!r} is not a table.")


def replace(table: exp.Table, name: str) -> None:
    """Put another relation in the table's place. Columns still find it by the name that the user wrote."""
    alias = table.args.get("alias") or exp.TableAlias()
    if alias.this is None:
        alias.set("this", exp.to_identifier(table.name, quoted=True))
    table.set("this", exp.to_identifier(name, quoted=True))
    table.set("catalog", None)
    table.set("db", None)
    table.set("version", None)
    table.set("alias", alias)


def shorten_columns(tree: exp.Expression, tables: set[tuple[str, ...]]) -> None:
    """`main.obs.t.column` and `obs.t.column` become `t.column`; `struct.field.field` stays. `tables` are the full names that the tree reads."""
    pairs = {parts[1:] for parts in tables}
    for column in tree_nodes.of_kinds(tree, exp.Column):
        table, schema, catalog = (column.args.get(part) for part in ("table", "db", "catalog"))
        if schema is None:
            continue
        path = tuple(part.name.lower() for part in (catalog, schema, table) if part is not None)
        if path in tables or path in pairs:
            column.set("db", None)
            column.set("catalog", None)
