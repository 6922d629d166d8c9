"""What clients of the SCIM interface send: new principals, replacements and patches (RFC 7644, 3.5.2), as the use-cases take them.

Attributes of SCIM that are not stored here, such as phone numbers, are left alone. A patch of an attribute that SCIM does not have is refused.
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from headgate.admin.principals import WORDS, NewPrincipal, PrincipalChange
from headgate.core.errors import BadRequest
from headgate.core.principal import SERVICE_PRINCIPAL
from headgate.core.principal_name import GROUP
from headgate.web.api.scim_info import NAMES

_SELECTED = re.compile(r'(members|roles)\[value eq "([^"\\]*)"\]', re.IGNORECASE)
_LEFT_ALONE = frozenset({
    "addresses", "emails", "entitlements", "groups", "ims", "locale", "meta", "name", "nickname", "password", "phonenumbers", "photos", "preferredlanguage",
    "profileurl", "schemas", "timezone", "title", "usertype", "x509certificates", "id",
})  # fmt: skip


class ValueBody(msgspec.Struct, frozen=True):
    """One of several values."""

    value: str = ""


class NameBody(msgspec.Struct, frozen=True, rename="camel"):
    """The parts of a person's name."""

    given_name: str = ""
    family_name: str = ""


class PrincipalBody(msgspec.Struct, frozen=True, rename="camel"):
    """A user, a service principal or a group."""

    user_name: str | None = None
    application_id: str | None = None
    display_name: str | None = None
    external_id: str | None = None
    active: bool | None = None
    name: NameBody | None = None
    roles: list[ValueBody] | None = None
    members: list[ValueBody] | None = None

    def name_of(self, kind: str) -> str:
        """The name by which everything calls the principal. A service principal without one is called as it is displayed."""
        stated = {"userName": self.user_name, "displayName": self.display_name, "applicationId": self.application_id}[NAMES[kind]]
        return stated or (self.display_name if kind == SERVICE_PRINCIPAL else "") or ""

    @property
    def displayed(self) -> str:
        """The name that people read."""
        spelled = f"{self.name.given_name} {self.name.family_name}".strip() if self.name is not None else ""
        return self.display_name or spelled


class OperationBody(msgspec.Struct, frozen=True):
    """One operation of a patch. `value` may be missing where it is false: Databricks' SDK leaves such values out."""

    op: str
    path: str = ""
    value: Any = None


class PatchBody(msgspec.Struct, frozen=True, rename="pascal"):
    """A patch."""

    operations: list[OperationBody] = []


def new_principal(body: PrincipalBody, kind: str) -> NewPrincipal:
    """The principal that a body asks for."""
    return NewPrincipal(
        name=body.name_of(kind),
        kind=kind,
        active=body.active is not False,
        display_name="" if kind == GROUP else body.displayed,
        external_id=body.external_id or "",
        roles=_values(body.roles or ()),
        members=_values(body.members or ()) if kind == GROUP else (),
    )


def replacement(body: PrincipalBody, kind: str, name: str) -> PrincipalChange:
    """What a principal becomes. What the body leaves out of its activity and its roles stays, since most directories do not have them."""
    stated = {"userName": body.user_name, "displayName": body.display_name, "applicationId": body.application_id}[NAMES[kind]]
    _check_name(stated, kind, name)
    return PrincipalChange(
        active=body.active,
        display_name=None if kind == GROUP else body.displayed,
        external_id=body.external_id or "",
        roles=None if body.roles is None else _values(body.roles),
        members=_values(body.members or ()) if kind == GROUP else None,
    )


def patch(body: PatchBody, kind: str, name: str) -> PrincipalChange:
    """The change that the operations of a patch make together."""
    made = _Patch(kind, name)
    for operation in body.operations:
        op = operation.op.lower()
        if op not in {"add", "remove", "replace"}:
            raise BadRequest(f"There is no operation {operation.op[:32]!r}: add, remove or replace.", code="INVALID_PARAMETER_VALUE")
        if operation.path:
            made.apply(op, operation.path, operation.value)
        elif isinstance(operation.value, dict):
            for path, value in operation.value.items():
                made.apply(op, path, value)
        else:
            raise BadRequest("An operation without a path needs an object as its value.", code="INVALID_PARAMETER_VALUE")
    return made.change()


class _Patch:
    """Adds up operations. A later one counts where two concern the same."""

    def __init__(self, kind: str, name: str) -> None:
        self._kind = kind
        self._name = name
        self._texts: dict[str, str] = {}
        self._active: bool | None = None
        self._sets = {"members": _Set(), "roles": _Set()}

    def apply(self, op: str, path: str, value: Any) -> None:  # ruff: ignore[any-type] - what JSON has
        """Add one operation on one attribute."""
        selected = _SELECTED.fullmatch(path)
        attribute = (selected[1] if selected else path).lower()
        if attribute in self._sets:
            values = (selected[2],) if selected else _listed(value)
            self._sets[attribute].apply(op, values, everything=op == "remove" and not selected and value is None)
        elif attribute == "active":
            self._active = op != "remove" and str(value).lower() == "true"
        elif attribute == NAMES[self._kind].lower():
            _check_name(value, self._kind, self._name)
        elif attribute in {"displayname", "externalid"}:
            self._texts[attribute] = "" if op == "remove" or value is None else str(value)
        elif attribute.partition(".")[0].partition("[")[0] not in _LEFT_ALONE and not attribute.startswith("urn:"):
            raise BadRequest(f"A {WORDS[self._kind]} has no attribute {path[:64]!r}.", code="INVALID_PARAMETER_VALUE")

    def change(self) -> PrincipalChange:
        """All operations as one change."""
        members, roles = self._sets["members"], self._sets["roles"]
        return PrincipalChange(
            active=self._active,
            display_name=self._texts.get("displayname"),
            external_id=self._texts.get("externalid"),
            roles=roles.whole,
            add_roles=tuple(roles.add),
            remove_roles=tuple(roles.remove),
            members=members.whole,
            add_members=tuple(members.add),
            remove_members=tuple(members.remove),
        )


class _Set:
    """What happens to an attribute with several values. `whole` is what it is replaced with."""

    def __init__(self) -> None:
        self.whole: list[str] | None = None
        self.add: dict[str, None] = {}
        self.remove: dict[str, None] = {}

    def apply(self, op: str, values: Iterable[str], *, everything: bool) -> None:
        """Add one operation."""
        if everything or op == "replace":
            self.whole, self.add, self.remove = [] if everything else list(values), {}, {}
            return
        to, other = (self.add, self.remove) if op == "add" else (self.remove, self.add)
        for value in values:
            to[value] = None
            other.pop(value, None)
            if op == "remove" and self.whole and value in self.whole:
                self.whole.remove(value)


def _check_name(stated: object, kind: str, name: str) -> None:
    if stated and stated != name:
        reason = "grants, limits and records have it; create another one instead."
        raise BadRequest(f"The name of a {WORDS[kind]} ({NAMES[kind]}) cannot be changed: {reason}", code="INVALID_PARAMETER_VALUE")


def _listed(value: Any) -> tuple[str, ...]:  # ruff: ignore[any-type] - what JSON has
    try:
        return _values(msgspec.convert(value if isinstance(value, list) else [] if value is None else [value], list[ValueBody | str]))
    except msgspec.ValidationError as error:
        raise BadRequest(f"The values are objects with a `value`: {error}", code="INVALID_PARAMETER_VALUE") from error


def _values(values: Iterable[ValueBody | str]) -> tuple[str, ...]:
    return tuple(each if isinstance(each, str) else each.value for each in values)
