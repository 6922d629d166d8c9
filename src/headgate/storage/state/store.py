"""Stores principals, tokens, sign-in links and ended sessions in a database: SQLite, or PostgreSQL by its URL with the same code.

The callers create ids, times and secrets; this module stores them unchanged. Every change moves the state's version in its own transaction, so that
processes with a snapshot notice it.
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, String, bindparam, case, cast, delete, func, insert, or_, select, update

from headgate.admin.token_ports import LIVE_MAX, EndedSession, NewLink, NewToken, StoredAccess, TokenChange, TokenPage, TokenRow, TokenUse
from headgate.config.paths import DataDirectory
from headgate.core.acting import acting
from headgate.core.audit_event import ACCOUNTS, Act
from headgate.core.errors import Unavailable
from headgate.core.principal import SERVICE_PRINCIPAL, Principal
from headgate.core.roles import ADMINISTRATORS
from headgate.storage.state.access import access_tokens, holder_of_token, stored_groups
from headgate.storage.state.audit_acts import token_act
from headgate.storage.state.audit_outbox import note
from headgate.storage.state.database import Database, part_version_of, version_of
from headgate.storage.state.opening import database_url
from headgate.storage.state.pepper import load_pepper
from headgate.storage.state.principals import StoredPrincipals, active_with_roles
from headgate.storage.state.schema import ended_sessions, principals, sign_in_links, state_version, tokens

_TOKEN_COLUMNS = (tokens, principals.c.name.label("principal_name"), principals.c.kind.label("principal_kind"))
_PEPPER_CHECK = b"headgate: is this the pepper of the store?"


class StateStore:
    """One store. Safe to use from several threads and processes at once."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)

    def version(self) -> int:
        """A number that moves with every change."""
        with self.database.reading() as connection:
            return version_of(connection)

    def load_access(self, known: StoredAccess | None = None) -> StoredAccess:
        """The tokens and groups, read at one moment; those of `known` if only something else has changed since."""
        with self.database.reading() as connection:
            version, content = version_of(connection), part_version_of(connection, "access")
            if known is not None and known.content_version == content:
                return known._replace(version=version)
            return StoredAccess(version, access_tokens(connection), *stored_groups(connection), content)

    def administrators(self) -> frozenset[str]:
        """The ids of the active users and service principals that have a role of an administrator, of their own or through groups."""
        with self.database.reading() as connection:
            return active_with_roles(connection, ADMINISTRATORS)

    def service_principal(self, which: str) -> Principal | None:
        """The service principal with this id, or of this name."""
        known = (
            (principals.c.kind == SERVICE_PRINCIPAL) & (principals.c.deleted_at_ms == 0) & ((principals.c.id == which) | (principals.c.name == which))
        )
        with self.database.reading() as connection:
            row = connection.execute(select(principals).where(known).order_by(principals.c.id != which).limit(1)).one_or_none()
        return None if row is None else Principal(id=row.id, name=row.name, kind=row.kind)

    def create_token(self, token: NewToken, live_max: int = LIVE_MAX) -> TokenRow | None:
        """Store a token, and its principal if the name is new or was deleted. `None` if the principal has so many live tokens already. Raises BadRequest if
        the name is a group's, or its principal is inactive.
        """
        with self.database.writing("access") as connection:
            principal = holder_of_token(StoredPrincipals(connection), token)
            live = (tokens.c.principal_id == principal.id) & _live_at(token.created_at_ms)
            if connection.execute(select(func.count()).select_from(tokens).where(live)).scalar_one() >= live_max:
                return None
            made = _insert_token(connection, token, principal)
            note(connection, token_act("generateDbToken", after=made))
        return made

    def list_tokens(self, principal_id: str = "", which: str = "", scope: str = "") -> Sequence[TokenRow]:
        """All tokens, or those of one principal, oldest first, revoked ones too; all of them, or those that have `which` as their id or name, or `scope`."""
        asked = select(*_TOKEN_COLUMNS).join(principals).order_by(tokens.c.created_at_ms, tokens.c.id)
        if principal_id:
            asked = asked.where(tokens.c.principal_id == principal_id)
        if which:
            asked = asked.where((tokens.c.id == which) | (tokens.c.name == which))
        if scope:  # in the database: of thousands of tokens, few have the scope that is asked for
            asked = asked.where(cast(tokens.c.scopes, String).contains(f'"{scope}"', autoescape=True))
        with self.database.reading() as connection:
            rows = connection.execute(asked).all()
        return [_token_row(row) for row in rows]

    def page_of_tokens(self, asked: TokenPage) -> Sequence[TokenRow]:
        """The tokens of one page, revoked ones too unless live ones are asked for."""
        found = select(*_TOKEN_COLUMNS).join(principals).order_by(tokens.c.created_at_ms.desc(), tokens.c.id.desc()).limit(asked.limit)
        if asked.principal_id:
            found = found.where(tokens.c.principal_id == asked.principal_id)
        if asked.search:
            found = found.where(or_(*(name.icontains(asked.search, autoescape=True) for name in (tokens.c.name, principals.c.name))))
        if asked.before_ms:
            same = (tokens.c.created_at_ms == asked.before_ms) & (tokens.c.id < asked.before_id)
            found = found.where((tokens.c.created_at_ms < asked.before_ms) | same)
        if asked.live_at_ms:
            found = found.where(_live_at(asked.live_at_ms))
        with self.database.reading() as connection:
            return [_token_row(row) for row in connection.execute(found)]

    def token_uses(self, principal_ids: Collection[str], now_ms: int) -> Mapping[str, TokenUse]:
        """How principals use their tokens, by the ids of the principals."""
        live = func.sum(case((_live_at(now_ms), 1), else_=0))
        found = select(tokens.c.principal_id, live, func.max(tokens.c.last_used_at_ms)).where(tokens.c.principal_id.in_(principal_ids))
        with self.database.reading() as connection:
            rows = connection.execute(found.group_by(tokens.c.principal_id)).all()
        return {principal_id: TokenUse(count, last) for principal_id, count, last in rows}

    def revoke_token(self, token_id: str, at_ms: int) -> bool:
        """Revoke a token; False if there is no such token or it is revoked already."""
        with self.database.writing("access") as connection:
            row = _live_token(connection, token_id)
            if row is None:
                return False
            connection.execute(update(tokens).where(tokens.c.id == token_id).values(revoked_at_ms=at_ms))
            note(connection, token_act("revokeDbToken", before=row, after=msgspec.structs.replace(row, revoked_at_ms=at_ms)))
        return True

    def change_token(self, token_id: str, change: TokenChange) -> bool:
        """Change a token; False if there is no such token or it is revoked."""
        with self.database.writing("access") as connection:
            changed = _change_token(connection, token_id, change)
            if changed is not None:
                note(connection, token_act("updateDbToken", before=changed[0], after=changed[1]))
        return changed is not None

    def replace_token(self, token_id: str, change: TokenChange, successor: NewToken) -> TokenRow | None:
        """Change a token and store its successor, both or neither; `None` if there is no such token or it is revoked."""
        with self.database.writing("access") as connection:
            changed = _change_token(connection, token_id, change)
            if changed is None:
                return None
            note(connection, token_act("updateDbToken", before=changed[0], after=changed[1]))
            made = _insert_token(connection, successor, successor.principal)
            note(connection, token_act("generateDbToken", after=made))
        return made

    def note_uses(self, last_used_at_ms: Mapping[str, int]) -> None:
        """Store when tokens were used last, by their ids. A later time that is stored already stays. Moves no version: no decision depends on it."""
        if not last_used_at_ms:
            return
        earlier = (tokens.c.id == bindparam("token")) & (tokens.c.last_used_at_ms < bindparam("at_ms"))
        noted = update(tokens).where(earlier).values(last_used_at_ms=bindparam("at_ms"))
        with self.database.unversioned() as connection:
            connection.execute(noted, [{"token": token_id, "at_ms": at_ms} for token_id, at_ms in last_used_at_ms.items()])

    def mint_sign_in_link(self, link: NewLink) -> None:
        """Store a one-time link, and delete those that have expired."""
        with self.database.writing("access") as connection:
            connection.execute(delete(sign_in_links).where(sign_in_links.c.expires_at_ms <= link.created_at_ms))
            row = {name: getattr(link, name) for name in link.__struct_fields__}
            connection.execute(insert(sign_in_links).values(used_at_ms=0, **row))
            user = connection.execute(select(principals.c.name).where(principals.c.id == link.principal_id)).scalar_one()
            note(connection, Act(service=ACCOUNTS, action="createSignInLink", params={"user": user}))

    def redeem_sign_in_link(self, digest: bytes, at_ms: int) -> Principal | None:
        """Use a link. `None` if it is unknown, used or expired."""
        with self.database.writing("access") as connection:
            good = (sign_in_links.c.digest == digest) & (sign_in_links.c.used_at_ms == 0) & (sign_in_links.c.expires_at_ms > at_ms)
            if connection.execute(update(sign_in_links).where(good).values(used_at_ms=at_ms)).rowcount != 1:
                return None
            owner = select(principals).join(sign_in_links).where(sign_in_links.c.digest == digest)
            row = connection.execute(owner).one()
            note(connection, Act(service=ACCOUNTS, action="login", params={"user": row.name}, who=row.name))
            return Principal(id=row.id, name=row.name, kind=row.kind)

    def end_session(self, session: EndedSession, at_ms: int) -> None:
        """Store that a browser session has ended, and delete those that would have ended by themselves by now."""
        with self.database.writing("access") as connection:
            # The session itself too: its button may be pressed twice at once.
            gone = (ended_sessions.c.ends_at_ms <= at_ms) | (ended_sessions.c.digest == session.digest)
            connection.execute(delete(ended_sessions).where(gone))
            connection.execute(insert(ended_sessions).values(digest=session.digest, ends_at_ms=session.ends_at_ms))
            note(connection, Act(service=ACCOUNTS, action="logout", params={"user": acting().who}))

    def ended_sessions(self) -> frozenset[bytes]:
        """The digests of the sessions that a sign-out has ended."""
        with self.database.reading() as connection:
            return frozenset(bytes(digest) for digest in connection.execute(select(ended_sessions.c.digest)).scalars())

    def claim_pepper(self, pepper: bytes) -> bool:
        """Whether this is the pepper that the store's tokens are hashed with; the first one that is shown becomes it."""
        check = hmac.digest(pepper, _PEPPER_CHECK, hashlib.sha256)
        with self.database.reading() as connection:
            known = connection.execute(select(state_version.c.pepper_check)).scalar()
        if known is not None:
            return hmac.compare_digest(bytes(known), check)
        with self.database.writing("access") as connection:
            unclaimed = state_version.c.pepper_check.is_(None)
            return connection.execute(update(state_version).where(unclaimed).values(pepper_check=check)).rowcount == 1 or self.claim_pepper(pepper)

    def close(self) -> None:
        """Close every connection."""
        self.database.close()


