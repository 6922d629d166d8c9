"""What an access token stands for."""

from ipaddress import IPv4Network, IPv6Network

import msgspec

from headgate.core.principal import Principal

Network = IPv4Network | IPv6Network


class AccessToken(msgspec.Struct, frozen=True, kw_only=True):
    """The principal that presents the token, with the token's scopes, and what the token allows it. `endpoints` are name patterns (`*` = all), `networks`
    those that it may be used from (none: from everywhere).

    `expires_at_s` is wall-clock seconds, 0 for never. The secret is not here: a snapshot finds tokens by their keyed hash.
    """

    id: str
    name: str
    principal: Principal
    endpoints: tuple[str, ...] = ("*",)
    expires_at_s: float = 0.0
    networks: tuple[Network, ...] = ()
