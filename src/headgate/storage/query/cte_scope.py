"""Which common table expression a table name means, by the rules of scope. Looks at the tree alone; changes nothing and asks no catalog.

A name means a CTE only inside the query whose `WITH` defines it. Within that `WITH`, a definition sees the definitions before it, and itself only in the
second arm of a recursive `UNION`: everywhere else DuckDB would look the name up in its own catalog.
"""

import itertools
from collections.abc import Iterable

from sqlglot import exp

from headgate.storage.query import tree_nodes
from headgate.storage.query.analysis.value import refused

Meaning = tuple[exp.Table, exp.CTE | None]
"""A table name in the tree, and the common table expression that it means; `None` if the catalog says what it means."""


def meanings(tree: exp.Expression) -> list[Meaning]:
    """What every table name in the tree means. Refuses a name that could mean two things."""
    refuse_duplicates(tree)
    return [(table, definition(table)) for table in tree_nodes.of_kinds(tree, exp.Table) if isinstance(table.this, exp.Identifier)]


def definition(table: exp.Table) -> exp.CTE | None:
    """The innermost CTE in scope that has the table's name; `None` if the name is the catalog's."""
    if not isinstance(table.this, exp.Identifier) or table.args.get("db"):
        return None
    name = table.name.lower()
    child: exp.Expr = table
    parent = table.parent
    while parent is not None:
        if isinstance(parent, exp.With):
            found = _before(parent, child, name, table)
        else:
            defined = parent.args.get("with_")
            found = _named(defined.expressions, name) if isinstance(defined, exp.With) and defined is not child else None
        if found is not None:
            return found
        child, parent = parent, parent.parent
    return None


def _named(ctes: Iterable[exp.CTE], name: str) -> exp.CTE | None:
    return next((cte for cte in ctes if cte.alias_or_name.lower() == name), None)


def refuse_duplicates(tree: exp.Expression) -> None:
    """Refuse a `WITH` that defines one name twice: which of them a query reads would be a guess."""
    for defined in tree_nodes.of_kinds(tree, exp.With):
        names = [cte.alias_or_name.lower() for cte in defined.expressions]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise refused(f"The common table expression {twice[:64]!r} is defined twice.")


def _before(defined: exp.With, inside: exp.Expr, name: str, table: exp.Table) -> exp.CTE | None:
    """What the name means inside one of the definitions, as far as this `WITH` says."""
    earlier = itertools.takewhile(lambda cte: cte is not inside, defined.expressions)
    found = _named(earlier, name)
    if found is None and defined.recursive and isinstance(inside, exp.CTE) and _is_in_second_arm(inside, table):
        return _named([inside], name)
    return found


def _is_in_second_arm(cte: exp.CTE, table: exp.Table) -> bool:
    body = cte.this
    node: exp.Expr | None = table
    while isinstance(body, exp.Union) and node is not None and node is not cte:
        if node is body.expression:
            return True
        node = node.parent
    return False
