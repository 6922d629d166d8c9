"""What the administrative use-cases need from the outside: a store of control state. Adapters implement this Protocol."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.principal import Principal


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token to be kept. The secret itself is not here: only its keyed hash and its last four characters."""

    id: str
    name: str
    principal: Principal  # its id is used only if the name is not known yet
    digest: bytes
    last4: str
    scopes: tuple[str, ...]
    endpoints: tuple[str, ...]
    created_at_ms: int
    expires_at_ms: int = 0  # 0: never


class TokenRow(msgspec.Struct, frozen=True, kw_only=True):
    """A token as it is listed. Times are wall-clock milliseconds; 0 where it never expires or is not revoked."""

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
    """A one-time sign-in link to be kept, by the keyed hash of its secret."""

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
        """Keep a token, and its principal if the name is new."""

    def list_tokens(self) -> Sequence[TokenRow]:
        """All tokens, oldest first, revoked ones too."""

    def revoke_token(self, token_id: str, at_ms: int) -> bool:
        """Revoke a token; False if there is no such token or it is revoked already."""

    def mint_sign_in_link(self, link: NewLink) -> None:
        """Keep a one-time link, and forget those that have ended."""

    def redeem_sign_in_link(self, digest: bytes, at_ms: int) -> Principal | None:
        """Use a link up. `None` if it is unknown, used or ended."""

    def end_session(self, session: EndedSession, at_ms: int) -> None:
        """Store that a browser session has ended, and delete those that would have ended by themselves by now. Once or twice is the same."""

    def ended_sessions(self) -> frozenset[bytes]:
        """The digests of the sessions that a sign-out has ended."""
