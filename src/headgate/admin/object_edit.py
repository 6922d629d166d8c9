"""Several changes of governed objects that are one: each is checked against the file, the store and the changes before it, and they are stored together.

It stores nothing itself: `changes` has what its owner is to store.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from headgate.admin.declared import DeclaredObject, changed, of_file, of_store, refuse_declared, stated
from headgate.admin.object_ports import ObjectState
from headgate.catalog.names import service_of_endpoint
from headgate.config.load import Configuration
from headgate.config.objects import KINDS, ObjectKind, declared_in_file, entry_of, problems_of
from headgate.core.errors import BadRequest, NotFound
from headgate.core.ids import new_id
from headgate.core.spelling import did_you_mean, nearest
from headgate.core.stored_object import ObjectChange, StoredObject

_OBJECTS_MAX = 10_000  # of one kind
_ENDPOINT, _GRANT = "endpoint", "grant"


class NotValid(BadRequest):
    """An object is not valid. `wrong` has what is wrong with it, each with the field that it is about: `targets[0].model: …`."""

    def __init__(self, what: str, wrong: Sequence[str]) -> None:
        text = "; ".join(wrong)
        super().__init__(f"The {what} is not valid: {text}{'' if text.endswith('?') else '.'}", code="INVALID_PARAMETER_VALUE")
        self.wrong = tuple(wrong)


class ObjectEdit:
    """One edit by one principal. `changes` grows with each call; a call that raises changes nothing."""

    def __init__(self, state: ObjectState, configuration: Configuration, now_ns: int, by: str) -> None:
        self._state = state
        self._configuration = configuration
        self._now_ns = now_ns
        self._by = by
        self._read: dict[str, list[StoredObject]] = {}
        self._written: dict[str, Mapping[str, str]] = {}
        self.changes: list[ObjectChange] = []

    def all_of(self, word: str) -> list[DeclaredObject]:
        """The objects of a kind that count: those of the file in its order, then those of the store, the oldest first."""
        kind = KINDS[word]
        written = declared_in_file(kind, self._configuration)
        names = {each.name for each in written}
        return [*(of_file(kind, each) for each in written), *(self._shown(kind, one) for one in self._stored(word) if one.name not in names)]

    def replaced(self, word: str) -> list[DeclaredObject]:
        """The objects of the store that do not count, as the file declares their names too."""
        kind = KINDS[word]
        return [self._shown(kind, one) for one in self._stored(word) if one.name in self._places(kind)]

    def find(self, word: str, which: str) -> DeclaredObject:
        """The object of this name or id. Raises NotFound."""
        kind = KINDS[word]
        written = next((each for each in declared_in_file(kind, self._configuration) if each.name == which), None)
        if written is not None:
            return of_file(kind, written)
        there = self._stored(word)
        one = next((each for each in there if each.id == which), None) or next((each for each in there if each.name == which), None)
        if one is not None:
            return self._shown(kind, one)
        close = nearest(which, sorted(each.name for each in self.all_of(word)))
        raise NotFound(f"No {word} has the id or name {which!r}.{did_you_mean(close)}", code="RESOURCE_DOES_NOT_EXIST")

    def create(self, word: str, document: Mapping[str, Any]) -> DeclaredObject:
        """Declare an object. Raises NotValid if it is not valid, BadRequest if its name is taken."""
        kind = KINDS[word]
        entry = _valid_form(kind, document)
        name = kind.name_of(entry)
        there = self.all_of(word)
        taken = next((one for one in there if one.name == name), None)
        if taken is not None:
            text = f"{word.capitalize()} {name!r} " + (f"is declared at {taken.place} already." if taken.place else "exists already.")
            raise BadRequest(text, status=409, code="ALREADY_EXISTS")
        self._check(kind, entry, self._entries(kind))
        if len(there) >= _OBJECTS_MAX:
            raise BadRequest(f"The store holds at most {_OBJECTS_MAX} objects of the kind {word}.", status=400, code="QUOTA_EXCEEDED")
        now_ms = self._now_ns // 1_000_000
        one = StoredObject(
            id=new_id(kind.id_prefix, self._now_ns),
            kind=word,
            name=name,
            document=stated(entry),
            created_at_ms=now_ms,
            created_by=self._by,
            updated_at_ms=now_ms,
            updated_by=self._by,
        )
        return self._change(kind, None, one)

    def change(self, word: str, which: str, fields: Mapping[str, Any], *, mask: Sequence[str] | None = None, etag: str = "") -> DeclaredObject:
        """Change an object: the stated fields, or those of the `mask` (one that is in it and not stated gets its default; `*` replaces all).

        With an `etag`, only the revision that it names is changed. A change that leaves all as it is has no new revision. Raises NotFound, or BadRequest for what is not valid, not current, or of the file.
        """
        kind = KINDS[word]
        before = self._own(word, which, etag)
        try:
            document = changed(kind, before.document, fields, mask)
        except ValueError as error:
            raise BadRequest(str(error), code="INVALID_PARAMETER_VALUE") from error
        entry = _valid_form(kind, document)
        others = [one for one in self._entries(kind) if kind.name_of(one) != before.name]
        if any(kind.name_of(one) == kind.name_of(entry) for one in others):
            raise BadRequest(f"{word.capitalize()} {kind.name_of(entry)!r} exists already.", status=409, code="ALREADY_EXISTS")
        if stated(entry) == before.document:
            return self._shown(kind, before)
        self._check(kind, entry, others)
        after = msgspec.structs.replace(
            before,
            name=kind.name_of(entry),
            document=stated(entry),
            revision=before.revision + 1,
            updated_at_ms=self._now_ns // 1_000_000,
            updated_by=self._by,
        )
        return self._change(kind, before, after)

    def delete(self, word: str, which: str, etag: str = "") -> DeclaredObject:
        """Delete an object of the store. Raises as `change`. A model service takes along the grants of the store on it."""
        gone = self._own(word, which, etag)
        self._note(word, gone, None)
        if word == _ENDPOINT and self._ends_with_its_grants(gone.name):
            for grant in [one for one in self._stored(_GRANT) if one.document.get("endpoint") == gone.name]:
                self._note(_GRANT, grant, None)
        return self._shown(KINDS[word], gone)

    def _ends_with_its_grants(self, name: str) -> bool:
        """Whether nothing answers to the name of a deleted endpoint that its grants still have to protect: no model of a provider, which would be open."""
        return service_of_endpoint(name) is not None and not any(name in provider.models for provider in self._configuration.providers)

    def _stored(self, word: str) -> list[StoredObject]:
        """The objects of the store, with the changes of this edit."""
        if word not in self._read:
            self._read[word] = list(self._state.list_objects(word))
        return self._read[word]

    def _own(self, word: str, which: str, etag: str) -> StoredObject:
        found = self.find(word, which)
        if found.stored is None:
            raise refuse_declared(f"{word.capitalize()} {found.name!r}", found.place)
        if etag and etag != found.stored.etag:
            text = (
                f"{word.capitalize()} {found.name!r} was changed meanwhile: its etag is {found.stored.etag}. Read it again, then repeat the change."
            )
            raise BadRequest(text, status=409, code="ABORTED")
        return found.stored

    def _change(self, kind: ObjectKind, before: StoredObject | None, after: StoredObject) -> DeclaredObject:
        self._note(kind.word, before, after)
        return self._shown(kind, after)

    def _note(self, word: str, before: StoredObject | None, after: StoredObject | None) -> None:
        self.changes.append(ObjectChange(before, after))
        there = self._stored(word)
        if before is None:
            there += [after] if after is not None else []
        elif after is None:
            there.remove(before)
        else:
            there[there.index(before)] = after

    def _shown(self, kind: ObjectKind, one: StoredObject) -> DeclaredObject:
        shown = of_store(kind, one, self._configuration.providers)
        place = self._places(kind).get(one.name)
        return msgspec.structs.replace(shown, problem=f"not used: {place} declares it too, and the file counts") if place else shown

    def _places(self, kind: ObjectKind) -> Mapping[str, str]:
        """Where the file declares each name."""
        if kind.word not in self._written:
            self._written[kind.word] = {each.name: each.place for each in declared_in_file(kind, self._configuration)}
        return self._written[kind.word]

    def _check(self, kind: ObjectKind, entry: object, others: Sequence[object]) -> None:
        _refuse(kind, problems_of(kind, entry, others, self._configuration.providers))

    def _entries(self, kind: ObjectKind) -> list[Any]:
        """What the file and the store declare, as far as it has a valid form."""
        read = (entry_of(kind, one.document) for one in self._stored(kind.word))
        return [*(each.entry for each in declared_in_file(kind, self._configuration)), *(entry for entry, wrong in read if not wrong)]


def _valid_form(kind: ObjectKind, document: Mapping[str, Any]) -> Any:  # ruff: ignore[any-type] an entry of its kind
    entry, wrong = entry_of(kind, document)
    _refuse(kind, wrong)
    return entry


def _refuse(kind: ObjectKind, wrong: Sequence[str]) -> None:
    if wrong:
        raise NotValid(kind.word, wrong)
