"""Authenticates requests: the credential in the headers is looked up in the snapshot, and once more in the store if it was made a moment ago."""

from collections.abc import Awaitable, Callable

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.clock import Clock
from headgate.core.errors import Unauthenticated
from headgate.core.headers import Headers
from headgate.core.principal import Principal
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import authenticate, credential_of, parse_token
from headgate.policy.networks import require_network
from headgate.web.guesses import Guesses


class Authenticator(msgspec.Struct, frozen=True):
    """One for all of a process. `refresh` re-reads the control state when a well-formed token is not in the snapshot; `guesses` counts what fails.

    `last_used` has the time of each token's last use, in seconds of the wall clock, by the token's id. Its owner writes it to the store once in a while.
    """

    snapshot: Callable[[], Snapshot]
    refresh: Callable[[], Awaitable[None]]
    pepper: bytes
    clock: Clock
    guesses: Guesses
    last_used: dict[str, float]

    async def token(self, headers: Headers, key: str = "", address: str = "") -> AccessToken:
        """The token that the request presents. `key` is a credential outside the headers, for the routes that accept one; `address` is the client's.
        Raises Unauthenticated, Forbidden for an inactive principal's token and for a token that may not be used from there, or LimitExceeded if too many unknown
        tokens came from there.
        """
        credential = credential_of(headers, key)
        now_s = self.clock.wall_ns() / 1e9
        try:
            return self._known(credential, address, now_s)
        except Unauthenticated:
            self.guesses.check(address, credential)
            if parse_token(credential) is None:
                self.guesses.failed(address, credential)
                raise
        await self.refresh()
        try:
            return self._known(credential, address, now_s)
        except Unauthenticated:
            self.guesses.failed(address, credential)
            raise

    def known_token(self, headers: Headers, key: str = "", address: str = "") -> AccessToken:
        """The same by the snapshot alone. Raises Unauthenticated also for a token that the store may know."""
        return self._known(credential_of(headers, key), address, self.clock.wall_ns() / 1e9)

    def presented_token(self, headers: Headers) -> AccessToken:
        """The same from whatever network, and without counting as a use: for a record of who was refused."""
        return authenticate(self.snapshot().tokens, self.pepper, credential_of(headers, ""), self.clock.wall_ns() / 1e9)

    def live_token(self, token_id: str) -> AccessToken | None:
        """The token with this id, if it may still be used."""
        return self.snapshot().tokens.live(token_id, self.clock.wall_ns() / 1e9)

    async def principal(self, headers: Headers, key: str = "", address: str = "") -> Principal:
        """The principal of the token that the request presents."""
        return (await self.token(headers, key, address)).principal

    def known_principal(self, headers: Headers, address: str = "") -> Principal:
        """The same by the snapshot alone, and by the headers."""
        return self.known_token(headers, address=address).principal

    def _known(self, credential: str, address: str, now_s: float) -> AccessToken:
        token = authenticate(self.snapshot().tokens, self.pepper, credential, now_s)
        if token.networks:
            require_network(token, address)
        self.last_used[token.id] = now_s
        return token
