"""From the name that a client asked for to the endpoint that answers to it. Pure, immutable, built once from providers and written endpoints.

A name is resolved once, to one endpoint, and compared byte for byte; permission is checked on the endpoint that comes out, never on the name that
came in. Written endpoints come first, then native model names, then `databricks-…` names, then each vendor's patterns for names nobody configured.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from headgate.core.endpoint import Endpoint, Provider, Target
from headgate.core.model_names import is_name, matches_any
from headgate.core.spelling import beside, nearest
from headgate.routing.aliases import databricks_of, native_of, without_suffix
from headgate.routing.known_models import DATABRICKS, KNOWN, vendor_of

_FAMILY_OF_CLIENT: Mapping[str, str] = {
    "anthropic": "anthropic",
    "openai_chat": "openai",
    "openai_responses": "openai",
    "cursor": "openai",
    "gemini": "gemini",
}
# Agents ask for models that nobody configured (Gemini CLI's sub-agents, Claude Code's small model), so a vendor's names go to it as they are.
# No slash: such a name becomes part of an upstream path.
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "anthropic": re.compile(r"claude-[A-Za-z0-9._:@-]+"),
    "openai": re.compile(r"(?:gpt-|chatgpt-|codex-|ft:|o[0-9])[A-Za-z0-9._:@-]*"),
    "gemini": re.compile(r"gemini-[A-Za-z0-9._:@-]+"),
}
_RESOLVED_MAX = 1024
_NEAR = 0.5  # how similar a name must be to be proposed
_FIRST_MAX = 1000  # endpoints that are looked at for the first one that a token allows
_OPEN_NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9._:@-]+")


def serves(provider_dialect: str, client_dialect: str) -> bool:
    """Whether a provider that speaks `provider_dialect` can answer a client of `client_dialect` in the client's own format."""
    return _FAMILY_OF_CLIENT.get(client_dialect) == provider_dialect


class EndpointTable:
    """All endpoints there are. `resolve` answers in constant time."""

    def __init__(self, providers: Sequence[Provider], written: Sequence[Endpoint] = ()) -> None:
        self._written = {endpoint.name: endpoint for endpoint in written}
        self._resolved: dict[tuple[str, str], Endpoint] = {}  # what was found before, for everyone asks for the same few
        families = {family: _Family(family, providers, self._written) for family in KNOWN}
        self._order = {
            client: (families[own], *(each for family, each in families.items() if family != own)) for client, own in _FAMILY_OF_CLIENT.items()
        }
        self._names = {client: sorted({each.name for each in self._listed(client)}) for client in _FAMILY_OF_CLIENT}

    def resolve(self, model_asked: str, client_dialect: str) -> Endpoint | None:
        """The endpoint that answers to the name, or `None`.

        Where the client's own dialect has none, an endpoint of another one is returned, so that the refusal can say why it cannot be used.
        """
        key = (model_asked, client_dialect)
        endpoint = self._resolved.get(key) or self._look_up(model_asked, client_dialect)
        if endpoint is not None and key not in self._resolved:
            if len(self._resolved) >= _RESOLVED_MAX:
                self._resolved = {}  # never emptied in place: another thread may be reading it
            self._resolved[key] = endpoint
        return endpoint

    def _look_up(self, model_asked: str, client_dialect: str) -> Endpoint | None:
        name = without_suffix(model_asked)
        if not is_name(name):
            return None
        if name in self._written:
            return self._written[name]
        found = (family.resolve(name) for family in self._order.get(client_dialect, ()))
        return next((endpoint for endpoint in found if endpoint is not None), None)

    def listing(self, client_dialect: str, allowed: Sequence[str]) -> list[Endpoint]:
        """The endpoints that a client of this dialect can use and these patterns allow: written ones first, each in the order it stands in."""
        return [endpoint for endpoint in self._listed(client_dialect) if matches_any(allowed, endpoint.name)]

    def near(self, model_asked: str, client_dialect: str, allowed: Sequence[str]) -> str:
        """The listed name that was meant by one that is not known; the first of the listing where none is similar, empty where nothing is found.

        Looks at few of the names, however many there are: a client may ask as often as it likes.
        """
        names = beside(model_asked, self._names.get(client_dialect, ()))
        found = nearest(model_asked, [name for name in names if matches_any(allowed, name)], _NEAR)
        first = (each.name for each in islice(self._listed(client_dialect), _FIRST_MAX) if matches_any(allowed, each.name))
        return found or next(first, "")

    def _listed(self, client_dialect: str) -> Iterator[Endpoint]:
        for each in self._written.values():
            if any(serves(target.provider.dialect, client_dialect) for target in each.targets):
                yield each
        for family in self._order.get(client_dialect, ())[:1]:
            yield from family.native.values()

    def everything(self) -> list[Endpoint]:
        """Every endpoint that has a name of its own, in whatever dialect it can be asked."""
        families = (order[0] for client, order in self._order.items() if client in {"anthropic", "openai_chat", "gemini"})
        return [*self._written.values(), *(endpoint for family in families for endpoint in family.native.values())]

    @property
    def written(self) -> Sequence[Endpoint]:
        """The endpoints that stand in the configuration file."""
        return tuple(self._written.values())


