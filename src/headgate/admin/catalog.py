"""Creates, changes and drops catalogs and schemas for principals that have the privilege. Tables and grants have modules of their own.

Every use-case reads the catalog as it is now. The store decides between two changes that happen at once.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import msgspec

from headgate.admin.catalog_ports import CatalogState, holds_services
from headgate.catalog import information_schema, names, privileges
from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import Entry
from headgate.catalog.holders import Holder, holder_of, holders_of
from headgate.catalog.names import METASTORE, Name
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, Forbidden, NotFound
from headgate.core.ids import new_uuid
from headgate.core.principal import Principal

_COMMENT_CHARS_MAX = 16_384
_PROPERTIES_MAX = 200
_ENTRIES_MAX = 50_000
_CREATE = {"CATALOG": privileges.CREATE_CATALOG, "SCHEMA": privileges.CREATE_SCHEMA, "TABLE": privileges.CREATE_TABLE}


class NewContainer(msgspec.Struct, frozen=True, kw_only=True):
    """A catalog or schema to create. `location` is the root for its tables, already checked; empty for the default."""

    name: Name
    comment: str = ""
    properties: dict[str, str] = {}
    location: str = ""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The new values of an entry; `None` changes nothing. Properties replace all old ones."""

    comment: str | None = None
    owner: str | None = None
    rename_to: str | None = None
    properties: dict[str, str] | None = None


class CatalogAdmin:
    """The use-cases over one store."""

    def __init__(self, state: CatalogState, clock: Clock) -> None:
        self.state = state
        self._clock = clock
        self._known: Catalog | None = None
        self._reading = asyncio.Lock()

    @property
    def known(self) -> Catalog:
        """The catalog as last read, without waiting."""
        if self._known is None:
            self._known = self.state.load()
        return self._known

    async def snapshot(self) -> Catalog:
        """The catalog as it is now. One caller reads at a time; after a change the others find it already read."""
        async with self._reading:
            self._known = await asyncio.to_thread(self.state.load, self._known)
            return self._known

    async def follow(self, version: int) -> None:
        """Read again if the control state has another version. Raises `Unavailable` if it cannot be read; the catalog as last read stays in use."""
        if self._known is None or self._known.version != version:
            await self.snapshot()

    async def listed_services(self, snapshot: Catalog, principal: Principal, schema: Name) -> list[Entry]:
        """The visible model services of a schema."""
        return await asyncio.to_thread(snapshot.listed_services, principal, schema)

    async def listed(self, snapshot: Catalog, principal: Principal, within: Name) -> list[Entry]:
        """The visible entries directly in it. Found in a thread, because there can be tens of thousands."""
        return await asyncio.to_thread(snapshot.listed, principal, within)

    async def create(self, principal: Principal, new: NewContainer) -> Entry:
        """Make a catalog or a schema."""
        snapshot = await self.snapshot()
        self.may_create(snapshot, principal, new.name)
        refuse_long(new.comment, new.properties)
        return await self.add(self.entry(principal, new.name, comment=new.comment, properties=new.properties, location=new.location))

    async def add(self, entry: Entry) -> Entry:
        """Store a new entry. The caller has checked that it may be created."""
        await asyncio.to_thread(self.state.add, entry)
        return entry

    def may_create(self, snapshot: Catalog, principal: Principal, name: Name) -> None:
        """Refuse what this principal may not create, what exists already, and anything in the catalog `system`."""
        snapshot.require(principal, _CREATE[name.kind], name.parent)
        refuse_system(name)
        if snapshot.find(name) is not None or _is_reserved(name):
            raise taken(name)
        if snapshot.count >= _ENTRIES_MAX:
            raise BadRequest(f"The catalog holds {_ENTRIES_MAX} entries, which is all it takes.", code="RESOURCE_EXHAUSTED")

    def entry(self, principal: Principal, name: Name, *, comment: str, properties: Mapping[str, str], location: str) -> Entry:
        """A new entry, owned by the principal that creates it."""
        now_ns = self._clock.wall_ns()
        return Entry(
            id=new_uuid(now_ns),
            name=name,
            owner=holder_of(principal),
            comment=comment,
            location=location,
            properties=dict(properties),
            created_at_ms=now_ns // 1_000_000,
            created_by=principal.name,
            updated_at_ms=now_ns // 1_000_000,
            updated_by=principal.name,
        )

    async def change(self, principal: Principal, name: Name, change: Change) -> Entry:
        """Change comment, owner, name or properties. Requires `MANAGE`, which an owner has. A model service has the name of its endpoint."""
        snapshot = await self.snapshot()
        entry = snapshot.require(principal, privileges.MANAGE, name)
        refuse_system(name)
        if name.service and change.rename_to is not None:
            raise refuse_service(name, "renamed")
        owner = entry.owner if change.owner is None else require_holder(snapshot, change.owner)
        _refuse_lending(principal, entry, owner)
        refuse_long(change.comment or "", change.properties or {})
        renamed = name.parent.child(names.check_part(change.rename_to, name.kind)) if change.rename_to is not None and name != METASTORE else name
        if renamed != name and (snapshot.find(renamed) is not None or renamed.parts[0] == "system" or _is_reserved(renamed)):
            raise taken(renamed)

        def edit(before: Entry) -> Entry:
            return msgspec.structs.replace(
                before,
                name=renamed,
                comment=before.comment if change.comment is None else change.comment,
                owner=before.owner if change.owner is None else owner,
                properties=before.properties if change.properties is None else change.properties,
            )

        return await self.edit(principal, entry, edit)

    def now_ms(self) -> int:
        """The time of the wall clock."""
        return self._clock.wall_ns() // 1_000_000

    async def edit(self, principal: Principal, entry: Entry, edit: Callable[[Entry], Entry]) -> Entry:
        """Change an entry as one step, and record the principal that did."""
        now_ms = self.now_ms()

        def noted(before: Entry) -> Entry:
            return msgspec.structs.replace(edit(before), updated_at_ms=now_ms, updated_by=principal.name)

        return await asyncio.to_thread(self.state.change, entry.id, noted)

    async def forget(self, principal: Principal, name: Name) -> Entry:
        """Drop an empty entry. Deletes no files; the caller does."""
        entry = await self._droppable(principal, name)
        try:
            await asyncio.to_thread(self.state.remove, entry.id)
        except BadRequest as error:
            if error.code != "NOT_EMPTY":
                raise
            services = [entry.name for entry in (await self.snapshot()).all_services() if name in entry.name.lineage()]
            if services:
                raise holds_services(name, services) from error
            code = f"{name.kind}_NOT_EMPTY"
            raise BadRequest(
                f"[{code}] {name.kind.capitalize()} {name.sql} is not empty; DROP … CASCADE drops what lies in it too.", status=409, code=code
            ) from error
        return entry

    async def forget_tree(self, principal: Principal, name: Name) -> Sequence[Entry]:
        """Drop an entry and everything in it; returns what was dropped, innermost first."""
        entry = await self._droppable(principal, name)
        return await asyncio.to_thread(self.state.remove_tree, entry.id)

    async def _droppable(self, principal: Principal, name: Name) -> Entry:
        entry = (await self.snapshot()).require(principal, privileges.MANAGE, name)
        refuse_system(name)
        if name.service:
            raise refuse_service(name, "deleted")
        return entry


