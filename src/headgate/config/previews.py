"""Previews as the file and the store declare them. What the file, a variable or an option states counts; else what is stored; else the default."""

from collections.abc import Iterable

import msgspec

from headgate.config.load import Configuration
from headgate.config.schema import WrittenPreviews
from headgate.core.stored_object import StoredObject

PREVIEW = "preview"  # the kind of a stored switch; its document is {"enabled": true} or {"enabled": false}
PREVIEWS: tuple[str, ...] = WrittenPreviews.__struct_fields__


def stated_at(configuration: Configuration, name: str) -> str:
    """Where the configuration states a preview: `headgate.toml:3`, or a variable. Empty if it does not."""
    return configuration.origins.get(f"previews.{name}", "")


def switched(configuration: Configuration, stored: Iterable[StoredObject]) -> WrittenPreviews:
    """Which previews are on. A stored switch of a preview that this release does not have is left alone."""
    found = {one.name: one.document.get("enabled") for one in stored if one.kind == PREVIEW}
    own = {name: found[name] for name in PREVIEWS if isinstance(found.get(name), bool) and not stated_at(configuration, name)}
    return msgspec.structs.replace(configuration.settings.previews, **own)
