"""Whether a name or pattern in a grant or a limit is that of an endpoint. A mistake there protects nothing, and no request shows it."""

from headgate.core.model_names import is_open, matches, matches_one_of
from headgate.core.spelling import nearest
from headgate.routing.known_models import VENDORS
from headgate.routing.table import EndpointTable

_ANY = "5"  # what a star stands for, where the names of models that a provider takes are not known


def why_unmatched(table: EndpointTable, pattern: str) -> str:
    """Why no endpoint has this name or matches this pattern, with the name that was probably meant; empty where one does."""
    names = [endpoint.name for endpoint in table.everything()]
    if any(matches(pattern, name) for name in names):
        return ""  # most do, without a look at other names
    sample = pattern.replace("*", _ANY)
    answering = [endpoint.name for dialect in VENDORS if (endpoint := table.resolve(sample, dialect)) is not None]
    if any(matches_one_of(pattern, table.names_of(name)) for name in (*names, *answering)):
        return ""
    what = "matches no endpoint" if is_open(pattern) else "is no endpoint"
    if answering and not is_open(pattern):
        return f"{pattern!r} {what}: the endpoint {answering[0]!r} answers to this name"
    meant = nearest(pattern.strip("*"), sorted(set(names)))
    return f"{pattern!r} {what}" + (f" — did you mean {meant!r}?" if meant else "")
