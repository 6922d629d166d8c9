"""Databricks SQL to DuckDB SQL: one statement that reads, of allowed syntax, with every name resolved by the catalog and replaced by a view of ours.

Nothing is executed here and no file is opened. What comes out is parsed once more by DuckDB itself before it runs. A view of ours is parsed once for all
statements, compiled once for each that reads it, and put in its place last of all, so that nothing of it is rewritten twice.
"""

import functools
import secrets

import msgspec
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError, UnsupportedError

from headgate.admin.statement_ports import Parameter, Query, Relations, TableSource, ViewSource
from headgate.catalog import names, types
from headgate.catalog.names import Name
from headgate.catalog.tokens import NOT_UNDERSTOOD, parse, tokenize
from headgate.catalog.tokens import refused as unparsed
from headgate.core.errors import BadRequest
from headgate.storage.query import allowed_syntax, cte_scope, rewrite, utc
from headgate.storage.query.allowed_syntax import refused

OWN_PREFIX = "headgate_"  # of every relation of ours in the engine; nobody else may use it
_TABLES_MAX = 64
_VIEWS_MAX = 8
_PARAMETERS_MAX = 256
_VIEW_TEXTS_MAX = 64


class AsOf(msgspec.Struct, frozen=True):
    """Which state of a table is read: the newest, a version, or the state at a time (RFC 3339)."""

    version: int | None = None
    timestamp: str = ""


class Read(msgspec.Struct, frozen=True):
    """One table that a query reads, and the name that stands for it in the compiled text."""

    view: str
    source: TableSource
    as_of: AsOf


class Compiled(msgspec.Struct, frozen=True):
    """DuckDB SQL over the views of these reads."""

    sql: str
    reads: tuple[Read, ...]


def compile_query(query: Query, relations: Relations) -> Compiled:
    """The query, compiled for the principal that runs it."""
    compiler = _Compiler(query, relations)
    parsed = _parse(query.text)
    try:
        allowed_syntax.check(parsed)
        sql = _written(compiler.compile(parsed, None, 0))
    except RecursionError as error:
        raise unparsed("The query is nested too deeply.") from error
    except SqlglotError as error:
        raise unparsed("The query cannot be compiled; perhaps it names a type that does not exist.") from error
    return Compiled(sql, tuple(compiler.reads.values()))


def _written(tree: exp.Expression) -> str:
    try:
        # Every identifier is quoted: DuckDB reserves words that Databricks does not (`at`), and knows no case either way.
        return tree.sql("duckdb", identify=True, unsupported_level=ErrorLevel.RAISE, copy=False)
    except UnsupportedError as error:
        raise refused(str(error)) from error
    except NOT_UNDERSTOOD as error:  # the writer stumbles over what the parser let pass
        raise unparsed("The query cannot be compiled; perhaps an argument of a function is missing.") from error


def _parse(text: str) -> exp.Expression:
    tokenize(text)  # one statement, of bounded length
    try:
        trees = parse(text)
    except BadRequest:
        names.refuse_placeholders(text)
        raise
    tree = next((tree for tree in trees if tree is not None), None)
    if not isinstance(tree, allowed_syntax.ROOTS):
        raise refused(f"Only statements that read are run as queries, not {type(tree).__name__}.")
    return tree


@functools.lru_cache(maxsize=_VIEW_TEXTS_MAX)
def _parsed_view(text: str) -> exp.Expression:
    """The tree of a view's text. Everybody's: whoever changes it changes a copy."""
    tree = _parse(text)
    allowed_syntax.check(tree)
    for node in tree.walk():
        node.comments = node._meta = None  # ruff: ignore[private-member-access] - places in the text: half of what a copy costs, and of no use here
    return tree


