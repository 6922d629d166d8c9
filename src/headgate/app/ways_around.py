"""Notes on endpoints that are open to every token and reach the same model as one that grants restrict. A grant is about a name, not about a model."""

from collections import defaultdict
from collections.abc import Iterator

from headgate.core.endpoint import Endpoint
from headgate.core.model_names import is_open
from headgate.policy.permissions import PermissionTable
from headgate.routing.table import EndpointTable

_NOTES_MAX = 20


def notes_on_ways_around(table: EndpointTable, permissions: PermissionTable | None) -> list[str]:
    """One note for each endpoint that leads around a restriction, at most twenty."""
    if permissions is None or not permissions.grants:
        return []
    notes: dict[str, str] = {}
    reaching = _open_by_model(table, permissions)
    for restricted in table.everything():
        if is_open(restricted.name) or permissions.is_open(restricted.name):
            continue
        for provider, model in _models(restricted):
            unlisted = (name for name in _answering(table, restricted, provider, model) if permissions.is_open(name))
            for name in (*reaching.get((provider, model), ()), *unlisted):
                if len(notes) >= _NOTES_MAX:
                    return list(notes.values())
                if name not in notes:
                    notes[name] = (
                        f"every token may use endpoint {name!r}, which reaches the model {model!r} at {provider} as {restricted.name!r} does, although "
                        "grants restrict that: name both in grants, or set permissions.default to closed"
                    )
    return list(notes.values())


def _open_by_model(table: EndpointTable, permissions: PermissionTable) -> dict[tuple[str, str], list[str]]:
    """The names of the open endpoints that reach each model of each provider."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for endpoint in table.everything():
        if not is_open(endpoint.name) and permissions.is_open(endpoint.name):
            for key in _models(endpoint):
                found[key].append(endpoint.name)
    return found


def _models(endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    for target in endpoint.targets:
        yield target.provider.name, target.model


def _answering(table: EndpointTable, restricted: Endpoint, provider: str, model: str) -> Iterator[str]:
    """The names that are not listed and answered by the same model: those that an open provider takes."""
    for target in restricted.targets:
        for dialect in target.provider.dialects:
            found = table.resolve(model, dialect)
            if found is not None and (provider, model) in _models(found):
                yield found.name
