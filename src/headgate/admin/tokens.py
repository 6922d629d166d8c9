"""Creates, lists, changes, rotates and revokes tokens; creates and redeems sign-in links. The same use-cases serve the commands, the workspace API and the pages.

A secret leaves this module once, when it is made; the store gets its keyed hash. Every act takes the token of the caller: an administrator acts on all tokens,
anyone else on their own, and finds no others.
"""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from headgate.admin.token_ports import LIVE_MAX, ControlState, NewLink, NewToken, TokenChange, TokenPage, TokenRow, TokenUse
from headgate.admin.token_request import DAY_S, USUAL_SCOPES, TokenRequest, checked_change, completed, require_account_administrator
from headgate.core.access_token import AccessToken
from headgate.core.acting import acting
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, Forbidden, NotFound
from headgate.core.ids import new_id
from headgate.core.principal import HEADGATE, Principal
from headgate.core.roles import ACCOUNT_ADMIN
from headgate.core.scopes import ADMIN
from headgate.policy.authenticate import compose_token, digest

SIGN_IN_LINK_S = 600
OVERLAP_S_MAX = 30 * DAY_S
OPERATOR = AccessToken(id="", name="command line", principal=HEADGATE)
"""Who acts with a command on the machine itself: whoever can write the store may do everything."""

_ROTATED = " (rotated)"
_NAME_MAX = 128


class CreatedToken(msgspec.Struct, frozen=True):
    """A new token with its secret, which is shown once and stored nowhere."""

    token: str
    row: TokenRow


class SignInLink(msgspec.Struct, frozen=True):
    """A one-time link for an administrator's browser."""

    url: str
    user: str
    expires_at_ms: int


