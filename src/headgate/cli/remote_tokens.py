"""The tokens of a gateway that runs elsewhere, over its REST API: an administrator's calls for all of them, anyone else's for their own."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from headgate.admin.token_ports import TokenChange, TokenRow
from headgate.admin.token_request import TokenRequest
from headgate.admin.tokens import CreatedToken
from headgate.cli.gateway import RemoteGateway
from headgate.cli.login_keeping import keep_login
from headgate.cli.logins import read_logins
from headgate.core.clock import SystemClock
from headgate.core.errors import BadRequest, NotFound
from headgate.core.principal import Principal
from headgate.core.scopes import ADMIN
from headgate.core.secret import Secret

_OWN, _ALL = "/api/2.0/token", "/api/2.0/token-management"


class RemoteTokens:
    """Does over HTTP what `TokenAdmin` does on the store of this machine. `get` and `list` know no revoked tokens."""

    def __init__(self, gateway: RemoteGateway) -> None:
        self._gateway = gateway
        self._me: Mapping[str, Any] = gateway.me()
        self._administers = ADMIN in self._me["token"]["scopes"]

    def create(self, request: TokenRequest) -> CreatedToken:
        """Create a token; where the request names no principal, for the caller."""
        own = request.user in {"", self._me["principal"]["name"]} and not request.service_principal
        body = _without_empty({
            "comment": request.name,
            "lifetime_seconds": request.lifetime_s,
            "scopes": request.scopes,
            "endpoints": request.endpoints,
            "networks": request.networks,
            "application_id": request.service_principal,
            "user_name": "" if own else request.user,
        })
        return self._created(self._gateway.ask("POST", f"{_OWN}/create" if own else f"{_ALL}/on-behalf-of/tokens", body))

    def list(self) -> Sequence[TokenRow]:
        """The tokens that the caller may see, oldest first."""
        found = self._gateway.get(f"{_ALL}/tokens" if self._administers else f"{_OWN}/list")
        return [self._row(info) for info in found["token_infos"]]

    def get(self, which: str) -> TokenRow:
        """The token with this id, or the only live one of this name."""
        rows, now_ms = self.list(), SystemClock().wall_ns() // 1_000_000
        named = [row for row in rows if row.id == which] or [row for row in rows if row.name == which and row.is_live(now_ms)]
        if not named:
            raise NotFound(f"No live token has the id or name {which[:64]!r}. `headgate token list` shows them.")
        if len(named) > 1:
            raise BadRequest(f"{len(named)} tokens are named {which!r}; choose one by its id: {', '.join(row.id for row in named)}.")
        return named[0]

    def change(self, which: str, change: TokenChange) -> TokenRow:
        """Change a live token."""
        given = {"comment": change.name, "scopes": change.scopes, "endpoints": change.endpoints, "networks": change.networks}
        values = {name: value for name, value in given.items() if value is not None}
        path = f"{_ALL}/tokens/{self.get(which).id}" if self._administers else f"{_OWN}/{self.get(which).id}"
        return self._row(self._gateway.ask("PATCH", path, {"token": values, "update_mask": ",".join(values) or "*"}))

    def rotate(self, which: str, overlap_s: int) -> CreatedToken:
        """Make a successor with a new secret. If it succeeds the token of the login, the login gets it."""
        row = self.get(which)
        made = self._created(self._gateway.ask("POST", f"{_OWN}/{row.id}/rotate", {"overlap_seconds": overlap_s}))
        login = read_logins().find(self._gateway.url)
        if login is not None and login.token_id == row.id:
            renewed = msgspec.structs.replace(self._gateway, token=Secret(made.token))
            keep_login(renewed, renewed.me(), login.kept_in)
            sys.stderr.write(f"Your login at {self._gateway.url} uses the new token.\n")
        return made

    def revoke(self, which: str) -> TokenRow:
        """Revoke a token."""
        row = self.get(which)
        if self._administers:
            self._gateway.ask("DELETE", f"{_ALL}/tokens/{row.id}")
        else:
            self._gateway.ask("POST", f"{_OWN}/delete", {"token_id": row.id})
        return row

    def _created(self, found: Mapping[str, Any]) -> CreatedToken:
        return CreatedToken(found["token_value"], self._row(found["token_info"]))

    def _row(self, info: Mapping[str, Any]) -> TokenRow:
        """A token as the API describes it. Of the caller's own it says no owner."""
        mine = self._me["principal"]
        return TokenRow(
            id=info["token_id"],
            name=info["comment"],
            principal=Principal(id=info.get("principal_id") or mine["id"], name=info.get("owner_name") or mine["name"]),
            last4=info.get("last4") or "",
            scopes=tuple(info["scopes"]),
            endpoints=tuple(info["endpoints"]),
            created_at_ms=info["creation_time"],
            expires_at_ms=max(0, info["expiry_time"]),
            networks=tuple(info["networks"]),
            created_by=info.get("created_by_username") or "",
            last_used_at_ms=info["last_accessed_time"] or 0,
        )


def _without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
