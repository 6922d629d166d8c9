"""Notes on providers and models that no name can reach, for people who check a configuration. Such a provider is allowed: a note refuses nothing."""

from collections.abc import Sequence

from headgate.core.endpoint import Provider
from headgate.routing.table import EndpointTable
from headgate.routing.unreached import why_unreached

_NOTES_MAX = 20


def notes_on_unreached(table: EndpointTable, providers: Sequence[Provider]) -> list[str]:
    """One note for each provider, or model in its list, at most twenty."""
    found = why_unreached(table, providers)
    return [
        f"provider {provider.name}: {f'its model {model!r}' if model else 'it'} is asked by no name, because {reason}"
        for (provider, model, reason), _ in zip(found, range(_NOTES_MAX), strict=False)
    ]
