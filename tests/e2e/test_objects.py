"""Governed objects of a running gateway: declared over REST and by command, in force at once, and refused to those who may not."""

import json

import pytest

from tests.e2e.asking import ANTHROPIC, Asking
from tests.e2e.lab import headgate, lab_provider, running
from tests.e2e.workspace import administrator, user
from tests.fakes.turns import say

ROOT = "/api/2.0/headgate"
TARGETS = [{"provider": "lab-anthropic", "model": "claude-opus-4-6", "traffic_percent": 100}]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A provider and a gateway before it."""
    with lab_provider() as provider, running(tmp_path_factory.mktemp("objects"), provider) as gateway:
        yield provider, gateway


@pytest.fixture(scope="module")
def root(lab):
    """An administrator."""
    return administrator(lab[1])


def ask_for(gateway, model, token=""):
    """One request for a model: status and body."""
    body = json.dumps({"model": model, "max_tokens": 64, "messages": [{"role": "user", "content": "hi"}]}).encode()
    with Asking(gateway.url, token or gateway.token, ANTHROPIC.path(stream=False), body) as asking:
        return asking.status, json.loads(asking.rest())


def test_an_endpoint_from_its_creation_to_its_deletion(lab, root):
    """Created over REST and called at once; another share, a limit that refuses, and gone."""
    provider, gateway = lab
    assert ask_for(gateway, "house-model")[0] == 400
    status, made = root.ask("POST", f"{ROOT}/endpoints", {"name": "house-model", "targets": TARGETS})
    assert (status, made["created_by"]) == (200, "root")
    provider.play(say("one"))
    assert ask_for(gateway, "house-model")[0] == 200

    path = f"{ROOT}/endpoints/{made['id']}"
    two = [TARGETS[0] | {"traffic_percent": 0}, TARGETS[0] | {"model": "claude-opus-4-7"}]
    status, refused = root.ask("PATCH", f"{path}?etag=7", {"targets": two})
    assert (status, refused["error_code"]) == (409, "ABORTED")
    status, changed = root.ask("PATCH", f"{path}?etag={made['etag']}", {"targets": two})
    assert (status, changed["etag"]) == (200, "2")
    ask_for(gateway, "house-model")
    assert provider.ledger.generations[-1].json["model"] == "claude-opus-4-7"
    assert root.ask("PATCH", path, {"targets": TARGETS})[0] == 200

    assert root.ask("POST", f"{ROOT}/limits", {"endpoint": "house-model", "key": "endpoint", "per": "day", "requests": 1})[0] == 200
    provider.play(say("two"))
    assert ask_for(gateway, "house-model")[0] == 200
    status, refused = ask_for(gateway, "house-model")
    assert status == 429
    assert "1 request per day" in refused["error"]["message"]
    assert root.ask("DELETE", f"{ROOT}/limits/house-model%20endpoint%20day")[0] == 200
    provider.play(say("three"))
    assert ask_for(gateway, "house-model")[0] == 200
    assert root.ask("DELETE", path)[0] == 200
    assert ask_for(gateway, "house-model")[0] == 400


def test_who_may_change_endpoints(lab, root):
    """A user changes none, does not see one that others alone may query, and sees the file's with its place."""
    _, gateway = lab
    ben = user(gateway, "ben@example.com")
    for grant in ({"principal": "ada@example.com", "endpoint": "house-secret"}, {"principal": "ben@example.com", "endpoint": "house-open"}):
        assert root.ask("POST", f"{ROOT}/grants", grant)[0] == 200
    for name in ("house-secret", "house-open"):
        assert root.ask("POST", f"{ROOT}/endpoints", {"name": name, "targets": TARGETS})[0] == 200
    assert ben.ask("GET", f"{ROOT}/endpoints/house-open")[0] == 200
    statuses = {name: ben.ask("PATCH", f"{ROOT}/endpoints/{name}", {"display_name": "x"})[0] for name in ("house-open", "house-secret", "none")}
    assert statuses == {"house-open": 403, "house-secret": 404, "none": 404}
    assert ben.ask("POST", f"{ROOT}/endpoints", {"name": "mine", "targets": TARGETS})[0] == 403
    assert ben.ask("GET", f"{ROOT}/limits")[0] == 403
    listed = {each["name"]: each["declared_at"] for each in ben.ask("GET", f"{ROOT}/endpoints")[1]["endpoints"]}
    assert "house-secret" not in listed
    assert listed["databricks-claude-opus-4-6"].startswith("headgate.toml:")


