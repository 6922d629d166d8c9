"""The relations that a tile's SQL reads, as common table expressions in front of it: the rows of the range and the filters, under short names.

Text of a query string enters as a named parameter and in no other way. A relation lists only those columns that the tile names, so that a query reads
little and is easy to read. Pure text: nothing is run here.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import msgspec

from headgate.admin.statement_ports import Parameter
from headgate.web.ui.cache_relations import CacheRows
from headgate.web.ui.filter_conditions import Conditions
from headgate.web.ui.filters import VALUES, Filters
from headgate.web.ui.relation_columns import RELATIONS, Relation
from headgate.web.ui.sql_words import SqlWords, read_words, with_values

PARAMETERS = ("range_from", "range_to", "before_from", "before_to", "bucket")


class RowScope(msgspec.Struct, frozen=True, kw_only=True):
    """Whose rows a page shows: everyone's, or the caller's own. `members` are the users of the groups that are filtered by."""

    filters: Filters
    everyone: bool
    members: tuple[str, ...] = ()


class Composed(msgspec.Struct, frozen=True):
    """A statement that is complete, and its parameters."""

    text: str
    parameters: tuple[Parameter, ...]


def unknown_parameters(words: SqlWords) -> list[str]:
    """The parameters of a tile's SQL that no page gives."""
    return sorted(words.parameters - set(PARAMETERS))


def compose(sql: str, scope: RowScope) -> Composed:
    """The tile's SQL with the relations that it names in front."""
    text = sql.strip()
    words = read_words(text)
    made = _Composition(scope, words)
    definitions = ",\n".join(made.definitions([relation for relation in RELATIONS if relation.name in words.read]))
    if definitions and words.first == "with":
        rest = text[4:].lstrip()
        recursive = rest[:9].lower() == "recursive"
        text = f"WITH {'RECURSIVE ' if recursive else ''}{definitions},\n{rest[9:].lstrip() if recursive else rest}"
    elif definitions:
        text = f"WITH {definitions}\n{text}"
    return Composed(text, made.parameters(read_words(text).parameters))


def readable(composed: Composed) -> str:
    """The statement with its values written into it, to be read and to be run elsewhere."""
    return with_values(composed.text, {parameter.name.lower(): _literal(parameter) for parameter in composed.parameters})


def _literal(parameter: Parameter) -> str:
    value = (parameter.value or "").replace("\\", "\\\\").replace("'", "\\'")
    return f"TIMESTAMP '{value}'" if parameter.type == "TIMESTAMP" else f"'{value}'"


