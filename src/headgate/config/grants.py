"""Compiles grants on endpoints. Checks what spans several keys of one grant, and several grants."""

from collections.abc import Sequence

from headgate.config.entries import WrittenGrant
from headgate.config.groups import check_principal
from headgate.config.problems import Path, Problems
from headgate.core.endpoint_grant import EndpointGrant
from headgate.core.model_names import is_pattern


def compile_grants(entries: Sequence[WrittenGrant], problems: Problems) -> tuple[EndpointGrant, ...]:
    """The grants, in the order of their entries."""
    grants: list[EndpointGrant] = []
    places: dict[str, int] = {}
    for index, entry in enumerate(entries):
        path: Path = ("grants", index)
        if not entry.principal:
            problems.add((*path, "principal"), "a grant needs a principal: the name of a user, a service principal or a group")
            continue
        if not entry.endpoint:
            problems.add((*path, "endpoint"), "a grant needs an endpoint, a pattern such as databricks-gpt-*, or * for all")
        elif not is_pattern(entry.endpoint):
            problems.add((*path, "endpoint"), f"{entry.endpoint!r} is no endpoint's name and no pattern of one, such as databricks-gpt-* or *")
        name = grant_name(entry)
        if name in places:
            problems.add(
                path, f"grants to {entry.principal!r} what grants[{places[name]}] grants already: write one permission; CAN_MANAGE includes CAN_QUERY"
            )
        places.setdefault(name, index)
        grants.append(EndpointGrant(check_principal(entry.principal, (*path, "principal"), problems), entry.endpoint, entry.permission))
    return tuple(grants)


def grant_name(entry: WrittenGrant) -> str:
    """What a grant is known by: a principal has one permission on one endpoint or pattern."""
    return f"{entry.principal} on {entry.endpoint}"
