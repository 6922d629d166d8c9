"""The settings that are in force, one by one, each with what set it: a line of the file, a variable, an option, the store, or its default.

No value is a secret: keys of providers and addresses of webhooks are references in the settings, and the address of a proxy may have no password.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from headgate.config.load import Configuration
from headgate.config.previews import PREVIEW, switched
from headgate.config.validate import help_of, leaves
from headgate.core.stored_object import StoredObject

DEFAULT: Final = "default"
STORE: Final = "store"
_PREVIEWS: Final = "previews"


class EffectiveValue(msgspec.Struct, frozen=True):
    """A setting: its path (`server.port` is `("server", "port")`; an array of tables is one), its value as JSON has it, what set it, its help text."""

    path: tuple[str, ...]
    value: Any
    origin: str
    help_text: str

    @property
    def name(self) -> str:
        """The path as people write it."""
        return ".".join(self.path)


def effective_values(configuration: Configuration, stored: Sequence[StoredObject] = ()) -> list[EffectiveValue]:
    """Every setting in the order of the schema. `stored` are the objects of the store, of which the switches of previews are settings."""
    written = msgspec.to_builtins(msgspec.structs.replace(configuration.settings, previews=switched(configuration, stored)))
    own = {(_PREVIEWS, one.name) for one in stored if one.kind == PREVIEW}
    return [EffectiveValue(path, _at(written, path), _origin(configuration, path, own), help_of(field)) for path, field in leaves()]


def _origin(configuration: Configuration, path: tuple[str, ...], own: Iterable[tuple[str, ...]]) -> str:
    return configuration.origins.get(".".join(path)) or (STORE if path in own else DEFAULT)


def _at(written: Mapping[str, Any], path: Sequence[str]) -> Any:  # ruff: ignore[any-type] any value that JSON has
    for step in path:
        written = written[step]
    return written
