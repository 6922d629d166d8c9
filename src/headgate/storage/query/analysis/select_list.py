"""What places, stars and aggregates in a select list, a GROUP BY and an ORDER BY are."""

from sqlglot import exp

from headgate.catalog.types import Array, Map, Structure, Type
from headgate.storage.query.analysis import kinds
from headgate.storage.query.analysis.functions import BY_NAME
from headgate.storage.query.analysis.value import refused


def ordinal(tree: exp.Expression) -> int | None:
    """The place in the select list that a bare number means; None for anything else."""
    return int(tree.this) if isinstance(tree, exp.Literal) and not tree.is_string and str(tree.this).isdigit() else None


def group_key(text: str) -> str:
    """A group's key; a bare number would be a place in the select list."""
    return f"({text})::INTEGER" if text.isdigit() else text


def is_star(tree: exp.Expression) -> bool:
    """Whether it is `*` or `t.*`."""
    return isinstance(tree, exp.Star) or (isinstance(tree, exp.Column) and isinstance(tree.this, exp.Star))


def is_path(tree: exp.Expression) -> bool:
    """Whether it is a column or a part of one by names alone: an unnamed column of it has the last of them."""
    while isinstance(tree, exp.Dot) and isinstance(tree.expression, exp.Identifier):
        tree = tree.this
    return isinstance(tree, (exp.Column, exp.Identifier))


def has_aggregate(tree: exp.Expression | None, *, inside_windows: bool = False) -> bool:
    """Whether an expression is of a group rather than of a row: an aggregate that is in no subquery, and no window unless that is asked too."""
    if tree is None:
        return False
    for node in tree.walk(prune=lambda node: isinstance(node, exp.Query if inside_windows else (exp.Query, exp.Window))):
        if isinstance(node, exp.Anonymous) and not isinstance(node.parent, exp.Window):
            meaning = BY_NAME.get(node.name.lower())
            if meaning is not None and meaning.sort == "aggregate":
                return True
    return False


def refuse_order(kind: Type) -> None:
    """NULL within an array or a struct has another place in DuckDB's order."""
    if isinstance(kind, (Array, Structure, Map)):
        raise refused(f"ORDER BY of {kinds.sql(kind)} is not taken; order by its elements.", "UNSUPPORTED_FEATURE")
