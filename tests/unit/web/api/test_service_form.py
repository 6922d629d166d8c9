"""Endpoints in the form of Unity Catalog's model services."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.admin.declared import DeclaredObject
from headgate.admin.endpoints import EndpointView
from headgate.config.entries import WrittenEndpoint, WrittenLimit, WrittenTarget
from headgate.core.endpoint import Provider
from headgate.core.errors import BadRequest
from headgate.core.secret import Secret
from headgate.web.api import service_form
from headgate.web.api.service_form import ServiceConfig, ServiceLimit

LAB = Provider("lab", "anthropic", "https://api.anthropic.com", Secret("sk-lab"), models=("claude-a", "claude-*"), origin="headgate.toml")
OTHER = Provider("other", "openai", "https://example.com/v1")


def view(entry: WrittenEndpoint, *limits: WrittenLimit) -> EndpointView:
    """An endpoint of the file."""
    return EndpointView(DeclaredObject(kind="endpoint", name=entry.name, document={}), entry, limits)


targets = st.builds(
    WrittenTarget,
    provider=st.sampled_from(["lab", "other", "gone"]),
    model=st.sampled_from(["a", "b/c"]),
    traffic_percent=st.none() | st.integers(0, 100),
)
entries = st.builds(
    WrittenEndpoint,
    name=st.sampled_from(["coding", "main.ai.coding"]),
    targets=st.lists(targets, min_size=1, max_size=3).map(tuple),
    fallbacks=st.lists(targets.map(lambda each: msgspec.structs.replace(each, traffic_percent=None)), max_size=2).map(tuple),
    first_token_timeout_s=st.none() | st.integers(1, 900).map(lambda tenths: tenths / 10),
    display_name=st.sampled_from(["", "For coding"]),
    payload_table=st.sampled_from(["", "main.logs.coding"]),
)


@given(entries, st.booleans())
def test_what_the_form_has_comes_back(entry, paused):
    """Shown, and stated again as it was shown, an endpoint is the same."""
    entry = msgspec.structs.replace(entry, payload_paused=paused and bool(entry.payload_table))
    config = msgspec.convert(service_form.shown_config(view(entry), [LAB, OTHER]), ServiceConfig)
    assert msgspec.convert(service_form.entry_document(entry.name, entry.display_name, config), WrittenEndpoint) == entry


@given(
    st.sampled_from(["endpoint", "user_default", "user", "group", "service_principal", "request_tag"]),
    st.sampled_from(["minute", "hour"]),
    st.none() | st.integers(1, 99),
)
def test_limits_that_the_form_has_come_back(key, per, tokens):
    """By the minute and the hour, for every key that the form has."""
    more = {"principal": "p"} if key in {"user", "group", "service_principal"} else {"request_tag_key": "team"} if key == "request_tag" else {}
    limit = WrittenLimit(endpoint="coding", key=key, per=per, requests=7, tokens=tokens, **more)
    (form,) = service_form.shown_config(view(WrittenEndpoint(name="coding"), limit), [])["rate_limits"]
    assert form["key"].startswith("RATE_LIMIT_KEY_")
    (document,) = service_form.limit_documents([msgspec.convert(form, ServiceLimit)], "coding")
    assert msgspec.convert(document, WrittenLimit) == limit


def test_other_limits_are_not_shown():
    """The form has no word for them."""
    for each in ({"per": "day", "requests": 1}, {"per": "minute", "output_tokens": 1}):
        assert not service_form.can_show(WrittenLimit(key="endpoint", **each))


@pytest.mark.parametrize(
    ("endpoint", "service"),
    [("coding", "system.ai.coding"), ("main.ai.coding", "main.ai.coding"), ("gpt-5.2", "system.ai.gpt-5.2"), ("claude-*", "system.ai.claude-*")],
)
def test_every_endpoint_has_a_name_in_a_schema(endpoint, service):
    """And is found by it."""
    assert service_form.full_name(endpoint) == service
    assert endpoint in service_form.endpoint_names(f"model-services/{service}")


def test_a_destination_whose_provider_is_gone_is_marked():
    """As deleted."""
    entry = WrittenEndpoint(name="coding", targets=(WrittenTarget(provider="gone", model="m"), WrittenTarget(provider="lab", model="m")))
    first, second = service_form.shown_config(view(entry), [LAB])["routing"]["destinations"]
    assert first["is_deleted"]
    assert "is_deleted" not in second
    assert service_form.supported_types(view(entry), [LAB]) == ["anthropic/v1/messages"]


def test_a_mask_names_what_is_changed():
    """In either spelling; what it does not name stays, an unknown path is refused."""
    assert service_form.mask_paths("config.rateLimits, comment") == ["config.rate_limits", "comment"]
    config = msgspec.convert({"routing": {"first_token_timeout": "2.5s"}}, ServiceConfig)
    assert service_form.masked_fields(config, "coding", ["config.routing.first_token_timeout"]) == {"first_token_timeout_s": 2.5}
    assert service_form.masked_fields(config, "coding", ["comment", "config.rate_limits"]) == {}
    with pytest.raises(BadRequest, match="'owner' cannot be changed"):
        service_form.masked_fields(config, "coding", ["owner"])


@pytest.mark.parametrize(
    "config",
    [
        {"routing": {"destinations": [{"destination_type": "DESTINATION_TYPE_PAY_PER_TOKEN_FOUNDATION_MODEL"}]}},
        {"routing": {"first_token_timeout": "soon"}},
    ],
)
def test_what_the_gateway_cannot_do_is_refused(config):
    """With what to write instead."""
    with pytest.raises(BadRequest):
        service_form.config_fields(msgspec.convert(config, ServiceConfig), "coding")
    with pytest.raises(BadRequest, match="A rate limit has no 'RATE_LIMIT_KEY_PLANET'"):
        service_form.limit_documents([ServiceLimit(key="RATE_LIMIT_KEY_PLANET", renewal_period="")], "coding")


def test_a_provider_is_shown_without_its_key():
    """With the models that it names."""
    form = service_form.shown_provider(LAB)
    assert form["name"] == "model-provider-services/system.ai.lab"
    assert form["config"]["provider_type"] == "EXTERNAL_MODEL_PROVIDER_TYPE_ANTHROPIC"
    assert (form["config"]["allow_all_targets"], [each["model"] for each in form["config"]["targets"]]) == (True, ["claude-a"])
    assert "sk-lab" not in str(form)
