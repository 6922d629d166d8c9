"""Endpoints in the form of Unity Catalog's model services (`w.ai_gateway`), both ways; and providers as model provider services. Formats only.

A model service `main.ai.coding` is the endpoint of that name. Every other endpoint is shown in the schema `system.ai`, so `claude-house` is
`system.ai.claude-house`. Sources: the types of databricks-sdk 0.162, `databricks/sdk/service/catalog.py`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from headgate.admin.endpoints import EndpointView
from headgate.config.entries import WrittenLimit, WrittenTarget
from headgate.core.endpoint import Provider
from headgate.core.errors import BadRequest
from headgate.web.api.model_listing import api_types

Form = dict[str, Any]

SYSTEM: Final = "system.ai"
_PROVIDERS: Final = f"model-provider-services/{SYSTEM}."
_EXTERNAL: Final = "DESTINATION_TYPE_EXTERNAL_FOUNDATION_MODEL"
_KEYS: Mapping[str, str] = {
    "endpoint": "SERVICE",
    "user_default": "USER_DEFAULT",
    "user": "USER",
    "group": "USER_GROUP",
    "service_principal": "SERVICE_PRINCIPAL",
    "request_tag": "REQUEST_TAG",
}
_KEY, _PERIOD = "RATE_LIMIT_KEY_", "RATE_LIMIT_RENEWAL_PERIOD_"
_PERIODS: Mapping[str, str] = {"minute": "MINUTE", "hour": "HOUR"}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)s")
_PROVIDER_TYPES: Mapping[str, str] = {"anthropic": "ANTHROPIC", "openai": "OPENAI", "openai_chat": "OPENAI", "openai_responses": "OPENAI"}


class ModelTarget(msgspec.Struct, frozen=True):
    """The model of a provider."""

    model: str


class ExternalModel(msgspec.Struct, frozen=True):
    """A provider and its model."""

    model_provider_service: str
    target: ModelTarget


class Destination(msgspec.Struct, frozen=True):
    """One destination as a client states it."""

    name: str = ""
    destination_type: str = _EXTERNAL
    external_model_config: ExternalModel | None = None
    traffic_percentage: int | None = None


class Fallback(msgspec.Struct, frozen=True):
    """The destinations that are tried when another one fails."""

    destinations: tuple[Destination, ...] = ()


class Routing(msgspec.Struct, frozen=True):
    """Where requests go."""

    destinations: tuple[Destination, ...] = ()
    fallback: Fallback | None = None
    first_token_timeout: str | None = None


class ServiceLimit(msgspec.Struct, frozen=True):
    """One rate limit."""

    key: str
    renewal_period: str
    principal: str = ""
    request_tag_key: str = ""
    request_tag_value: str = ""
    requests: int | None = None
    tokens: int | None = None


class PayloadTable(msgspec.Struct, frozen=True):
    """Where requests and answers are logged."""

    parent: str
    table_name_prefix: str = ""
    disabled: bool = False


class ServiceConfig(msgspec.Struct, frozen=True):
    """What a model service does."""

    routing: Routing | None = None
    rate_limits: tuple[ServiceLimit, ...] = ()
    inference_table: PayloadTable | None = None


def full_name(endpoint: str) -> str:
    """The name of an endpoint as a model service."""
    parts = endpoint.split(".")
    return endpoint if len(parts) == 3 and all(parts) and "*" not in endpoint else f"{SYSTEM}.{endpoint}"


def endpoint_names(service: str) -> tuple[str, ...]:
    """The endpoints that the name of a model service may mean; the first one that exists does."""
    name = service.removeprefix("model-services/")
    return (name, name.removeprefix(f"{SYSTEM}."))


def shown_config(view: EndpointView, providers: Sequence[Provider]) -> Form:
    """What an endpoint does, in this form."""
    entry, known = view.entry, {provider.name: provider for provider in providers}
    routing: Form = {"destinations": [_destination(each, known) for each in entry.targets]}
    if entry.fallbacks:
        routing["fallback"] = {"destinations": [_destination(each, known) for each in entry.fallbacks]}
    if entry.first_token_timeout_s is not None:
        routing["first_token_timeout"] = f"{entry.first_token_timeout_s:.9g}s"
    config: Form = {"routing": routing, "rate_limits": [_shown_limit(each) for each in view.limits if can_show(each)]}
    if entry.payload_table:
        schema, _, prefix = entry.payload_table.rpartition(".")
        table = f"tables/{entry.payload_table}_payload"
        config["inference_table"] = {"parent": f"schemas/{schema}", "table_name_prefix": prefix, "disabled": entry.payload_paused, "table": table}
    return config


def supported_types(view: EndpointView, providers: Sequence[Provider]) -> list[str]:
    """The interfaces that the endpoint can be called by."""
    named = {target.provider for target in view.entry.targets}
    return api_types(dialect for provider in providers if provider.name in named for dialect in provider.dialects)


def can_show(limit: WrittenLimit) -> bool:
    """Whether the form has this limit: requests or tokens in a minute or an hour."""
    others = (limit.input_tokens, limit.output_tokens, limit.concurrent)
    return limit.key in _KEYS and limit.per in _PERIODS and not limit.hard and not any(each is not None for each in others)


def config_fields(config: ServiceConfig, name: str) -> Form:
    """The fields of an entry that a whole `config` states, beside its limits."""
    routing = config.routing or Routing()
    return {
        "targets": [_target(each, split=True) for each in routing.destinations],
        "fallbacks": [_target(each, split=False) for each in (routing.fallback or Fallback()).destinations],
        "first_token_timeout_s": _seconds(routing.first_token_timeout),
        **_payload_fields(config.inference_table, name),
    }


def entry_document(name: str, comment: str, config: ServiceConfig) -> Form:
    """The entry of a new endpoint."""
    return {"name": name, "display_name": comment} | {field: value for field, value in config_fields(config, name).items() if value is not None}


def masked_fields(config: ServiceConfig, name: str, mask: Sequence[str]) -> Form:
    """Those of the fields that the paths of an `update_mask` are about."""
    fields: Form = {}
    every = config_fields(config, name)
    for path in mask:
        if path not in _PATHS:
            raise BadRequest(f"update_mask: {path!r} cannot be changed; {', '.join(_PATHS)} can.", code="INVALID_PARAMETER_VALUE")
        fields |= {field: every[field] for field in _PATHS[path]}
    return fields


def mask_paths(text: str) -> list[str]:
    """The paths of an `update_mask`, in either spelling: SDKs write `config.rateLimits`."""
    paths = (re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", each.strip()) for each in text.split(","))
    return [each for each in paths if each]


def limit_documents(limits: Sequence[ServiceLimit], endpoint: str) -> tuple[Form, ...]:
    """The entries of limits."""
    return tuple(_limit_document(each, endpoint) for each in limits)


def shown_provider(provider: Provider) -> Form:
    """A provider as a model provider service. Nothing of its key is shown."""
    kind = _PROVIDER_TYPES.get(provider.dialect, "CUSTOM")
    exact = [model for model in provider.models if "*" not in model]
    return {
        "name": f"{_PROVIDERS}{provider.name}",
        "comment": f"Declared in {provider.origin}" if provider.origin else "",
        "config": {
            "provider_type": f"EXTERNAL_MODEL_PROVIDER_TYPE_{kind}",
            "allow_all_targets": len(exact) < len(provider.models) or not provider.models,
            "targets": [{"model": model, "native_api_types": api_types(provider.dialects)} for model in exact],
        },
    }


_PATHS: Mapping[str, tuple[str, ...]] = {
    "config": ("targets", "fallbacks", "first_token_timeout_s", "payload_table", "payload_paused"),
    "config.routing.destinations": ("targets",),
    "config.routing.fallback": ("fallbacks",),
    "config.routing.fallback.destinations": ("fallbacks",),
    "config.routing.first_token_timeout": ("first_token_timeout_s",),
    "config.inference_table": ("payload_table", "payload_paused"),
    "config.rate_limits": (),
    "comment": (),
}


def _destination(target: WrittenTarget, known: Mapping[str, Provider]) -> Form:
    provider = known.get(target.provider)
    native = api_types(provider.dialects) if provider is not None else []
    form: Form = {
        "name": f"{target.provider}/{target.model}",
        "destination_type": _EXTERNAL,
        "external_model_config": {
            "model_provider_service": f"{_PROVIDERS}{target.provider}",
            "target": {"model": target.model, "native_api_types": native},
        },
    }
    if target.traffic_percent is not None:
        form["traffic_percentage"] = target.traffic_percent
    return form | ({"is_deleted": True} if provider is None else {})


def _target(destination: Destination, *, split: bool) -> Form:
    external = destination.external_model_config
    if external is None or destination.destination_type != _EXTERNAL:
        text = f"A destination has the type {_EXTERNAL} and names a provider of Headgate as {_PROVIDERS}NAME; model-provider-services lists them."
        raise BadRequest(text, code="INVALID_PARAMETER_VALUE")
    target: Form = {"provider": external.model_provider_service.removeprefix(_PROVIDERS), "model": external.target.model}
    if split and destination.traffic_percentage is not None:
        target["traffic_percent"] = destination.traffic_percentage
    return target


def _seconds(duration: str | None) -> float | None:
    if not duration:
        return None
    found = _DURATION.fullmatch(duration)
    if found is None:
        raise BadRequest(f"first_token_timeout is seconds such as 10s, not {duration[:32]!r}.", code="INVALID_PARAMETER_VALUE")
    return float(found[1])


def _payload_fields(table: PayloadTable | None, name: str) -> Form:
    if table is None:
        return {"payload_table": "", "payload_paused": False}
    prefix = table.table_name_prefix or name.rpartition(".")[2]
    return {"payload_table": f"{table.parent.removeprefix('schemas/')}.{prefix}", "payload_paused": table.disabled}


def _shown_limit(limit: WrittenLimit) -> Form:
    form: Form = {"key": f"{_KEY}{_KEYS[limit.key]}", "renewal_period": f"{_PERIOD}{_PERIODS[limit.per]}"}
    for field in ("principal", "request_tag_key", "request_tag_value", "requests", "tokens"):
        value = getattr(limit, field)
        if value:
            form[field] = value
    return form


def _limit_document(limit: ServiceLimit, endpoint: str) -> Form:
    keys = {f"{_KEY}{word}": key for key, word in _KEYS.items()}
    periods = {f"{_PERIOD}{word}": per for per, word in _PERIODS.items()}
    for value, known in ((limit.key, keys), (limit.renewal_period, periods)):
        if value not in known:
            raise BadRequest(f"A rate limit has no {value[:64]!r}: {', '.join(known)}.", code="INVALID_PARAMETER_VALUE")
    stated = {
        field: value for field in ("principal", "request_tag_key", "request_tag_value", "requests", "tokens") if (value := getattr(limit, field))
    }
    return {"endpoint": endpoint, "key": keys[limit.key], "per": periods[limit.renewal_period]} | stated
