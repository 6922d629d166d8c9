"""Intervals and moments that are made of numbers."""

from headgate.catalog.types import Decimal, Type
from headgate.storage.query.analysis import casts, kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, ruled
from headgate.storage.query.analysis.meanings import time_conversions
from headgate.storage.query.analysis.value import Value, refused

_SECONDS = Decimal(18, 6)
_UNITS_US = (86_400_000_000, 3_600_000_000, 60_000_000)


_FIELDS: dict[Type, dict[str, tuple[str, Type]]] = {
    kinds.DAYS: {"DAY": ("epoch_us($1) // 86400000000", kinds.INT)},
    kinds.DAY_TIME: {
        "DAY": ("epoch_us($1) // 86400000000", kinds.INT),
        "HOUR": ("epoch_us($1) // 3600000000 % 24", kinds.TINYINT),
        "MINUTE": ("epoch_us($1) // 60000000 % 60", kinds.TINYINT),
        "SECOND": ("CAST(epoch_us($1) % 60000000 AS DECIMAL(18,0)) / 1000000", Decimal(8, 6)),
    },
    kinds.YEAR_MONTH: {"YEAR": ("date_part('year', $1)", kinds.INT), "MONTH": ("date_part('month', $1)", kinds.TINYINT)},
}


def field(call: FunctionCall, word: str) -> Value:
    """`extract(HOUR FROM end - start)`: a field of an interval, with the interval's sign."""
    value = call.value(1)
    if value.kind not in _FIELDS:
        raise refused(
            f"{call.name} of an interval of these units is not taken: write INTERVAL '0 01:00:00' DAY TO SECOND or INTERVAL '1-0' YEAR TO MONTH."
        )
    found = _FIELDS[value.kind].get(word.removesuffix("S"))
    if found is None:
        raise refused(f"There is no field {word} of {kinds.sql(value.kind)}.", "INVALID_EXTRACT_FIELD")
    text, kind = found
    name = call.title if call.name == "date_part" else f"{call.name}({call.value(0).name} FROM {value.name})"
    return Value(text=f"CAST({text.replace('$1', value.text)} AS {kinds.duckdb(kind)})", kind=kind, name=name)


def _days(call: FunctionCall) -> Value:
    """`make_dt_interval(days, hours, minutes, seconds)`; what is left out is 0."""
    call.counted(0, 4)
    parts = [f"CAST({call.cast(place, kinds.INT)} AS BIGINT) * {_UNITS_US[place]}" for place in range(min(len(call), 3))]
    if len(call) == 4:
        parts.append(f"CAST({call.cast(3, _SECONDS)} * 1000000 AS BIGINT)")
    text = f"to_microseconds({' + '.join(parts) or 'CAST(0 AS BIGINT)'})"
    return call.gives_more(text, kinds.DAY_TIME, *["0", "0", "0", "0.000000"][len(call) :])


def _months(call: FunctionCall) -> Value:
    """`make_ym_interval(years, months)`."""
    call.counted(0, 2)
    parts = [f"{call.cast(place, kinds.INT)} * {factor}" for place, factor in zip(range(len(call)), (12, 1), strict=False)]
    return call.gives_more(f"to_months(CAST({' + '.join(parts) or '0'} AS INTEGER))", kinds.YEAR_MONTH, *["0", "0"][len(call) :])


def _moment(call: FunctionCall) -> Value:
    """`make_timestamp(year, month, day, hour, minute, second)`, in UTC or in the zone that is named behind."""
    call.counted(6, 6 if call.name.endswith("_ntz") else 7)
    parts = [call.cast(place, kinds.INT) for place in range(5)] + [call.cast(5, Decimal(16, 6))]
    text = f"databricks_{'try_' if call.name.startswith('try') else ''}made_time({', '.join(parts)})"
    if len(call) == 7:
        shown = call.values[:6] if call.name == "try_make_timestamp" else call.values
        name = f"{call.name}({', '.join(value.name for value in shown)})"
        return call.gives(f"databricks_zoned({time_conversions.zone(call, 6)}, {text})", kinds.TIMESTAMP, name)
    if call.name.endswith("_ntz"):
        return call.gives(text, kinds.TIMESTAMP_NTZ)
    return call.gives(casts.cast(text, kinds.TIMESTAMP_NTZ, kinds.TIMESTAMP), kinds.TIMESTAMP)


def _tried_day(call: FunctionCall) -> Value:
    call.counted(1)
    return call.gives(casts.tried(call.cast(0, kinds.STRING), kinds.STRING, kinds.DATE), kinds.DATE)


MEANINGS: tuple[Meaning, ...] = (
    ruled("make_dt_interval", _days, example="DATE'2026-01-01' + make_dt_interval(1, 2)", gives="2026-01-02 02:00:00"),
    ruled("make_ym_interval", _months, example="DATE'2026-01-31' + make_ym_interval(0, 1)", gives="2026-02-28"),
    ruled(
        "make_timestamp make_timestamp_ltz make_timestamp_ntz try_make_timestamp try_make_timestamp_ltz try_make_timestamp_ntz",
        _moment,
        example="make_timestamp(2026, 1, 5, 10, 20, 30.5)",
        gives="2026-01-05 10:20:30.5",
    ),
    ruled("try_to_date", _tried_day, example="try_to_date('2026-13-01')", gives="NULL"),
)
