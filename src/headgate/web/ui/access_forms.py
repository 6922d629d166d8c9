"""The forms of the pages of access, read: new principals, changes of them, and tokens. It checks only what a form can get wrong that the use-cases cannot."""

from collections.abc import Mapping
from typing import Final

from headgate.admin.principals import NewPrincipal, PrincipalChange
from headgate.admin.token_request import DAY_S, TokenRequest
from headgate.core.errors import BadRequest
from headgate.core.principal import SERVICE_PRINCIPAL
from headgate.web.ui.fields import Fields

LIFETIMES: Final[Mapping[str, str]] = {
    "1": "a day",
    "7": "a week",
    "30": "30 days",
    "90": "90 days",
    "365": "a year",
    "730": "two years",
    "0": "without an end",
}
"""How long a new token may live, in days, as the form offers it."""
OVERLAPS: Final[Mapping[str, str]] = {"0": "not at all", "600": "10 minutes", "3600": "an hour", "86400": "a day", "604800": "a week"}
"""How long an old token works beside its successor, in seconds."""


def new_principal(kind: str, form: Fields) -> NewPrincipal:
    """The principal that a form asks for."""
    return NewPrincipal(
        name=form.get("name", "").strip(),
        kind=kind,
        display_name=form.get("display_name", "").strip(),
        roles=form.all("role"),
        members=words(form.get("members", "")),
    )


def changed_roles(form: Fields) -> PrincipalChange:
    """The roles that a principal shall have instead of those that the form was made with."""
    seen = form.get("seen_at_ms", "")
    return PrincipalChange(roles=form.all("role"), seen_at_ms=int(seen) if seen.isdecimal() else None)


def token_request(form: Fields) -> TokenRequest:
    """The token that a form asks for."""
    holder, service = form.get("holder", "").strip(), form.get("holder_kind") == SERVICE_PRINCIPAL
    if service and not holder:
        raise BadRequest("Write the name or the id of the service principal that the token is for.")
    if not form.all("scope"):
        raise BadRequest("Choose at least one scope: what the token may be used for.")
    return TokenRequest(
        name=form.get("name", "").strip(),
        user="" if service else holder,
        service_principal=holder if service else "",
        scopes=form.all("scope"),
        endpoints=words(form.get("endpoints", "")),
        networks=words(form.get("networks", "")),
        lifetime_s=_number(form, "days", "how many days the token lives") * DAY_S,
    )


def overlap_s(form: Fields) -> int:
    """How long the old token still works, in seconds."""
    return _number(form, "overlap", "for how many seconds both tokens work")


def words(text: str) -> tuple[str, ...]:
    """The entries of a field that takes several: by lines and commas. A name may have spaces in it."""
    return tuple(word for line in text.splitlines() for part in line.split(",") if (word := part.strip()))


def _number(form: Fields, name: str, what: str) -> int:
    text = form.get(name, "").strip() or "0"
    if not text.isdecimal() or len(text) > 9:
        raise BadRequest(f"{text[:40]!r} does not say {what}: write a whole number.")
    return int(text)
