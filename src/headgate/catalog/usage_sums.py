"""Sums of the usage table by the hour, as views: `usage_hours` of exchanges, `line_hours` of the lines that were charged. Pure text and columns.

A row of these views is one exchange or line, or several of one hour that agree in every key. Whether rows are summed changes no answer: every measure
is a sum, a smallest or a largest value, or the list of all values, so a question that adds rows up gets what the usage table says.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from headgate.catalog.cache_runs import CACHE_RUNS
from headgate.catalog.names import Name
from headgate.catalog.summed_view import PLACE, SummedView, within
from headgate.catalog.types import Field, Structure, parse_text
from headgate.catalog.usage_table import RATES, USAGE

_LINES = " LATERAL VIEW posexplode(CASE WHEN size(usage_lines) > 0 THEN usage_lines ELSE array(NULL) END) every_line AS place, line"
_TRIES = (
    "transform(routing_information.attempts, a -> named_struct('action', a.action, 'destination', a.destination, 'destination_id', a.destination_id, "
    "'status_code', a.status_code))"
)
_AMOUNT = "decimal(38,12)"

_FIRST_TRY = "try_element_at(routing_information.attempts, 1).start_time"

Kind = Literal["sum", "min", "max", "list"]


class Measure(msgspec.Struct, frozen=True):
    """A column that is added up: its type, what one row counts, and how rows are put together. A row counts a list of one for a list."""

    type: str
    of_row: str
    kind: Kind = "sum"

    @property
    def value(self) -> str:
        """What one row counts, in the column's type."""
        return f"CAST({self.of_row} AS {self.type.upper()})"

    def together(self, name: str) -> str:
        """The column's rows put together."""
        made = f"flatten(collect_list({name}))" if self.kind == "list" else f"{self.kind}({name})"
        return f"CAST({made} AS {self.type.upper()}) AS {name}"


class Sums(SummedView, frozen=True, kw_only=True):
    """One view of sums by the hour. `keys` has the type and the expression of each column that the rows of a sum agree in; `explode` follows the table's name."""

    keys: Mapping[str, tuple[str, str]]
    measures: Mapping[str, Measure]
    explode: str = ""

    @property
    def schema(self) -> Structure:
        """The view's columns."""
        kinds = {**{name: kind for name, (kind, _) in self.keys.items()}, **{name: one.type for name, one in self.measures.items()}}
        return Structure(tuple(Field(name, parse_text(kind)) for name, kind in kinds.items()))

    @property
    def of_row(self) -> dict[str, str]:
        """Every column as an expression over a row of the usage table."""
        return {**{name: text for name, (_, text) in self.keys.items()}, **{name: one.value for name, one in self.measures.items()}}

    def rows_text(self, table: str) -> str:
        """Every row of a table with the columns of the usage table, by itself."""
        columns = ",\n  ".join(f"{text} AS {name}" for name, text in self.of_row.items())
        return f"SELECT {columns}\nFROM {table}{self.explode}"

    def summing(self, from_us: int, until_us: int) -> str:
        """The sums of a stretch of time of the usage table."""
        keys, measures = (
            ", ".join(self.keys),
            ", ".join(one.together(name) for name, one in self.measures.items()),
        )
        return f"SELECT {keys}, {measures}\nFROM (\n{self.rows_text(USAGE.name.sql)}\nWHERE {within(from_us, until_us)}) AS every\nGROUP BY {keys}\nORDER BY hour"


def _plain(kind: str, *names: str) -> dict[str, tuple[str, str]]:
    return {name: (kind, name) for name in names}


def _count(*names: str) -> dict[str, Measure]:
    return {name: Measure("bigint", name) for name in names}


_HOUR = {"hour": ("timestamp", "date_trunc('HOUR', event_time)")}
_TAGS = {"request_tags": ("map<string,string>", "request_tags")}
_TIMES = {"first_time": Measure("timestamp", "event_time", "min"), "last_time": Measure("timestamp", "event_time", "max")}

