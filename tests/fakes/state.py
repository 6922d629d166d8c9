"""A control state in memory; the contract suite holds it to the same behaviour as the database."""

from collections.abc import Sequence

import msgspec

from headgate.admin.token_ports import EndedSession, NewLink, NewToken, TokenRow
from headgate.core.access_token import AccessToken
from headgate.core.principal import Principal


class MemoryState:
    """Implements `headgate.admin.token_ports.ControlState`."""

    def __init__(self) -> None:
        self._version = 1
        self._principals: dict[str, Principal] = {}
        self._tokens: dict[bytes, TokenRow] = {}
        self._links: dict[bytes, NewLink] = {}
        self._ended_sessions: dict[bytes, int] = {}

    def version(self) -> int:
        return self._version

    def load_tokens(self) -> tuple[int, dict[bytes, AccessToken]]:
        return self._version, {digest: _access_token(row) for digest, row in self._tokens.items() if not row.revoked_at_ms}

    def create_token(self, token: NewToken) -> TokenRow:
        self._version += 1
        principal = self._principals.setdefault(token.principal.name, token.principal)
        row = TokenRow(
            id=token.id,
            name=token.name,
            principal=principal,
            last4=token.last4,
            scopes=token.scopes,
            endpoints=token.endpoints,
            created_at_ms=token.created_at_ms,
            expires_at_ms=token.expires_at_ms,
        )
        self._tokens[token.digest] = row
        return row

    def list_tokens(self) -> Sequence[TokenRow]:
        return sorted(self._tokens.values(), key=lambda row: (row.created_at_ms, row.id))

    def revoke_token(self, token_id: str, at_ms: int) -> bool:
        self._version += 1
        for digest, row in self._tokens.items():
            if row.id == token_id and not row.revoked_at_ms:
                self._tokens[digest] = msgspec.structs.replace(row, revoked_at_ms=at_ms)
                return True
        return False

    def mint_sign_in_link(self, link: NewLink) -> None:
        self._version += 1
        self._links = {digest: each for digest, each in self._links.items() if each.expires_at_ms > link.created_at_ms} | {link.digest: link}

    def redeem_sign_in_link(self, digest: bytes, at_ms: int) -> Principal | None:
        self._version += 1
        link = self._links.get(digest)
        if link is None or link.expires_at_ms <= at_ms:
            return None
        del self._links[digest]
        return next(each for each in self._principals.values() if each.id == link.principal_id)

    def end_session(self, session: EndedSession, at_ms: int) -> None:
        self._version += 1
        live = {digest: ends_at_ms for digest, ends_at_ms in self._ended_sessions.items() if ends_at_ms > at_ms}
        self._ended_sessions = live | {session.digest: session.ends_at_ms}

    def ended_sessions(self) -> frozenset[bytes]:
        return frozenset(self._ended_sessions)


def _access_token(row: TokenRow) -> AccessToken:
    return AccessToken(
        id=row.id,
        name=row.name,
        principal=msgspec.structs.replace(row.principal, scopes=frozenset(row.scopes)),
        endpoints=row.endpoints,
        expires_at_s=row.expires_at_ms / 1000,
    )
