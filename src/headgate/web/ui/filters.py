"""The filters of a page: the query string as a frozen value, and back to a query string with one thing changed. Pure: the moment is given.

A value that is not understood is left out and noted for the reader; nothing here raises. Times are those of UTC.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode

import msgspec

RANGES = {"24h": dt.timedelta(hours=24), "7d": dt.timedelta(days=7), "30d": dt.timedelta(days=30), "90d": dt.timedelta(days=90)}
DEFAULT_RANGE = "30d"
COMPARISONS = {"previous": "the period before", "week": "a week before", "year": "a year before", "none": "nothing"}
DEFAULT_COMPARISON = "previous"
VALUES = ("user", "group", "agent", "model", "provider", "endpoint", "tag", "status")
ENDINGS = ("completed", "failed", "cut", "client_gone", "refused", "interrupted")

_VALUES_MAX, _CHARS_MAX = 20, 256
_SPAN_MAX = dt.timedelta(days=3660)
_MINUTE, _HOUR, _DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
_EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_LATEST = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)


class Chip(msgspec.Struct, frozen=True):
    """One value that is filtered by, and the query string without it."""

    name: str
    value: str
    without: str


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What a page is limited to. `range` is a name of `RANGES`, or empty where `from` and `to` were given. `start` is included, `end` is not."""

    start: dt.datetime
    end: dt.datetime
    range: str = DEFAULT_RANGE
    compare: str = DEFAULT_COMPARISON
    user: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    agent: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    provider: tuple[str, ...] = ()
    endpoint: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def values(self, name: str) -> tuple[str, ...]:
        """The values of one of `VALUES`."""
        found: tuple[str, ...] = getattr(self, name)
        return found

    @property
    def bucket(self) -> str:
        """How time is cut on a chart: `hour` up to two days, `day` up to 92 days, else `week`."""
        span = self.end - self.start
        return "hour" if span <= 2 * _DAY else "day" if span <= 92 * _DAY else "week"

    @property
    def before(self) -> tuple[dt.datetime, dt.datetime] | None:
        """The compared period, as long as the range; `None` where nothing is compared."""
        length = RANGES.get(self.range, self.end - self.start)
        shift = {"previous": length, "week": 7 * _DAY, "year": 364 * _DAY}.get(self.compare)
        return None if shift is None else (self.start - shift, self.end - shift)

    @property
    def query(self) -> str:
        """The query string of these filters, without what is the default; empty where all is."""
        return urlencode(self.fields())

    def fields(self) -> list[tuple[str, str]]:
        """The same as names and values, for a form that keeps them."""
        pairs: list[tuple[str, str]] = []
        if not self.range:
            pairs += [("from", moment_text(self.start)), ("to", end_text(self.end))]
        elif self.range != DEFAULT_RANGE:
            pairs.append(("range", self.range))
        if self.compare != DEFAULT_COMPARISON:
            pairs.append(("compare", self.compare))
        return pairs + [(name, value) for name in VALUES for value in self.values(name)]

    def adding(self, name: str, value: str) -> "Filters":
        """These filters with one value more."""
        values = self.values(name)
        return self if value in values else msgspec.structs.replace(self, **{name: (*values, value)})

    def removing(self, name: str, value: str) -> "Filters":
        """These filters with one value less."""
        return msgspec.structs.replace(self, **{name: tuple(each for each in self.values(name) if each != value)})

    def in_range(self, name: str) -> "Filters":
        """These filters over one of `RANGES`, for an address: the moments are not reckoned anew."""
        return msgspec.structs.replace(self, range=name)

    @property
    def span_text(self) -> str:
        """The range as a person reads it."""
        return f"{moment_text(self.start)} – {end_text(self.end)}".replace("T", " ")

    @property
    def comparisons(self) -> Mapping[str, str]:
        """What a range can be compared with, by the word of the query string."""
        return COMPARISONS

    def chips(self) -> tuple[Chip, ...]:
        """Every value that is filtered by."""
        return tuple(Chip(name, value, self.removing(name, value).query) for name in VALUES for value in self.values(name))

    def at(self, path: str) -> str:
        """The address of a page with these filters."""
        query = self.query
        return f"{path}{'&' if '?' in path else '?'}{query}" if query else path