class _Compiler:
    """Compiles one statement and the views of ours inside it; collects the tables that are read."""

    def __init__(self, query: Query, relations: Relations) -> None:
        if len(query.parameters) > _PARAMETERS_MAX:
            raise BadRequest(f"A statement takes at most {_PARAMETERS_MAX} parameters.", code="INVALID_PARAMETER_VALUE")
        self._query = query
        self._relations = relations
        self._parameters = {parameter.name.lower(): parameter for parameter in query.parameters}
        self.reads: dict[tuple[Name, AsOf], Read] = {}
        self._views: dict[str, exp.Expression] = {}
        self._placed: set[str] = set()
        # Each query has its own names for our relations, so nobody can guess one.
        self._mark = f"{OWN_PREFIX}{secrets.token_hex(8)}"
        self._ctes = 0
        self._given: set[str] = set()

    def compile(self, tree: exp.Expression, inside: ViewSource | None, depth: int) -> exp.Expression:
        """The tree with names, parameters and differences of dialect settled. `inside` is the view of ours whose text this is."""
        if depth > _VIEWS_MAX:
            raise refused("Views are nested too deeply.")
        tree = _with_parameters(tree, self._parameters if inside is None else {})
        if inside is None:
            _refuse_own_names(tree)
        named = [table for table in tree.find_all(exp.Table) if isinstance(table.this, exp.Identifier)]
        # All names are looked up before the first one is replaced.
        meant = [(table, cte_scope.definition(table)) for table in named]
        cte_scope.refuse_duplicates(tree)
        self._rename_ctes(tree, meant)
        referenced = {self._table(table, inside, depth).parts for table, cte in meant if cte is None}
        _strip_qualifiers(tree, referenced)
        self._given |= utc.given_names(tree)
        utc.without_calendar(tree, utc.timestamp_columns((read.source.schema for read in self.reads.values()), self._given))
        return self._with_views(rewrite.rewrite(tree, self._query))

    def _rename_ctes(self, tree: exp.Expression, meant: list[tuple[exp.Table, exp.CTE | None]]) -> None:
        """Give every CTE a name of ours. A name of the user's then means nothing in the engine, whatever scope the engine sees it in."""
        ctes = list(tree.find_all(exp.CTE))
        marks = {id(cte): f"{self._mark}_c{number}" for number, cte in enumerate(ctes, start=self._ctes)}
        self._ctes += len(ctes)
        for table, meaning in meant:
            if meaning is not None:
                _refuse_extras(table)
                if _as_of(table) != AsOf():
                    raise refused(f"{table.name} is a common table expression and has no versions.")
                _stand_in(table, marks[id(meaning)])
        for cte in ctes:
            cte.args["alias"].set("this", exp.to_identifier(marks[id(cte)], quoted=True))

    def _table(self, table: exp.Table, inside: ViewSource | None, depth: int) -> Name:
        _refuse_extras(table)
        name = names.of_parts(tuple(part.name for part in table.parts), 3, self._query.defaults)
        relation = self._relations.resolve(name) if inside is None else self._relations.resolve_inside(inside, name)
        as_of = _as_of(table)
        if isinstance(relation, ViewSource):
            if as_of != AsOf():
                raise refused(f"{name} is a view and has no versions.")
            stands_in = self._compiled_view(relation, depth)
        else:
            stands_in = self._read(relation, as_of).view
        _stand_in(table, stands_in)
        return name

    def _compiled_view(self, view: ViewSource, depth: int) -> str:
        """What stands in for the view until all else is settled."""
        mark = f"{self._mark} {view.name}"  # replaced by the view's text before anything runs
        if mark not in self._views:
            self._views[mark] = self.compile(_parsed_view(view.text).copy(), view, depth + 1)
        return mark

    def _with_views(self, tree: exp.Expression) -> exp.Expression:
        for table in [table for table in tree.find_all(exp.Table) if table.name in self._views]:
            inner = self._views[table.name]
            if table.name in self._placed:
                inner = inner.copy()
            self._placed.add(table.name)
            kept = {part: table.args.get(part) for part in ("alias", "joins", "sample", "pivots")}
            table.replace(exp.Subquery(this=inner, **kept))
        return tree

    def _read(self, source: TableSource, as_of: AsOf) -> Read:
        key = (source.name, as_of)
        if key not in self.reads:
            if len(self.reads) >= _TABLES_MAX:
                raise refused(f"A query reads at most {_TABLES_MAX} tables, and this one reads more; views count with every table that they read.")
            self.reads[key] = Read(f"{self._mark}_t{len(self.reads)}", source, as_of)
        return self.reads[key]


