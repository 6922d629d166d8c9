"""What a token shall be or become, and whether that makes sense and may be asked for. Decides by what it is given; stores nothing.

A principal makes tokens for itself that allow at most what the token allows that it asks with. An administrator makes any token for any principal.
"""

from collections.abc import Iterable, Sequence

import msgspec

from headgate.admin.token_ports import TokenChange, TokenRow
from headgate.core.access_token import AccessToken
from headgate.core.errors import BadRequest, Forbidden
from headgate.core.model_names import is_pattern, matches_any
from headgate.core.principal import is_reserved
from headgate.core.scopes import ADMIN, INFERENCE, SCOPES, SQL, TELEMETRY
from headgate.policy.networks import network_of, within

DAY_S = 86_400
LIFETIME_S_MAX = 3_650 * DAY_S
USUAL_LIFETIME_S = 730 * DAY_S
USUAL_SCOPES = (INFERENCE, TELEMETRY, SQL)
_NAME_MAX = 128
_PATTERNS_MAX = 64
_NETWORKS_MAX = 64
_WRONG = "INVALID_PARAMETER_VALUE"


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a new token shall be. `user` is an e-mail address or a name; by default the caller itself, or the token's own name where Headgate itself asks.

    `service_principal` is the id or the name of one that exists, instead of a user. Empty scopes, endpoints and networks mean the usual ones: those of the
    caller's own token, or else all endpoints, from everywhere. `lifetime_s` 0 is without an end.
    """

    name: str
    user: str = ""
    service_principal: str = ""
    scopes: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    lifetime_s: int = 0


def completed(request: TokenRequest, by: AccessToken, now_s: float) -> TokenRequest:
    """The request with what it leaves open. Raises BadRequest for what makes no sense, and Forbidden for more than the caller may give."""
    _check_name("token's name", request.name)
    if not 0 <= request.lifetime_s <= LIFETIME_S_MAX:
        raise BadRequest(f"A token lives 1 to {LIFETIME_S_MAX} seconds, or without an end.", code=_WRONG)
    if by.principal.is_administrator:
        full = _with(request, USUAL_SCOPES, ("*",), ())
        if not full.service_principal and not full.user:
            full = msgspec.structs.replace(full, user=by.principal.name if by.id else full.name)
        _check_user(full, request.user)
        require_account_administrator(full.scopes, full.service_principal or full.user, by)
    else:
        own_scopes = tuple(scope for scope in (*USUAL_SCOPES, *sorted(SCOPES)) if scope in by.principal.scopes)
        full = _with(request, tuple(dict.fromkeys(own_scopes)), by.endpoints, tuple(map(str, by.networks)))
        _check_own(full, by, now_s)
    check_allowed(full.scopes, full.endpoints, full.networks)
    return full


def usual_lifetime_s(by: AccessToken, now_s: float) -> int:
    """How long a new token lives where a request names no time: two years, as at Databricks; but one that a member makes no longer than their own."""
    if by.principal.is_administrator or not by.expires_at_s:
        return USUAL_LIFETIME_S
    return max(1, min(USUAL_LIFETIME_S, int(by.expires_at_s - now_s)))


def checked_change(change: TokenChange, row: TokenRow, by: AccessToken) -> TokenChange:
    """The change, if it may be made. Scopes only become fewer. Endpoints and networks become fewer too, unless an administrator asks."""
    if change == TokenChange():
        raise BadRequest("Nothing to change: state a new name, scopes, endpoints or networks.", code=_WRONG)
    if change.name is not None:
        _check_name("token's name", change.name)
    check_allowed(change.scopes, change.endpoints, change.networks)
    if change.scopes is not None and not set(change.scopes) <= set(row.scopes):
        raise BadRequest(f"Scopes can only be taken from a token; it has {', '.join(row.scopes)}. Make another token for more.", code=_WRONG)
    if not by.principal.is_administrator:
        _check_narrower(change.endpoints, change.networks, row.endpoints, row.networks)
    return change


def require_account_administrator(scopes: Iterable[str], name: str, by: AccessToken) -> None:
    """Raise Forbidden if the caller would get a token that may administer with the roles of another principal, which may be stronger than its own."""
    if ADMIN in scopes and name != by.principal.name and not by.principal.is_account_administrator:
        raise Forbidden("Only an account administrator makes tokens with the scope admin for other principals.", code="PERMISSION_DENIED")


def check_allowed(scopes: Sequence[str] | None, endpoints: Sequence[str] | None, networks: Sequence[str] | None) -> None:
    """Raise BadRequest unless these are what a token can have; `None` is not looked at."""
    unknown = [scope for scope in scopes or () if scope not in SCOPES]
    if scopes is not None and (unknown or not scopes):
        raise BadRequest(f"A token's scopes are some of {', '.join(sorted(SCOPES))}; {repr(unknown[0]) if unknown else 'none'} is not.", code=_WRONG)
    if endpoints is not None and not 0 < len(endpoints) <= _PATTERNS_MAX:
        raise BadRequest(f"A token allows 1 to {_PATTERNS_MAX} endpoint patterns.", code=_WRONG)
    for pattern in endpoints or ():
        if not is_pattern(pattern):
            raise BadRequest(f"{pattern!r} is no endpoint pattern: a name, in which * stands for any characters.", code=_WRONG)
    if networks is not None and len(networks) > _NETWORKS_MAX:
        raise BadRequest(f"A token has at most {_NETWORKS_MAX} networks.", code=_WRONG)
    for network in networks or ():
        try:
            network_of(network)
        except ValueError as error:
            raise BadRequest(f"{network!r} is no network, such as 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7.", code=_WRONG) from error


def _with(request: TokenRequest, scopes: tuple[str, ...], endpoints: tuple[str, ...], networks: tuple[str, ...]) -> TokenRequest:
    return msgspec.structs.replace(
        request, scopes=request.scopes or scopes, endpoints=request.endpoints or endpoints, networks=request.networks or networks
    )


def _check_own(request: TokenRequest, by: AccessToken, now_s: float) -> None:
    """Raise Forbidden if the request is for another principal, or for more than the caller's own token allows."""
    if request.user not in {"", by.principal.name} or request.service_principal not in {"", by.principal.id, by.principal.name}:
        raise Forbidden("Only an administrator makes tokens for other principals.", code="PERMISSION_DENIED")
    more = sorted(set(request.scopes) - by.principal.scopes)
    if more:
        raise _too_much(f"the scope {more[0]}, which your own token lacks")
    _check_narrower(request.endpoints, request.networks, by.endpoints, tuple(map(str, by.networks)))
    if by.expires_at_s and (not request.lifetime_s or now_s + request.lifetime_s > by.expires_at_s + 1):
        raise _too_much(f"to live longer than your own token, which lives {max(0, int(by.expires_at_s - now_s))} more seconds")


