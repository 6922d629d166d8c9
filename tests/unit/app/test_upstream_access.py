"""How providers are reached."""

from headgate.app.upstream_access import upstream_settings
from headgate.config.schema import UpstreamAccess
from headgate.upstream.settings import UpstreamSettings


def test_what_is_written_and_what_is_not():
    """A proxy is a secret, as its address may hold a password; hosts without a proxy are the usual ones unless others are named."""
    assert upstream_settings(UpstreamAccess()).no_proxy == UpstreamSettings().no_proxy
    found = upstream_settings(UpstreamAccess(proxy_url="http://u:p@proxy:3128", no_proxy=("inside.example",), connect_timeout_s=3))
    assert (found.proxy_url.reveal(), found.no_proxy, found.connect_timeout_s) == ("http://u:p@proxy:3128", ("inside.example",), 3)
