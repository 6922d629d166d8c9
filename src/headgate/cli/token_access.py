"""The tokens that a command works on: those of this machine's store, or of a gateway that runs elsewhere. Each way is loaded only when it is used."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Protocol

from headgate.admin.token_ports import TokenChange, TokenRow
from headgate.admin.token_request import TokenRequest
from headgate.admin.tokens import CreatedToken, TokenAdmin
from headgate.cli.gateway_choice import gateway_or_store
from headgate.cli.remote_tokens import RemoteTokens
from headgate.cli.store import existing_store
from headgate.core.clock import SystemClock
from headgate.storage.state.stated_groups import StatedGroups
from headgate.storage.state.store import open_state


class Tokens(Protocol):
    """What the commands do with tokens, wherever these are."""

    def create(self, request: TokenRequest) -> CreatedToken:
        """Create a token."""

    def list(self) -> Sequence[TokenRow]:
        """All tokens that the caller may see, oldest first."""

    def get(self, which: str) -> TokenRow:
        """The token with this id, or the only live one of this name."""

    def change(self, which: str, change: TokenChange) -> TokenRow:
        """Change a live token."""

    def rotate(self, which: str, overlap_s: int) -> CreatedToken:
        """Make a successor with a new secret."""

    def revoke(self, which: str) -> TokenRow:
        """Revoke a token."""


@contextmanager
def tokens_of(data: str, url: str) -> Generator[Tokens]:
    """The tokens of what the options, their variables or the login name."""
    gateway = gateway_or_store(url, data)
    if gateway is not None:
        yield RemoteTokens(gateway)
        return
    with stored_tokens(data) as tokens:
        yield tokens


@contextmanager
def stored_tokens(data: str) -> Generator[TokenAdmin]:
    """The tokens of this machine's store."""
    directory = existing_store(data)
    store, pepper = open_state(directory)
    try:
        yield TokenAdmin(store, pepper, SystemClock(), StatedGroups(str(directory.root)).names)
    finally:
        store.close()
