"""Shows previews and switches them on and off in the store. What the configuration file states is shown, and changed there.

It decides nothing about permission: its callers let in only administrators.
"""

from collections.abc import Callable

import msgspec

from headgate.admin.object_ports import ObjectState
from headgate.config.load import Configuration
from headgate.config.previews import PREVIEW, PREVIEWS, stated_at, switched
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, NotFound
from headgate.core.ids import new_id
from headgate.core.spelling import nearest
from headgate.core.stored_object import ObjectChange, StoredObject


class PreviewSwitch(msgspec.Struct, frozen=True, kw_only=True):
    """A preview as it is shown. `declared_at` is where the configuration states it, empty where it does not; `updated_by` switched it last in the store."""

    name: str
    enabled: bool
    declared_at: str = ""
    updated_by: str = ""


class PreviewAdmin:
    """The use-cases over one store. `configuration` returns the configuration of the file as it is in force."""

    def __init__(self, state: ObjectState, configuration: Callable[[], Configuration], clock: Clock) -> None:
        self._state = state
        self._configuration = configuration
        self._clock = clock

    def all(self) -> list[PreviewSwitch]:
        """Every preview of this release."""
        configuration, stored = self._configuration(), self._state.list_objects(PREVIEW)
        now, by = switched(configuration, stored), {one.name: one.updated_by for one in stored}
        return [
            PreviewSwitch(name=name, enabled=getattr(now, name), declared_at=stated_at(configuration, name), updated_by=by.get(name, ""))
            for name in PREVIEWS
        ]

    def switch(self, name: str, by: str, *, enabled: bool) -> PreviewSwitch:
        """Switch a preview on or off. Raises NotFound for an unknown name, and BadRequest (409) where the configuration states it."""
        if name not in PREVIEWS:
            close = nearest(name, sorted(PREVIEWS))
            meant = f" Did you mean {close!r}?" if close else f" The previews are {', '.join(PREVIEWS)}."
            raise NotFound(f"No preview has the name {name!r}.{meant}", code="RESOURCE_DOES_NOT_EXIST")
        place = stated_at(self._configuration(), name)
        if place:
            raise BadRequest(f"The preview {name!r} is declared at {place}. Change it there.", status=409, code="INVALID_STATE")
        before = next((one for one in self._state.list_objects(PREVIEW) if one.name == name), None)
        self._state.apply([ObjectChange(before, self._after(before, name, by, enabled=enabled))])
        return PreviewSwitch(name=name, enabled=enabled, updated_by=by)

    def _after(self, before: StoredObject | None, name: str, by: str, *, enabled: bool) -> StoredObject:
        now_ns = self._clock.wall_ns()
        now_ms, document = now_ns // 1_000_000, {"enabled": enabled}
        if before is None:
            return StoredObject(
                id=new_id("pre", now_ns), kind=PREVIEW, name=name, document=document, created_at_ms=now_ms, created_by=by, updated_at_ms=now_ms,
                updated_by=by,
            )  # fmt: skip
        return msgspec.structs.replace(before, document=document, revision=before.revision + 1, updated_at_ms=now_ms, updated_by=by)