USAGE_HOURS = Sums(
    name=PLACE.child("usage_hours"),
    comment="The usage table for questions that add up: a row is one exchange, or several of one hour that agree in every column before `requests`.",
    keys={
        **_HOUR,
        **_plain("string", "requester", "agent", "agent_version", "surface", "session_id", "endpoint_name", "destination_name"),
        **_plain("string", "model_asked", "model_sent", "model_served", "token_id", "ended", "error_code", "charge_status", "paid_by"),
        **_plain("int", "status_code"),
        "charged": ("boolean", "coalesce(charge > 0, false)"),
        "has_input": ("boolean", "coalesce(input_tokens > 0, false)"),
        "provider_answered": ("boolean", "try_element_at(routing_information.attempts, -1).status_code IS NOT NULL"),
        "tried_again": ("boolean", "coalesce(size(routing_information.attempts) > 1, false)"),
        **_TAGS,
        "rates": (RATES, "rates"),
        "tries": ("array<struct<action:string,destination:string,destination_id:string,status_code:int>>", _TRIES),
    },
    measures={
        "requests": Measure("bigint", "1"),
        **_count("input_tokens", "output_tokens", "total_tokens", "fresh_input_tokens", "cache_read_tokens"),
        **_count("cache_write_5m_tokens", "cache_write_1h_tokens", "reasoning_tokens"),
        "charge": Measure(_AMOUNT, "charge"),
        "list_charge": Measure(_AMOUNT, "list_charge"),
        # A list within a structure within a list is read as a whole: its times take longer to read than all else of a row.
        "before_try_us": Measure("array<bigint>", f"array(unix_micros({_FIRST_TRY}) - unix_micros(event_time))", "list"),
        **_TIMES,
    },
)

LINE_CLASSES = ("fresh_input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "output_tokens", "reasoning_tokens")


def _of_line(name: str) -> str:
    """What the line says; what the row says where it has no lines, as rows of an earlier release."""
    return f"CASE WHEN line IS NULL THEN {name} ELSE line.{name} END"


def _spent(*classes: tuple[str, tuple[str, ...]]) -> str:
    """What the tokens of classes cost in a line that was charged: exact as the charge is, by the rates of `metering.price`."""
    items = [
        f"CAST(coalesce(line.{tokens}, 0) AS DECIMAL(14, 0)) * CAST(coalesce({', '.join(f'line.rates.{rate}' for rate in rates)}, 0) AS DECIMAL(14, 6))"
        for tokens, rates in classes
    ]
    return f"CASE WHEN line.charge > 0 THEN CAST(0.000001 AS DECIMAL(6, 6)) * ({' + '.join(items)}) END"


LINE_AMOUNTS: Mapping[str, str] = {
    "charge": _of_line("charge"),
    "fresh_input_spend": _spent(("fresh_input_tokens", ("input_mtok",))),
    "cache_read_spend": _spent(("cache_read_tokens", ("cache_read_mtok", "input_mtok"))),
    "cache_write_spend": _spent(
        ("cache_write_5m_tokens", ("cache_write_5m_mtok", "input_mtok")),
        ("cache_write_1h_tokens", ("cache_write_1h_mtok", "cache_write_5m_mtok", "input_mtok")),
    ),
    "output_spend": _spent(("output_tokens", ("output_mtok",))),
    "use_spend": "CASE WHEN coalesce(line.uses, 0) > 0 THEN line.charge END",
}
"""What a line cost, and the parts of that: expressions over a row and one of its lines."""

LINE_HOURS = Sums(
    name=PLACE.child("line_hours"),
    comment="The lines that were charged, for questions that add up: one line, or several of one hour that agree in every column before `requests`.",
    keys={
        **_HOUR,
        **_plain("string", "requester", "agent", "endpoint_name", "destination_name", "ended"),
        **_plain("int", "status_code"),
        **_TAGS,
        "model_charged": ("string", "coalesce(line.model, model_served, model_sent, model_asked)"),
        "kind": ("string", "line.kind"),
    },
    measures={
        "requests": Measure("bigint", "CASE WHEN place = 0 THEN 1 ELSE 0 END"),
        **{name: Measure("bigint", _of_line(name)) for name in LINE_CLASSES},
        "uses": Measure("bigint", "line.uses"),
        **{name: Measure(_AMOUNT, text) for name, text in LINE_AMOUNTS.items()},
        **_TIMES,
    },
    explode=_LINES,
)

SUMS: tuple[SummedView, ...] = (USAGE_HOURS, LINE_HOURS, CACHE_RUNS)
SUMS_BY_NAME: Mapping[Name, SummedView] = {one.name: one for one in SUMS}
