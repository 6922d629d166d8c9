"""Who calls: the credential in a request's headers, held against the snapshot, and once more against the store where a token was made a moment ago."""

from collections.abc import Awaitable, Callable

import msgspec

from headgate.admin.statement_ports import Session
from headgate.catalog.holders import ADMINS
from headgate.core.clock import Clock
from headgate.core.errors import GatewayError
from headgate.core.headers import Headers
from headgate.core.principal import Grant
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import authenticate, credential_of, parse_token
from headgate.web.guesses import Guesses


class Callers(msgspec.Struct, frozen=True):
    """Authenticates for every door. `refresh` re-reads the control state when a well-formed token is not in the snapshot; `guesses` counts what fails."""

    snapshot: Callable[[], Snapshot]
    refresh: Callable[[], Awaitable[None]]
    pepper: bytes
    clock: Clock
    guesses: Guesses

    async def grant(self, headers: Headers, key: str = "", address: str = "") -> Grant:
        """What the caller's token stands for. `key` is a credential that came outside the headers, where a door takes one; `address` is the client's.
        Raises LimitExceeded where too many unknown tokens came from that address.
        """
        credential = credential_of(headers, key)
        now_s = self.clock.wall_ns() / 1e9
        try:
            return authenticate(self.snapshot().tokens, self.pepper, credential, now_s)
        except GatewayError:
            self.guesses.check(address, credential)
            if parse_token(credential) is None:
                self.guesses.failed(address, credential)
                raise
        await self.refresh()
        try:
            return authenticate(self.snapshot().tokens, self.pepper, credential, now_s)
        except GatewayError:
            self.guesses.failed(address, credential)
            raise

    def known(self, headers: Headers, key: str = "") -> Grant:
        """The same by the snapshot alone. Raises Unauthenticated also for a token that the store may know."""
        return authenticate(self.snapshot().tokens, self.pepper, credential_of(headers, key), self.clock.wall_ns() / 1e9)

    def lives(self, token_id: str) -> bool:
        """Whether the token with this id may still be used."""
        return self.snapshot().tokens.live(token_id, self.clock.wall_ns() / 1e9) is not None

    async def session(self, headers: Headers, key: str = "", address: str = "") -> Session:
        """Who the caller is to the catalog."""
        return session_of(await self.grant(headers, key, address))

    def known_session(self, headers: Headers) -> Session:
        """The same by the snapshot alone, and by the headers."""
        return session_of(self.known(headers))


def session_of(grant: Grant) -> Session:
    """A principal and its groups: a token with the scope `admin` makes it one of the administrators."""
    return Session(grant.principal.name, frozenset({ADMINS}) if "admin" in grant.scopes else frozenset())