def open_state(data: DataDirectory) -> tuple[StateStore, bytes]:
    """The store of a data directory and its pepper, both made on first use. Refuses a pepper that is not the store's own."""
    pepper = load_pepper(data.pepper_file)
    store = StateStore(database_url(data))
    if not store.claim_pepper(pepper):
        store.close()
        raise Unavailable(
            f"{data.pepper_file} is not the key that the tokens in {data.state_file} were hashed with. Restore the right one from a backup."
        )
    return store, pepper


def _insert_token(connection: Connection, token: NewToken, principal: Principal) -> TokenRow:
    row = {name: getattr(token, name) for name in token.__struct_fields__ if name not in {"principal", "role"}}
    lists = {name: list(getattr(token, name)) for name in ("scopes", "endpoints", "networks")}
    connection.execute(insert(tokens).values(**row | lists | {"principal_id": principal.id, "revoked_at_ms": 0}))
    return TokenRow(principal=principal, **{name: value for name, value in row.items() if name != "digest"})


def _change_token(connection: Connection, token_id: str, change: TokenChange) -> tuple[TokenRow, TokenRow] | None:
    """Change a live token; what it was and what it is. `None` if there is none."""
    before = _live_token(connection, token_id)
    if before is None:
        return None
    changed = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not None}
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in changed.items()}
    connection.execute(update(tokens).where(tokens.c.id == token_id).values(**values))
    return before, msgspec.structs.replace(before, **changed)


def _live_token(connection: Connection, token_id: str) -> TokenRow | None:
    live = (tokens.c.id == token_id) & (tokens.c.revoked_at_ms == 0)
    row = connection.execute(select(*_TOKEN_COLUMNS).join(principals).where(live)).one_or_none()
    return None if row is None else _token_row(row)


def _live_at(at_ms: int) -> ColumnElement[bool]:
    return (tokens.c.revoked_at_ms == 0) & ((tokens.c.expires_at_ms == 0) | (tokens.c.expires_at_ms > at_ms))


def _owner(row: Row[Any]) -> Principal:
    return Principal(id=row.principal_id, name=row.principal_name, kind=row.principal_kind)


def _token_row(row: Row[Any]) -> TokenRow:
    return TokenRow(
        id=row.id,
        name=row.name,
        principal=_owner(row),
        last4=row.last4,
        scopes=tuple(row.scopes),
        endpoints=tuple(row.endpoints),
        created_at_ms=row.created_at_ms,
        expires_at_ms=row.expires_at_ms,
        revoked_at_ms=row.revoked_at_ms,
        networks=tuple(row.networks),
        created_by=row.created_by,
        last_used_at_ms=row.last_used_at_ms,
    )
