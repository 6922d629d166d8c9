"""Which limits apply to a request. Pure, built once from the declared limits.

Limits of one `endpoint` (a name or a pattern) take precedence over each other as Databricks' do: a limit of the endpoint always applies; of those of the
principal its own replace those of its groups, and these replace the default. A principal of several groups is refused only if all of them have
no room. Limits of different `endpoint`s apply together. Of tags and agents, a limit for one value replaces that for each value.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import final

from headgate.core.limit import INPUT_TOKENS, MEASURES, OUTPUT_TOKENS, TOKENS, WINDOWS_S, Limit
from headgate.core.model_names import NamesOf, matches_one_of, only_itself
from headgate.core.principal import SERVICE_PRINCIPAL, USER, Principal

LIMIT_KEY_BYTES = 6  # of a count's key: the same for all counts of its limit
SHARED_VALUE = b"\0" * 8  # the rest of the key that values share beyond a bound

_NAMES_MAX = 1024  # endpoints whose limits are remembered
_KINDS = {"user": USER, "service_principal": SERVICE_PRINCIPAL}
_LENGTHS_S = {ord(per[0]): length_s for per, length_s in WINDOWS_S.items()}
_OF_TOKENS = frozenset({TOKENS, INPUT_TOKENS, OUTPUT_TOKENS})


@final
class CountedFor:
    """Whom and what a request is counted for."""

    __slots__ = ("agent", "principal", "tags", "token_id")

    def __init__(self, principal: Principal, token_id: str, agent: str, tags: Mapping[str, str]) -> None:
        self.principal = principal
        self.token_id = token_id
        self.agent = agent
        self.tags = tags


@final
class Count:
    """One count of a limit. `key` names it briefly in records, and for ever: the window, the limit and the value are in it.

    `bounds` are the limit's, with each measure's place in `MEASURES`.
    """

    __slots__ = ("bounds", "hard", "key", "limit", "value")

    def __init__(self, limit: Limit, value: str, key: bytes, bounds: tuple[tuple[int, int], ...]) -> None:
        self.limit = limit
        self.value = value
        self.key = key
        self.bounds = bounds
        self.hard = limit.hard


@final
class RequestCounts:
    """The counts that a request needs room in: in all of `needed`, and for each of `either` in all of at least one of its two or more parts. `hard`: one of the
    limits is.
    """

    __slots__ = ("either", "hard", "needed")

    def __init__(self, needed: tuple[Count, ...] = (), either: tuple[tuple[tuple[Count, ...], ...], ...] = ()) -> None:
        self.needed = needed
        self.either = either
        self.hard = any(count.hard for count in self.every)

    @property
    def every(self) -> list[Count]:
        """All of them in a row."""
        return [*self.needed, *[count for parts in self.either for part in parts for count in part]]


NO_COUNTS = RequestCounts()


def length_s_of(key: bytes) -> int:
    """The window's length of the count with this key."""
    return _LENGTHS_S[key[0]]


def count_key(shared: Count, value: str) -> bytes:
    """The key of the count that one value has of a limit, by the count that all its requests share."""
    return shared.key + blake2b(value.encode("utf-8", "surrogatepass"), digest_size=len(SHARED_VALUE)).digest()


class LimitTable:
    """All declared limits. `counts` answers with a look-up for each kind of key."""

    def __init__(self, limits: Sequence[Limit], names_of: NamesOf = only_itself) -> None:
        self._names_of = names_of
        patterns = dict.fromkeys(limit.endpoint for limit in limits)
        self._rules = {pattern: _Rules([limit for limit in limits if limit.endpoint == pattern]) for pattern in patterns}
        self._of_name: dict[str, Sequence[_Rules]] = {}
        self.counts_tokens = any(measure in _OF_TOKENS for limit in limits for measure, _ in limit.bounds)
        self.by_agent = any(limit.key == "agent" for limit in limits)
        self.by_tag = any(limit.key == "request_tag" for limit in limits)

    def counts(self, endpoint: str, counted_for: CountedFor) -> RequestCounts:
        """The counts of a request for this endpoint; `NO_COUNTS` if there are none."""
        needed: list[Count] = []
        either: list[tuple[tuple[Count, ...], ...]] = []
        applying = self._of_name.get(endpoint)
        for rules in self._look_up(endpoint) if applying is None else applying:
            rules.collect(counted_for, needed, either)
        if not needed and not either:
            return NO_COUNTS
        return RequestCounts(tuple(needed), tuple(either))

    def counts_of(self, principal: Principal) -> list[Count]:
        """The counts that requests of a principal can be in, whatever their endpoint; those of tokens, agents and tags are not among them."""
        needed: list[Count] = []
        either: list[tuple[tuple[Count, ...], ...]] = []
        for rules in self._rules.values():
            rules.collect_of(principal, needed, either)
        return RequestCounts(tuple(needed), tuple(either)).every

    @property
    def shared(self) -> dict[str, Count]:
        """The count that all requests of a limit share, by the limit's id. The key of any other count of the limit begins like its own."""
        return {each.limit.id: each for rules in self._rules.values() for each in rules.counts}

    def _look_up(self, endpoint: str) -> "Sequence[_Rules]":
        if len(self._of_name) >= _NAMES_MAX:
            self._of_name = {}
        names = self._names_of(endpoint)
        found = self._of_name[endpoint] = [rules for pattern, rules in self._rules.items() if matches_one_of(pattern, names)]
        return found


