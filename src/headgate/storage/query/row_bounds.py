"""Which rows of a table a query can use at all: bounds on its columns, from the conditions of the query and of the views and subqueries that it reads it through.

A condition on the result of a query is one on its rows where the query only filters and renames: not past limits, windows or aggregates, and not on
the side of a join that may be filled with nulls. A table that is read in several places can be used as any of these say.
"""

from collections import Counter, defaultdict
from functools import partial

import msgspec
from sqlglot import exp

from headgate.storage.query.bounds import Bound, either, every, renamed, widely_typed
from headgate.storage.query.query_outline import Columns, Outline, Outliner


class TextOutlines(msgspec.Struct, frozen=True):
    """What one text says: its own outline, those of its common table expressions by their names, those of its other queries, and how often it names what."""

    main: Outline
    ctes: dict[str, Outline]
    others: tuple[Outline, ...]
    references: Counter[str]


def outlines(tree: exp.Expression, columns: Columns) -> TextOutlines:
    """The outlines of a tree whose names are resolved; every name in it is one that we chose. `columns` are those of the tables in it."""
    outliner = Outliner(tree, columns)
    main = outliner.outline(tree)
    ctes: dict[str, Outline] = {}
    others: list[Outline] = []
    references: Counter[str] = Counter()
    for node in outliner.named:
        if isinstance(node, exp.CTE):
            alias = node.args["alias"]
            ctes[alias.name] = Outline() if alias.columns else outliner.outline(node.this)
            if alias.columns:
                others.append(outliner.outline(node.this))
        elif isinstance(node, exp.Table):
            references[node.name] += isinstance(node.this, exp.Identifier)
        elif id(node) not in outliner.outlined:
            others.append(outliner.outline(node))
    return TextOutlines(main, ctes, tuple(others), references)


class RowBounds:
    """Takes the outlines of a statement and of its views, and says what bounds the tables that they read."""

    def __init__(self) -> None:
        self._columns: dict[str, frozenset[str]] = {}
        self._queries: dict[str, Outline] = {}
        self._roots: list[Outline] = []
        self._references: Counter[str] = Counter()
        self._said: dict[str, list[Bound | None]] = defaultdict(list)

    def add_table(self, name: str, columns: frozenset[str]) -> None:
        """A table that is read, by the name that stands for it, and its columns in small letters."""
        self._columns[name] = columns

    def add(self, found: TextOutlines, name: str = "") -> None:
        """What the text of the view `name` says, or that of the statement itself without one."""
        if name:
            self._queries[name] = found.main
        else:
            self._roots.append(found.main)
        self._queries |= found.ctes
        self._roots += found.others
        self._references.update(found.references)

    def of_tables(self) -> dict[str, Bound | None]:
        """The bound of each table; `None` where any row can be used. Call it once."""
        for root in self._roots:
            self._run(root, None)
        left = dict(self._queries)
        while left:
            # One that is not read wherever it is named, as a recursive one, is taken as read whole.
            name = next((name for name in left if len(self._said[name]) >= self._references[name]), None)
            bound = either(self._said[name]) if name is not None and self._said[name] else None
            self._run(left.pop(name if name is not None else next(iter(left))), bound)
        return {name: either(self._said[name]) if len(self._said[name]) == self._references[name] else None for name in self._columns}

    def _run(self, query: Outline, bound: Bound | None) -> None:
        """Hand what bounds a query's result on to what it reads."""
        if not query.open:
            bound = None
        if query.arms:
            names = query.column_names()
            for arm in query.arms:
                self._run(arm, renamed(widely_typed(bound), partial(_in_arm, names, arm.column_names())))
            return
        for place, source in enumerate(query.sources):
            handed = renamed(bound, partial(self._in_source, query, place)) if source.kept else None
            whole = every([source.bound, handed])
            if isinstance(source.target, str):
                self._said[source.target].append(whole)
            elif source.target is not None:
                self._run(source.target, whole)

    def _in_source(self, query: Outline, place: int, name: str) -> str | None:
        origin = query.origin(name, self._columns)
        return origin[1] if origin is not None and origin[0] == place else None


def _in_arm(names: list[str], of_arm: list[str], name: str) -> str | None:
    """What a column of a union is called in one of its arms."""
    if names.count(name) != 1 or len(names) != len(of_arm):
        return None
    found = of_arm[names.index(name)]
    return found if of_arm.count(found) == 1 else None
