"""Days, moments and intervals. Sessions are in UTC."""

from headgate.catalog.types import Decimal, Type
from headgate.storage.query.analysis import casts, kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, form, ruled, scalar
from headgate.storage.query.analysis.meanings import intervals
from headgate.storage.query.analysis.value import Value, mismatch, refused

_UNITS = {
    "YEAR": "year", "YY": "year", "YYYY": "year", "QUARTER": "quarter", "MONTH": "month", "MM": "month", "MON": "month", "WEEK": "week",
    "DAY": "day", "DD": "day", "HOUR": "hour", "MINUTE": "minute", "SECOND": "second", "MILLISECOND": "millisecond", "MICROSECOND": "microsecond",
}  # fmt: skip
_PARTS = {
    "YEAR": "year", "YEARS": "year", "Y": "year", "QUARTER": "quarter", "QTR": "quarter", "MONTH": "month", "MON": "month", "MONTHS": "month",
    "WEEK": "week", "W": "week", "WEEKS": "week", "DAY": "day", "D": "day", "DAYS": "day", "DOY": "dayofyear", "DAYOFYEAR": "dayofyear",
    "DAYOFWEEK_ISO": "isodow", "DOW_ISO": "isodow", "HOUR": "hour", "H": "hour", "HOURS": "hour", "HR": "hour", "HRS": "hour", "MINUTE": "minute",
    "M": "minute", "MIN": "minute", "MINS": "minute", "MINUTES": "minute", "YEAROFWEEK": "isoyear",
}  # fmt: skip


def naive(value: Value, what: str) -> str:
    """A day or moment as a TIMESTAMP of UTC: DuckDB reckons with it without its calendar."""
    if value.kind == kinds.TIMESTAMP:
        return f"make_timestamp(epoch_us({value.text}))"
    return casts.implicit(value, kinds.TIMESTAMP_NTZ, what)


def moment(call: FunctionCall, place: int) -> Value:
    """An argument as a day or a moment; a text is taken for a moment."""
    value = call.value(place)
    if value.kind in kinds.TIMES:
        return value
    return Value(text=call.cast(place, kinds.TIMESTAMP), kind=kinds.TIMESTAMP, name=value.name)


def _now(call: FunctionCall) -> Value:
    call.counted(0)
    return call.gives("now()", kinds.TIMESTAMP)


def _today(call: FunctionCall) -> Value:
    call.counted(0)
    return Value(text="CAST(make_timestamp(epoch_us(now())) AS DATE)", kind=kinds.DATE, name="current_date()")


def _trunc(call: FunctionCall) -> Value:
    """`date_trunc('DAY', time)` gives a moment."""
    call.counted(2)
    written = call.constant(0, "The unit")
    value = moment(call, 1)
    unit = _UNITS.get(written.upper())
    if unit is None:
        return call.gives("CAST(NULL AS TIMESTAMPTZ)", kinds.TIMESTAMP)
    return call.gives(f"make_timestamptz(epoch_us(date_trunc('{unit}', {naive(value, call.name)})))", kinds.TIMESTAMP)


def _trunc_date(call: FunctionCall) -> Value:
    """`trunc(date, 'MONTH')` gives a day."""
    call.counted(2)
    unit = _UNITS.get(call.constant(1, "The unit").upper())
    day = call.cast(0, kinds.DATE)
    if unit not in {"year", "quarter", "month", "week"}:
        return call.gives("CAST(NULL AS DATE)", kinds.DATE)
    return call.gives(f"CAST(date_trunc('{unit}', {day}) AS DATE)", kinds.DATE)


def _of_part(call: FunctionCall, part: str, value: Value) -> Value:
    return call.gives(f"CAST(date_part('{part}', {naive(value, call.name)}) AS INTEGER)", kinds.INT)


def _field(call: FunctionCall) -> Value:
    """`year(time)` and so on."""
    call.counted(1)
    names = {"dayofmonth": "day", "day": "day", "weekofyear": "week", "dayofyear": "dayofyear"}
    value = moment(call, 0)
    if call.name == "dayofweek":
        return call.gives(f"CAST(date_part('dow', {naive(value, call.name)}) + 1 AS INTEGER)", kinds.INT)
    if call.name == "weekday":
        return call.gives(f"CAST(date_part('isodow', {naive(value, call.name)}) - 1 AS INTEGER)", kinds.INT)
    return _of_part(call, names.get(call.name, call.name), value)


