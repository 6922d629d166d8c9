"""Providers that a command tries."""

from headgate.app.provider_trial import try_providers
from headgate.config.schema import UpstreamAccess
from headgate.core.endpoint import Provider
from headgate.core.secret import Secret
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
