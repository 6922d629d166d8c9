"""`sequence`: of whole numbers, of days, and of moments. Steps are counted in UTC."""

from headgate.catalog.types import Array, Type
from headgate.storage.query.analysis import casts, kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, ruled
from headgate.storage.query.analysis.value import Value, mismatch, refused

_DAY_US = 86_400_000_000


def _sequence(call: FunctionCall) -> Value:
    """The end is among the elements where the step leads to it."""
    call.counted(2, 3)
    kind = kinds.common(call.value(0).kind, call.value(1).kind)
    if kind in kinds.TIMES:
        return _of_times(call, kind)
    if kind is None or not kinds.is_integral(kind) or (len(call) == 3 and not kinds.takes(call.value(2).kind, kinds.BIGINT)):
        raise mismatch("sequence takes whole numbers, or days or moments with an interval as the step.")
    first, last = call.cast(0, kinds.BIGINT), call.cast(1, kinds.BIGINT)
    step = call.cast(2, kinds.BIGINT) if len(call) == 3 else f"(CASE WHEN {first} <= {last} THEN 1 ELSE -1 END)"
    return call.gives(casts.cast(f"databricks_sequence({first}, {last}, {step})", Array(kinds.BIGINT), Array(kind)), Array(kind))


def _of_times(call: FunctionCall, kind: Type) -> Value:
    start, end = (_naive(call, place, kind) for place in (0, 1))
    if len(call) == 3 and call.value(2).kind not in kinds.INTERVALS:
        raise mismatch(f"The step of a sequence of {kinds.sql(kind)} is an interval.")
    if len(call) == 3 and call.value(2).kind in kinds.YEAR_MONTHS:
        step = call.value(2).text
        months = f"(date_part('year', {step}) * 12 + date_part('month', {step}))"
        return call.gives(_cast(f"databricks_sequence_of_months({start}, {end}, {months})", kind), Array(kind))
    if len(call) == 3 and kind == kinds.DATE and call.value(2).kind != kinds.DAYS:
        raise refused("A sequence of days takes whole days or months as the step: write INTERVAL '1' DAY.")
    step = f"epoch_us({call.value(2).text})" if len(call) == 3 else f"(CASE WHEN {start} <= {end} THEN {_DAY_US} ELSE {-_DAY_US} END)"
    step = f"databricks_day_step({step})" if kind == kinds.DATE and len(call) == 3 else step
    return call.gives(_cast(f"databricks_sequence_of_times({start}, {end}, {step})", kind), Array(kind))


def _naive(call: FunctionCall, place: int, kind: Type) -> str:
    """A side as a TIMESTAMP of UTC."""
    text = call.cast(place, kind)
    return f"make_timestamp(epoch_us({text}))" if kind == kinds.TIMESTAMP else casts.cast(text, kind, kinds.TIMESTAMP_NTZ)


def _cast(text: str, kind: Type) -> str:
    return casts.cast(text, Array(kinds.TIMESTAMP_NTZ), Array(kind))


MEANINGS: tuple[Meaning, ...] = (
    ruled(
        "sequence",
        _sequence,
        example="sequence(DATE'2026-01-31', DATE'2026-03-31', INTERVAL 1 MONTH)",
        gives='["2026-01-31","2026-02-28","2026-03-31"]',
    ),
)