def read_filters(query: str | Iterable[tuple[str, str]], now: dt.datetime) -> Filters:
    """The filters that a query string asks for. Other names in it are left to the page."""
    pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=None) if isinstance(query, str) else list(query)
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if value.strip():
            given.setdefault(name, []).append(value.strip())
    notes: list[str] = []
    chosen, start, end = _period(given, now.astimezone(dt.UTC), notes)
    compare = given.get("compare", [DEFAULT_COMPARISON])[-1]
    if compare not in COMPARISONS:
        notes.append(f"compare={_short(compare)} is unknown. It is one of {', '.join(COMPARISONS)}.")
        compare = DEFAULT_COMPARISON
    values = {name: _values(name, given.get(name, []), notes) for name in VALUES}
    return Filters(start=start, end=end, range=chosen, compare=compare, notes=tuple(notes), **values)


def moment_text(moment: dt.datetime) -> str:
    """A moment as the query string has it: a day where it is midnight, else to the minute."""
    plain = moment.astimezone(dt.UTC)
    return plain.strftime("%Y-%m-%d" if plain.time() == dt.time() else "%Y-%m-%dT%H:%M")


def end_text(moment: dt.datetime) -> str:
    """The same of the end of a range, which is not part of it: the last day that is, where it is midnight."""
    plain = moment.astimezone(dt.UTC)
    return moment_text(plain - _DAY) if plain.time() == dt.time() else moment_text(plain)


def _period(given: dict[str, list[str]], now: dt.datetime, notes: list[str]) -> tuple[str, dt.datetime, dt.datetime]:
    if "from" in given or "to" in given:
        end = _moment("to", given, notes) or _next_minute(now)
        start = _moment("from", given, notes) or end - RANGES[DEFAULT_RANGE]
        if _EARLIEST <= start < end <= start + _SPAN_MAX:
            return "", start, end
        notes.append("`from` must be before `to`, by ten years at most.")
    chosen = given.get("range", [DEFAULT_RANGE])[-1]
    if chosen not in RANGES:
        notes.append(f"range={_short(chosen)} is unknown. It is one of {', '.join(RANGES)}, or give from and to.")
        chosen = DEFAULT_RANGE
    return chosen, *_named(RANGES[chosen], now)


def _named(span: dt.timedelta, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """So many whole buckets, with the one that runs: its end is the next minute, so that all tiles of a page ask for the same."""
    now = min(max(now, _EARLIEST), _LATEST)
    if span <= _DAY:
        return now.replace(minute=0, second=0, microsecond=0) - span + _HOUR, _next_minute(now)
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - span + _DAY, _next_minute(now)


def _next_minute(now: dt.datetime) -> dt.datetime:
    return now.replace(second=0, microsecond=0) + _MINUTE


def _moment(name: str, given: dict[str, list[str]], notes: list[str]) -> dt.datetime | None:
    text = given.get(name, [""])[-1]
    if not text:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
        if _EARLIEST <= moment <= _LATEST:
            return moment + _DAY if name == "to" and len(text) == len("2026-11-20") else moment
    except (ValueError, OverflowError):
        pass
    notes.append(f"{name}={_short(text)} is no moment. Write a day such as 2026-11-20, or 2026-11-20T14:30, in UTC.")
    return None


def _values(name: str, given: list[str], notes: list[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for value in given:
        if len(value) > _CHARS_MAX or not value.isprintable():
            notes.append(f"A value of {name} is too long, or has characters that do not print. It was left out.")
        elif name == "tag" and not all(part.strip() for part in _split(value)):
            notes.append(f"tag={_short(value)} is no tag. Write tag=key:value.")
        elif name == "status" and not is_status(value):
            notes.append(f"status={_short(value)} is unknown. It is one of {', '.join(ENDINGS)}, a code such as 429, or 4xx.")
        else:
            found[value] = None
    if len(found) > _VALUES_MAX:
        notes.append(f"Of {name}, the first {_VALUES_MAX} values count.")
    return tuple(found)[:_VALUES_MAX]


def _split(tag: str) -> tuple[str, str]:
    key, _, value = tag.partition(":")
    return key, value


def is_status(value: str) -> bool:
    """Whether a value is an ending, an HTTP status, or a class of them such as `4xx`."""
    return value in ENDINGS or (len(value) == 3 and value[0] in "12345" and (value[1:] == "xx" or (value.isascii() and value.isdigit())))


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
