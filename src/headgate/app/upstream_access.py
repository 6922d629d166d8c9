"""How providers are reached, as the configuration says it."""

import msgspec

from headgate.config.schema import UpstreamAccess
from headgate.core.secret import Secret
from headgate.upstream.settings import UpstreamSettings


def upstream_settings(written: UpstreamAccess) -> UpstreamSettings:
    """The settings of the upstream."""
    settings = UpstreamSettings(
        connect_timeout_s=written.connect_timeout_s,
        extra_ca_file=written.extra_ca_file,
        proxy_url=Secret(written.proxy_url) if written.proxy_url else None,
    )
    return msgspec.structs.replace(settings, no_proxy=written.no_proxy) if written.no_proxy else settings
