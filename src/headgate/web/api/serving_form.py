"""Endpoints in the form of Databricks' serving endpoints (`w.serving_endpoints`), both ways. Formats only.

Served entities are an endpoint's targets, and those with no traffic its fallbacks. A target is named PROVIDER/MODEL. Sources: the types of
databricks-sdk 0.162, `databricks/sdk/service/serving.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from headgate.admin.endpoints import EndpointView
from headgate.config.entries import WrittenEndpoint, WrittenLimit, WrittenTarget
from headgate.core.endpoint import Provider
from headgate.core.errors import BadRequest, GatewayError
from headgate.core.provider_dialect import DATABRICKS, vendor_of

Form = dict[str, Any]

_KEYS = {"endpoint": "endpoint", "user_default": "user", "user": "user", "group": "user_group", "service_principal": "service_principal"}
_WORDS = {"anthropic": "anthropic", "openai": "openai", "openai_chat": "openai", "openai_responses": "openai", "gemini": "google-cloud-vertex-ai"}
_TASK = "llm/v1/chat"


class ServedEntity(msgspec.Struct, frozen=True):
    """One served entity as a client states it."""

    name: str = ""
    entity_name: str = ""
    external_model: dict[str, Any] | None = None


class TrafficShare(msgspec.Struct, frozen=True):
    """The traffic of one served entity."""

    traffic_percentage: int = 0
    served_entity_name: str = ""
    served_model_name: str = ""


class Traffic(msgspec.Struct, frozen=True):
    """The traffic of all."""

    routes: tuple[TrafficShare, ...] | None = None


class CoreConfig(msgspec.Struct, frozen=True):
    """What `config` states: which models are served, in which shares."""

    served_entities: tuple[ServedEntity, ...] | None = None
    traffic_config: Traffic | None = None


class FallbackConfig(msgspec.Struct, frozen=True):
    """Whether another served entity is tried when one fails."""

    enabled: bool = False


class InferenceTable(msgspec.Struct, frozen=True):
    """Where requests and answers are logged."""

    catalog_name: str = ""
    schema_name: str = ""
    table_name_prefix: str = ""
    enabled: bool = False


class RateLimit(msgspec.Struct, frozen=True):
    """One limit."""

    key: str = "endpoint"
    principal: str = ""
    renewal_period: str = "minute"
    calls: int | None = None
    tokens: int | None = None


class UsageTracking(msgspec.Struct, frozen=True):
    """Whether usage is recorded."""

    enabled: bool = True


class AiGateway(msgspec.Struct, frozen=True):
    """What `ai_gateway` states. What it leaves out is off."""

    fallback_config: FallbackConfig | None = None
    guardrails: dict[str, Any] | None = None
    inference_table_config: InferenceTable | None = None
    rate_limits: tuple[RateLimit, ...] | None = None
    usage_tracking_config: UsageTracking | None = None


def shown(view: EndpointView, providers: Sequence[Provider], *, managed: bool) -> Form:
    """An endpoint as Databricks shows it."""
    entry, stored = view.entry, view.declared.stored
    known = {provider.name: provider for provider in providers}
    entities = [_entity(target, known) for target in _served(entry)]
    config: Form = {"served_entities": entities, "config_version": stored.revision if stored is not None else 1}
    routes = _routes(entry)
    if routes:
        config["traffic_config"] = {"routes": routes}
    return {
        "id": view.declared.id,
        "name": view.name,
        "description": entry.display_name,
        "creator": stored.created_by if stored is not None else view.declared.place,
        "creation_timestamp": stored.created_at_ms if stored is not None else 0,
        "last_updated_timestamp": stored.updated_at_ms if stored is not None else 0,
        "state": {"ready": "READY", "config_update": "NOT_UPDATING"},
        "config": config,
        "ai_gateway": shown_gateway(view),
        "tags": shown_tags(entry.tags),
        "task": _TASK,
        "permission_level": "CAN_MANAGE" if managed else "CAN_QUERY",
        "route_optimized": False,
    }


def shown_gateway(view: EndpointView) -> Form:
    """Its governance: fallbacks, logging, limits, usage."""
    entry = view.entry
    form: Form = {
        "fallback_config": {"enabled": bool(entry.fallbacks)},
        "rate_limits": [_shown_limit(each) for each in view.limits if can_show(each)],
        "usage_tracking_config": {"enabled": entry.usage_tracking},
    }
    if entry.payload_table.count(".") == 2:  # a stored endpoint that became unusable is shown too
        catalog, schema, prefix = entry.payload_table.split(".")
        table = {"catalog_name": catalog, "schema_name": schema, "table_name_prefix": prefix, "enabled": not entry.payload_paused}
        form["inference_table_config"] = table
    return form


def shown_tags(tags: Mapping[str, str]) -> list[Form]:
    """Tags as a list."""
    return [{"key": key, "value": value} for key, value in tags.items()]


def can_show(limit: WrittenLimit) -> bool:
    """Whether the form has this limit: calls or tokens in a minute."""
    others = (limit.input_tokens, limit.output_tokens, limit.concurrent)
    return limit.key in _KEYS and limit.per == "minute" and not limit.hard and not any(each is not None for each in others)


def targets_of(config: CoreConfig, providers: Sequence[Provider], *, fallback: bool) -> Form:
    """The fields `targets` and `fallbacks` of an entry. With `fallback` what gets no traffic is tried when another one fails; if all get some, all are."""
    entities = config.served_entities or ()
    if not entities:
        raise BadRequest("config.served_entities names no model. One is { entity_name: 'PROVIDER/MODEL' }.", code="INVALID_PARAMETER_VALUE")
    named = [(each.name or f"{provider}/{model}", provider, model) for each in entities for provider, model in [_named(each, providers)]]
    routes = config.traffic_config.routes if config.traffic_config is not None else None
    shares: dict[str, int] = {}
    for route in routes or ():
        name = route.served_entity_name or route.served_model_name
        if name not in {served for served, _, _ in named}:
            raise BadRequest(f"A route names {name!r}, which is none of the served entities.", code="INVALID_PARAMETER_VALUE")
        shares[name] = route.traffic_percentage
    targets = [
        {"provider": provider, "model": model} | ({"traffic_percent": shares.get(name, 0)} if shares else {}) for name, provider, model in named
    ]
    return _split(targets, fallback=fallback)


def gateway_fields(body: AiGateway, entry: WrittenEndpoint) -> Form:
    """The fields of an entry that `ai_gateway` states, beside its limits."""
    if any((body.guardrails or {}).values()):
        raise GatewayError("Headgate has no guardrails. Leave them out.", status=501, code="NOT_IMPLEMENTED")
    table = body.inference_table_config or InferenceTable()
    named = [table.catalog_name, table.schema_name, table.table_name_prefix]
    if table.enabled and not all(named):
        raise BadRequest("inference_table_config needs catalog_name, schema_name and table_name_prefix.", code="INVALID_PARAMETER_VALUE")
    fallback = body.fallback_config is not None and body.fallback_config.enabled
    return {
        "payload_table": ".".join(named) if all(named) else "",
        "payload_paused": bool(all(named) and not table.enabled),
        "usage_tracking": body.usage_tracking_config is None or body.usage_tracking_config.enabled,
        **(_with_fallback(entry, fallback=fallback) if fallback != bool(entry.fallbacks) else {}),
    }


def limit_documents(limits: Sequence[RateLimit], endpoint: str) -> tuple[Form, ...]:
    """The entries of limits."""
    return tuple(_limit_document(each, endpoint) for each in limits)


def provider_word(provider: Provider) -> str:
    """The kind of an account, as Databricks names it."""
    if vendor_of(provider.base_url) == DATABRICKS:
        return "databricks-model-serving"
    return _WORDS.get(provider.dialect, "custom")


def _served(entry: WrittenEndpoint) -> list[WrittenTarget]:
    """Targets, then those fallbacks that are none."""
    there = {(target.provider, target.model) for target in entry.targets}
    return [*entry.targets, *(each for each in entry.fallbacks if (each.provider, each.model) not in there)]


def _routes(entry: WrittenEndpoint) -> list[Form]:
    split = any(target.traffic_percent is not None for target in entry.targets)
    if not split and len(entry.targets) > 1:
        return []  # tried in their order: Databricks has no form for it
    served = _served(entry)
    shares = [target.traffic_percent if split else 100 for target in entry.targets] + [0] * (len(served) - len(entry.targets))
    return [
        {"served_entity_name": _name(target), "served_model_name": _name(target), "traffic_percentage": share}
        for target, share in zip(served, shares, strict=True)
    ]


def _entity(target: WrittenTarget, known: Mapping[str, Provider]) -> Form:
    provider = known.get(target.provider)
    state = {"deployment": "DEPLOYMENT_READY"}
    if provider is None:
        state = {"deployment": "DEPLOYMENT_FAILED", "deployment_state_message": f"Provider {target.provider} is gone: requests to it are refused."}
    external = {"name": target.model, "provider": provider_word(provider) if provider is not None else "custom", "task": _TASK}
    return {"name": _name(target), "entity_name": _name(target), "type": "EXTERNAL_MODEL", "external_model": external, "state": state}


def _name(target: WrittenTarget) -> str:
    return f"{target.provider}/{target.model}"


def _named(entity: ServedEntity, providers: Sequence[Provider]) -> tuple[str, str]:
    """Provider and model of a served entity."""
    if "/" in entity.entity_name:
        provider, _, model = entity.entity_name.partition("/")
        return provider, model
    external = entity.external_model or {}
    if any(value for name, value in external.items() if name.endswith("_config")):
        raise BadRequest(
            "Headgate's store holds no provider's credentials. Declare the provider in headgate.toml, and name it here: entity_name 'PROVIDER/MODEL'.",
            code="INVALID_PARAMETER_VALUE",
        )
    word = str(external.get("provider", ""))
    fitting = [each.name for each in providers if each.name == word] or [each.name for each in providers if provider_word(each) == word]
    if len(fitting) != 1 or not external.get("name"):
        known = ", ".join(provider.name for provider in providers) or "none"
        text = (
            f"A served entity needs entity_name 'PROVIDER/MODEL', or an external_model whose provider is one of Headgate's. Its providers: {known}."
        )
        raise BadRequest(text, code="INVALID_PARAMETER_VALUE")
    return fitting[0], str(external["name"])


def _split(targets: list[Form], *, fallback: bool) -> Form:
    idle = [each for each in targets if not each.get("traffic_percent", 100)]
    plain = [{"provider": each["provider"], "model": each["model"]} for each in (idle or (targets if len(targets) > 1 else []))]
    if fallback and idle:
        targets = [each for each in targets if each not in idle]
    if len(targets) == 1 and targets[0].get("traffic_percent", 100) == 100:
        targets = [{"provider": targets[0]["provider"], "model": targets[0]["model"]}]
    return {"targets": targets, "fallbacks": plain if fallback else []}


def _with_fallback(entry: WrittenEndpoint, *, fallback: bool) -> Form:
    """Targets and fallbacks of an entry whose fallbacks are switched on or off."""
    shares = {route["served_entity_name"]: route["traffic_percentage"] for route in _routes(entry)}
    targets = [
        {"provider": each.provider, "model": each.model} | ({"traffic_percent": shares[_name(each)]} if shares else {}) for each in _served(entry)
    ]
    return _split(targets, fallback=fallback)


def _shown_limit(limit: WrittenLimit) -> Form:
    form: Form = {"key": _KEYS[limit.key], "renewal_period": limit.per}
    if limit.principal:
        form["principal"] = limit.principal
    form |= {word: value for word, value in (("calls", limit.requests), ("tokens", limit.tokens)) if value is not None}
    return form


def _limit_document(limit: RateLimit, endpoint: str) -> Form:
    keys = {
        "endpoint": "endpoint",
        "user": "user" if limit.principal else "user_default",
        "user_group": "group",
        "service_principal": "service_principal",
    }
    if limit.key not in keys:
        raise BadRequest(f"{limit.key!r} is no key of a rate limit: {', '.join(keys)}.", code="INVALID_PARAMETER_VALUE")
    document: Form = {"endpoint": endpoint, "key": keys[limit.key], "per": limit.renewal_period}
    if limit.principal:
        document["principal"] = limit.principal
    return document | {word: value for word, value in (("requests", limit.calls), ("tokens", limit.tokens)) if value is not None}
