"""The text in which metrics are read: Prometheus' format, and OpenMetrics for a reader that asks for it. Pure: it writes values and looks none up.

https://prometheus.io/docs/instrumenting/exposition_formats/ (text format 0.0.4) and https://prometheus.io/docs/specs/om/open_metrics_spec/ (1.0).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate, starmap
from typing import Final, Literal

import msgspec

Number = int | float | Decimal
Labels = tuple[str, ...]
"""The values of a metric's labels, in the order of their names."""

COUNTER: Final = "counter"
GAUGE: Final = "gauge"
HISTOGRAM: Final = "histogram"

PLAIN: Final = "text/plain; version=0.0.4; charset=utf-8"
OPEN: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_TOTAL: Final = "_total"


class Metric(msgspec.Struct, frozen=True):
    """A row of the table of metrics. The name of a counter ends in `_total`. `bounds` are the upper bounds of a histogram's buckets."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    about: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()


class Observed(msgspec.Struct, frozen=True):
    """The values of one histogram: how many are in each bucket, the last one being for those above all bounds, and their sum."""

    counts: Sequence[int]
    total: float


Values = Mapping[Labels, Number | Observed]


def exposition(found: Iterable[tuple[Metric, Values]], *, as_openmetrics: bool) -> str:
    """All metrics with their values. A metric without any value is announced all the same."""
    lines = [line for metric, values in found for line in _metric(metric, values, as_openmetrics=as_openmetrics)]
    if as_openmetrics:
        lines.append("# EOF")
    return "\n".join(lines) + "\n"


def _metric(metric: Metric, values: Values, *, as_openmetrics: bool) -> Iterator[str]:
    # OpenMetrics names a counter without `_total` and its value with it; the older format has one name for both.
    family = metric.name.removesuffix(_TOTAL) if as_openmetrics else metric.name
    yield f"# HELP {family} {_escaped(metric.about) if as_openmetrics else metric.about}"
    yield f"# TYPE {family} {metric.kind}"
    for labels, value in sorted(values.items()):
        pairs = list(starmap(_pair, zip(metric.labels, labels, strict=True)))
        if isinstance(value, Observed):
            yield from _histogram(metric, pairs, value)
        else:
            yield f"{metric.name}{_braced(pairs)} {_number(value)}"


def _histogram(metric: Metric, pairs: list[str], value: Observed) -> Iterator[str]:
    bounds = [*map(_number, map(float, metric.bounds)), "+Inf"]
    for bound, count in zip(bounds, accumulate(value.counts), strict=True):
        yield f"{metric.name}_bucket{_braced([*pairs, _pair('le', bound)])} {count}"
    yield f"{metric.name}_sum{_braced(pairs)} {_number(value.total)}"
    yield f"{metric.name}_count{_braced(pairs)} {sum(value.counts)}"


def _pair(name: str, text: str) -> str:
    return f'{name}="{_escaped(text)}"'


def _braced(pairs: Sequence[str]) -> str:
    return f"{{{','.join(pairs)}}}" if pairs else ""


def _number(value: Number) -> str:
    return format(value, "f") if isinstance(value, Decimal) else repr(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