class _Composition:
    """One statement's relations over one scope."""

    def __init__(self, scope: RowScope, words: SqlWords) -> None:
        self._filters = scope.filters
        self._place = "system.ai_gateway." if scope.everyone else "system.ai_gateway.my_"
        self._conditions = Conditions(scope.filters, scope.members)
        self._words = words
        self._moments = _moments(scope.filters)

    def definitions(self, named: Sequence[Relation]) -> list[str]:
        """`name AS (SELECT … FROM … WHERE …)` of each. A view that is read over the range and over the compared period is read once for both."""
        found: list[str] = []
        sources = [relation.source for relation in named if relation.once]
        for relation in named:
            if self._filters.before is None or sources.count(relation.source) < 2:
                found.append(self._definition(relation))
                continue
            both = f"{relation.name.removesuffix('_before')}_of_both"
            if not relation.before:
                found.append(self._both(both, relation))
            within = "\n    AND ".join(_within(relation, *_ends(relation)))
            found.append(f"{relation.name} AS (\n  SELECT *\n  FROM {both}\n  WHERE {within}\n)")  # ruff: ignore[hardcoded-sql-expression] - all of it is ours
        return found

    def _both(self, name: str, relation: Relation) -> str:
        either = " OR ".join(f"({' AND '.join(_within(relation, *ends))})" for ends in (_RANGE, _BEFORE))
        timed = self._column(relation.time, relation.columns[relation.time])
        return f"{name} AS (\n  {self._select(relation, f'({either})', beside=timed)}\n)"

    def _definition(self, relation: Relation) -> str:
        first, last = _ends(relation)
        if relation.query is not None:
            of_caches, columns = self._of_caches(relation, relation.query), ", ".join(self._columns(relation))
            return f"{relation.name} AS (\n  SELECT {columns}\n  FROM ({of_caches}) AS every\n)"  # ruff: ignore[hardcoded-sql-expression] - all of it is ours
        parts = [self._select(relation, *_within(relation, first, last))]
        if relation.rows is not None:
            parts = self._by_the_hour(relation, relation.rows, first, last)
        if relation.before and self._filters.before is None:
            parts = [self._select(relation, "false")]
        text = "\n  UNION ALL\n  ".join(parts)
        return f"{relation.name} AS (\n  {text}\n)"

    def _of_caches(self, relation: Relation, query: Callable[[CacheRows], str]) -> str:
        rows = " AND ".join([*_within(relation, *_RANGE), *self._conditions.of(relation, self._place)])
        runs: list[str] = []
        if not any(self._filters.values(name) for name in VALUES if ("user" if name == "group" else name) not in relation.run_filters):
            summed = msgspec.structs.replace(relation, filters=relation.run_filters)
            runs = ["last_time >= :range_from", "first_time < :range_to", *self._conditions.of(summed, self._place)]
        return query(CacheRows(place=self._place, rows=rows, runs=" AND ".join(runs)))

    def _by_the_hour(self, relation: Relation, rows: Relation, first: str, last: str) -> list[str]:
        """The whole hours of a time from their sums; from the rows, what it has of the hours in which it begins and ends."""
        begins, begins_hour, ends_hour, ends = (self._moments[name] for name in (first, f"{first}_hour", f"{last}_hour", last))
        if begins_hour >= ends_hour:
            return [self._select(rows, *_within(rows, first, last))]
        parts = [self._select(relation, *_within(relation, f"{first}_hour", f"{last}_hour"))]
        if begins < begins_hour:
            parts.append(self._select(rows, *_within(rows, first, f"{first}_hour")))
        if ends_hour < ends:
            parts.append(self._select(rows, *_within(rows, f"{last}_hour", last)))
        return parts

    def _select(self, relation: Relation, *within: str, beside: str = "") -> str:
        conditions = within if within == ("false",) else [*within, *self._conditions.of(relation, self._place)]
        listed = self._columns(relation)
        columns, where = ", ".join([*listed, beside] if beside and beside not in listed else listed), "\n    AND ".join(conditions)
        return f"SELECT {columns}\n  FROM {relation.source.format(place=self._place)}\n  WHERE {where}"  # ruff: ignore[hardcoded-sql-expression] - all of it is ours

    def _columns(self, relation: Relation) -> list[str]:
        """The columns that the tile may mean by its words; any one where it names none."""
        every = self._words.every_column(relation.name)
        used = [name for name in relation.columns if every or name in self._words.names]
        return [self._column(name, relation.columns[name]) for name in used or list(relation.columns)[:1]]

    def _column(self, name: str, expression: str) -> str:
        written = expression.format(bucket=_TRUNCATION[self._filters.bucket]) if name == "bucket" else expression
        return written if written == name else f"{written} AS {name}"

    def parameters(self, used: frozenset[str]) -> tuple[Parameter, ...]:
        """The parameters that the text names."""
        filters = self._filters
        every = [
            *(Parameter(name=name, value=_iso(moment), type="TIMESTAMP") for name, moment in self._moments.items()),
            Parameter(name="bucket", value=filters.bucket, type="STRING"),
            *self._conditions.parameters,
        ]
        return tuple(parameter for parameter in every if parameter.name.lower() in used)


_RANGE, _BEFORE = ("range_from", "range_to"), ("before_from", "before_to")
_TRUNCATION: Mapping[str, str] = {"hour": "HOUR", "day": "DAY", "week": "WEEK"}


def _moments(filters: Filters) -> dict[str, dt.datetime]:
    """The moments that a statement may compare with: the ends of the range and of the compared period, and the whole hours that are inside of these. A named
    range ends in the hour that runs, of which there is nothing later.
    """
    before = filters.before or (filters.start, filters.start)
    moments = {"range_from": filters.start, "range_to": filters.end, "before_from": before[0], "before_to": before[1]}
    hours = {
        f"{name}_hour": _whole_hour(moment, up=name.endswith("_from") or (bool(filters.range) and name == "range_to"))
        for name, moment in moments.items()
    }
    return {**moments, **hours}


def _whole_hour(moment: dt.datetime, *, up: bool) -> dt.datetime:
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return whole + dt.timedelta(hours=1) if up and whole < moment else whole


def _ends(relation: Relation) -> tuple[str, str]:
    return _BEFORE if relation.before else _RANGE


def _within(relation: Relation, first: str, last: str) -> Sequence[str]:
    if relation.day:
        # A day counts whole if a part of it is in the range.
        return (f"{relation.time} >= CAST(:{first} AS DATE)", f"{relation.time} < :{last}")
    return (f"{relation.time} >= :{first}", f"{relation.time} < :{last}")


def _iso(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
