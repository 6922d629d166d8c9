"""Which limits apply to a request. Pure, immutable, built once from the declared limits.

Limits of one `endpoint` (a name or a pattern) take precedence over each other as Databricks' do: a limit of the endpoint always applies; of those of the
principal its own replace those of its groups, and these replace the default. A principal of several groups is refused only if all of them have
no room. Limits of different `endpoint`s apply together. Of tags and agents, a limit for one value replaces that for each value.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from headgate.core.limit import INPUT_TOKENS, OUTPUT_TOKENS, TOKENS, Limit
from headgate.core.model_names import matches
from headgate.core.principal import SERVICE_PRINCIPAL, USER, Principal

Scope = tuple[Limit, str]  # a limit, and which of its counts

_NAMES_MAX = 1024  # endpoints whose limits are remembered
_KINDS = {"user": USER, "service_principal": SERVICE_PRINCIPAL}
_OF_TOKENS = frozenset({TOKENS, INPUT_TOKENS, OUTPUT_TOKENS})


class CountedFor(msgspec.Struct, frozen=True):
    """Whom and what a request is counted for."""

    principal: Principal
    token_id: str
    agent: str
    tags: Mapping[str, str]


class Scopes(msgspec.Struct, frozen=True):
    """The counts that a request needs room in: in all of `needed`, and for each of `either` in all of at least one of its parts."""

    needed: tuple[Scope, ...]
    either: tuple[tuple[tuple[Scope, ...], ...], ...] = ()

    @property
    def hard(self) -> bool:
        """Whether one of the limits is hard."""
        return any(limit.hard for limit, _ in self.needed) or any(limit.hard for parts in self.either for part in parts for limit, _ in part)


class LimitTable:
    """All declared limits. `scopes` answers with a look-up for each kind of key."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        patterns = dict.fromkeys(limit.endpoint for limit in limits)
        self._rules = {pattern: _Rules([limit for limit in limits if limit.endpoint == pattern]) for pattern in patterns}
        self._of_name: dict[str, tuple[_Rules, ...]] = {}
        self.counts_tokens = any(measure in _OF_TOKENS for limit in limits for measure, _ in limit.bounds)

    def scopes(self, endpoint: str, counted_for: CountedFor) -> Scopes | None:
        """The counts of a request for this endpoint; `None` if there are none."""
        rules = self._of_name.get(endpoint)
        if rules is None:
            rules = self._look_up(endpoint)
        if not rules:
            return None
        needed: list[Scope] = []
        either: list[tuple[tuple[Scope, ...], ...]] = []
        for each in rules:
            each.collect(counted_for, needed, either)
        return Scopes(tuple(needed), tuple(either)) if needed or either else None

    def _look_up(self, endpoint: str) -> "tuple[_Rules, ...]":
        if len(self._of_name) >= _NAMES_MAX:
            self._of_name = {}
        rules = self._of_name[endpoint] = tuple(each for pattern, each in self._rules.items() if matches(pattern, endpoint))
        return rules


class _Rules:
    """The limits of one `endpoint`, by what they are looked up by."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        self._shared: tuple[Scope, ...] = tuple((limit, "") for limit in limits if limit.key == "endpoint")
        self._default = tuple(limit for limit in limits if limit.key == "user_default")
        self._tokens = tuple(limit for limit in limits if limit.key == "token")
        self._own = _grouped((_KINDS[limit.key], limit.holder, limit) for limit in limits if limit.key in _KINDS)
        self._groups = _grouped(("", limit.holder, limit) for limit in limits if limit.key == "group")
        self._agents = _grouped(("", limit.holder, limit) for limit in limits if limit.key == "agent")
        self._tags = _grouped((limit.tag_key, limit.tag_value, limit) for limit in limits if limit.key == "request_tag")
        self._tag_keys = tuple(dict.fromkeys(key for key, _ in self._tags))

    def collect(self, counted_for: CountedFor, needed: list[Scope], either: list[tuple[tuple[Scope, ...], ...]]) -> None:
        """Add the counts of a request."""
        needed.extend(self._shared)
        self._of_principal(counted_for.principal, needed, either)
        needed.extend((limit, counted_for.token_id) for limit in self._tokens)
        if self._agents:
            needed.extend(_one_or_each(self._agents, "", counted_for.agent))
        for key in self._tag_keys:
            value = counted_for.tags.get(key)
            if value is not None:
                needed.extend(_one_or_each(self._tags, key, value))

    def _of_principal(self, principal: Principal, needed: list[Scope], either: list[tuple[tuple[Scope, ...], ...]]) -> None:
        if self._own:
            own = self._own.get((principal.kind, principal.name)) or self._own.get((principal.kind, principal.id))
            if own:
                needed.extend(own)
                return
        if self._groups:
            groups = tuple(self._groups["", group] for group in sorted(principal.groups) if ("", group) in self._groups)
            if groups:
                either.append(groups)
                return
        needed.extend((limit, principal.id) for limit in self._default)


def _grouped(found: Iterable[tuple[str, str, Limit]]) -> dict[tuple[str, str], tuple[Scope, ...]]:
    grouped: dict[tuple[str, str], tuple[Scope, ...]] = {}
    for key, value, limit in found:
        grouped[key, value] = (*grouped.get((key, value), ()), (limit, ""))
    return grouped


def _one_or_each(limits: Mapping[tuple[str, str], tuple[Scope, ...]], key: str, value: str) -> Iterable[Scope]:
    own = limits.get((key, value)) if value else None
    return own or [(limit, value) for limit, _ in limits.get((key, ""), ())]
