"""How providers are reached."""

import pytest

from headgate.app.upstream_access import UpstreamChoice, upstream_settings
from headgate.config.schema import UpstreamAccess
from headgate.core.endpoint import Provider, target_of
from headgate.core.platform import Platform, PlatformLogin
from headgate.upstream.demo import DemoUpstream
from headgate.upstream.platforms.platform_upstream import PlatformUpstream
from headgate.upstream.settings import UpstreamSettings
from tests.fakes.ports import FakeClock


def test_what_is_written_and_what_is_not():
    """A proxy is a secret, as its address may hold a password; hosts without a proxy are the usual ones unless others are named."""
    assert upstream_settings(UpstreamAccess()).no_proxy == UpstreamSettings().no_proxy
    found = upstream_settings(UpstreamAccess(proxy_url="http://u:p@proxy:3128", no_proxy=("inside.example",), connect_timeout_s=3))
    assert (found.proxy_url.reveal(), found.no_proxy, found.connect_timeout_s) == ("http://u:p@proxy:3128", ("inside.example",), 3)


async def test_which_upstream():
    """A provider of its own kind gets the HTTP client itself; one on a platform or with a sign-in gets what is in front of it; the demo makes answers up."""
    choice = UpstreamChoice(UpstreamSettings(), FakeClock())

    def of(url="https://h", **more):
        return choice.of(target_of(Provider(name="p", dialect="anthropic", base_url=url, **more), "m"))

    assert of() is choice.http
    assert isinstance(of(platform=Platform("bedrock")), PlatformUpstream)
    assert isinstance(of(login=PlatformLogin("oauth")), PlatformUpstream)
    assert isinstance(of(url="demo:anthropic"), DemoUpstream)
    await choice.close()


@pytest.mark.parametrize("kind", ["oauth", "aws", "google"])
async def test_every_sign_in_has_a_source(kind):
    """Each kind that the configuration knows, and nothing without one."""
    choice = UpstreamChoice(UpstreamSettings(), FakeClock())
    provider = Provider(name="p", dialect="anthropic", base_url="https://h", login=PlatformLogin(kind, token_url="https://id/t"))
    assert hasattr(choice._source_of(provider), "fetch")
    with pytest.raises(ValueError, match="has no sign-in"):
        choice._source_of(Provider(name="p", dialect="anthropic", base_url="https://h"))
    await choice.close()