def test_a_command_changes_the_running_gateway(lab, root):
    """With the gateway's own configuration, though no key is set here; in force within two seconds, and audited."""
    provider, gateway = lab
    targets = '[{ provider = "lab-anthropic", model = "claude-opus-4-6" }]'
    command = ("endpoint", "create", "--name", "by-command", "--targets", targets, "--data", gateway.data)
    headgate(*command, variables={"LAB_KEY": ""})
    root.ask("POST", f"{ROOT}/limits", {"endpoint": "nothing", "key": "endpoint", "per": "day", "requests": 1})  # looks at the store anew
    provider.play(say("one"))
    assert ask_for(gateway, "by-command")[0] == 200
    assert root.ask("GET", f"{ROOT}/endpoints/by-command")[1]["created_by"].startswith("os:")


@pytest.fixture
def sdk(root, lab):
    """Databricks' SDK as an administrator."""
    client = pytest.importorskip("databricks.sdk").WorkspaceClient
    return client(host=lab[1].url, token=root.token, auth_type="pat")


def test_sdk_serving_endpoints(lab, sdk):
    """Databricks' SDK creates an endpoint with limits, waits for it, changes it and deletes it, unchanged."""
    from databricks.sdk.errors import InvalidState, NotFound
    from databricks.sdk.service import serving

    provider, gateway = lab
    one, two = (serving.ServedEntityInput(name=name, entity_name=f"lab-anthropic/{model}") for name, model in (("a", "claude-opus-4-6"), ("b", "m")))
    routes = [serving.Route(served_entity_name="a", traffic_percentage=100), serving.Route(served_entity_name="b", traffic_percentage=0)]
    limit = serving.AiGatewayRateLimit(
        calls=1, key=serving.AiGatewayRateLimitKey.ENDPOINT, renewal_period=serving.AiGatewayRateLimitRenewalPeriod.MINUTE
    )
    made = sdk.serving_endpoints.create_and_wait(
        name="by-sdk",
        config=serving.EndpointCoreConfigInput(name="by-sdk", served_entities=[one, two], traffic_config=serving.TrafficConfig(routes=routes)),
        ai_gateway=serving.AiGatewayConfig(rate_limits=[limit]),
        tags=[serving.EndpointTag(key="team", value="search")],
    )
    assert (made.state.ready, made.permission_level.value) == (serving.EndpointStateReady.READY, "CAN_MANAGE")
    provider.play(say("one"))
    assert [ask_for(gateway, "by-sdk")[0] for _ in range(2)] == [200, 429]

    answer = sdk.serving_endpoints.put_ai_gateway("by-sdk", usage_tracking_config=serving.AiGatewayUsageTrackingConfig(enabled=True))
    assert (answer.rate_limits, answer.usage_tracking_config.enabled) == ([], True)
    provider.play(say("two"))
    assert ask_for(gateway, "by-sdk")[0] == 200
    changed = sdk.serving_endpoints.update_config_and_wait("by-sdk", served_entities=[two])
    assert [each.entity_name for each in changed.config.served_entities] == ["lab-anthropic/m"]
    tags = sdk.serving_endpoints.patch("by-sdk", add_tags=[serving.EndpointTag(key="a", value="b")], delete_tags=["team"])
    assert [(each.key, each.value) for each in tags.tags] == [("a", "b")]
    assert "by-sdk" in {each.name for each in sdk.serving_endpoints.list()}
    with pytest.raises(InvalidState, match="declared at"):
        sdk.serving_endpoints.update_config("databricks-claude-opus-4-6", served_entities=[two])  # the file declares it
    sdk.serving_endpoints.delete("by-sdk")
    with pytest.raises(NotFound):
        sdk.serving_endpoints.get("by-sdk")


