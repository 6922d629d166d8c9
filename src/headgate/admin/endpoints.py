"""Endpoints together with the limits that are for one endpoint alone, as Databricks' interfaces show and change them: both in one transaction.

It decides nothing about permission, and knows no wire form.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from headgate.admin.declared import DeclaredObject
from headgate.admin.object_edit import ObjectEdit
from headgate.admin.objects import ObjectAdmin
from headgate.config.entries import WrittenEndpoint, WrittenLimit
from headgate.config.objects import KINDS, entry_of
from headgate.core.errors import BadRequest

_ENDPOINT, _LIMIT = KINDS["endpoint"], KINDS["limit"]


class EndpointView(msgspec.Struct, frozen=True):
    """An endpoint and the limits whose `endpoint` is exactly its name."""

    declared: DeclaredObject
    entry: WrittenEndpoint
    limits: tuple[WrittenLimit, ...] = ()
    etag: str = ""  # moves with each change of the endpoint or of its limits in the store

    @property
    def name(self) -> str:
        """The endpoint's name."""
        return self.declared.name


class LimitSet(msgspec.Struct, frozen=True):
    """All limits of an endpoint that an interface can express. Those that it cannot (`covers` says no) stay as they are."""

    entries: tuple[Mapping[str, Any], ...]
    covers: Callable[[WrittenLimit], bool]


class EndpointAdmin:
    """The use-cases, over those of objects."""

    def __init__(self, objects: ObjectAdmin) -> None:
        self._objects = objects

    def all(self) -> list[EndpointView]:
        """Every endpoint: those of the file, then those of the store."""
        limits: dict[str, list[DeclaredObject]] = {}
        for limit in self._objects.all_of("limit"):
            limits.setdefault(limit.document.get("endpoint", "*"), []).append(limit)
        return [_view(each, limits.get(each.name, [])) for each in self._objects.all_of("endpoint")]

    def find(self, which: str) -> EndpointView:
        """The endpoint of this name or id. Raises NotFound."""
        found = self._objects.find("endpoint", which)
        return _view(found, _own(self._objects.all_of("limit"), found.name))

    def create(self, document: Mapping[str, Any], limits: LimitSet | None, by: str) -> EndpointView:
        """A new endpoint with its limits."""
        with self._objects.editing(by) as edit:
            made = edit.create("endpoint", document)
            if limits is not None:
                _replace_limits(edit, made.name, limits)
            return _view(made, _own(edit.all_of("limit"), made.name))

    def change(self, which: str, fields: Mapping[str, Any], limits: LimitSet | None, by: str, etag: str = "") -> EndpointView:
        """Change the stated fields, and replace the limits if they are stated. What is as it should be is not written again."""
        with self._objects.editing(by) as edit:
            found = edit.find("endpoint", which)
            _check_etag(edit, found, etag)
            wanted = entry_of(_ENDPOINT, found.document | dict(fields))[0]
            if wanted != _entry(found):
                found = edit.change("endpoint", found.id, fields)
            if limits is not None:
                _replace_limits(edit, found.name, limits)
            return _view(found, _own(edit.all_of("limit"), found.name))

    def delete(self, which: str, by: str, etag: str = "") -> None:
        """Delete an endpoint and its limits of the store."""
        with self._objects.editing(by) as edit:
            found = edit.find("endpoint", which)
            _check_etag(edit, found, etag)
            edit.delete("endpoint", found.id)
            for limit in _own(edit.all_of("limit"), found.name):
                if limit.stored is not None:
                    edit.delete("limit", limit.id)


def _replace_limits(edit: ObjectEdit, endpoint: str, limits: LimitSet) -> None:
    wanted = {}
    for each in limits.entries:
        entry, wrong = entry_of(_LIMIT, each)
        if wrong:
            raise BadRequest(f"A limit is not valid: {'; '.join(wrong)}.", code="INVALID_PARAMETER_VALUE")
        if _LIMIT.name_of(entry) in wanted:
            raise BadRequest(f"Two limits count the same: {_LIMIT.name_of(entry)}. Write one.", code="INVALID_PARAMETER_VALUE")
        wanted[_LIMIT.name_of(entry)] = (entry, each)
    there = {each.name: each for each in _own(edit.all_of("limit"), endpoint)}
    for name, limit in there.items():
        if name not in wanted and limit.stored is not None and limits.covers(_limit(limit)):
            edit.delete("limit", limit.id)
    for name, (entry, document) in wanted.items():
        if name not in there:
            edit.create("limit", document)
        elif _limit(there[name]) != entry:
            edit.change("limit", there[name].id, document, mask=["*"])


def _own(limits: Sequence[DeclaredObject], endpoint: str) -> list[DeclaredObject]:
    return [each for each in limits if each.document.get("endpoint") == endpoint]


def _view(declared: DeclaredObject, limits: Sequence[DeclaredObject]) -> EndpointView:
    return EndpointView(declared, _entry(declared), tuple(map(_limit, limits)), _etag(declared, limits))


def _etag(declared: DeclaredObject, limits: Sequence[DeclaredObject]) -> str:
    parts = [f"{each.id}:{each.etag}" for each in (declared, *limits)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _check_etag(edit: ObjectEdit, found: DeclaredObject, etag: str) -> None:
    current = _etag(found, _own(edit.all_of("limit"), found.name))
    if etag and etag != current:
        text = f"Endpoint {found.name!r} was changed meanwhile: its etag is {current}. Read it again, then repeat the change."
        raise BadRequest(text, status=409, code="ABORTED")


def _entry(declared: DeclaredObject) -> WrittenEndpoint:
    entry: WrittenEndpoint = entry_of(_ENDPOINT, declared.document)[0]
    return entry


def _limit(declared: DeclaredObject) -> WrittenLimit:
    entry: WrittenLimit = entry_of(_LIMIT, declared.document)[0]
    return entry
