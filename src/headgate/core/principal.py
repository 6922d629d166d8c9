"""Who asks: principals and what their tokens allow."""

import unicodedata

import msgspec

# Groups of the catalog, groups that Databricks has, and what Headgate calls itself. Nobody may look like one of them.
_RESERVED = frozenset({"admins", "account users", "account admins", "users", "headgate"})


def is_reserved(name: str) -> bool:
    """Whether the name means something else than a principal, however it is written: in another case, with other spaces, in letters that look the same."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold() in _RESERVED


class Principal(msgspec.Struct, frozen=True):
    """A user (`kind="USER"`) or a service principal (`kind="SERVICE_PRINCIPAL"`). `name` is an e-mail address or a plain name."""

    id: str
    name: str
    kind: str = "USER"


class Grant(msgspec.Struct, frozen=True):
    """What one token stands for. `scopes` holds `inference` and perhaps `admin`; `endpoints` are name patterns (`*` = all).

    `expires_at_s` is wall-clock seconds, 0 for never. The secret itself is not here: snapshots know tokens by their keyed hash.
    """

    token_id: str
    token_name: str
    principal: Principal
    scopes: frozenset[str] = frozenset({"inference"})
    endpoints: tuple[str, ...] = ("*",)
    expires_at_s: float = 0.0