class TokenAdmin:
    """The use-cases over one store. `groups` returns the names of the groups of the configuration file, for which no token is made."""

    def __init__(self, state: ControlState, pepper: bytes, clock: Clock, groups: Callable[[], Collection[str]] = tuple) -> None:
        self._state = state
        self._pepper = pepper
        self._clock = clock
        self._groups = groups

    def create(self, request: TokenRequest, by: AccessToken = OPERATOR) -> CreatedToken:
        """Create a token. One with the scope `admin` that a command makes makes its user an account administrator, if it is no administrator yet.

        Raises BadRequest for a request that makes no sense, Forbidden for one that asks for more than the caller may give.
        """
        now_ms = self._now_ms()
        full = completed(request, by, now_ms / 1000)
        principal = self._principal_of(full, by)
        token, made = self._new(full.name, principal, by)
        made = msgspec.structs.replace(
            made,
            scopes=full.scopes,
            endpoints=full.endpoints,
            networks=full.networks,
            expires_at_ms=made.created_at_ms + full.lifetime_s * 1000 if full.lifetime_s else 0,
            role=ACCOUNT_ADMIN if ADMIN in full.scopes and by is OPERATOR else "",
        )
        row = self._state.create_token(made)
        if row is None:
            raise BadRequest(
                f"{principal.name} has {LIVE_MAX} live tokens, as many as a principal may have. Revoke some first.", code="QUOTA_EXCEEDED"
            )
        return CreatedToken(token, row)

    def list(self, by: AccessToken = OPERATOR) -> Sequence[TokenRow]:
        """The tokens that the caller may see, oldest first, with those that have ended."""
        return self._state.list_tokens("" if by.principal.is_administrator else by.principal.id)

    def page(self, asked: TokenPage, by: AccessToken) -> Sequence[TokenRow]:
        """A page of the tokens that the caller may see, the newest first."""
        mine = asked if by.principal.is_administrator else msgspec.structs.replace(asked, principal_id=by.principal.id)
        return self._state.page_of_tokens(mine)

    def uses(self, principal_ids: Collection[str], by: AccessToken) -> Mapping[str, TokenUse]:
        """How many live tokens principals have, and when they used one last. Raises Forbidden unless an administrator asks."""
        if not by.principal.is_administrator:
            raise Forbidden("Only an administrator sees the tokens of others.", code="PERMISSION_DENIED")
        return self._state.token_uses(principal_ids, self._now_ms())

    def own(self, by: AccessToken) -> Sequence[TokenRow]:
        """The live tokens of the caller's own principal, oldest first."""
        now_ms = self._now_ms()
        return [row for row in self._state.list_tokens(by.principal.id) if row.is_live(now_ms)]

    def get(self, which: str, by: AccessToken = OPERATOR) -> TokenRow:
        """The token with this id, or the only live one of this name."""
        found = self._state.list_tokens("" if by.principal.is_administrator else by.principal.id, which) if which else ()
        now_ms = self._now_ms()
        named = [row for row in found if row.id == which] or [row for row in found if row.is_live(now_ms)]
        if not named:
            raise NotFound(f"No live token has the id or name {which[:64]!r}. `headgate token list` shows them.")
        if len(named) > 1:
            raise BadRequest(f"{len(named)} tokens are named {which!r}; choose one by its id: {', '.join(row.id for row in named)}.")
        return named[0]

    def change(self, which: str, change: TokenChange, by: AccessToken = OPERATOR) -> TokenRow:
        """Change a live token; what is taken from it is gone within two seconds."""
        row = self._live(which, by)
        allowed = checked_change(change, row, by)
        if not self._state.change_token(row.id, allowed):
            raise NotFound(f"Token {row.id} has been revoked meanwhile.")
        return self.get(row.id, by)

    def rotate(self, which: str, overlap_s: int, by: AccessToken = OPERATOR) -> CreatedToken:
        """Make a new secret for a token: a successor with the same name and rights. The old one ends after the overlap.

        An administrator's rotation gives the successor the old one's whole lifetime again; anyone else's keeps the old end, and rotates only the token that
        it presents, because another one may have more rights.
        """
        row = self._live(which, by)
        if not 0 <= overlap_s <= OVERLAP_S_MAX:
            raise BadRequest(f"Both tokens work for 0 to {OVERLAP_S_MAX} seconds.", code="INVALID_PARAMETER_VALUE")
        if row.id != by.id:
            if not by.principal.is_administrator:
                raise Forbidden("A token rotates itself; only an administrator rotates others.", code="PERMISSION_DENIED")
            require_account_administrator(row.scopes, row.principal.name, by)
        token, made = self._new(row.name, row.principal, by)
        lifetime_ms = row.expires_at_ms - row.created_at_ms if by.principal.is_administrator else row.expires_at_ms - made.created_at_ms
        made = msgspec.structs.replace(
            made,
            scopes=row.scopes,
            endpoints=row.endpoints,
            networks=row.networks,
            expires_at_ms=made.created_at_ms + lifetime_ms if row.expires_at_ms else 0,
        )
        ends_at_ms = min(row.expires_at_ms or made.created_at_ms + overlap_s * 1000, made.created_at_ms + overlap_s * 1000)
        old = TokenChange(name=row.name[: _NAME_MAX - len(_ROTATED)] + _ROTATED, expires_at_ms=ends_at_ms)
        successor = self._state.replace_token(row.id, old, made)
        if successor is None:
            raise NotFound(f"Token {row.id} has been revoked meanwhile.")
        return CreatedToken(token, successor)

    def revoke(self, which: str, by: AccessToken = OPERATOR) -> TokenRow:
        """Revoke the token with this id, or the only live one of this name. A running gateway refuses it within two seconds."""
        row = self.get(which, by)
        if not self._state.revoke_token(row.id, self._now_ms()):
            raise NotFound(f"Token {row.id} is revoked already.")
        return row

    def first_admin(self) -> CreatedToken | None:
        """A first administrator's token, if no live token has the scope `admin`."""
        return None if self._administrators() else self.create(TokenRequest(name="admin", scopes=(*USUAL_SCOPES, ADMIN)))

    def sign_in_link(self, url: str, user: str = "") -> SignInLink:
        """A new one-time link to the gateway at `url`: for this user, by an administrator's token if the user has one; without a user, for the
        administrator whose live token is the oldest.
        """
        if not url.startswith(("http://", "https://")):
            raise BadRequest(f"A link needs the gateway's address, such as http://127.0.0.1:8484; {url!r} is none.")
        row = next((each for each in self._administrators() if user in {"", each.principal.name}), None) or self._any_token(user)
        if row is None and user:
            raise NotFound(f"{user!r} has no live token, and a session acts as one. `headgate token create NAME --user {user}` makes one.")
        if row is None:
            raise NotFound("No live token has the scope admin. `headgate token create NAME --admin` makes one.")
        expires_at_ms = self._now_ms() + SIGN_IN_LINK_S * 1000
        return SignInLink(f"{url.rstrip('/')}/login?t={self.sign_in_secret(row)}", row.principal.name, expires_at_ms)

    def sign_in_secret(self, row: TokenRow) -> str:
        """The secret of a new one-time sign-in link, good for ten minutes. It names its token, because the session that it begins ends with that token."""
        secret = f"{row.id}.{secrets.token_urlsafe(32)}"
        now_ms = self._now_ms()
        self._state.mint_sign_in_link(
            NewLink(
                digest=digest(self._pepper, secret),
                principal_id=row.principal.id,
                created_at_ms=now_ms,
                expires_at_ms=now_ms + SIGN_IN_LINK_S * 1000,
            )
        )
        return secret

    def redeem(self, secret: str) -> str:
        """Use the link with this secret. Returns the id of its token; empty if the link is unknown, used or expired."""
        found = self._state.redeem_sign_in_link(digest(self._pepper, secret), self._now_ms())
        return secret.rpartition(".")[0] if found is not None else ""

    def _principal_of(self, request: TokenRequest, by: AccessToken) -> Principal:
        """Who the token is for: the caller itself, a service principal that exists, or a user, who may be new."""
        if not by.principal.is_administrator:
            return by.principal
        if not request.service_principal:
            if request.user in self._groups():
                raise BadRequest(f"{request.user!r} is a group of the configuration file, and a group has no tokens.", code="INVALID_PARAMETER_VALUE")
            return Principal(id=new_id("usr", self._clock.wall_ns()), name=request.user)
        found = self._state.service_principal(request.service_principal)
        if found is None:
            raise NotFound(f"No service principal has the id or name {request.service_principal[:64]!r}.")
        return found

    def _new(self, name: str, principal: Principal, by: AccessToken) -> tuple[str, NewToken]:
        """A new secret, and the token to store for it, which allows nothing yet."""
        now_ns = self._clock.wall_ns()
        token = compose_token(secrets.token_bytes(32))
        made = NewToken(
            id=new_id("tok", now_ns),
            name=name,
            principal=principal,
            digest=digest(self._pepper, token),
            last4=token[-4:],
            scopes=(),
            endpoints=(),
            created_at_ms=now_ns // 1_000_000,
            created_by=acting().who if by is OPERATOR else by.principal.name,
        )
        return token, made

    def _live(self, which: str, by: AccessToken) -> TokenRow:
        row = self.get(which, by)
        if not row.is_live(self._now_ms()):
            raise NotFound(f"Token {row.id} is revoked or has expired.")
        return row

    def _any_token(self, user: str) -> TokenRow | None:
        """The user's oldest live token."""
        now_ms = self._now_ms()
        return next((row for row in self._state.list_tokens() if row.principal.name == user and row.is_live(now_ms)), None) if user else None

    def _administrators(self) -> Sequence[TokenRow]:
        """The live tokens with the scope `admin` of administrators, the oldest first."""
        now_ms = self._now_ms()
        found = [row for row in self._state.list_tokens(scope=ADMIN) if row.is_live(now_ms)]
        administrators = self._state.administrators() if found else ()
        return [row for row in found if row.principal.id in administrators]

    def _now_ms(self) -> int:
        return self._clock.wall_ns() // 1_000_000
