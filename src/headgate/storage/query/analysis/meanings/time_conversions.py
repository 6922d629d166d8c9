"""Times from and to texts, numbers and the clocks of other zones. Sessions are in UTC."""

import re

from headgate.storage.query.analysis import casts, date_patterns, kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, form, ruled, scalar
from headgate.storage.query.analysis.meanings.times import moment, naive
from headgate.storage.query.analysis.value import Value, refused
from headgate.storage.query.duckdb_text import literal

_DEFAULT_PATTERN = "yyyy-MM-dd HH:mm:ss"
_REGION = re.compile(r"[A-Za-z]{3,}(/[A-Za-z_+\-0-9]+)*")
_DAY_NAMES = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


def _date_format(call: FunctionCall) -> Value:
    """Java's letters; the few that DuckDB has no like of are refused."""
    call.counted(2)
    pattern = call.constant(1, "The pattern")
    return call.gives(date_patterns.written(pattern, naive(moment(call, 0), call.name)), kinds.STRING)


def _parsed(call: FunctionCall, pattern: str, *, tried: bool = False) -> str:
    """The text of the first argument, read by a pattern, as a TIMESTAMP of UTC."""
    matched, signs = date_patterns.reading(pattern)
    macro = "databricks_try_parsed" if tried else "databricks_parsed"
    return f"{macro}({call.cast(0, kinds.STRING)}, {literal(matched)}, {literal(signs)})"


def _to_timestamp(call: FunctionCall) -> Value:
    call.counted(1, 2)
    if len(call) == 1:
        return call.gives(call.cast(0, kinds.TIMESTAMP), kinds.TIMESTAMP)
    pattern = call.constant(1, "The pattern")
    if call.value(0).kind in kinds.TIMES:
        return call.gives(call.cast(0, kinds.TIMESTAMP), kinds.TIMESTAMP)
    return call.gives(f"make_timestamptz(epoch_us({_parsed(call, pattern)}))", kinds.TIMESTAMP)


def _try_to_timestamp(call: FunctionCall) -> Value:
    call.counted(1, 2)
    value = call.value(0)
    if value.kind in kinds.TIMES:
        return call.gives(call.cast(0, kinds.TIMESTAMP), kinds.TIMESTAMP)
    if len(call) == 1:
        return call.gives(casts.tried(call.cast(0, kinds.STRING), kinds.STRING, kinds.TIMESTAMP), kinds.TIMESTAMP)
    return call.gives(f"make_timestamptz(epoch_us({_parsed(call, call.constant(1, 'The pattern'), tried=True)}))", kinds.TIMESTAMP)


def _to_date(call: FunctionCall) -> Value:
    call.counted(1, 2)
    if len(call) == 1 or call.value(0).kind in kinds.TIMES:
        return call.gives(call.cast(0, kinds.DATE), kinds.DATE)
    return call.gives(f"CAST({_parsed(call, call.constant(1, 'The pattern'))} AS DATE)", kinds.DATE)


def _unix_timestamp(call: FunctionCall) -> Value:
    """Seconds since 1970. A text is read by the pattern, which is printed where it is left out too."""
    call.counted(0 if call.name == "unix_timestamp" else 1, 2)
    pattern = call.constant(1, "The pattern") if len(call) == 2 else _DEFAULT_PATTERN
    shown = call.value(0).name if len(call) else "current_timestamp()"
    if not len(call):
        text = "now()"
    elif call.value(0).kind in kinds.TIMES:
        text = naive(call.value(0), call.name)
    else:
        text = _parsed(call, pattern)
    return Value(text=f"databricks_floored(epoch_us({text}), 1000000)", kind=kinds.BIGINT, name=f"{call.name}({shown}, {pattern})")


def _from_unixtime(call: FunctionCall) -> Value:
    call.counted(1, 2)
    pattern = call.constant(1, "The pattern") if len(call) == 2 else _DEFAULT_PATTERN
    time = f"make_timestamp({call.cast(0, kinds.BIGINT)} * 1000000)"
    return Value(text=date_patterns.written(pattern, time), kind=kinds.STRING, name=f"{call.name}({call.value(0).name}, {pattern})")


def _next_day(call: FunctionCall) -> Value:
    """The first such day of the week after a day."""
    call.counted(2)
    written = call.constant(1, "The day of the week").strip().upper()
    names = {name: number for number, day in enumerate(_DAY_NAMES, start=1) for name in (day, day[:3], day[:2])}
    if written not in names:
        raise refused(f"Illegal input for day of week: {written[:20]}.", "ILLEGAL_DAY_OF_WEEK")
    day = call.cast(0, kinds.DATE)
    ahead = f"CAST(({names[written]} - date_part('isodow', {day}) + 6) % 7 + 1 AS INTEGER)"
    return call.gives(f"({day} + {ahead})", kinds.DATE)


