"""The port of the use-cases of tokens: a store of principals, tokens, sign-in links and ended sessions. Adapters implement the Protocol."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.group import Group
from headgate.core.principal import Principal

LIVE_MAX: Final = 600  # live tokens of one principal, as many as at Databricks


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token to store. The secret is not here: only its keyed hash and its last four characters.

    `role` is one that the principal gets if it is no administrator yet; empty for none.
    """

    id: str
    name: str
    principal: Principal  # its id is used only if the name is new
    digest: bytes
    last4: str
    scopes: tuple[str, ...]
    endpoints: tuple[str, ...]
    created_at_ms: int
    expires_at_ms: int = 0  # 0: never
    role: str = ""
    networks: tuple[str, ...] = ()
    created_by: str = ""  # the name of the principal that made it


class StoredAccess(NamedTuple):
    """What the store says of access at one version: all tokens that are not revoked, by their digest, the groups, and the
    roles of groups by their names. A token's principal has its own roles and no groups here; its scopes are all of the token's.
    """

    version: int
    tokens: Mapping[bytes, AccessToken]
    groups: tuple[Group, ...] = ()
    group_roles: Mapping[str, frozenset[str]] = {}
    content_version: int = 0  # moves with these alone


class TokenRow(msgspec.Struct, frozen=True, kw_only=True):
    """A token as it is listed. Times are wall-clock milliseconds; 0 if it never expires, is not revoked or was not used. `principal` has no scopes here.

    `networks` are those that it may be used from; none: from everywhere. The last use is written within about a minute.
    """

    id: str
    name: str
    principal: Principal
    last4: str
    scopes: tuple[str, ...]
    endpoints: tuple[str, ...]
    created_at_ms: int
    expires_at_ms: int = 0
    revoked_at_ms: int = 0
    networks: tuple[str, ...] = ()
    created_by: str = ""
    last_used_at_ms: int = 0

    def is_live(self, now_ms: int) -> bool:
        """Whether it may still be used."""
        return not self.revoked_at_ms and not 0 < self.expires_at_ms <= now_ms


class TokenPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a long list of tokens, the newest first: those that were made before `before_ms`, or then with a smaller id than `before_id`.

    `search` is a part of the token's or the principal's name, in any case. `live_at_ms` asks for those that may be used then; 0: for all.
    """

    search: str = ""
    principal_id: str = ""
    before_ms: int = 0  # 0: from the newest on
    before_id: str = ""
    live_at_ms: int = 0
    limit: int = 50


class TokenUse(msgspec.Struct, frozen=True):
    """How many live tokens a principal has, and when one of its tokens was used last, in wall-clock milliseconds."""

    live: int = 0
    last_used_at_ms: int = 0


class TokenChange(msgspec.Struct, frozen=True, kw_only=True):
    """The new values of a stored token; `None` leaves one as it is."""

    name: str | None = None
    scopes: tuple[str, ...] | None = None
    endpoints: tuple[str, ...] | None = None
    networks: tuple[str, ...] | None = None
    expires_at_ms: int | None = None


class NewLink(msgspec.Struct, frozen=True, kw_only=True):
    """A one-time sign-in link to store, by the keyed hash of its secret."""

    digest: bytes
    principal_id: str
    created_at_ms: int
    expires_at_ms: int


class EndedSession(msgspec.Struct, frozen=True):
    """A browser session that a sign-out ended, by the keyed hash of its id. It would have ended by itself at `ends_at_ms`."""

    digest: bytes
    ends_at_ms: int


class ControlState(Protocol):
    """Small mutable state. Every change moves `version`. Raises `Unavailable` when the store cannot be reached."""

    def version(self) -> int:
        """A number that moves with every change."""

    def load_access(self, known: StoredAccess | None = None) -> StoredAccess:
        """The tokens and groups, read at one moment; those of `known` if only something else has changed since."""

    def administrators(self) -> frozenset[str]:
        """The ids of the active users and service principals that have a role of an administrator, of their own or through groups."""

    def service_principal(self, which: str) -> Principal | None:
        """The service principal with this id, or of this name."""

    def create_token(self, token: NewToken, live_max: int = LIVE_MAX) -> TokenRow | None:
        """Store a token, and its principal if the name is new or was deleted. `None` if the principal has so many live tokens already. Raises BadRequest if
        the name is a group's, or its principal is inactive.
        """

    def list_tokens(self, principal_id: str = "", which: str = "", scope: str = "") -> Sequence[TokenRow]:
        """All tokens, or those of one principal, oldest first, revoked ones too; all of them, or those that have `which` as their id or name, or `scope`."""

    def page_of_tokens(self, asked: TokenPage) -> Sequence[TokenRow]:
        """The tokens of one page, revoked ones too unless live ones are asked for."""

    def token_uses(self, principal_ids: Collection[str], now_ms: int) -> Mapping[str, TokenUse]:
        """How principals use their tokens, by the ids of the principals. One that never had a token is left out."""

    def change_token(self, token_id: str, change: TokenChange) -> bool:
        """Change a token; False if there is no such token or it is revoked."""

    def replace_token(self, token_id: str, change: TokenChange, successor: NewToken) -> TokenRow | None:
        """Change a token and store its successor, both or neither; `None` if there is no such token or it is revoked."""

    def note_uses(self, last_used_at_ms: Mapping[str, int]) -> None:
        """Store when tokens were used last, by their ids. A later time that is stored already stays. Moves no version: no decision depends on it."""

    def revoke_token(self, token_id: str, at_ms: int) -> bool:
        """Revoke a token; False if there is no such token or it is revoked already."""

    def mint_sign_in_link(self, link: NewLink) -> None:
        """Store a one-time link, and delete those that have expired."""

    def redeem_sign_in_link(self, digest: bytes, at_ms: int) -> Principal | None:
        """Use a link. `None` if it is unknown, used or expired."""

    def end_session(self, session: EndedSession, at_ms: int) -> None:
        """Store that a browser session has ended, and delete those that would have ended by themselves by now. Calling it twice changes nothing."""

    def ended_sessions(self) -> frozenset[bytes]:
        """The digests of the sessions that a sign-out has ended."""
