"""The access tokens of a store as compact rows. Each becomes an object when it is asked for: of thousands, few are used at a time."""

from collections.abc import Callable, Iterator, Mapping

from headgate.core.access_token import AccessToken


class LateTokens(Mapping[bytes, AccessToken]):
    """Tokens by their digest. `made` makes one of its row, and `digests` finds them by their id. Keeps nothing that it has made."""

    def __init__(self, rows: Mapping[bytes, bytes], digests: Mapping[str, bytes], made: Callable[[bytes], AccessToken]) -> None:
        self.digests = digests
        self._rows = rows
        self._made = made

    def mentioning(self, text: str) -> Iterator[AccessToken]:
        """Those with this text in their row: all of the principal of that name, and few others."""
        part = text.encode()
        return (self._made(row) for row in self._rows.values() if part in row)

    def __getitem__(self, digest: bytes) -> AccessToken:
        return self._made(self._rows[digest])

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
