"""Bars of requests over time, stacked by how they ended: pure arithmetic for a drawing that the template makes."""

import datetime as dt
from collections.abc import Iterable, Mapping

import msgspec

from headgate.web.ui.filters import Filters
from headgate.web.ui.request_outcomes import CLASSES, OutcomeClass

WIDTH, HEIGHT = 1000.0, 96.0
_GAP = 0.12  # of a bar's width
_LABELS = 6


class Block(msgspec.Struct, frozen=True):
    """One class in a bar."""

    name: str
    y: float
    height: float
    count: int


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One bar: its time, its blocks from the bottom up, and the address of its requests alone."""

    x: float
    width: float
    start: dt.datetime
    end: dt.datetime
    blocks: tuple[Block, ...]
    link: str

    @property
    def total(self) -> int:
        """Every request of the bar."""
        return sum(block.count for block in self.blocks)


class Total(msgspec.Struct, frozen=True):
    """All requests of one class, and the address of them alone."""

    outcome: OutcomeClass
    count: int
    link: str


class Histogram(msgspec.Struct, frozen=True, kw_only=True):
    """The drawing: bars with something in them, the most that a bar has, the moments below it, and the sum of each class."""

    bars: tuple[Bar, ...]
    most: int
    labels: tuple[tuple[float, str], ...]
    totals: tuple[Total, ...]

    @property
    def count(self) -> int:
        """Every request of the range."""
        return sum(total.count for total in self.totals)


def histogram(counts: Iterable[tuple[object, ...]], filters: Filters, step_s: int, path: str) -> Histogram:
    """The drawing of rows of (bar, class, number). What is outside of the range is left out."""
    step = dt.timedelta(seconds=step_s)
    places = max(1, -(-(filters.end - filters.start) // step))
    found: dict[int, dict[str, int]] = {}
    for place, name, number in counts:
        if isinstance(place, int) and isinstance(number, int) and 0 <= place < places:
            found.setdefault(place, {})[str(name)] = number
    most = max((sum(bar.values()) for bar in found.values()), default=0)
    width = WIDTH / places
    bars = []
    for place, named in sorted(found.items()):
        start, end = filters.start + place * step, min(filters.end, filters.start + (place + 1) * step)
        link = msgspec.structs.replace(filters, range="", start=start, end=end).at(path)
        x, wide = place * width + width * _GAP / 2, width * (1 - _GAP)
        bars.append(Bar(x=round(x, 2), width=round(wide, 2), start=start, end=end, blocks=_blocks(named, most), link=link))
    totals = tuple(Total(each, sum(bar.get(each.name, 0) for bar in found.values()), filters.at(f"{path}?outcome={each.name}")) for each in CLASSES)
    return Histogram(bars=tuple(bars), most=most, labels=_labels(filters), totals=totals)


def _blocks(named: Mapping[str, int], most: int) -> tuple[Block, ...]:
    blocks, bottom = [], HEIGHT
    for each in CLASSES:
        number = named.get(each.name, 0)
        if number:
            height = max(1.0, number / most * HEIGHT)
            bottom -= height
            blocks.append(Block(each.name, round(max(0.0, bottom), 2), round(height, 2), number))
    return tuple(blocks)


def _labels(filters: Filters) -> tuple[tuple[float, str], ...]:
    span = filters.end - filters.start
    form = "%H:%M" if span <= dt.timedelta(days=2) else "%d %b"
    return tuple((round(number / _LABELS * 100, 1), (filters.start + span * number / _LABELS).strftime(form)) for number in range(_LABELS))