def _extract(call: FunctionCall) -> Value:
    """`extract(HOUR FROM time)`, `date_part('HOUR', time)`."""
    call.counted(2)
    word = call.constant(0, "The field").upper()
    if call.value(1).kind in kinds.INTERVALS:
        return intervals.field(call, word)
    value = moment(call, 1)
    name = call.title if call.name == "date_part" else f"{call.name}({call.value(0).name} FROM {value.name})"
    kind: Type
    if word in {"DAYOFWEEK", "DOW"}:
        text, kind = f"CAST(date_part('dow', {naive(value, call.name)}) + 1 AS INTEGER)", kinds.INT
    elif word in {"SECOND", "S", "SEC", "SECONDS", "SECS"}:
        kind = Decimal(8, 6)
        text = f"CAST(CAST(date_part('microsecond', {naive(value, call.name)}) AS DECIMAL(18,0)) / 1000000 AS DECIMAL(8,6))"
    elif word in _PARTS:
        text, kind = f"CAST(date_part('{_PARTS[word]}', {naive(value, call.name)}) AS INTEGER)", kinds.INT
    else:
        raise refused(f"There is no field {word} of a time.", "INVALID_EXTRACT_FIELD")
    return Value(text=text, kind=kind, name=name)


def _date_add(call: FunctionCall) -> Value:
    """`date_add(day, 3)`; `date_add(MONTH, 3, time)` and `timestampadd`."""
    if len(call) == 3:
        return _timestamp_add(call)
    call.counted(2)
    sign, name = ("-", "date_sub") if call.name == "date_sub" else ("+", "date_add")
    text = f"CAST({call.cast(0, kinds.DATE)} {sign} {call.cast(1, kinds.INT)} AS DATE)"
    return Value(text=text, kind=kinds.DATE, name=call.titled(name))


_INTERVALS = {
    "YEAR": "to_years", "QUARTER": "to_quarters", "MONTH": "to_months", "WEEK": "to_weeks", "DAY": "to_days", "HOUR": "to_hours", "MINUTE": "to_minutes",
    "SECOND": "to_seconds", "MILLISECOND": "to_milliseconds", "MICROSECOND": "to_microseconds",
}  # fmt: skip

_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


def _unit(call: FunctionCall) -> str:
    tree = call.arguments[0]
    return str(tree.name)


def _timestamp_add(call: FunctionCall) -> Value:
    call.counted(3)
    function = _INTERVALS.get(_unit(call).upper())
    if function is None:
        raise refused(f"{_unit(call)!r} is no unit of {call.name}.", "INVALID_PARAMETER_VALUE.DATETIME_UNIT")
    value = moment(call, 2)
    moved = f"({naive(value, call.name)} + {function}(CAST({call.cast(1, kinds.INT)} AS INTEGER)))"
    name = f"timestampadd({_unit(call)}, {call.value(1).name}, {value.name})"
    if value.kind == kinds.TIMESTAMP_NTZ:
        return Value(text=moved, kind=kinds.TIMESTAMP_NTZ, name=name)
    return Value(text=f"make_timestamptz(epoch_us({moved}))", kind=kinds.TIMESTAMP, name=name)


def _difference(call: FunctionCall) -> Value:
    """`datediff(end, start)` counts days; with a unit, whole ones that have passed."""
    if len(call) == 2:
        return call.gives(f"CAST({call.cast(0, kinds.DATE)} - {call.cast(1, kinds.DATE)} AS INTEGER)", kinds.INT)
    call.counted(3)
    unit = _unit(call).upper()
    if unit not in _INTERVALS:
        raise refused(f"{unit!r} is no unit of {call.name}.", "INVALID_PARAMETER_VALUE.DATETIME_UNIT")
    start, end = (naive(moment(call, place), call.name) for place in (1, 2))
    name = f"timestampdiff({_unit(call)}, {call.value(1).name}, {call.value(2).name})"
    months = _MONTHS.get(unit)
    text = f"date_sub('{unit.lower()}', {start}, {end})" if months is None else f"databricks_months({start}, {end}) // {months}"
    return Value(text=f"({text})", kind=kinds.BIGINT, name=name)


