"""Tokens over REST, as Databricks' clients ask for them: a principal's own below `/api/2.0/token`, everyone's below `/api/2.0/token-management`.

Beside Databricks' fields there are `endpoints`, `networks`, the last use and the last four characters. A secret is in the answer that made it, and in no other.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import msgspec

from headgate.admin.token_ports import TokenChange, TokenRow
from headgate.admin.token_request import DAY_S, TokenRequest, usual_lifetime_s
from headgate.admin.tokens import CreatedToken, TokenAdmin
from headgate.core.access_token import AccessToken
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, Unavailable
from headgate.core.scopes import ADMIN, ANY
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute

_OWN: Final = "/api/2.0/token"
_ALL: Final = "/api/2.0/token-management"
_DAY_MS: Final = DAY_S * 1000
_UNNAMED: Final = "token"  # the name of a token that was made without a comment
_WRONG: Final = "INVALID_PARAMETER_VALUE"
_CHANGEABLE: Final = ("comment", "scopes", "endpoints", "networks")

Made = TypeVar("Made")


class TokenBody(msgspec.Struct, frozen=True, kw_only=True):
    """A token to make. `application_id` is a service principal's id; `user_name` names a user instead. Both are for administrators."""

    comment: str | None = None
    lifetime_seconds: int | None = None
    scopes: tuple[str, ...] | None = None
    endpoints: tuple[str, ...] | None = None
    networks: tuple[str, ...] | None = None
    application_id: str | None = None
    user_name: str | None = None


class TokenIdBody(msgspec.Struct, frozen=True, kw_only=True):
    """A token to revoke."""

    token_id: str


class ChangedToken(msgspec.Struct, frozen=True, kw_only=True):
    """New values of a token."""

    comment: str | None = None
    scopes: tuple[str, ...] | None = None
    endpoints: tuple[str, ...] | None = None
    networks: tuple[str, ...] | None = None


class ChangeTokenBody(msgspec.Struct, frozen=True, kw_only=True):
    """A change: only what `update_mask` names is changed, `*` everything that is given."""

    token: ChangedToken = ChangedToken()
    update_mask: str = ""


class RotateBody(msgspec.Struct, frozen=True, kw_only=True):
    """How long the old token still works."""

    overlap_seconds: int = 0


def token_routes(tokens: TokenAdmin, changed: Callable[[], Awaitable[None]], clock: Clock) -> tuple[ApiRoute, ...]:
    """The routes. `changed` makes this process see at once what was changed in the store."""
    acts = _Acts(tokens, changed, clock)
    own, all_tokens = _Own(acts), _All(acts)
    return (
        ApiRoute("POST", f"{_OWN}/create", ANY, own.create),
        ApiRoute("GET", f"{_OWN}/list", ANY, own.list),
        ApiRoute("POST", f"{_OWN}/delete", ANY, own.delete),
        ApiRoute("PATCH", f"{_OWN}/{{token_id}}", ANY, own.change),
        ApiRoute("POST", f"{_OWN}/{{token_id}}/rotate", ANY, own.rotate),
        ApiRoute("GET", f"{_ALL}/tokens", ADMIN, all_tokens.list),
        ApiRoute("GET", f"{_ALL}/tokens/{{token_id}}", ADMIN, all_tokens.get),
        ApiRoute("PATCH", f"{_ALL}/tokens/{{token_id}}", ADMIN, all_tokens.change),
        ApiRoute("DELETE", f"{_ALL}/tokens/{{token_id}}", ADMIN, all_tokens.delete),
        ApiRoute("POST", f"{_ALL}/on-behalf-of/tokens", ADMIN, all_tokens.create),
    )


class _Acts:
    """What the calls of both share: the use-cases wait for a database, so they run on a thread."""

    def __init__(self, tokens: TokenAdmin, changed: Callable[[], Awaitable[None]], clock: Clock) -> None:
        self.tokens = tokens
        self._changed = changed
        self._clock = clock

    async def act(self, act: Callable[[], Made]) -> Made:
        """Do what changes the store, and see it here at once."""
        made = await asyncio.to_thread(act)
        with contextlib.suppress(Unavailable):  # it is done, and will be seen with the next look at the store
            await self._changed()
        return made

    async def make(self, request: ApiRequest, body: TokenBody) -> CreatedToken:
        """Make a token with what the caller may give."""
        caller = request.caller
        asked = TokenRequest(
            name=body.comment or _UNNAMED,
            user=body.user_name or "",
            service_principal=body.application_id or "",
            scopes=body.scopes or (),
            endpoints=body.endpoints or (),
            networks=body.networks or (),
            lifetime_s=self._lifetime_s(body, caller),
        )
        return await self.act(lambda: self.tokens.create(asked, caller))

    async def change(self, request: ApiRequest) -> TokenRow:
        """Change the token that the path names."""
        change, caller = _change_of(request.read(ChangeTokenBody)), request.caller
        return await self.act(lambda: self.tokens.change(request.parameters["token_id"], change, caller))

    def _lifetime_s(self, body: TokenBody, caller: AccessToken) -> int:
        """The lifetime that was asked for; else the usual one; a user's token lives no longer than the caller's."""
        if body.lifetime_seconds is not None:
            if body.lifetime_seconds < 1:
                raise BadRequest("lifetime_seconds is at least 1.", code=_WRONG)
            return body.lifetime_seconds
        return usual_lifetime_s(caller, self._clock.wall_ns() / 1e9)


