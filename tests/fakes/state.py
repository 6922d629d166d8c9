"""A control state in memory; the contract suite holds it to the same behaviour as the database."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from headgate.admin.token_ports import LIVE_MAX, EndedSession, NewLink, NewToken, StoredAccess, TokenChange, TokenPage, TokenRow, TokenUse
from headgate.core.access_token import AccessToken
from headgate.core.errors import BadRequest
from headgate.core.group import Group
from headgate.core.principal import SERVICE_PRINCIPAL, Principal
from headgate.core.principal_name import GROUP, PrincipalName
from headgate.core.roles import ADMINISTRATORS, in_order
from headgate.policy.networks import network_of
from tests.fakes.principal_state import MemoryPrincipals, new_row


class MemoryState:
    """Implements `headgate.admin.token_ports.ControlState`."""

    def __init__(self) -> None:
        self._version = 1
        self.principals = MemoryPrincipals(self._revoke_all_of, self._move)
        self._tokens: dict[bytes, TokenRow] = {}
        self._links: dict[bytes, NewLink] = {}
        self._ended_sessions: dict[bytes, int] = {}

    def version(self) -> int:
        return self._version

    def load_access(self, known: StoredAccess | None = None) -> StoredAccess:
        tokens = {digest: self._access_token(row) for digest, row in self._tokens.items() if not row.revoked_at_ms}
        with self.principals.reading() as read:
            rows = read.all([GROUP])
            groups = tuple(Group(row.name, tuple(PrincipalName(member.name, member.kind) for member in read.members(row.id))) for row in rows)
        return StoredAccess(self._version, tokens, groups, {row.name: frozenset(row.roles) for row in rows})

    def administrators(self) -> frozenset[str]:
        with self.principals.reading() as read:
            return read.with_roles(ADMINISTRATORS)

    def service_principal(self, which: str) -> Principal | None:
        with self.principals.reading() as read:
            rows = [row for row in read.all([SERVICE_PRINCIPAL]) if which in {row.id, row.name} and not row.deleted_at_ms]
        row = min(rows, key=lambda row: row.id != which, default=None)
        return None if row is None else Principal(id=row.id, name=row.name, kind=row.kind)

    def create_token(self, token: NewToken, live_max: int = LIVE_MAX) -> TokenRow | None:
        with self.principals.editing() as edit:
            known = edit.named(token.principal.name)
            if known is not None and (known.kind == GROUP or not (known.active or known.deleted_at_ms)):
                raise BadRequest("It is a group, or deactivated.")
            if known is None or known.deleted_at_ms:
                known = new_row(token.principal, token.created_at_ms, known)
                edit.put(known)
            if token.role and not edit.roles_of(known.id) & ADMINISTRATORS:
                edit.put(msgspec.structs.replace(known, roles=in_order((*known.roles, token.role))))
        principal = Principal(id=known.id, name=known.name, kind=known.kind)
        live = [row for row in self._tokens.values() if row.principal.id == principal.id and row.is_live(token.created_at_ms)]
        return None if len(live) >= live_max else self._insert(token, principal)

    def _insert(self, token: NewToken, principal: Principal) -> TokenRow:
        kept = {name: getattr(token, name) for name in token.__struct_fields__ if name not in {"digest", "principal", "role"}}
        self._tokens[token.digest] = row = TokenRow(principal=principal, **kept)
        return row

    def change_token(self, token_id: str, change: TokenChange) -> bool:
        self._version += 1
        values = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not None}
        for digest, row in self._tokens.items():
            if row.id == token_id and not row.revoked_at_ms:
                self._tokens[digest] = msgspec.structs.replace(row, **values)
                return True
        return False

    def replace_token(self, token_id: str, change: TokenChange, successor: NewToken) -> TokenRow | None:
        return self._insert(successor, successor.principal) if self.change_token(token_id, change) else None

    def note_uses(self, last_used_at_ms: Mapping[str, int]) -> None:
        for digest, row in self._tokens.items():
            at_ms = max(row.last_used_at_ms, last_used_at_ms.get(row.id, 0))
            self._tokens[digest] = msgspec.structs.replace(row, last_used_at_ms=at_ms)

    def list_tokens(self, principal_id: str = "", which: str = "", scope: str = "") -> Sequence[TokenRow]:
        rows = sorted(self._tokens.values(), key=lambda row: (row.created_at_ms, row.id))
        found = [row for row in rows if principal_id in {"", row.principal.id} and which in {"", row.id, row.name}]
        return [row for row in found if scope in {"", *row.scopes}]

    def page_of_tokens(self, asked: TokenPage) -> Sequence[TokenRow]:
        search, before = asked.search.lower(), (asked.before_ms, asked.before_id)
        found = [row for row in reversed(self.list_tokens(asked.principal_id)) if search in row.name.lower() or search in row.principal.name.lower()]
        found = [row for row in found if not asked.before_ms or (row.created_at_ms, row.id) < before]
        return [row for row in found if not asked.live_at_ms or row.is_live(asked.live_at_ms)][: asked.limit]

    def token_uses(self, principal_ids: Collection[str], now_ms: int) -> Mapping[str, TokenUse]:
        rows = {each: self.list_tokens(each) for each in principal_ids}
        return {each: TokenUse(sum(row.is_live(now_ms) for row in own), max(row.last_used_at_ms for row in own)) for each, own in rows.items() if own}

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
        with self.principals.reading() as read:
            row = read.get(link.principal_id)
        return None if row is None else Principal(id=row.id, name=row.name, kind=row.kind)

    def end_session(self, session: EndedSession, at_ms: int) -> None:
        self._version += 1
        live = {digest: ends_at_ms for digest, ends_at_ms in self._ended_sessions.items() if ends_at_ms > at_ms}
        self._ended_sessions = live | {session.digest: session.ends_at_ms}

    def ended_sessions(self) -> frozenset[bytes]:
        return frozenset(self._ended_sessions)

    def _access_token(self, row: TokenRow) -> AccessToken:
        with self.principals.reading() as read:
            owner = read.get(row.principal.id)
        assert owner is not None
        principal = msgspec.structs.replace(row.principal, scopes=frozenset(row.scopes), roles=frozenset(owner.roles), active=owner.active)
        return AccessToken(
            id=row.id,
            name=row.name,
            principal=principal,
            endpoints=row.endpoints,
            expires_at_s=row.expires_at_ms / 1000,
            networks=tuple(map(network_of, row.networks)),
        )

    def _revoke_all_of(self, principal_id: str, at_ms: int) -> None:
        for row in list(self._tokens.values()):
            if row.principal.id == principal_id:
                self.revoke_token(row.id, at_ms)

    def _move(self) -> None:
        self._version += 1