def _check_narrower(
    endpoints: Iterable[str] | None, networks: Sequence[str] | None, own_endpoints: Sequence[str], own_networks: Sequence[str]
) -> None:
    for pattern in endpoints or ():
        # A pattern that a pattern matches as a text allows nothing else: whatever stands for its * is matched by the other's *.
        if not matches_any(own_endpoints, pattern):
            raise _too_much(f"the endpoints {pattern!r}; yours are {', '.join(own_endpoints)}")
    if networks is not None and own_networks and not (networks and within(map(network_of, networks), map(network_of, own_networks))):
        raise _too_much(f"other networks; yours are {', '.join(own_networks)}")


def _too_much(what: str) -> Forbidden:
    return Forbidden(f"A token cannot give more than it has: the new one was to have {what}. Ask an administrator.", code="PERMISSION_DENIED")


def _check_user(request: TokenRequest, written: str) -> None:
    """Check the name of the user whom an administrator makes the token for."""
    if request.service_principal:
        if request.user:
            raise BadRequest("A token is a user's or a service principal's, not both.", code=_WRONG)
        return
    _check_name("user", request.user)
    if is_reserved(request.user):
        hint = "Choose another user" if written else "Give the token another name"
        raise BadRequest(f"The name {request.user!r} is reserved: it is a group's or Headgate's own. {hint}.", code=_WRONG)


def _check_name(what: str, text: str) -> None:
    if not text.strip() or text != text.strip() or len(text) > _NAME_MAX or not text.isprintable():
        raise BadRequest(
            f"A {what} is 1 to {_NAME_MAX} printable characters without spaces around them; {text[: _NAME_MAX + 1]!r} is not.", code=_WRONG
        )
