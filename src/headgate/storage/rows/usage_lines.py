"""The lines of usage rows as one Arrow column. Rows with one plain line, which are most, lend it their own columns, so that it costs next to nothing."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

import msgspec
import pyarrow as pa

from headgate.core.record import Outcome
from headgate.metering.bill import ANSWER, Bill, BillLine
from headgate.metering.price import Rates, sold

_COUNTS = (
    ("fresh_input_tokens", "input_tokens"),
    ("cache_read_tokens", "cache_read_tokens"),
    ("cache_write_5m_tokens", "cache_write_5m_tokens"),
    ("cache_write_1h_tokens", "cache_write_1h_tokens"),
    ("output_tokens", "output_tokens"),
    ("reasoning_tokens", "reasoning_tokens"),
)
_LENT = tuple(name for name, _ in _COUNTS)


class UsageLines:
    """Makes the column. Holds its type."""

    def __init__(self, of: pa.DataType) -> None:
        self._list = of
        self._line = of.value_type

    def of(self, outcomes: Sequence[Outcome], bills: Sequence[Bill], flat: Mapping[str, pa.Array]) -> pa.Array:
        """The lines of these outcomes; none where nothing was used. `flat` are the rows' own columns."""
        plain = self._plain(outcomes, bills, flat)
        if not any(one.lines for one in bills):
            used = [one.status != "none" for one in bills]
            return pa.ListArray.from_arrays(_offsets(map(int, used)), plain if all(used) else plain.filter(pa.array(used)), type=self._list)
        # Rows of both sorts: the plain lines and the others one after the other, and then in the order of the rows.
        others = [line for one in bills for line in one.lines]
        made = pa.concat_arrays([plain, self._others(others)])
        order: list[int] = []
        taken = len(bills)
        for index, one in enumerate(bills):
            if one.lines:
                order += range(taken, taken + len(one.lines))
                taken += len(one.lines)
            elif one.status != "none":
                order.append(index)
        numbers = (len(one.lines) if one.lines else int(one.status != "none") for one in bills)
        return pa.ListArray.from_arrays(_offsets(numbers), made.take(pa.array(order, pa.int32())), type=self._list)

    def _plain(self, outcomes: Sequence[Outcome], bills: Sequence[Bill], flat: Mapping[str, pa.Array]) -> pa.Array:
        """A line of each row, of the row's own columns."""
        models = [next(iter(sold(outcome).models), None) for outcome in outcomes]
        lent = {name: flat[name] for name in (*_LENT, "charge")} | {
            "kind": pa.repeat(ANSWER, len(outcomes)),
            "model": pa.array(models, pa.string()),
            "tier": flat["service_tier"],
            "rates": rates_array([one.rates for one in bills], self._type("rates")),
        }
        return self._struct(lent, len(outcomes))

    def _others(self, lines: Sequence[BillLine]) -> pa.Array:
        values = {name: [getattr(one.line, field) for one in lines] for name, field in _COUNTS}
        values |= {
            "kind": [one.line.kind for one in lines],
            "model": [one.model or None for one in lines],
            "tier": [one.line.tier or None for one in lines],
            "uses": [one.line.uses for one in lines],
            "charge": [one.charge for one in lines],
        }
        arrays = {name: pa.array(column, self._type(name)) for name, column in values.items()}
        arrays["rates"] = rates_array([one.rates for one in lines], self._type("rates"))
        return self._struct(arrays, len(lines))

    def _struct(self, arrays: Mapping[str, pa.Array], rows: int) -> pa.Array:
        children = [arrays[field.name] if field.name in arrays else pa.nulls(rows, field.type) for field in self._line]
        return pa.StructArray.from_arrays(children, fields=list(self._line))

    def _type(self, name: str) -> pa.DataType:
        return self._line.field(name).type


def rates_array(rates: Sequence[Rates | None], of: pa.DataType) -> pa.Array:
    """Rates as a struct column: the few distinct ones, each taken as often as it is needed."""
    distinct = list(dict.fromkeys(one for one in rates if one is not None))
    place = {one: index for index, one in enumerate(distinct)}
    made = pa.array([msgspec.structs.asdict(one) for one in distinct], of)
    return made.take(pa.array([None if one is None else place[one] for one in rates], pa.int32()))


def _offsets(numbers: Iterable[int]) -> pa.Array:
    return pa.array(accumulate(numbers, initial=0), pa.int32())
