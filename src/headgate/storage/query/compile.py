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

Views go through passes 1 to 7 by themselves, with their owners' rights, and are kept for the next statement (`analysed_texts`).
"""

import re
import secrets
from collections.abc import Callable
from functools import partial

import msgspec
from sqlglot import exp
from sqlglot.errors import SqlglotError

from headgate.admin.statement_ports import Query, Relation, Relations, TableSource, ViewSource
from headgate.catalog import names
from headgate.catalog.names import DEFAULTS, Defaults, Name
from headgate.catalog.sql_text import refused as unparsed
from headgate.catalog.types import Field
from headgate.storage.query import cte_scope, query_text, table_references, tree_nodes
from headgate.storage.query.analysed_texts import AnalysedText, KeptViews, NameRead
from headgate.storage.query.analysis import kinds
from headgate.storage.query.analysis.plan import OutputColumn, QueryPlan, Stored, everything
from headgate.storage.query.analysis.queries import QueryAnalysis
from headgate.storage.query.analysis.value import NAMELESS, refused
from headgate.storage.query.compiled import AsOf, Compiled, TableRead
from headgate.storage.query.cte_scope import Meaning
from headgate.storage.query.row_bounds import RowBounds, outlines
from headgate.storage.query.table_references import OWN_PREFIX

Resolve = Callable[[Name], Relation]

_TABLES_MAX = 64
_VIEWS_MAX = 8


def compile_query(query: Query, relations: Relations, kept: KeptViews | None = None) -> Compiled:
    """The query, compiled for the principal that runs it. Views that were analysed before are `kept`."""
    compilation = _Compilation(query, relations, kept or KeptViews())
    values = query_text.by_name(query.parameters)
    tree = query_text.read(query.text)
    try:
        query_text.bind(tree, values)
        table_references.refuse_own_names(tree)
        plan = compilation.statement(tree)
        _refuse_outputs(plan)
        sql = plan.text(everything(plan), [output.name for output in plan.outputs])
    except RecursionError as error:
        raise unparsed("The query is nested too deeply.") from error
    except SqlglotError as error:
        raise unparsed("The query cannot be compiled; perhaps it names a type that does not exist.") from error
    return compilation.result(sql, plan)


def _refuse_outputs(plan: QueryPlan) -> None:
    """Intervals are for reckoning: as a column of an answer Databricks prints each of its thirteen types in a form of its own. And some names are not known."""
    for output in plan.outputs:
        if NAMELESS in output.name:
            raise refused(f"The column {output.name.replace(NAMELESS, '')!r} needs a name: write … AS name.")
        if kinds.holds_interval(output.kind):
            raise refused(f"The column {output.name!r} is an interval, which is not given out; cast it to STRING, or use timestampdiff or extract.")


class _Compilation:
    """Compiles one statement and the views inside it. Collects the tables that are read."""

    def __init__(self, query: Query, relations: Relations, kept: KeptViews) -> None:
        self._query = query
        self._relations = relations
        self._kept = kept
        self._reads: dict[str, TableRead] = {}
        self._views: dict[str, AnalysedText] = {}
        self._bounds = RowBounds()
        self._own = True  # as far as is known

    def statement(self, tree: exp.Expression) -> QueryPlan:
        """Passes 3 to 7 over the statement itself."""
        analysed = self._analyse(tree, self._relations.resolve, 0, self._query.defaults)
        self._bounds.add(analysed.outlines)
        self._own &= analysed.own
        return analysed.plan

    def result(self, sql: str, plan: QueryPlan) -> Compiled:
        """The compiled query. It has its own names for our relations, so that no query can guess one."""
        mark = f"{OWN_PREFIX}{secrets.token_hex(8)}"
        names = {name: f"{mark}_t{number}" for number, name in enumerate(self._reads)}
        stem = self._kept.stem
        sql = re.sub(f"{stem}_(?:t[0-9a-f]+|c)", lambda found: names.get(found[0], f"{mark}_c"), sql)
        bounds = self._bounds.of_tables()
        reads = tuple(msgspec.structs.replace(read, view=names[name], bound=bounds.get(name)) for name, read in self._reads.items())
        own = self._own and all(view.own for view in self._views.values())
        return Compiled(sql, reads, tuple(Field(output.name, output.kind) for output in plan.outputs), own)

    def _analyse(self, tree: exp.Expression, resolve: Resolve, depth: int, defaults: Defaults) -> AnalysedText:
        """Passes 3 to 7. `resolve` says what a name means to whom the text belongs: the principal, or a view's owner."""
        meanings = cte_scope.meanings(tree)
        self._rename_ctes(tree, meanings)
        reads = [self._resolve(table, resolve, depth, defaults) for table, cte in meanings if cte is None]
        table_references.shorten_columns(tree, {read.name.parts for read in reads})
        tables = {read.mark: read.relation for read in reads if isinstance(read.relation, TableSource)}
        stored: dict[str, Stored | QueryPlan] = {mark: Stored(mark, _outputs(source)) for mark, source in tables.items()}
        analysis = QueryAnalysis(self._query, stored | {read.mark: read.view.plan for read in reads if read.view is not None})
        outlined = outlines(tree, {mark: _columns(source) for mark, source in tables.items()})
        return AnalysedText(analysis.plan(tree), tuple(reads), outlined, own=not analysis.session.asked)

    def _rename_ctes(self, tree: exp.Expression, meanings: list[Meaning]) -> None:
        """Rename every CTE. The user's names then mean nothing in the engine, in whatever scope the engine looks them up."""
        ctes = list(tree_nodes.of_kinds(tree, exp.CTE))
        marks = {id(cte): self._kept.cte_mark() for cte in ctes}
        for table, cte in meanings:
            if cte is not None:
                table_references.refuse_extras(table)
                if table_references.as_of(table) != AsOf():
                    raise refused(f"{table.name} is a common table expression and has no versions.")
                table_references.replace(table, marks[id(cte)])
        for cte in ctes:
            cte.args["alias"].set("this", exp.to_identifier(marks[id(cte)], quoted=True))

    def _resolve(self, table: exp.Table, resolve: Resolve, depth: int, defaults: Defaults) -> NameRead:
        """Replace a name by what it means. The catalog refuses a relation that may not be read."""
        table_references.refuse_extras(table)
        name = names.of_parts(tuple(part.name for part in table.parts), 3, defaults)
        relation = resolve(name)
        as_of = table_references.as_of(table)
        if isinstance(relation, ViewSource):
            if as_of != AsOf():
                raise refused(f"{name} is a view and has no versions.")
            read = NameRead(self._kept.view_mark(relation.name), name, as_of, relation, self._view(relation, depth))
        else:
            read = NameRead(self._read(relation, as_of), name, as_of, relation)
        table_references.replace(table, read.mark)
        return read

    def _view(self, view: ViewSource, depth: int) -> AnalysedText:
        """What the view's text became, by now or before."""
        mark = self._kept.view_mark(view.name)
        found = self._views.get(mark)
        if found is None:
            if depth >= _VIEWS_MAX:
                raise refused("Views are nested too deeply.")
            resolve = partial(self._relations.resolve_inside, view)
            found = self._kept.find(view)
            if found is None or not self._means_the_same(found, resolve, depth + 1):
                tree = query_text.view_tree(view.text).copy()
                query_text.bind(tree, {})
                # A view of Headgate's own has no defaults, as it names everything in full.
                found = self._analyse(tree, resolve, depth + 1, view.defaults or DEFAULTS)
                self._kept.keep(view, found)
            self._views[mark] = found
            self._bounds.add(found.outlines, mark)
        return found

    def _means_the_same(self, text: AnalysedText, resolve: Resolve, depth: int) -> bool:
        """Whether every name in it still means what it did. Each is looked up, and what it reads is read."""
        for read in text.reads:
            if resolve(read.name) != read.relation:
                return False
            if isinstance(read.relation, TableSource):
                self._read(read.relation, read.as_of)
            elif self._view(read.relation, depth) is not read.view:
                return False
        return True

    def _read(self, source: TableSource, as_of: AsOf) -> str:
        """Note a table that is read. The name that stands for it."""
        mark = self._kept.table_mark(source.name, as_of)
        if mark not in self._reads:
            if len(self._reads) >= _TABLES_MAX:
                raise refused(f"A query reads at most {_TABLES_MAX} tables, and this one reads more; views count with every table that they read.")
            self._reads[mark] = TableRead(mark, source, as_of)
            self._bounds.add_table(mark, _columns(source))
        return mark


def _outputs(source: TableSource) -> tuple[OutputColumn, ...]:
    return tuple(OutputColumn(field.name, field.type) for field in source.schema.fields)


def _columns(source: TableSource) -> frozenset[str]:
    return frozenset(field.name.lower() for field in source.schema.fields)
