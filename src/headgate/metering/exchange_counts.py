"""What exchanges add up to since the process was started: how many, their tokens and their times, by a bounded number of labels. Pure.

It is on the path of every exchange, so one look-up finds the numbers that an exchange adds to. The usage table has the same numbers for each exchange.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from headgate.core.audit_event import GATEWAY
from headgate.core.record import Intent, Outcome
from headgate.core.usage import Counts
from headgate.metering.metric_table import (
    DURATION,
    EXCHANGES,
    OVERHEAD,
    REFUSALS,
    RETRIES,
    TIME_TO_FIRST_BYTE,
    TOKENS,
    USER_EXCHANGES,
    USER_TOKENS,
)
from headgate.metering.metric_text import Labels, Metric, Observed, Values

OTHER: Final = "other"  # the value of a label that has too many values
NONE: Final = "none"
ENDPOINTS_MAX: Final = 100
PROVIDERS_MAX: Final = 50
AGENTS_MAX: Final = 40
USERS_MAX: Final = 1000
_KEYS_MAX: Final = 10_000
_CLASSES: Final = ("fresh_input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
_FAILED: Final = frozenset({"failed", "cut"})  # what a provider caused, or its lack of an answer
_KEY_REFUSED: Final = "provider_credential_refused"
_MS: Final = 1000  # of a second
_NS: Final = 1_000_000_000
_place: Final = bisect_left  # compiled code looks up by name what is not Final


class Buckets:
    """Counts observations by the bounds of a metric's buckets. They are whole numbers of a unit of which `per_s` make a second."""

    __slots__ = ("bounds", "counts", "per_s", "total")

    def __init__(self, metric: Metric, per_s: int) -> None:
        self.per_s = per_s
        self.bounds = [round(bound * per_s) for bound in metric.bounds]
        self.counts = [0] * (len(metric.bounds) + 1)
        self.total = 0

    def observe(self, value: int) -> None:
        """Count one."""
        self.counts[_place(self.bounds, value)] += 1
        self.total += value

    @property
    def observed(self) -> Observed:
        """What was counted up to here, in seconds."""
        return Observed(tuple(self.counts), self.total / self.per_s)


class LabelValues:
    """The values that one label has had, up to a limit. Every further one is counted as `other`."""

    def __init__(self, limit: int) -> None:
        self._known: set[str] = set()
        self._limit = limit

    def bounded(self, value: str) -> str:
        """The value itself, or `other`."""
        if value not in self._known:
            if len(self._known) >= self._limit:
                return OTHER
            self._known.add(value)
        return value


class _Times:
    """The times of the exchanges of one endpoint at one provider."""

    __slots__ = ("duration", "overhead", "to_first_byte")

    def __init__(self) -> None:
        self.to_first_byte = Buckets(TIME_TO_FIRST_BYTE, _MS)
        self.duration = Buckets(DURATION, _MS)
        self.overhead = Buckets(OVERHEAD, _NS)

    def add(self, overhead_ns: int, duration_ms: int, to_first_byte_ms: int) -> None:
        # As three calls of `observe`, which cost more than all else that is counted.
        buckets = self.overhead
        buckets.counts[_place(buckets.bounds, overhead_ns)] += 1
        buckets.total += overhead_ns
        buckets = self.duration
        buckets.counts[_place(buckets.bounds, duration_ms)] += 1
        buckets.total += duration_ms
        if to_first_byte_ms:
            buckets = self.to_first_byte
            buckets.counts[_place(buckets.bounds, to_first_byte_ms)] += 1
            buckets.total += to_first_byte_ms


class _Tokens:
    """Tokens by class."""

    __slots__ = ("counts",)

    def __init__(self) -> None:
        self.counts = [0] * len(_CLASSES)

    def add(self, used: Counts) -> None:
        counts = self.counts
        if fresh := used.input_tokens:
            counts[0] += fresh
        if read := used.cache_read_tokens:
            counts[1] += read
        if written_5m := used.cache_write_5m_tokens:
            counts[2] += written_5m
        if written_1h := used.cache_write_1h_tokens:
            counts[3] += written_1h
        if output := used.output_tokens:
            counts[4] += output
        if reasoning := used.reasoning_tokens:
            counts[5] += reasoning


class _Series:
    """What the exchanges with the same labels add up to. Those of one endpoint and provider share their times, and with the agent their tokens."""

    __slots__ = ("count", "times", "tokens")

    def __init__(self, times: _Times, tokens: _Tokens) -> None:
        self.count = 0
        self.times = times
        self.tokens = tokens


