"""Which providers, or models of them, no name can reach. A provider that is written and never asked is most likely a mistake, and no request shows it."""

from collections.abc import Iterator, Sequence

from headgate.core.endpoint import Provider
from headgate.core.model_names import matches
from headgate.routing.known_models import KNOWN, VENDORS
from headgate.routing.table import EndpointTable

_ANY = "x9x9"  # what a star stands for: no model is named like that


def why_unreached(table: EndpointTable, providers: Sequence[Provider]) -> Iterator[tuple[Provider, str, str]]:
    """Each provider that serves nothing of what it was declared for, or a model in its list that another serves, or empty, and the reason.

    A model that an endpoint names counts as reached.
    """
    named = {(target.provider.name, target.model) for endpoint in table.written for target in (*endpoint.targets, *endpoint.fallbacks)}
    everywhere = {name for name, _ in named}
    for provider in providers:
        if not provider.models:
            if provider.name not in everywhere and (reason := _why_never(table, provider)):
                yield provider, "", reason
            continue
        for model in provider.models:
            if (provider.name, model) not in named and (reason := _why_not(table, provider, model)):
                yield provider, model, reason


def _why_never(table: EndpointTable, provider: Provider) -> str:
    """Why no name reaches a provider without a list of models."""
    reasons = [_why_not_in(table, provider, f"{KNOWN[VENDORS[dialect]][0]}-{_ANY}", dialect) for dialect in provider.dialects]
    return reasons[0] if reasons and all(reasons) else ""


def _why_not(table: EndpointTable, provider: Provider, model: str) -> str:
    reasons = [_why_not_in(table, provider, model.replace("*", _ANY), dialect) for dialect in provider.dialects]
    return reasons[0] if reasons and all(reasons) else ""


def _why_not_in(table: EndpointTable, provider: Provider, name: str, dialect: str) -> str:
    found = table.resolve(name, dialect)
    if found is None:
        return "no name leads there"
    if any(target.provider.name == provider.name for target in found.targets):
        return ""
    if any(matches(each.name, found.name) for each in table.written):
        return f"the endpoint {found.name!r} answers to it"
    return f"{found.targets[0].provider.name!r} comes first" if found.targets else "no name leads there"