@final
class _Of:
    """A limit, and the count that all its requests share."""

    __slots__ = ("limit", "shared")

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.shared = _shared(limit)

    def each(self, value: str) -> Count:
        """The count of one value; an empty value has the shared one."""
        if not value:
            return self.shared
        return Count(self.limit, value, count_key(self.shared, value), self.shared.bounds)


class _Rules:
    """The limits of one `endpoint`, by what they are looked up by."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        found = [_Of(limit) for limit in limits]
        self.counts = tuple(each.shared for each in found)
        self._shared = tuple(each.shared for each in found if each.limit.key == "endpoint")
        self._default = tuple(each for each in found if each.limit.key == "user_default")
        self._tokens = tuple(each for each in found if each.limit.key == "token")
        self._own = _grouped((_KINDS[each.limit.key], each.limit.holder, each) for each in found if each.limit.key in _KINDS)
        self._groups = _grouped(("", each.limit.holder, each) for each in found if each.limit.key == "group")
        self._agents = _grouped(("", each.limit.holder, each) for each in found if each.limit.key == "agent")
        self._tags = _grouped((each.limit.tag_key, each.limit.tag_value, each) for each in found if each.limit.key == "request_tag")
        self._tag_keys = tuple(dict.fromkeys(key for key, _ in self._tags))

    def collect(self, counted_for: CountedFor, needed: list[Count], either: list[tuple[tuple[Count, ...], ...]]) -> None:
        """Add the counts of a request."""
        self.collect_of(counted_for.principal, needed, either)
        needed.extend(each.each(counted_for.token_id) for each in self._tokens)
        if self._agents:
            needed.extend(_one_or_each(self._agents, "", counted_for.agent))
        for key in self._tag_keys:
            value = counted_for.tags.get(key)
            if value is not None:
                needed.extend(_one_or_each(self._tags, key, value))

    def collect_of(self, principal: Principal, needed: list[Count], either: list[tuple[tuple[Count, ...], ...]]) -> None:
        """Add the counts that all requests of a principal are in."""
        needed.extend(self._shared)
        self._of_principal(principal, needed, either)

    def _of_principal(self, principal: Principal, needed: list[Count], either: list[tuple[tuple[Count, ...], ...]]) -> None:
        if self._own:
            own = self._own.get((principal.kind, principal.name)) or self._own.get((principal.kind, principal.id))
            if own:
                needed.extend(each.shared for each in own)
                return
        if self._groups:
            groups = [self._groups["", group] for group in sorted(principal.groups) if ("", group) in self._groups]
            if len(groups) == 1:
                needed.extend(each.shared for each in groups[0])
                return
            if groups:
                either.append(tuple(tuple(each.shared for each in group) for group in groups))
                return
        needed.extend(each.each(principal.id) for each in self._default)


def _shared(limit: Limit) -> Count:
    bounds = tuple((MEASURES.index(measure), maximum) for measure, maximum in limit.bounds)
    key = limit.per[0].encode() + blake2b(limit.id.encode(), digest_size=LIMIT_KEY_BYTES - 1).digest()
    return Count(limit, "", key, bounds)


def _grouped(found: Iterable[tuple[str, str, _Of]]) -> dict[tuple[str, str], tuple[_Of, ...]]:
    grouped: dict[tuple[str, str], tuple[_Of, ...]] = {}
    for key, value, each in found:
        grouped[key, value] = (*grouped.get((key, value), ()), each)
    return grouped


def _one_or_each(limits: Mapping[tuple[str, str], tuple[_Of, ...]], key: str, value: str) -> Iterable[Count]:
    own = limits.get((key, value)) if value else None
    if own:
        return [each.shared for each in own]
    return [each.each(value) for each in limits.get((key, ""), ())]