def test_sdk_model_services(lab, root, sdk):
    """Databricks' SDK creates a model service in a schema, lists, changes and deletes it, unchanged; agents call it by its full name."""
    from databricks.sdk import errors
    from databricks.sdk.common.types.fieldmask import FieldMask
    from databricks.sdk.service import catalog

    provider, gateway = lab
    external = catalog.ModelServiceConfigExternalModelConfig(
        "model-provider-services/system.ai.lab-anthropic", catalog.ModelProviderServiceConfigModelTargetConfig("claude-opus-4-6")
    )
    kind = catalog.ModelServiceConfigDestinationConfigDestinationType.DESTINATION_TYPE_EXTERNAL_FOUNDATION_MODEL
    routing = catalog.ModelServiceConfigRoutingConfig([catalog.ModelServiceConfigDestinationConfig("one", kind, external_model_config=external)])
    limit = catalog.RateLimit(
        catalog.RateLimitRateLimitKey.RATE_LIMIT_KEY_SERVICE,
        catalog.RateLimitRateLimitRenewalPeriod.RATE_LIMIT_RENEWAL_PERIOD_HOUR,
        requests=1,
    )
    service = catalog.ModelService(comment="by the SDK", config=catalog.ModelServiceConfig(routing=routing, rate_limits=[limit]))
    made = sdk.ai_gateway.create_model_service(service, "schemas/main.default", "coding")
    assert (made.name, made.created_by, made.supported_api_types) == ("model-services/main.default.coding", "root", ["anthropic/v1/messages"])
    provider.play(say("one"))
    assert made.effective_owner == "root"
    assert ask_for(gateway, "main.default.coding")[0] == 403  # takes EXECUTE
    assert [ask_for(gateway, "main.default.coding", root.token)[0] for _ in range(2)] == [200, 429]

    changed = sdk.ai_gateway.update_model_service(made.name, catalog.ModelService(), FieldMask(["config.rate_limits"]), etag=made.etag)
    assert not changed.config.rate_limits
    provider.play(say("two"))
    assert ask_for(gateway, "main.default.coding", root.token)[0] == 200
    assert [each.name for each in sdk.ai_gateway.list_model_services(parent="schemas/main.default", page_size=1)] == [made.name]
    assert sdk.ai_gateway.get_model_service(made.name).comment == "by the SDK"
    assert "model-provider-services/system.ai.lab-gemini" in {
        each.name for each in sdk.ai_gateway.list_model_provider_services(parent="schemas/system.ai")
    }
    with pytest.raises(errors.NotImplemented, match="no provider's key"):
        sdk.ai_gateway.delete_model_provider_service("model-provider-services/system.ai.lab-gemini")
    sdk.ai_gateway.delete_model_service(made.name, etag=changed.etag)
    with pytest.raises(errors.NotFound):
        sdk.ai_gateway.get_model_service(made.name)


def test_a_preview_is_switched_over_rest(lab, root):
    """Off and on again, at once, for everyone."""
    provider, gateway = lab
    path = f"{ROOT}/previews/coding_agents"
    assert root.ask("PATCH", path, {"enabled": False})[1]["updated_by"] == "root"
    assert ask_for(gateway, "databricks-claude-opus-4-6")[0] == 404
    assert root.ask("PATCH", path, {"enabled": True})[0] == 200
    provider.play(say("one"))
    assert ask_for(gateway, "databricks-claude-opus-4-6")[0] == 200
