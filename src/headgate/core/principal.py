"""Who asks: principals and what their tokens allow."""

import msgspec


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
