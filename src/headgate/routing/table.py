"""From the name that a client asked for to the endpoint that answers to it. Pure, immutable, built once from providers and written endpoints.

A name is resolved once, to one endpoint, and compared byte for byte; permission is checked on the endpoint that comes out, never on the name that
came in. Written endpoints come first, those whose names are patterns after the others, then native model names, then `databricks-…` names, then each
vendor's patterns for names that are not configured. A pattern that was written also covers what the later steps find, so no spelling leads around it.

A request comes in one dialect, as a provider speaks it: every target of the endpoint that it resolves to says in which dialect it is to be asked.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

import msgspec

from headgate.core.endpoint import Endpoint, Provider, Target, target_of
from headgate.core.model_names import is_name, is_open, matches, matches_any
from headgate.core.provider_dialect import DATABRICKS, vendor_of
from headgate.core.spelling import beside, nearest
from headgate.routing.aliases import databricks_of, native_of, without_suffix
from headgate.routing.known_models import KNOWN, OPENAI, PATTERNS, VENDORS

_RESOLVED_MAX: Final = 8192  # a thousand endpoints by each of their names in each dialect, and names that clients invent
_NEAR: Final = 0.5  # how similar a name must be to be proposed
_FIRST_MAX: Final = 1000  # endpoints that are looked at for the first one that a token allows
_OPEN_NAME: Final = re.compile(r"(?!.*\.\.)[A-Za-z0-9._:@-]+")


def _every(_name: str) -> bool:
    return True


class EndpointTable:
    """All endpoints there are. `resolve` answers in constant time."""

    def __init__(self, providers: Sequence[Provider], written: Sequence[Endpoint] = ()) -> None:
        self.written = tuple(written)
        """The endpoints that were written, in their order; the names of some are patterns."""
        self._written = {endpoint.name: endpoint for endpoint in written if not is_open(endpoint.name)}
        self._patterns = sorted((endpoint for endpoint in written if is_open(endpoint.name)), key=_longest_first)
        self._resolved: dict[tuple[str, str], Endpoint] = {}  # what was found before, for everyone asks for the same few
        self._names_of: dict[str, tuple[str, ...]] = {}
        speakers = {dialect: _Speakers(dialect, providers, self._written) for dialect in VENDORS}
        self._order = {own: (speakers[own], *(each for other, each in speakers.items() if other != own)) for own in VENDORS}
        self._spoken = {dialect: tuple(self._list(dialect)) for dialect in VENDORS}
        self._listed = {dialect: self._with_others(dialect) for dialect in VENDORS}
        self._names = {dialect: sorted({each.name for each in listed}) for dialect, listed in self._listed.items()}

    def resolve(self, model_asked: str, dialect: str) -> Endpoint | None:
        """The endpoint that answers to the name, its targets to be asked in this dialect where their provider speaks it; or `None`.

        Where no provider of the dialect has one, an endpoint of another dialect is returned: its requests are translated.
        """
        key = (model_asked, dialect)
        endpoint = self._resolved.get(key)
        if endpoint is None:
            endpoint = self._look_up(model_asked, dialect)
            if endpoint is not None:
                endpoint = _asked_in(endpoint, dialect)
                if len(self._resolved) >= _RESOLVED_MAX:
                    self._resolved = {}  # never emptied in place: another thread may be reading it
                self._resolved[key] = endpoint
        return endpoint

    def has(self, name: str, dialect: str) -> bool:
        """Whether an endpoint is known by this name: a written one, or a provider's own model. What a pattern takes is not known."""
        found = self.resolve(name, dialect)
        return found is not None and (found.name in self._written or any(found.name in speakers.native for speakers, *_ in self._order.values()))

    def names_of(self, name: str) -> tuple[str, ...]:
        """The names that the endpoint of this name answers to: its own, and the native or the `databricks-…` name of the same model, unless another endpoint has it."""
        names = self._names_of.get(name)
        if names is None:
            other = native_of(name) or databricks_of(name)
            answers = other not in self._written and any(
                (found := self._look_up(other, dialect)) is not None and found.name == name for dialect in VENDORS
            )
            if len(self._names_of) >= _RESOLVED_MAX:
                self._names_of = {}
            names = self._names_of[name] = (name, other) if answers else (name,)
        return names

    def _look_up(self, model_asked: str, dialect: str) -> Endpoint | None:
        name = without_suffix(model_asked)
        if not is_name(name):
            return None
        written = self._written.get(name) or self._of_pattern(name)
        if written is not None:
            return written
        every = (speakers.resolve(name) for speakers in self._order.get(dialect, ()))
        found = next((endpoint for endpoint in every if endpoint is not None), None)
        if found is None:
            return self._of_pattern(native_of(name))
        return found if found.name in self._written else self._of_pattern(found.name) or found

    def _of_pattern(self, name: str) -> Endpoint | None:
        """The endpoint that the longest written pattern makes for the name."""
        if not name or ".." in name:
            return None
        return next((_named(endpoint, name) for endpoint in self._patterns if matches(endpoint.name, name)), None)

    def listing(self, dialect: str, allowed: Callable[[str], bool] = _every) -> list[Endpoint]:
        """The endpoints whose names are allowed: first those that a provider of this dialect serves, configured ones before others, in their order."""
        return [endpoint for endpoint in self._listed.get(dialect, ()) if allowed(endpoint.name)]

    def spoken(self, dialect: str) -> list[Endpoint]:
        """The endpoints that a provider of this dialect serves: a request for one of them need not be translated."""
        return list(self._spoken.get(dialect, ()))

    def aliases(self, endpoints: Iterable[Endpoint]) -> list[Endpoint]:
        """The same endpoints by the other name that each answers to, which no listing shows."""
        return [
            msgspec.structs.replace(endpoint, name=other, listed=False)
            for endpoint in endpoints
            for other in self.names_of(endpoint.name)
            if other != endpoint.name
        ]

    def near(self, model_asked: str, dialect: str, allowed: Callable[[str], bool] = _every) -> str:
        """The listed name that was meant by one that is not known; the first of the listing where none is similar, empty where nothing is found.

        Looks at few of the names, however many there are: a client may ask as often as it likes.
        """
        names = beside(model_asked, self._names.get(dialect, ()))
        found = nearest(model_asked, [name for name in names if allowed(name)], _NEAR)
        first = (each.name for each in islice(self._listed.get(dialect, ()), _FIRST_MAX) if allowed(each.name))
        return found or next(first, "")

    def _list(self, dialect: str) -> Iterator[Endpoint]:
        for each in self._written.values():
            if _speaks(each, dialect):
                yield _asked_in(each, dialect)
        for native in self._order[dialect][0].native.values():
            covered = self._of_pattern(native.name)
            if covered is None:
                yield native
            elif _speaks(covered, dialect):
                yield _asked_in(covered, dialect)

    def _with_others(self, dialect: str) -> tuple[Endpoint, ...]:
        """The endpoints that are spoken in the dialect, and behind them those of all others."""
        listed = {endpoint.name: endpoint for endpoint in self._spoken[dialect]}
        for other, endpoints in self._spoken.items():
            if other != dialect:
                for endpoint in endpoints:
                    listed.setdefault(endpoint.name, _asked_in(endpoint, dialect))
        return tuple(listed.values())

    def open_providers(self, dialect: str) -> list[Provider]:
        """The providers of the dialect that take names which are configured nowhere, in the order in which they are asked whether they do."""
        return list(self._order[dialect][0].open)

    def everything(self) -> list[Endpoint]:
        """Every written endpoint, and every other that has a name of its own, in whatever dialect it can be asked."""
        native: dict[tuple[str, str], Endpoint] = {}  # a provider may have its names in several dialects
        for speakers, *_ in self._order.values():
            for endpoint in speakers.native.values():
                if self._of_pattern(endpoint.name) is None:
                    native.setdefault((endpoint.name, endpoint.targets[0].provider.name), endpoint)
        return [*self.written, *native.values()]


