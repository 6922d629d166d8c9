"""Databricks SQL to DuckDB SQL: one statement that reads, in which every table name is resolved and authorised by the catalog.

It executes nothing and opens no file. A worker lets DuckDB parse the result and checks that tree once more before it runs (`duckdb_tree`).

The passes over a statement, in this order:

1. parse, with every function left as it was written (`query_text`);
2. bind the parameters (`query_text`), and refuse names that begin with our prefix (`table_references`);
3. decide what each table name means, a common table expression or a relation of the catalog (`cte_scope`), before any name is changed;
4. give every common table expression a name that we choose;
5. resolve the other names: the catalog authorises each, and a name that we choose replaces it;
6. drop the catalog and the schema from column names (`table_references`), and note what bounds the rows of each table (`row_bounds`);
7. analyse (`analysis`): every expression gets its Databricks type and DuckDB's text for it, and what has no entry is refused;
8. write the text, with those columns of each subquery and view that something reads.

Views go through passes 1 to 7 by themselves, with their owners' rights.
"""

import secrets
from collections.abc import Callable
from functools import partial

import msgspec
from sqlglot import exp
from sqlglot.errors import SqlglotError

from headgate.admin.statement_ports import Query, Relation, Relations, TableSource, ViewSource
from headgate.catalog import names
from headgate.catalog.names import Defaults, Name
from headgate.catalog.sql_text import refused as unparsed
from headgate.catalog.types import Field
from headgate.storage.query import cte_scope, query_text, table_references
from headgate.storage.query.analysis import kinds
from headgate.storage.query.analysis.plan import OutputColumn, QueryPlan, Stored, everything
from headgate.storage.query.analysis.queries import QueryAnalysis
from headgate.storage.query.analysis.value import refused
from headgate.storage.query.compiled import AsOf, Compiled, TableRead
from headgate.storage.query.cte_scope import Meaning
from headgate.storage.query.row_bounds import RowBounds
from headgate.storage.query.table_references import OWN_PREFIX

_TABLES_MAX = 64
_VIEWS_MAX = 8


def compile_query(query: Query, relations: Relations) -> Compiled:
    """The query, compiled for the principal that runs it."""
    compilation = _Compilation(query, relations)
    values = query_text.by_name(query.parameters)
    tree = query_text.read(query.text)
    try:
        query_text.bind(tree, values)
        table_references.refuse_own_names(tree)
        plan = compilation.analyse(tree, relations.resolve)
        _refuse_intervals(plan)
        sql = plan.text(everything(plan), [output.name for output in plan.outputs])
    except RecursionError as error:
        raise unparsed("The query is nested too deeply.") from error
    except SqlglotError as error:
        raise unparsed("The query cannot be compiled; perhaps it names a type that does not exist.") from error
    bounds = compilation.bounds.of_tables()
    reads = tuple(msgspec.structs.replace(read, bound=bounds.get(read.view)) for read in compilation.reads.values())
    return Compiled(sql, reads, tuple(Field(output.name, output.kind) for output in plan.outputs))


def _refuse_intervals(plan: QueryPlan) -> None:
    """Intervals are for reckoning: as a column of an answer Databricks prints each of its thirteen types in a form of its own."""
    for output in plan.outputs:
        if kinds.holds_interval(output.kind):
            raise refused(f"The column {output.name!r} is an interval, which is not given out; use timestampdiff or extract, or add it to a time.")


class _Compilation:
    """Compiles one statement and the views inside it. Collects the tables that are read."""

    def __init__(self, query: Query, relations: Relations) -> None:
        self._query = query
        self._relations = relations
        self.reads: dict[tuple[Name, AsOf], TableRead] = {}
        self._views: dict[str, QueryPlan] = {}
        # Each query has its own names for our relations, so that no query can guess one.
        self._mark = f"{OWN_PREFIX}{secrets.token_hex(8)}"
        self._cte_count = 0
        self.bounds = RowBounds()

    def analyse(
        self, tree: exp.Expression, resolve: Callable[[Name], Relation], depth: int = 0, defaults: Defaults | None = None, view: str = ""
    ) -> QueryPlan:
        """Passes 3 to 7. `resolve` says what a name means to whom the text belongs: the principal, or a view's owner. `defaults` are those of a view, and
        `view` is the name that stands for it.
        """
        meanings = cte_scope.meanings(tree)
        self._rename_ctes(tree, meanings)
        tables = {self._resolve(table, resolve, depth, defaults or self._query.defaults).parts for table, cte in meanings if cte is None}
        table_references.shorten_columns(tree, tables)
        self.bounds.note(tree, view, self.reads.values())
        stored = {read.view: Stored(read.view, _outputs(read.source)) for read in self.reads.values()}
        return QueryAnalysis(self._query, {**stored, **self._views}).plan(tree)

    def _rename_ctes(self, tree: exp.Expression, meanings: list[Meaning]) -> None:
        """Rename every CTE. The user's names then mean nothing in the engine, in whatever scope the engine looks them up."""
        ctes = list(tree.find_all(exp.CTE))
        marks = {id(cte): f"{self._mark}_c{number}" for number, cte in enumerate(ctes, start=self._cte_count)}
        self._cte_count += len(ctes)
        for table, cte in meanings:
            if cte is not None:
                table_references.refuse_extras(table)
                if table_references.as_of(table) != AsOf():
                    raise refused(f"{table.name} is a common table expression and has no versions.")
                table_references.replace(table, marks[id(cte)])
        for cte in ctes:
            cte.args["alias"].set("this", exp.to_identifier(marks[id(cte)], quoted=True))

    def _resolve(self, table: exp.Table, resolve: Callable[[Name], Relation], depth: int, defaults: Defaults) -> Name:
        """Replace a name by what it means. The catalog refuses a relation that may not be read."""
        table_references.refuse_extras(table)
        name = names.of_parts(tuple(part.name for part in table.parts), 3, defaults)
        relation = resolve(name)
        as_of = table_references.as_of(table)
        if isinstance(relation, ViewSource):
            if as_of != AsOf():
                raise refused(f"{name} is a view and has no versions.")
            replacement = self._compiled_view(relation, depth)
        else:
            replacement = self._read(relation, as_of).view
        table_references.replace(table, replacement)
        return name

    def _compiled_view(self, view: ViewSource, depth: int) -> str:
        """The name of the view in the tree."""
        mark = f"{self._mark} {view.name}"
        if mark not in self._views:
            if depth >= _VIEWS_MAX:
                raise refused("Views are nested too deeply.")
            tree = query_text.view_tree(view.text).copy()
            query_text.bind(tree, {})
            self._views[mark] = self.analyse(tree, partial(self._relations.resolve_inside, view), depth + 1, view.defaults, mark)
        return mark

    def _read(self, source: TableSource, as_of: AsOf) -> TableRead:
        key = (source.name, as_of)
        if key not in self.reads:
            if len(self.reads) >= _TABLES_MAX:
                raise refused(f"A query reads at most {_TABLES_MAX} tables, and this one reads more; views count with every table that they read.")
            self.reads[key] = TableRead(f"{self._mark}_t{len(self.reads)}", source, as_of)
        return self.reads[key]


def _outputs(source: TableSource) -> tuple[OutputColumn, ...]:
    return tuple(OutputColumn(field.name, field.type) for field in source.schema.fields)
