"""Answers the queries of pages with plain values, made from Arrow where Arrow is loaded. It keeps no result and gives no statement an id."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from decimal import Decimal as DecimalNumber

import msgspec
import pyarrow as pa

from headgate.admin.page_queries import PAGE_BYTES_MAX, PAGE_ROWS_MAX, PageColumn, PageQuery, PageRows
from headgate.admin.result_text import scalar_text
from headgate.admin.statement_ports import Queries, Query, QueryResult, Relations
from headgate.catalog import types
from headgate.core.clock import Clock
from headgate.core.errors import GatewayError
from headgate.core.principal import Principal

_PLAIN = frozenset({"string", "boolean", "byte", "short", "integer", "long"})


class PageRowReader:
    """Implements `PageQueries` beside the engine. `on_failed` hears why a query failed; `timeout_s_max` is the limit of every statement."""

    def __init__(
        self,
        queries: Queries,
        relations: Callable[[Principal], Awaitable[Relations]],
        clock: Clock,
        timeout_s_max: float,
        on_failed: Callable[[GatewayError], None],
    ) -> None:
        self._queries = queries
        self._relations = relations
        self._clock = clock
        self._timeout_s_max = timeout_s_max
        self._on_failed = on_failed
        self._under_way = 0
        self.idle = asyncio.Event()  # whether every query is answered
        self.idle.set()

    async def rows(self, query: PageQuery, principal: Principal) -> PageRows:
        """The rows that this principal may read."""
        begun_s = self._clock.monotonic_s()
        asked = Query(
            text=query.text,
            principal=principal,
            parameters=query.parameters,
            row_limit=max(1, min(query.row_limit, PAGE_ROWS_MAX)),
            byte_limit=PAGE_BYTES_MAX,
            timeout_s=min(query.timeout_s, self._timeout_s_max),
        )
        self._under_way += 1
        self.idle.clear()
        try:
            result = await self._queries.run(asked, await self._relations(principal))
        except GatewayError as error:
            self._on_failed(error)
            raise
        finally:
            self._under_way -= 1
            if not self._under_way:
                self.idle.set()
        rows = page_rows(result, query.decimals)
        took_ms = round((self._clock.monotonic_s() - begun_s) * 1e3, 2)
        return msgspec.structs.replace(rows, took_ms=took_ms, waited_ms=round(result.waited_s * 1e3, 2))


def page_rows(result: QueryResult, decimals: str) -> PageRows:
    """A result as plain values."""
    table = pa.ipc.open_stream(result.arrow).read_all()
    write_decimal = _digits if decimals == "text" else float
    columns = tuple(PageColumn(field.name, types.sql(field.type)) for field in result.columns)
    values = [_plain_column(column, field.type, write_decimal) for column, field in zip(table.columns, result.columns, strict=True)]
    return PageRows(columns=columns, values=values, truncated=result.truncated)


def _plain_column(column: pa.ChunkedArray, kind: types.Type, write_decimal: Callable[[DecimalNumber], object]) -> list[object]:
    values: list[object] = column.to_pylist()
    if isinstance(kind, types.Primitive) and kind.name in _PLAIN:
        return values
    return [_plain(value, kind, write_decimal) for value in values]


def _plain(value: object, kind: types.Type, write_decimal: Callable[[DecimalNumber], object]) -> object:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case DecimalNumber():
            return write_decimal(value)
        case datetime() | date() | bytes():
            return scalar_text(value)
        case _:
            return _plain_nested(value, kind, write_decimal)


def _plain_nested(value: object, kind: types.Type, write_decimal: Callable[[DecimalNumber], object]) -> object:
    match kind:
        case types.Array(element) if isinstance(value, list):
            return [_plain(item, element, write_decimal) for item in value]
        case types.Map(_, item_kind) if isinstance(value, (list, dict)):
            pairs = value.items() if isinstance(value, dict) else value
            return {key if isinstance(key, str) else scalar_text(key): _plain(item, item_kind, write_decimal) for key, item in pairs}
        case types.Structure(fields) if isinstance(value, dict):
            return {field.name: _plain(value.get(field.name), field.type, write_decimal) for field in fields}
        case _:
            return scalar_text(value)


def _digits(value: DecimalNumber) -> str:
    return f"{value:f}"
