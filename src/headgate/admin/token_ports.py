"""The port of the use-cases of tokens: a store of principals, tokens, sign-in links and ended sessions. Adapters implement the Protocol."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.principal import Principal


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token to store. The secret is not here: only its keyed hash and its last four characters."""

    id: str
    name: str
    principal: Principal  # its id is used only if the name is new
    digest: bytes
    last4: str
    scopes: tuple[str, ...]
    endpoints: tuple[str, ...]
    created_at_ms: int
    expires_at_ms: int = 0  # 0: never


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

    def load_tokens(self) -> tuple[int, dict[bytes, AccessToken]]:
        """The version, and all tokens that are not revoked, by their digest, read at one moment."""

    def create_token(self, token: NewToken) -> TokenRow:
        """Store a token, and its principal if the name is new."""

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
