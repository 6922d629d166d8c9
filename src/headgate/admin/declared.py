"""Governed objects as they are shown: those of the file with their place, those of the store with who changed them when. It reads and changes nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from headgate.config.objects import DeclaredEntry, ObjectKind, wrong_with
from headgate.core.endpoint import Provider
from headgate.core.errors import BadRequest
from headgate.core.spelling import nearest
from headgate.core.stored_object import StoredObject
from headgate.core.time_text import utc_text

Document = dict[str, Any]


class DeclaredObject(msgspec.Struct, frozen=True, kw_only=True):
    """An object as it is shown. `document` has only what is stated. `place` is where the file declares it, empty for one of the store.

    `problem` says why an object of the store is not used, or what of it is gone.
    """

    kind: str
    name: str
    document: Document
    place: str = ""
    stored: StoredObject | None = None
    problem: str = ""

    @property
    def id(self) -> str:
        """What an interface addresses it by: the id in the store, or the name."""
        return self.stored.id if self.stored is not None else self.name

    @property
    def etag(self) -> str:
        """The revision that a change may state; empty where the file declares it."""
        return self.stored.etag if self.stored is not None else ""

    def described(self) -> Document:
        """The object as JSON interfaces show it."""
        stored = self.stored
        return {
            "id": self.id,
            "name": self.name,
            "declared_at": self.place,
            "etag": self.etag,
            "created_at": utc_text(stored.created_at_ms) if stored is not None else None,
            "created_by": stored.created_by if stored is not None else "",
            "updated_at": utc_text(stored.updated_at_ms) if stored is not None else None,
            "updated_by": stored.updated_by if stored is not None else "",
            "problem": self.problem,
            self.kind: self.document,
        }


def of_file(kind: ObjectKind, each: DeclaredEntry) -> DeclaredObject:
    """An object that the file declares."""
    return DeclaredObject(kind=kind.word, name=each.name, document=stated(each.entry), place=each.place)


def of_store(kind: ObjectKind, one: StoredObject, providers: Sequence[Provider]) -> DeclaredObject:
    """An object of the store."""
    return DeclaredObject(
        kind=one.kind, name=one.name, document=one.document, stored=one, problem="; ".join(wrong_with(kind, one.document, providers))
    )


def stated(entry: msgspec.Struct) -> Document:
    """The fields that differ from their defaults, as a document: what is not stated follows the defaults of later releases."""
    found: Document = {}
    for field in msgspec.structs.fields(type(entry)):
        value = getattr(entry, field.name)
        default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        if value != default:
            found[field.encode_name] = _plain(value)
    return found


def changed(kind: ObjectKind, before: Mapping[str, Any], fields: Mapping[str, Any], mask: Sequence[str] | None) -> Document:
    """A document with the stated fields, or with those of the mask; raises ValueError for a mask with an unknown field."""
    if mask is None:
        return {**before, **fields}
    if "*" in mask:
        return dict(fields)
    known = [field.encode_name for field in msgspec.structs.fields(kind.shape)]
    for name in mask:
        if name not in known:
            close = nearest(name, known)
            raise ValueError(
                f"{kind.with_article.capitalize()} has no field {name!r}. " + (f"Did you mean {close!r}?" if close else f"It has {', '.join(known)}.")
            )
    kept = {name: value for name, value in before.items() if name not in mask}
    return kept | {name: fields[name] for name in mask if name in fields}


def _plain(value: object) -> Any:  # ruff: ignore[any-type] what JSON has
    if isinstance(value, msgspec.Struct):
        return stated(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return msgspec.to_builtins(value)


def refuse_declared(what: str, place: str) -> BadRequest:
    """The refusal to change what the file declares at this place."""
    text = f"{what} is declared at {place}. Change it there; the gateway applies the file within two seconds."
    return BadRequest(text, status=409, code="INVALID_STATE")