class _Own:
    """The calls of a principal for its own tokens."""

    def __init__(self, acts: _Acts) -> None:
        self._acts = acts

    async def create(self, request: ApiRequest) -> ApiAnswer:
        """Make a token for the caller, which allows at most what the caller's own allows."""
        body: TokenBody = request.read(TokenBody)
        if body.application_id or body.user_name:
            raise BadRequest(f"Tokens for others are made with POST {_ALL}/on-behalf-of/tokens.", code=_WRONG)
        return _created(await self._acts.make(request, body), _info)

    async def list(self, request: ApiRequest) -> ApiAnswer:
        """The caller's live tokens."""
        caller = request.caller
        return ApiAnswer({"token_infos": [_info(row) for row in await asyncio.to_thread(lambda: self._acts.tokens.own(caller))]})

    async def delete(self, request: ApiRequest) -> ApiAnswer:
        """Revoke a token."""
        body, caller = request.read(TokenIdBody), request.caller
        await self._acts.act(lambda: self._acts.tokens.revoke(body.token_id, caller))
        return ApiAnswer()

    async def change(self, request: ApiRequest) -> ApiAnswer:
        """Change a token."""
        return ApiAnswer(_info(await self._acts.change(request)))

    async def rotate(self, request: ApiRequest) -> ApiAnswer:
        """Make a successor with a new secret."""
        body, caller = request.read(RotateBody), request.caller
        return _created(await self._acts.act(lambda: self._acts.tokens.rotate(request.parameters["token_id"], body.overlap_seconds, caller)), _info)


class _All:
    """The calls of administrators for all tokens."""

    def __init__(self, acts: _Acts) -> None:
        self._acts = acts

    async def create(self, request: ApiRequest) -> ApiAnswer:
        """Make a token for a service principal or a user."""
        body: TokenBody = request.read(TokenBody)
        if not body.application_id and not body.user_name:
            raise BadRequest("Name whose token it is: application_id for a service principal, user_name for a user.", code=_WRONG)
        return _created(await self._acts.make(request, body), _full_info)

    async def list(self, request: ApiRequest) -> ApiAnswer:
        """All tokens that are not revoked; of one principal if the query names its id or name."""
        caller, query = request.caller, request.query
        by_id, by_name = query.get("created_by_id", ""), query.get("created_by_username", "")
        rows = await asyncio.to_thread(lambda: self._acts.tokens.list(caller))
        wanted = [row for row in rows if by_id in {"", row.principal.id} and by_name in {"", row.principal.name, row.created_by}]
        return ApiAnswer({"token_infos": [_full_info(row) for row in wanted if not row.revoked_at_ms]})

    async def get(self, request: ApiRequest) -> ApiAnswer:
        """One token."""
        caller = request.caller
        row = await asyncio.to_thread(lambda: self._acts.tokens.get(request.parameters["token_id"], caller))
        return ApiAnswer({"token_info": _full_info(row)})

    async def change(self, request: ApiRequest) -> ApiAnswer:
        """Change a token."""
        return ApiAnswer(_full_info(await self._acts.change(request)))

    async def delete(self, request: ApiRequest) -> ApiAnswer:
        """Revoke a token."""
        caller = request.caller
        await self._acts.act(lambda: self._acts.tokens.revoke(request.parameters["token_id"], caller))
        return ApiAnswer()


def _change_of(body: ChangeTokenBody) -> TokenChange:
    """The values that the mask names."""
    given = msgspec.structs.asdict(body.token)
    named = [name for name in _CHANGEABLE if given[name] is not None] if body.update_mask == "*" else [*filter(None, body.update_mask.split(","))]
    if not named:
        raise BadRequest("Field 'update_mask' is required and must contain at least one subfield with a non-default value!", code=_WRONG)
    for name in named:
        if name not in _CHANGEABLE:
            raise BadRequest(f"update_mask names {name[:64]!r}; a token's {', '.join(_CHANGEABLE)} can be changed.", code=_WRONG)
        if given[name] is None:
            raise BadRequest(f"update_mask names {name!r}, and the token has none.", code=_WRONG)
    values = {name: given[name] for name in named}
    return TokenChange(name=values.pop("comment", None), **values)


def _created(made: CreatedToken, info: Callable[[TokenRow], dict[str, object]]) -> ApiAnswer:
    return ApiAnswer({"token_value": made.token, "token_info": info(made.row)})


def _info(row: TokenRow) -> dict[str, object]:
    """A token as its own principal sees it."""
    return {
        "token_id": row.id,
        "comment": row.name,
        "creation_time": row.created_at_ms,
        "expiry_time": row.expires_at_ms or -1,
        "scopes": row.scopes,
        "endpoints": row.endpoints,
        "networks": row.networks,
        "last_accessed_time": row.last_used_at_ms or None,
        "last4": row.last4,
    }


def _full_info(row: TokenRow) -> dict[str, object]:
    """A token as an administrator sees it. Databricks' `owner_id` and `created_by_id` are numbers, which principals have none of here."""
    return {
        **_info(row),
        "principal_id": row.principal.id,
        "owner_name": row.principal.name,
        "created_by_username": row.created_by or None,
        "last_used_day": row.last_used_at_ms - row.last_used_at_ms % _DAY_MS if row.last_used_at_ms else None,
    }
