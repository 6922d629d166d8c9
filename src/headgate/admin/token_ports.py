"""The port of the use-cases of tokens: a store of principals, tokens, sign-in links and ended sessions. Adapters implement the Protocol."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.group import Group
from headgate.core.principal import Principal


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


class StoredAccess(NamedTuple):
    """What the store says of access at one version: all tokens that are not revoked, by their digest, the groups, and the
    roles of groups by their names. A token's principal has its own roles and no groups here; its scopes are all of the token's.
    """

    version: int
    tokens: Mapping[bytes, AccessToken]
    groups: tuple[Group, ...] = ()
    group_roles: Mapping[str, frozenset[str]] = {}


class TokenRow(msgspec.Struct, frozen=True, kw_only=True):
    """A token as it is listed. Times are wall-clock milliseconds; 0 if it never expires or is not revoked. `principal` has no scopes here."""

    id: str
    name: str
    principal: Principal
    last4: str
    scopes: tuple[str, ...]
    endpoints: tuple[str, ...]
    created_at_ms: int
    expires_at_ms: int = 0
    revoked_at_ms: int = 0


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

    def load_access(self) -> StoredAccess:
        """The tokens and groups, read at one moment."""

    def administrators(self) -> frozenset[str]:
        """The ids of the active users and service principals that have a role of an administrator, of their own or through groups."""

    def create_token(self, token: NewToken) -> TokenRow:
        """Store a token, and its principal if the name is new or was deleted. Raises BadRequest if the name is a group's, or its principal is inactive."""

    def list_tokens(self) -> Sequence[TokenRow]:
        """All tokens, oldest first, revoked ones too."""

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
