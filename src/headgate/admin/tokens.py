"""Creates, lists and revokes tokens; creates and redeems sign-in links. The same use-cases serve the command line and the pages.

A secret leaves this module once, when it is made; the store gets its keyed hash.
"""

import secrets
from collections.abc import Sequence

import msgspec

from headgate.admin.token_ports import ControlState, NewLink, NewToken, TokenRow
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, NotFound
from headgate.core.ids import new_id
from headgate.core.model_names import is_pattern
from headgate.core.principal import Principal, is_reserved
from headgate.core.roles import ACCOUNT_ADMIN
from headgate.core.scopes import ADMIN, INFERENCE, SQL, TELEMETRY
from headgate.policy.authenticate import compose_token, digest

SIGN_IN_LINK_S = 600
_NAME_MAX = 128
_SCOPES = (INFERENCE, TELEMETRY, SQL)
_PATTERNS_MAX = 64
_DAY_MS = 86_400_000
_DAYS_MAX = 3_650


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a new token shall be. `user` is an e-mail address or a name, by default the token's own name; `expires_days` 0 is never."""

    name: str
    user: str = ""
    admin: bool = False
    endpoints: tuple[str, ...] = ("*",)
    expires_days: int = 0


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
    """The use-cases over one store."""

    def __init__(self, state: ControlState, pepper: bytes, clock: Clock) -> None:
        self._state = state
        self._pepper = pepper
        self._clock = clock

    def create(self, request: TokenRequest) -> CreatedToken:
        """Create a token. One with the scope `admin` makes its user an account administrator, if it is no administrator yet. Raises BadRequest for a
        request that makes no sense.
        """
        _check(request)
        now_ns = self._clock.wall_ns()
        token = compose_token(secrets.token_bytes(32))
        created_at_ms = now_ns // 1_000_000
        row = self._state.create_token(
            NewToken(
                id=new_id("tok", now_ns),
                name=request.name,
                principal=Principal(id=new_id("usr", now_ns), name=request.user or request.name),
                digest=digest(self._pepper, token),
                last4=token[-4:],
                scopes=(*_SCOPES, ADMIN) if request.admin else _SCOPES,
                role=ACCOUNT_ADMIN if request.admin else "",
                endpoints=request.endpoints,
                created_at_ms=created_at_ms,
                expires_at_ms=created_at_ms + request.expires_days * _DAY_MS if request.expires_days else 0,
            )
        )
        return CreatedToken(token, row)

    def list(self) -> Sequence[TokenRow]:
        """All tokens, oldest first."""
        return self._state.list_tokens()

    def revoke(self, which: str) -> TokenRow:
        """Revoke the token with this id, or the only live one of this name. A running gateway refuses it within two seconds."""
        rows = self._state.list_tokens()
        named = [row for row in rows if row.id == which] or [row for row in rows if row.name == which and not row.revoked_at_ms]
        if not named:
            raise NotFound(f"No live token has the id or name {which!r}. `headgate token list` shows them.")
        if len(named) > 1:
            raise BadRequest(f"{len(named)} tokens are named {which!r}; revoke one by its id: {', '.join(row.id for row in named)}.")
        if not self._state.revoke_token(named[0].id, self._now_ms()):
            raise BadRequest(f"Token {named[0].id} is revoked already.")
        return named[0]

    def first_admin(self) -> CreatedToken | None:
        """A first administrator's token, if no live token has the scope `admin`."""
        return None if self._administrators() else self.create(TokenRequest(name="admin", admin=True))

    def sign_in_link(self, url: str, user: str = "") -> SignInLink:
        """A new one-time link to the gateway at `url`: for the administrator of this name, else for the one whose live token is the oldest."""
        if not url.startswith(("http://", "https://")):
            raise BadRequest(f"A link needs the gateway's address, such as http://127.0.0.1:8484; {url!r} is none.")
        row = next((each for each in self._administrators() if user in {"", each.principal.name}), None)
        if row is None:
            whose = f"{user!r} has no live token" if user else "No live token is there"
            raise NotFound(f"{whose} with the scope admin. `headgate token create NAME --admin` makes one.")
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

    def _administrators(self) -> Sequence[TokenRow]:
        """The live tokens with the scope `admin` of administrators, the oldest first."""
        now_ms = self._now_ms()
        administrators = self._state.administrators()
        live = (row for row in self._state.list_tokens() if not row.revoked_at_ms and not 0 < row.expires_at_ms <= now_ms)
        return [row for row in live if ADMIN in row.scopes and row.principal.id in administrators]

    def _now_ms(self) -> int:
        return self._clock.wall_ns() // 1_000_000


def _check(request: TokenRequest) -> None:
    for what, text in (("token's name", request.name), ("user", request.user or request.name)):
        if not text.strip() or text != text.strip() or len(text) > _NAME_MAX or not text.isprintable():
            raise BadRequest(f"A {what} is 1 to {_NAME_MAX} printable characters without spaces around them; {text!r} is not.")
    if is_reserved(request.user or request.name):
        hint = "Give the token another name" if not request.user else "Choose another user"
        raise BadRequest(
            f"The name {request.user or request.name!r} is reserved: it is a group's or Headgate's own. {hint}.", code="INVALID_PARAMETER_VALUE"
        )
    if not 0 <= request.expires_days <= _DAYS_MAX:
        raise BadRequest(f"A token expires after 1 to {_DAYS_MAX} days, or never (0).")
    if not request.endpoints or len(request.endpoints) > _PATTERNS_MAX:
        raise BadRequest(f"A token allows 1 to {_PATTERNS_MAX} endpoint patterns.")
    for pattern in request.endpoints:
        if not is_pattern(pattern):
            raise BadRequest(f"{pattern!r} is no endpoint pattern: a name, in which * stands for any characters.")