class _Speakers:
    """The providers that speak one dialect and the names they serve."""

    def __init__(self, dialect: str, providers: Sequence[Provider], written: Mapping[str, Endpoint]) -> None:
        self._vendor = VENDORS[dialect]
        self._pattern = PATTERNS[self._vendor]
        self._written = written
        self._providers = [provider for provider in providers if dialect in provider.dialects]
        self.native: dict[str, Endpoint] = {}
        for provider in self._providers:
            for name in self._native_names(provider):
                if name not in written:
                    self.native[name] = _for_either_payer(
                        self.native.get(name) or Endpoint(name=name, targets=()), Target(provider=provider, model=name, dialect=dialect)
                    )
        # A vendor's own account comes before other addresses that speak its dialect.
        self.open = sorted((each for each in self._providers if _is_open(each)), key=lambda each: vendor_of(each.base_url) != self._vendor)

    def resolve(self, name: str) -> Endpoint | None:
        native = native_of(name)
        if not native:
            return self.native.get(name) or self._of_pattern(name) or self.native.get(databricks_of(name))
        return self.native.get(name) or self._at_databricks(name, native) or self._of_alias(native)

    def _of_alias(self, native: str) -> Endpoint | None:
        return self._written.get(native) or self.native.get(native) or self._of_pattern(native)

    def _at_databricks(self, name: str, native: str) -> Endpoint | None:
        """A `databricks-…` name goes as it is to Databricks, where there is an account; models of no vendor speak OpenAI's formats there."""
        vendors = [vendor for vendor, pattern in PATTERNS.items() if pattern.fullmatch(native)] or [OPENAI]
        if self._vendor not in vendors or _OPEN_NAME.fullmatch(name) is None:
            return None
        provider = next((each for each in self.open if vendor_of(each.base_url) == DATABRICKS), None)
        return None if provider is None else _unlisted(name, provider, name)

    def _of_pattern(self, name: str) -> Endpoint | None:
        if ".." in name:
            return None
        usual = self._pattern.fullmatch(name) is not None
        found: Endpoint | None = None
        for provider in self.open:
            model = databricks_of(name) if vendor_of(provider.base_url) == DATABRICKS else name
            if not (matches_any(provider.models, model) if provider.models else usual):  # what was written takes any name that matches
                continue
            if found is None and model in self.native:
                return self.native[model]
            found = _unlisted(name, provider, model) if found is None else _for_either_payer(found, target_of(provider, model))
        return found

    def _native_names(self, provider: Provider) -> Sequence[str]:
        if provider.models:
            return [model for model in provider.models if "*" not in model]
        vendor = vendor_of(provider.base_url)
        if vendor == DATABRICKS:
            return [databricks_of(name) for name in KNOWN[self._vendor]]
        return KNOWN[self._vendor] if vendor == self._vendor else ()


