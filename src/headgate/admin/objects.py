"""Creates, changes, lists and deletes governed objects in the store, each checked as the file is. REST and the command line run the same use-cases.

It decides nothing about permission: its callers let in only principals that may do it. What the file declares is shown and never changed here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from headgate.admin.object_ports import ObjectState
from headgate.config.load import Configuration
from headgate.config.objects import KINDS, DeclaredEntry, ObjectKind, declared_in_file, entry_of, problems_of
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, NotFound
from headgate.core.ids import new_id
from headgate.core.spelling import nearest
from headgate.core.stored_object import StoredObject

_OBJECTS_MAX = 10_000  # of one kind
_WHOLE = "*"


class DeclaredObject(msgspec.Struct, frozen=True, kw_only=True):
    """An object as it is shown. `document` has only what is stated. `place` is where the file declares it, empty for one of the store."""

    kind: str
    name: str
    document: dict[str, Any]
    place: str = ""
    stored: StoredObject | None = None


class ObjectAdmin:
    """The use-cases over one store. `configuration` returns the configuration of the file as it is in force."""

    def __init__(self, state: ObjectState, configuration: Callable[[], Configuration], clock: Clock) -> None:
        self._state = state
        self._configuration = configuration
        self._clock = clock

    def all_of(self, word: str) -> list[DeclaredObject]:
        """The objects of a kind: those of the file in its order, then those of the store, the oldest first."""
        kind = KINDS[word]
        written = declared_in_file(kind, self._configuration())
        names = {each.name for each in written}
        stored = [one for one in self._state.list_objects(word) if one.name not in names]
        return [*(_of_file(kind, each) for each in written), *map(_of_store, stored)]

    def find(self, word: str, which: str) -> DeclaredObject:
        """The object of this id or name. Raises NotFound."""
        kind = KINDS[word]
        written = next((each for each in declared_in_file(kind, self._configuration()) if each.name == which), None)
        if written is not None:
            return _of_file(kind, written)
        stored = self._state.find_object(word, which)
        if stored is None:
            close = nearest(which, [one.name for one in self.all_of(word)])
            meant = f" Did you mean {close!r}?" if close else ""
            raise NotFound(f"No {word} has the id or name {which!r}.{meant}", code="RESOURCE_DOES_NOT_EXIST")
        return _of_store(stored)

    def create(self, word: str, document: Mapping[str, Any], by: str) -> DeclaredObject:
        """Declare an object. Raises BadRequest if it is not valid or its name is taken."""
        kind = KINDS[word]
        entry = _read(kind, document)
        name = kind.name_of(entry)
        there = self.all_of(word)
        taken = next((one for one in there if one.name == name), None)
        if taken is not None:
            text = f"{word.capitalize()} {name!r} " + (f"is declared at {taken.place} already." if taken.place else "exists already.")
            raise BadRequest(text, status=409, code="ALREADY_EXISTS")
        self._check(kind, entry, self._entries(kind))
        if len(there) >= _OBJECTS_MAX:
            raise BadRequest(f"The store holds at most {_OBJECTS_MAX} objects of the kind {word}.", status=400, code="QUOTA_EXCEEDED")
        now_ns = self._clock.wall_ns()
        now_ms = now_ns // 1_000_000
        stored = StoredObject(
            id=new_id(kind.id_prefix, now_ns),
            kind=word,
            name=name,
            document=_stated(entry),
            created_at_ms=now_ms,
            created_by=by,
            updated_at_ms=now_ms,
            updated_by=by,
        )
        self._state.add_object(stored)
        return _of_store(stored)

    def change(
        self, word: str, which: str, fields: Mapping[str, Any], by: str, *, mask: Sequence[str] | None = None, etag: str = ""
    ) -> DeclaredObject:
        """Change an object: the stated fields, or those of the `mask` (one that is in it and not stated gets its default; `*` replaces all).

        With an `etag`, only the revision that it names is changed. Raises NotFound, or BadRequest for what is not valid, not current, or of the file.
        """
        kind = KINDS[word]
        before = self._stored(word, which, etag)
        document = _changed(kind, before.document, fields, mask)
        entry = _read(kind, document)
        others = [one for one in self._entries(kind) if kind.name_of(one) != before.name]
        if any(kind.name_of(one) == kind.name_of(entry) for one in others):
            raise BadRequest(f"{word.capitalize()} {kind.name_of(entry)!r} exists already.", status=409, code="ALREADY_EXISTS")
        self._check(kind, entry, others)
        after = msgspec.structs.replace(
            before,
            name=kind.name_of(entry),
            document=_stated(entry),
            revision=before.revision + 1,
            updated_at_ms=self._clock.wall_ns() // 1_000_000,
            updated_by=by,
        )
        self._state.replace_object(after)
        return _of_store(after)

    def delete(self, word: str, which: str, etag: str = "") -> DeclaredObject:
        """Delete an object of the store. Raises as `change`."""
        gone = self._stored(word, which, etag)
        self._state.remove_object(gone)
        return _of_store(gone)

    def _stored(self, word: str, which: str, etag: str) -> StoredObject:
        found = self.find(word, which)
        if found.stored is None:
            text = (
                f"{word.capitalize()} {found.name!r} is declared at {found.place}. Change it there; the gateway applies the file within two seconds."
            )
            raise BadRequest(text, status=409, code="INVALID_STATE")
        if etag and etag != found.stored.etag:
            text = (
                f"{word.capitalize()} {found.name!r} was changed meanwhile: its etag is {found.stored.etag}. Read it again, then repeat the change."
            )
            raise BadRequest(text, status=409, code="ABORTED")
        return found.stored

    def _check(self, kind: ObjectKind, entry: object, others: Sequence[object]) -> None:
        _refuse(kind, problems_of(kind, entry, others, self._configuration().providers))

    def _entries(self, kind: ObjectKind) -> list[Any]:
        """What the file and the store declare, as far as it has a valid form."""
        read = (entry_of(kind, one.document) for one in self._state.list_objects(kind.word))
        return [*(each.entry for each in declared_in_file(kind, self._configuration())), *(entry for entry, wrong in read if not wrong)]


def _read(kind: ObjectKind, document: Mapping[str, Any]) -> Any:  # ruff: ignore[any-type] an entry of its kind
    entry, wrong = entry_of(kind, document)
    _refuse(kind, wrong)
    return entry


def _refuse(kind: ObjectKind, wrong: Sequence[str]) -> None:
    if wrong:
        raise BadRequest(f"The {kind.word} is not valid: {'; '.join(wrong)}.", code="INVALID_PARAMETER_VALUE")


def _of_file(kind: ObjectKind, each: DeclaredEntry) -> DeclaredObject:
    return DeclaredObject(kind=kind.word, name=each.name, document=_stated(each.entry), place=each.place)


def _of_store(one: StoredObject) -> DeclaredObject:
    return DeclaredObject(kind=one.kind, name=one.name, document=one.document, stored=one)


def _stated(entry: msgspec.Struct) -> dict[str, Any]:
    """The fields that differ from their defaults, as a document: what is not stated follows the defaults of later releases."""
    stated: dict[str, Any] = {}
    for field in msgspec.structs.fields(type(entry)):
        value = getattr(entry, field.name)
        if field.default is msgspec.NODEFAULT or value != field.default:
            stated[field.encode_name] = _plain(value)
    return stated


def _plain(value: object) -> Any:  # ruff: ignore[any-type] what JSON has
    if isinstance(value, msgspec.Struct):
        return _stated(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return msgspec.to_builtins(value)


def _changed(kind: ObjectKind, before: Mapping[str, Any], fields: Mapping[str, Any], mask: Sequence[str] | None) -> dict[str, Any]:
    if mask is None:
        return {**before, **fields}
    if _WHOLE in mask:
        return dict(fields)
    known = [field.encode_name for field in msgspec.structs.fields(kind.shape)]
    for name in mask:
        if name not in known:
            raise BadRequest(f"update_mask: {kind.word} has no field {name!r}; it has {', '.join(known)}.", code="INVALID_PARAMETER_VALUE")
    kept = {name: value for name, value in before.items() if name not in mask}
    return kept | {name: fields[name] for name in mask if name in fields}