class ExchangeCounts:
    """Implements `ExchangeListener`. `wants_users` says whether the configuration wants users counted by name; it is asked at each tick."""

    def __init__(self, wants_users: Callable[[], bool] = lambda: False) -> None:
        self._wants_users = wants_users
        self._found: dict[tuple[str, str, str, int, str], _Series] = {}  # by what a record says, so that no label is made for an exchange
        self._series: dict[Labels, _Series] = {}
        self._times: dict[Labels, _Times] = {}
        self._tokens: dict[Labels, _Tokens] = {}
        self._endpoints, self._providers, self._agents = LabelValues(ENDPOINTS_MAX), LabelValues(PROVIDERS_MAX), LabelValues(AGENTS_MAX)
        self._retries: Counter[Labels] = Counter()
        self._failures: Counter[Labels] = Counter()
        self._users: _UserCounts | None = None
        self.tick()

    def exchange_ended(self, outcome: Outcome) -> None:
        """Count an exchange."""
        intent, attempts, usage, ended = outcome.intent, outcome.attempts, outcome.usage, outcome.ended
        key = (intent.endpoint, intent.provider, intent.agent, outcome.status_code, ended)
        series = self._found.get(key) or self._find(key)
        series.count += 1
        used: Counts | None = None
        if usage is not None:
            used = usage.totals if usage.beside else usage
            series.tokens.add(used)
        if attempts:
            series.times.add(attempts[0].started_at_ns - intent.started_at_ns, outcome.latency_ms, outcome.time_to_first_byte_ms)
            if len(attempts) > 1:
                self._retries.update((self._providers.bounded(one.provider), one.action) for one in attempts if one.action)
        if ended in _FAILED:
            self._failures[GATEWAY, "provider_credential" if outcome.error_code == _KEY_REFUSED else "provider"] += 1
        if self._users is not None:
            self._users.add(intent, used)

    def tick(self) -> None:
        """Begin to count users, or forget them, where the configuration has changed."""
        if not self._wants_users():
            self._users = None
        elif self._users is None:
            self._users = _UserCounts()

    def values(self) -> Mapping[Metric, Values]:
        """The values of all metrics of exchanges."""
        return {
            EXCHANGES: {labels: series.count for labels, series in self._series.items()},
            TOKENS: _by_class(self._tokens),
            TIME_TO_FIRST_BYTE: {labels: times.to_first_byte.observed for labels, times in self._times.items()},
            DURATION: {labels: times.duration.observed for labels, times in self._times.items()},
            OVERHEAD: {labels: times.overhead.observed for labels, times in self._times.items()},
            RETRIES: dict(self._retries),
            REFUSALS: dict(self._failures),
            **(self._users.values() if self._users is not None else {}),
        }

    def _find(self, key: tuple[str, str, str, int, str]) -> _Series:
        endpoint, provider, agent, status_code, ended = key
        target = (self._endpoints.bounded(endpoint or NONE), self._providers.bounded(provider or NONE))
        of_agent = (*target, self._agents.bounded(agent or NONE))
        labels = (*of_agent, f"{status_code // 100}xx" if status_code else NONE, ended)
        series = self._series.get(labels)
        if series is None:
            times, tokens = self._times.setdefault(target, _Times()), self._tokens.setdefault(of_agent, _Tokens())
            series = self._series[labels] = _Series(times, tokens)
        if len(self._found) < _KEYS_MAX:
            self._found[key] = series
        return series


class _UserCounts:
    """Exchanges and tokens by user, for a configuration that asks for names."""

    def __init__(self) -> None:
        self._names = LabelValues(USERS_MAX)
        self._exchanges: Counter[Labels] = Counter()
        self._tokens: dict[Labels, _Tokens] = {}

    def add(self, intent: Intent, used: Counts | None) -> None:
        user = (self._names.bounded(intent.requester or NONE),)
        self._exchanges[user] += 1
        if used is not None:
            self._tokens.setdefault(user, _Tokens()).add(used)

    def values(self) -> dict[Metric, Values]:
        return {USER_EXCHANGES: dict(self._exchanges), USER_TOKENS: _by_class(self._tokens)}


def _by_class(tokens: Mapping[Labels, _Tokens]) -> Values:
    return {(*labels, name): count for labels, one in tokens.items() for name, count in zip(_CLASSES, one.counts, strict=True)}
