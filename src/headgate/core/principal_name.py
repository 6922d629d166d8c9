"""How the configuration names a user, a service principal or a group: by a plain name, or by `user:NAME`, `service_principal:NAME`, `group:NAME`."""

from collections.abc import Mapping
from typing import Final

import msgspec

from headgate.core.principal import SERVICE_PRINCIPAL, USER

GROUP: Final = "GROUP"

WORDS: Mapping[str, str] = {"user": USER, "service_principal": SERVICE_PRINCIPAL, "group": GROUP}
_WORDS = {kind: word for word, kind in WORDS.items()}


class PrincipalName(msgspec.Struct, frozen=True, order=True):
    """A name and the kind that was written with it. Without a kind it is the group of this name; if there is none, the user or service principal."""

    name: str
    kind: str = ""

    def __str__(self) -> str:
        return f"{_WORDS[self.kind]}:{self.name}" if self.kind else self.name


def principal_name(text: str) -> PrincipalName:
    """The name that a text is."""
    word, colon, name = text.partition(":")
    return PrincipalName(name, WORDS[word]) if colon and word in WORDS else PrincipalName(text)
