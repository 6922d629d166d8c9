"""Providers that a command tries."""

from headgate.app.provider_trial import try_providers
from headgate.config.schema import UpstreamAccess
from headgate.core.endpoint import Provider
from headgate.core.platform import PlatformLogin
from headgate.core.secret import Secret
from tests.fakes.clouds import serving
from tests.unit.cli.answering import answering


def provider(name, url):
    """A provider with a key."""
    return Provider(name=name, dialect="anthropic", base_url=url, api_key=Secret("sk-1"))


async def test_each_is_asked_for_its_models():
    """With Headgate's key; one that takes it, one that does not, and one that is not there."""
    with (
        answering({"/v1/models": {"data": [{}, {}]}}) as (good, asked),
        answering({"/v1/models": {"error": {"message": "bad key"}}}, 401) as (bad, _),
    ):
        found = await try_providers([provider("a", good), provider("b", bad), provider("c", "http://127.0.0.1:1")], UpstreamAccess())
    assert [(each.provider, each.verdict) for each in found] == [("a", "good"), ("b", "key_refused"), ("c", "failed")]
    assert found[0].message == "It lists 2 models."
    assert asked[0]["x-api-key"] == "sk-1"


async def test_a_sign_in():
    """A token is asked for first; a sign-in that fails is the reason that is shown."""
    with serving() as clouds:
        clouds.answer("/v1/models", {"data": [{}]})
        clouds.answer("/good/token", {"access_token": "eyJ-0123456789", "expires_in": 60})
        clouds.answer("/bad/token", {"error": "invalid_client"}, status=401)
        logins = {name: PlatformLogin("oauth", "app", Secret("s"), token_url=f"{clouds.url}/{name}/token") for name in ("good", "bad")}
        found = await try_providers([Provider(name, "anthropic", clouds.url, login=login) for name, login in logins.items()], UpstreamAccess())
    assert [(each.provider, each.verdict) for each in found] == [("good", "good"), ("bad", "failed")]
    assert clouds.last("/v1/models").headers["authorization"] == "Bearer eyJ-0123456789"
    assert found[1].message == f"its sign-in failed: {clouds.url}/bad/token gave no token: it answered 401 (invalid_client)"
