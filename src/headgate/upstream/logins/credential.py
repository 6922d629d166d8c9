"""A credential that ends, and where one comes from."""

import math
from typing import Protocol

import msgspec

from headgate.core.secret import Secret


class LoginFailed(Exception):
    """No credential was given. The message says why, for the log; it holds no secret."""


class HeldCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A bearer token, or AWS's keys where `key_id` is given: then `secret` signs and `token` names the session.

    `ends_at_s` is wall time.
    """

    token: Secret | None = None
    key_id: str = ""
    secret: Secret | None = None
    ends_at_s: float = math.inf

    @property
    def sent(self) -> bytes:
        """The part that is sent as it is, and so may come back in an answer; empty if there is none."""
        return b"" if self.token is None else self.token.reveal().encode()


class CredentialSource(Protocol):
    """Gets credentials for one provider. May wait; is never asked twice at the same time."""

    async def fetch(self) -> HeldCredential:
        """A credential that is good now. Raises LoginFailed."""