def _months_between(call: FunctionCall) -> Value:
    call.counted(2, 3)
    rounds = call.value(2).constant if len(call) == 3 else True
    if not isinstance(rounds, bool):
        raise refused(f"Whether {call.name} rounds is TRUE or FALSE, not an expression.")
    end, start = (naive(moment(call, place), call.name) for place in (0, 1))
    text = f"databricks_months_between({end}, {start})"
    name = f"{call.name}({call.value(0).name}, {call.value(1).name}, {'true' if rounds else 'false'})"
    return Value(text=f"round({text}, 8)" if rounds else text, kind=kinds.DOUBLE, name=name)


def zone(call: FunctionCall, place: int) -> str:
    """A time zone's name, quoted."""
    named = call.constant(place, "The time zone")
    if _REGION.fullmatch(named) is None:
        raise refused(f"The time zone {named[:40]!r} is not taken: write the name of a region, such as 'Europe/Paris', or 'UTC'.")
    return literal(named)


def _from_utc(call: FunctionCall) -> Value:
    """What a clock of the zone shows at a moment, as if it were UTC."""
    call.counted(2)
    return call.gives(f"make_timestamptz(epoch_us(timezone({zone(call, 1)}, {call.cast(0, kinds.TIMESTAMP)})))", kinds.TIMESTAMP)


def _to_utc(call: FunctionCall) -> Value:
    """The moment at which a clock of the zone shows a time."""
    call.counted(2)
    return call.gives(f"databricks_zoned({zone(call, 1)}, {naive(moment(call, 0), call.name)})", kinds.TIMESTAMP)


def _convert_timezone(call: FunctionCall) -> Value:
    """What a clock of one zone shows when a clock of another shows a time."""
    call.counted(2, 3)
    last = len(call) - 1
    local = naive(call.value(last), call.name) if call.value(last).kind in kinds.TIMES else call.cast(last, kinds.TIMESTAMP_NTZ)
    start, first = ("'UTC'", "current_timezone()") if len(call) == 2 else (zone(call, 0), call.value(0).name)
    name = f"{call.name}({first}, {call.value(last - 1).name}, {call.value(last).name})"
    text = f"timezone({zone(call, last - 1)}, databricks_zoned({start}, {local}))"
    return Value(text=text, kind=kinds.TIMESTAMP_NTZ, name=name)


MEANINGS: tuple[Meaning, ...] = (
    ruled(
        "date_format",
        _date_format,
        example="date_format(TIMESTAMP'2026-01-05 10:00:00.089', 'yyyy-MM-dd HH:mm:ss.SSS')",
        gives="2026-01-05 10:00:00.089",
    ),
    ruled("to_timestamp", _to_timestamp, example="to_timestamp('05/01/2026', 'dd/MM/yyyy')", gives="2026-01-05 00:00:00"),
    ruled("try_to_timestamp", _try_to_timestamp, example="try_to_timestamp('soon', 'dd/MM/yyyy')", gives="NULL"),
    ruled("to_date", _to_date, example="to_date('05/01/2026', 'dd/MM/yyyy')", gives="2026-01-05"),
    ruled("unix_timestamp to_unix_timestamp", _unix_timestamp, example="unix_timestamp(TIMESTAMP'1970-01-01 00:01:00')", gives="60"),
    ruled("from_unixtime", _from_unixtime, example="from_unixtime(60, 'HH:mm')", gives="00:01"),
    ruled("next_day", _next_day, example="next_day(DATE'2026-11-30', 'MON')", gives="2026-12-07"),
    ruled("months_between", _months_between, example="months_between(DATE'2026-03-01', DATE'2026-01-01')", gives="2.0"),
    ruled("from_utc_timestamp", _from_utc, example="from_utc_timestamp(TIMESTAMP'2026-01-05 10:00:00', 'Asia/Tokyo')", gives="2026-01-05 19:00:00"),
    ruled("to_utc_timestamp", _to_utc, example="to_utc_timestamp(TIMESTAMP'2026-01-05 19:00:00', 'Asia/Tokyo')", gives="2026-01-05 10:00:00"),
    ruled(
        "convert_timezone",
        _convert_timezone,
        example="convert_timezone('Asia/Tokyo', 'UTC', TIMESTAMP_NTZ'2026-01-05 19:00:00')",
        gives="2026-01-05 10:00:00",
    ),
    scalar("current_timezone", form("-> string", "'UTC'"), example="current_timezone()", gives="UTC"),
    scalar("date_from_unix_date", form("int -> date", "(DATE '1970-01-01' + $1)"), example="date_from_unix_date(1)", gives="1970-01-02"),
    scalar("dayname", form("date -> string", "strftime($1, '%a')"), example="dayname(DATE'2026-11-30')", gives="Mon"),
    scalar("monthname", form("date -> string", "strftime($1, '%b')"), example="monthname(DATE'2026-11-30')", gives="Nov"),
)
