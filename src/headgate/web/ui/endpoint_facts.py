"""What the pages of endpoints show of each: its targets in the order in which they are tried, where it comes from, who may use it, how it fared today.

Puts it together of what is in force and what is declared; asks nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec

from headgate.admin.declared import DeclaredObject
from headgate.config.entries import WrittenEndpoint
from headgate.config.toml_text import toml_value
from headgate.config.validate import help_of
from headgate.core.dialect_names import dialect_name
from headgate.core.endpoint import Endpoint, Target
from headgate.core.model_names import is_open, matches, matches_one_of
from headgate.exchange.circuits import CircuitState
from headgate.exchange.snapshot import Snapshot
from headgate.routing.choice import is_split

FILE, STORE, FOUND = "file", "store", "found"
PATH: Final = "/endpoints"
_SHOWN_APART = frozenset({"name", "targets", "fallbacks", "display_name", "tags"})


class TriedTarget(msgspec.Struct, frozen=True):
    """A target as a page shows it. `word` says when it is tried."""

    word: str
    provider: str
    model: str
    share: str = ""
    deleted: bool = False
    circuit: CircuitState = CircuitState()


class DayOfRequests(msgspec.Struct, frozen=True):
    """Requests within a day."""

    requests: int = 0
    errors: int = 0
    last_at: str = ""


class ShownEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint as a page shows it. `origin` is `file`, `store` or `found`; `place` is where the file declares it. `id` is that of the store.

    `formats` are those that it is served in as a client writes them; a request in any other is translated. `access` says in words who may use it, `limits` are the names of those that count its requests, `problem` why it is not used or what of it is gone.
    """

    name: str
    display_name: str = ""
    formats: tuple[str, ...] = ()
    targets: tuple[TriedTarget, ...] = ()
    origin: str = FOUND
    place: str = ""
    problem: str = ""
    access: str = ""
    limits: tuple[str, ...] = ()
    counts: DayOfRequests = DayOfRequests()

    @property
    def path(self) -> str:
        """The address of its page."""
        return path_of(self.name)


class Surroundings(msgspec.Struct, frozen=True):
    """What endpoints are shown with: what is in force, the grants and limits that are declared, circuits, and counts by endpoint."""

    snapshot: Snapshot
    grants: Sequence[DeclaredObject]
    limits: Sequence[DeclaredObject]
    circuit: Callable[[Target], CircuitState]
    counts: Mapping[str, DayOfRequests]

    def requests(self, name: str) -> int:
        """How many requests an endpoint had within a day."""
        return self.counts.get(name, DayOfRequests()).requests


def path_of(name: str) -> str:
    """The address of an endpoint's page."""
    return f"{PATH}/{quote(name)}"


def tried_targets(endpoint: Endpoint, circuit: Callable[[Target], CircuitState]) -> tuple[TriedTarget, ...]:
    """The targets in the order of the tries, then the fallbacks."""
    between = "or" if is_split(endpoint.targets) else "then"
    words = ["", *[between] * (len(endpoint.targets) - 1), *["if that fails"] * len(endpoint.fallbacks)]
    every = (*endpoint.targets, *endpoint.fallbacks)
    return tuple(
        TriedTarget(
            word,
            each.provider.name,
            each.model or "as asked for",
            "" if each.traffic_percent is None else f"{each.traffic_percent} %",
            each.provider.deleted,
            circuit(each),
        )
        for word, each in zip(words, every, strict=True)
    )


def shown_endpoint(endpoint: Endpoint, around: Surroundings, declared: DeclaredObject | None = None) -> ShownEndpoint:
    """An endpoint that is in force; `declared` is its declaration, `None` for one that providers are known to serve."""
    formats = dict.fromkeys(dialect_name(target.provider.dialect) for target in endpoint.targets if not target.provider.deleted)
    names = around.snapshot.endpoints.names_of(endpoint.name)
    return ShownEndpoint(
        name=endpoint.name,
        display_name=endpoint.display_name,
        formats=tuple(formats),
        targets=tried_targets(endpoint, around.circuit),
        origin=FOUND if declared is None else FILE if declared.place else STORE,
        place=declared.place if declared is not None else "",
        problem=declared.problem if declared is not None else "",
        access=_access(endpoint.name, names, around),
        limits=tuple(limit.name for limit in limits_of(names, around.limits)),
        counts=_counts(endpoint.name, around.counts),
    )


def unused_endpoint(declared: DeclaredObject) -> ShownEndpoint:
    """An endpoint of the store that is not in force."""
    document = declared.document
    return ShownEndpoint(
        name=declared.name, display_name=document.get("display_name", ""), origin=STORE, problem=declared.problem, access="not in force"
    )


def limits_of(names: Sequence[str], limits: Sequence[DeclaredObject]) -> list[DeclaredObject]:
    """The limits whose endpoint is one of these names, or a pattern that matches one."""
    return [limit for limit in limits if matches_one_of(limit.document.get("endpoint", "*"), names)]


def stated_fields(document: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The fields that a declaration states beside those that have a place of their own: name, value, help text."""
    helps = {field.encode_name: help_of(field) for field in msgspec.structs.fields(WrittenEndpoint)}
    return [(name, toml_value(value), helps.get(name, "")) for name, value in document.items() if name not in _SHOWN_APART]


def _access(name: str, names: Sequence[str], around: Surroundings) -> str:
    table = around.snapshot.permissions
    if table is None or table.is_open(name):
        return "everyone"
    count = sum(matches_one_of(grant.document.get("endpoint", ""), names) for grant in around.grants)
    return f"{count} grant{'' if count == 1 else 's'}" if count else "administrators"


def _counts(name: str, counts: Mapping[str, DayOfRequests]) -> DayOfRequests:
    """The requests of an endpoint; of a pattern those of all names that it answers for."""
    if not is_open(name):
        return counts.get(name, DayOfRequests())
    found = [each for other, each in counts.items() if matches(name, other)]
    return DayOfRequests(sum(each.requests for each in found), sum(each.errors for each in found), max((each.last_at for each in found), default=""))