def _is_reserved(name: Name) -> bool:
    """Whether it is the schema that every catalog has about itself."""
    return name.kind == "SCHEMA" and name.leaf == information_schema.SCHEMA


def refuse_system(name: Name) -> None:
    """Refuse to change the catalog `system` or the metastore: only Headgate does."""
    if name.parts[:1] in {("system",), ()}:
        raise Forbidden(
            "[SYSTEM_CATALOG] The catalog system and the metastore are kept by Headgate; only grants on them can be changed.",
            code="PERMISSION_DENIED",
        )


def _refuse_lending(principal: Principal, entry: Entry, owner: Holder) -> None:
    """Refuse to give a view to who has not taken it: it reads with its owner's rights, so its query would then read what only the new owner may."""
    if entry.is_view and owner != entry.owner and not principal.is_administrator and owner not in holders_of(principal):
        raise Forbidden(
            f"[INSUFFICIENT_PERMISSIONS] View {entry.name.sql} reads with the rights of its owner, so you can give it to yourself or to a group of yours, "
            "and an administrator to everybody. Who shall own it takes it over with MANAGE on it.",
            code="INSUFFICIENT_PERMISSIONS",
        )


def refuse_service(name: Name, what: str) -> BadRequest:
    """The refusal to do with a model service what only the endpoint decides."""
    return BadRequest(
        f"Model service {name.sql} is the endpoint {name}: it is {what} where that is declared, in headgate.toml, with headgate endpoint or at "
        "/api/2.1/unity-catalog/model-services.",
        code="INVALID_STATE",
    )


def refuse_long(comment: str, properties: Mapping[str, str]) -> None:
    """Refuse a comment or properties beyond the limits, which bound the size of the catalog."""
    if len(comment) > _COMMENT_CHARS_MAX:
        raise BadRequest(f"A comment has at most {_COMMENT_CHARS_MAX} characters.", code="INVALID_PARAMETER_VALUE")
    if len(properties) > _PROPERTIES_MAX or any(len(key) > 255 or len(value) > 4000 for key, value in properties.items()):
        raise BadRequest(
            f"At most {_PROPERTIES_MAX} properties are kept, with keys of 255 and values of 4000 characters.", code="INVALID_PARAMETER_VALUE"
        )


def require_holder(snapshot: Catalog, name: str) -> Holder:
    """The holder of this name. Refuses an unknown name: it is a typing error, or would give a privilege to a later user of that name."""
    holder = snapshot.holder_of(name)
    if holder is not None:
        return holder
    # Only the case of letters is corrected: a wider search would disclose names of people.
    same = min((known for known in (*snapshot.principals, *snapshot.groups) if known.lower() == name.lower()), default="")
    hint = (
        f"; did you mean {same!r}?"
        if same
        else ". `headgate user create` or `headgate token create` makes a user known, `headgate group create` or the configuration a group."
    )
    raise NotFound(f"[PRINCIPAL_DOES_NOT_EXIST] Nobody is named {name!r}{hint}", code="PRINCIPAL_DOES_NOT_EXIST")


def taken(name: Name) -> BadRequest:
    """The error for a name that is in use."""
    code = "TABLE_OR_VIEW_ALREADY_EXISTS" if name.kind == "TABLE" else f"{name.kind}_ALREADY_EXISTS"
    return BadRequest(f"[{code}] {name.kind.capitalize()} {name.sql} exists already.", status=409, code=code)