def _since_epoch(call: FunctionCall) -> Value:
    """`unix_millis(moment)` and so on, which take no other type."""
    call.counted(1)
    value = call.value(0)
    wanted = kinds.DATE if call.name == "unix_date" else kinds.TIMESTAMP
    if value.kind not in {wanted, kinds.VOID} and (value.kind, wanted) != (kinds.TIMESTAMP_NTZ, kinds.TIMESTAMP):
        raise mismatch(f"Cannot resolve {call.title!r}: it takes a {kinds.sql(wanted)}, not a {kinds.sql(value.kind)}.")
    text = casts.cast(value.text, value.kind, wanted)
    if wanted == kinds.DATE:
        return call.gives(f"CAST({text} - DATE '1970-01-01' AS INTEGER)", kinds.INT)
    micros = {"unix_seconds": 1_000_000, "unix_millis": 1000}.get(call.name)
    return call.gives(f"epoch_us({text})" if micros is None else f"databricks_floored(epoch_us({text}), {micros})", kinds.BIGINT)


def _add_months(call: FunctionCall) -> Value:
    call.counted(2)
    return call.gives(f"CAST({call.cast(0, kinds.DATE)} + to_months({call.cast(1, kinds.INT)}) AS DATE)", kinds.DATE)


MEANINGS: tuple[Meaning, ...] = (
    ruled("current_timestamp now", _now),
    ruled("current_date curdate", _today),
    ruled("date_trunc", _trunc, example="date_trunc('HOUR', TIMESTAMP'2026-01-05 10:20:30')", gives="2026-01-05 10:00:00"),
    ruled("trunc", _trunc_date, example="trunc(DATE'2026-01-05', 'MONTH')", gives="2026-01-01"),
    ruled(
        "year quarter month day dayofmonth weekofyear dayofyear dayofweek weekday hour minute second",
        _field,
        example="dayofweek(DATE'2026-11-29')",
        gives="1",
    ),
    ruled("extract date_part datepart", _extract, example="extract(DAYOFWEEK FROM DATE'2026-11-29')", gives="1"),
    ruled("date_add date_sub dateadd", _date_add, example="date_add(DATE'2026-01-31', 1)", gives="2026-02-01"),
    ruled("timestampadd", _timestamp_add, example="timestampadd(HOUR, 1, TIMESTAMP'2026-01-05 10:00:00')", gives="2026-01-05 11:00:00"),
    ruled("datediff date_diff timestampdiff timediff", _difference, example="datediff(DATE'2026-01-31', DATE'2026-01-30')", gives="1"),
    ruled("add_months", _add_months, example="add_months(DATE'2026-01-31', 1)", gives="2026-02-28"),
    scalar("last_day", form("date -> date", "last_day($1)"), example="last_day(DATE'2026-02-01')", gives="2026-02-28"),
    ruled("unix_seconds unix_millis unix_micros unix_date", _since_epoch, example="unix_millis(TIMESTAMP'1970-01-01 00:00:01')", gives="1000"),
    scalar(
        "timestamp_seconds",
        form("bigint -> timestamp", "make_timestamptz($1 * 1000000)"),
        form("double -> timestamp", "make_timestamptz(CAST($1 * 1000000 AS BIGINT))"),
        example="timestamp_seconds(1)",
        gives="1970-01-01 00:00:01",
    ),
    scalar(
        "timestamp_millis",
        form("bigint -> timestamp", "make_timestamptz($1 * 1000)"),
        example="timestamp_millis(1500)",
        gives="1970-01-01 00:00:01.5",
    ),
    scalar(
        "timestamp_micros",
        form("bigint -> timestamp", "make_timestamptz($1)"),
        example="timestamp_micros(1000001)",
        gives="1970-01-01 00:00:01.000001",
    ),
    scalar("make_date", form("int, int, int -> date", "make_date($1, $2, $3)"), example="make_date(2026, 1, 31)", gives="2026-01-31"),
)
