"""How providers are reached, as the configuration says it."""

import msgspec

from headgate.config.schema import UpstreamAccess
from headgate.core.clock import Clock
from headgate.core.endpoint import Provider, Target
from headgate.core.platform import AWS, GOOGLE
from headgate.core.secret import Secret
from headgate.exchange.ports import Upstream
from headgate.upstream.demo import DemoUpstream
from headgate.upstream.http1 import Http1Upstream
from headgate.upstream.logins.aws import AwsSource
from headgate.upstream.logins.credential import CredentialSource
from headgate.upstream.logins.google import GoogleSource
from headgate.upstream.logins.logins import Logins
from headgate.upstream.logins.oauth import OAuthSource
from headgate.upstream.platforms.platform_upstream import PlatformUpstream
from headgate.upstream.settings import UpstreamSettings
from headgate.wire.outbox import Outbox


def upstream_settings(written: UpstreamAccess) -> UpstreamSettings:
    """The settings of the upstream."""
    settings = UpstreamSettings(
        connect_timeout_s=written.connect_timeout_s,
        extra_ca_file=written.extra_ca_file,
        proxy_url=Secret(written.proxy_url) if written.proxy_url else None,
    )
    return msgspec.structs.replace(settings, no_proxy=written.no_proxy) if written.no_proxy else settings


class UpstreamChoice:
    """Which upstream reaches a target: the HTTP client itself, with a platform's ways in front of it, or the demo."""

    def __init__(self, settings: UpstreamSettings, clock: Clock, outbox: Outbox | None = None) -> None:
        """`outbox` is the one of the whole event loop."""
        self.http = http = Http1Upstream(settings, outbox=outbox)
        self._settings = settings
        self._clock = clock
        self._demo = DemoUpstream()
        self.logins = Logins(self._source_of, clock)
        self._platforms = PlatformUpstream(http, self.logins, clock)

    def of(self, target: Target) -> Upstream:
        """The upstream of a target."""
        provider = target.provider
        if provider.platform is not None or provider.login is not None:
            return self._platforms
        return self._demo if provider.is_demo else self.http

    async def close(self) -> None:
        """Give up what is under way, and close what is idle."""
        await self.http.close()

    def _source_of(self, provider: Provider) -> CredentialSource:
        login = provider.login
        if login is None:
            raise ValueError(f"provider {provider.name} has no sign-in")
        if login.kind == AWS:
            return AwsSource(login)
        if login.kind == GOOGLE:
            return GoogleSource(login, self._settings)
        return OAuthSource(login, provider.name, self.http, self._clock)