def _asked_in(endpoint: Endpoint, dialect: str) -> Endpoint:
    targets, fallbacks = (tuple(target.asked_in(dialect) for target in each) for each in (endpoint.targets, endpoint.fallbacks))
    return msgspec.structs.replace(endpoint, targets=targets, fallbacks=fallbacks)


def _named(pattern: Endpoint, name: str) -> Endpoint:
    """The endpoint of a pattern for one name that it matches."""
    targets, fallbacks = (tuple(_of_model(target, name) for target in each) for each in (pattern.targets, pattern.fallbacks))
    return msgspec.structs.replace(pattern, name=name, targets=targets, fallbacks=fallbacks, display_name="")


def _of_model(target: Target, name: str) -> Target:
    return target if target.model else msgspec.structs.replace(target, model=name)


def _longest_first(endpoint: Endpoint) -> int:
    """Sorts patterns: the one that says most of a name comes first."""
    return -len(endpoint.name.replace("*", ""))


def _speaks(endpoint: Endpoint, dialect: str) -> bool:
    return any(dialect in target.provider.dialects for target in endpoint.targets)


def _for_either_payer(endpoint: Endpoint, target: Target) -> Endpoint:
    """The endpoint with one more target, unless it has one of the same payer: the first provider with a key, and the first that each client's own account pays."""
    if any(each.provider.takes_client_credential is target.provider.takes_client_credential for each in endpoint.targets):
        return endpoint
    return msgspec.structs.replace(endpoint, targets=(*endpoint.targets, target))


def _unlisted(name: str, provider: Provider, model: str) -> Endpoint:
    return Endpoint(name=name, targets=(target_of(provider, model),), listed=False)


def _is_open(provider: Provider) -> bool:
    """Whether names that are not configured may go to the provider: it has no list of models, or a list with a pattern."""
    return not provider.models or any("*" in model for model in provider.models)
