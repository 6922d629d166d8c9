"""Endpoints in the form of Databricks' serving endpoints."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.admin.declared import DeclaredObject
from headgate.admin.endpoints import EndpointView
from headgate.config.entries import WrittenEndpoint, WrittenLimit, WrittenTarget
from headgate.core.endpoint import Provider
from headgate.core.errors import BadRequest, GatewayError
from headgate.web.api.serving_form import (
    AiGateway,
    CoreConfig,
    RateLimit,
    ServedEntity,
    can_show,
    gateway_fields,
    limit_documents,
    provider_word,
    shown,
    targets_of,
)  # fmt: skip

LAB = Provider("lab", "anthropic", "https://api.anthropic.com")
OTHER = Provider("other", "openai", "https://example.com/v1")


def view(entry: WrittenEndpoint, *limits: WrittenLimit) -> EndpointView:
    """An endpoint of the file."""
    return EndpointView(DeclaredObject(kind="endpoint", name=entry.name, document={}, place="headgate.toml:1"), entry, limits)


names = st.lists(st.tuples(st.sampled_from(["lab", "other"]), st.sampled_from(["a", "b", "c/d"])), min_size=1, max_size=4, unique=True)


@st.composite
def endpoints(draw) -> WrittenEndpoint:
    """Endpoints that the form has: with shares, or one target; fallbacks that are no targets, or all targets; what is logged."""
    pairs = draw(names)
    count = draw(st.integers(1, len(pairs)))
    if count == 1:
        targets = [WrittenTarget(provider=pairs[0][0], model=pairs[0][1])]
    else:
        shares = [1] * (count - 1) + [101 - count]
        targets = [WrittenTarget(provider=p, model=m, traffic_percent=share) for (p, m), share in zip(pairs[:count], shares, strict=True)]
    fallbacks = tuple(WrittenTarget(provider=p, model=m) for p, m in pairs[count:])
    if count > 1 and not fallbacks and draw(st.booleans()):
        fallbacks = tuple(msgspec.structs.replace(each, traffic_percent=None) for each in targets)
    table = draw(st.sampled_from(["", "main.default.coding"]))
    return WrittenEndpoint(
        name="coding", targets=tuple(targets), fallbacks=fallbacks, payload_table=table,
        payload_paused=bool(table) and draw(st.booleans()), usage_tracking=draw(st.booleans()),
    )  # fmt: skip


@given(endpoints())
def test_what_the_form_has_comes_back(entry):
    """Shown, and stated again as it was shown, an endpoint is the same."""
    form = shown(view(entry), [LAB, OTHER], managed=True)
    gateway = msgspec.convert(form["ai_gateway"], AiGateway)
    targets = targets_of(msgspec.convert(form["config"], CoreConfig), [LAB, OTHER], fallback=gateway.fallback_config.enabled)
    fields = gateway_fields(gateway, entry)
    assert msgspec.convert({"name": form["name"]} | targets | fields, WrittenEndpoint) == entry


@given(st.sampled_from(["endpoint", "user_default", "user", "group", "service_principal"]), st.none() | st.integers(1, 99), st.integers(1, 99))
def test_limits_that_the_form_has_come_back(key, requests, tokens):
    """By the minute, of calls and tokens."""
    holder = key if key in {"user", "group", "service_principal"} else ""
    limit = WrittenLimit(endpoint="coding", key=key, principal=holder, per="minute", requests=requests, tokens=tokens)
    (form,) = shown(view(WrittenEndpoint(name="coding"), limit), [], managed=False)["ai_gateway"]["rate_limits"]
    (document,) = limit_documents([msgspec.convert(form, RateLimit)], "coding")
    assert msgspec.convert(document, WrittenLimit) == limit


def test_other_limits_are_not_shown():
    """The form has no word for them; they stay when the others are replaced."""
    for each in ({"per": "hour", "requests": 1}, {"per": "minute", "concurrent": 1}, {"per": "minute", "tokens": 1, "hard": True}):
        assert not can_show(WrittenLimit(key="endpoint", **each))
    assert not can_show(WrittenLimit(key="agent", per="minute", requests=1))


def test_a_target_whose_provider_is_gone_is_shown_as_failed():
    """With the reason."""
    entry = WrittenEndpoint(name="coding", targets=(WrittenTarget(provider="gone", model="m"),))
    (entity,) = shown(view(entry), [LAB], managed=True)["config"]["served_entities"]
    assert entity["state"] == {
        "deployment": "DEPLOYMENT_FAILED",
        "deployment_state_message": "Provider gone is gone: requests to it are refused.",
    }


def test_a_provider_may_be_named_by_its_kind():
    """Where there is one of the kind."""
    entity = ServedEntity(name="e", external_model={"provider": "anthropic", "name": "claude", "task": "llm/v1/chat", "anthropic_config": {}})
    assert targets_of(CoreConfig((entity,)), [LAB, OTHER], fallback=False)["targets"] == [{"provider": "lab", "model": "claude"}]
    assert provider_word(Provider("d", "openai", "https://x.cloud.databricks.com/serving-endpoints/v1")) == "databricks-model-serving"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({}, "names no model"),
        ({"served_entities": [{"external_model": {"provider": "openai", "name": "g", "openai_config": {"openai_api_key_plaintext": "sk"}}}]}, "holds no provider's credentials"),
        ({"served_entities": [{"entity_name": "main.ai.model"}]}, "Its providers: lab, other, third"),
        ({"served_entities": [{"external_model": {"provider": "openai", "name": "g"}}]}, "Its providers: lab, other, third"),
        ({"served_entities": [{"entity_name": "lab/a"}], "traffic_config": {"routes": [{"served_entity_name": "x"}]}}, "none of the served entities"),
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_refused(config, words):
    """With what to write instead."""
    with pytest.raises(BadRequest, match=words):
        targets_of(msgspec.convert(config, CoreConfig), [LAB, OTHER, Provider("third", "openai", "")], fallback=False)


def test_what_headgate_does_not_have_is_refused():
    """Guardrails, a table without a name, an unknown key."""
    for body in ({"guardrails": {"input": {"safety": True}}}, {"inference_table_config": {"catalog_name": "main", "enabled": True}}):
        with pytest.raises(GatewayError):
            gateway_fields(msgspec.convert(body, AiGateway), WrittenEndpoint())
    with pytest.raises(BadRequest, match="no key of a rate limit"):
        limit_documents([RateLimit(key="planet")], "coding")


def test_a_broken_endpoint_is_shown():
    """As far as the form has it: listings go on."""
    form = shown(view(WrittenEndpoint(name="coding", payload_table="coding")), [LAB], managed=True)
    assert "inference_table_config" not in form["ai_gateway"]
    assert form["config"]["served_entities"] == []