def _refuse_own_names(tree: exp.Expression) -> None:
    """Refuse names of ours where a relation is named: as a CTE, an alias, or a bare table. A table of the catalog is still read by its longer name."""
    for node in tree.find_all(exp.Table, exp.TableAlias):
        name = "" if isinstance(node, exp.Table) and node.args.get("db") else node.name
        if name.lower().startswith(OWN_PREFIX):
            raise refused(
                f"The name {name[:64]!r} cannot be used here: names that begin with {OWN_PREFIX} are reserved. Read a table of that name as schema.table."
            )


def _stand_in(table: exp.Table, name: str) -> None:
    """Name another relation here; columns still find it by the name that the user wrote."""
    alias = table.args.get("alias") or exp.TableAlias()
    if alias.this is None:
        alias.set("this", exp.to_identifier(table.name, quoted=True))
    table.set("this", exp.to_identifier(name, quoted=True))
    table.set("catalog", None)
    table.set("db", None)
    table.set("version", None)
    table.set("alias", alias)


def _refuse_extras(table: exp.Table) -> None:
    known = {"this", "db", "catalog", "alias", "version", "joins", "sample", "pivots", "laterals"}
    extra = next((key for key, value in table.args.items() if value and key not in known), None)
    if extra:
        raise refused(f"{extra.replace('_', ' ')} is not taken on a table.")
    if any(not isinstance(part, exp.Identifier) for part in table.parts):
        raise refused(f"{table.sql('databricks')[:80]!r} is not a table.")


def _as_of(table: exp.Table) -> AsOf:
    """`VERSION AS OF 3`, `TIMESTAMP AS OF '…'` and the short form `table@v3`."""
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


def _strip_qualifiers(tree: exp.Expression, referenced: set[tuple[str, ...]]) -> None:
    """`main.obs.t.column` and `obs.t.column` become `t.column`; `struct.field.field` is left alone."""
    pairs = {parts[1:] for parts in referenced}
    for column in tree.find_all(exp.Column):
        table, schema, catalog = (column.args.get(part) for part in ("table", "db", "catalog"))
        if schema is None:
            continue
        path = tuple(part.name.lower() for part in (catalog, schema, table) if part is not None)
        if path in referenced or path in pairs:
            column.set("db", None)
            column.set("catalog", None)


def _with_parameters(tree: exp.Expression, parameters: dict[str, Parameter]) -> exp.Expression:
    """Named markers replaced by typed literals; sqlglot quotes them."""
    for marker in list(tree.find_all(exp.Placeholder, exp.Parameter)):
        if isinstance(marker.parent, exp.TableAlias):
            continue  # the short form of time travel
        name = marker.name if isinstance(marker, exp.Placeholder) else ""
        parameter = parameters.get(name.lower())
        if parameter is None:
            raise BadRequest(f"[UNBOUND_SQL_PARAMETER] The parameter :{name or '?'} has no value.", code="UNBOUND_SQL_PARAMETER")
        marker.replace(_literal(parameter))
    return tree


def _literal(parameter: Parameter) -> exp.Expression:
    kind = types.parse_text(parameter.type or "STRING")
    if not isinstance(kind, (types.Primitive, types.Decimal)) or kind in {types.Primitive("variant"), types.Primitive("binary")}:
        raise BadRequest(f"The parameter :{parameter.name} has the type {parameter.type}; scalar types are taken.", code="INVALID_PARAMETER_VALUE")
    value = exp.null() if parameter.value is None else exp.Literal.string(parameter.value)
    return exp.cast(value, exp.DataType.build(types.text(kind), dialect="databricks"))