class _Family:
    """The providers of one dialect and the names they serve."""

    def __init__(self, family: str, providers: Sequence[Provider], written: Mapping[str, Endpoint]) -> None:
        self._family = family
        self._written = written
        self._providers = [provider for provider in providers if provider.dialect == family]
        self._pattern = _PATTERNS[family]
        self.native: dict[str, Endpoint] = {}
        for provider in self._providers:
            for name in _native_names(provider):
                if name not in written and name not in self.native:
                    self.native[name] = Endpoint(name=name, targets=(Target(provider=provider, model=name),))
        # A vendor's own account comes before other addresses that speak its dialect.
        self._open = sorted((each for each in self._providers if _is_open(each)), key=lambda each: vendor_of(each) != family)

    def resolve(self, name: str) -> Endpoint | None:
        native = native_of(name)
        if not native:
            return self.native.get(name) or self._of_pattern(name) or self.native.get(databricks_of(name))
        return self.native.get(name) or self._at_databricks(name, native) or self._of_alias(native)

    def _of_alias(self, native: str) -> Endpoint | None:
        return self._written.get(native) or self.native.get(native) or self._of_pattern(native)

    def _at_databricks(self, name: str, native: str) -> Endpoint | None:
        """A `databricks-…` name goes as it is to Databricks, where there is an account; models of no family speak OpenAI's format there."""
        families = [family for family, pattern in _PATTERNS.items() if pattern.fullmatch(native)] or ["openai"]
        if self._family not in families or _OPEN_NAME.fullmatch(name) is None:
            return None
        provider = next((each for each in self._open if vendor_of(each) == DATABRICKS), None)
        return None if provider is None else _unlisted(name, provider, name)

    def _of_pattern(self, name: str) -> Endpoint | None:
        if self._pattern.fullmatch(name) is None or ".." in name:
            return None
        for provider in self._open:
            model = databricks_of(name) if vendor_of(provider) == DATABRICKS else name
            if not provider.models or matches_any(provider.models, model):
                return self.native.get(model) or _unlisted(name, provider, model)
        return None


def _unlisted(name: str, provider: Provider, model: str) -> Endpoint:
    return Endpoint(name=name, targets=(Target(provider=provider, model=model),), listed=False)


def _native_names(provider: Provider) -> Sequence[str]:
    if provider.models:
        return [model for model in provider.models if "*" not in model]
    vendor = vendor_of(provider)
    if vendor == DATABRICKS:
        return [databricks_of(name) for name in KNOWN[provider.dialect]]
    return KNOWN.get(vendor, ()) if vendor == provider.dialect else ()


def _is_open(provider: Provider) -> bool:
    """Whether names that nobody configured may go to the provider: it has no list of models, or a list with a pattern."""
    return not provider.models or any("*" in model for model in provider.models)
