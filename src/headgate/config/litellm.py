"""Converts a configuration of the LiteLLM proxy into entries of headgate.toml: its models, limits and budgets, and those of its keys. Pure: text and files are the caller's.

What it cannot convert is listed, so that nothing is dropped in silence. No key or token is ever taken over: a reference takes its place.
Sources: https://docs.litellm.ai/docs/proxy/config_settings, …/docs/proxy/users (budgets), …/docs/proxy/reliability (fallbacks), read in November 2026.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from headgate.config.litellm_providers import ProviderNames, model_of

_DAY, _WEEK, _MONTH = "day", "week", "month"
_PERIODS = {"1d": _DAY, "24h": _DAY, "daily": _DAY, "7d": _WEEK, "1w": _WEEK, "weekly": _WEEK, "30d": _MONTH, "1mo": _MONTH, "monthly": _MONTH}
_TARGETS_MAX = 10
_FALLBACKS_MAX = 5
_MTOK = 1_000_000
_PRICES = {
    "input_cost_per_token": "input_mtok",
    "output_cost_per_token": "output_mtok",
    "cache_read_input_token_cost": "cache_read_mtok",
    "cache_creation_input_token_cost": "cache_write_5m_mtok",
}
_KNOWN_PARAMETERS = frozenset({"model", "api_key", "api_base", "base_url", "weight", "rpm", "tpm", "max_parallel_requests", *_PRICES})
_KNOWN_SETTINGS = frozenset({
    "max_budget",
    "budget_duration",
    "max_internal_user_budget",
    "internal_user_budget_duration",
    "fallbacks",
    "default_fallbacks",
})
_KNOWN_ROUTER = frozenset({"fallbacks", "default_fallbacks", "model_group_alias", "routing_strategy"})
_KNOWN_GENERAL = frozenset({"master_key", "global_max_parallel_requests", "database_url", "store_model_in_db"})
_NAME = re.compile(r"[^A-Za-z0-9._:/@-]+")

Document = Mapping[str, Any]
Entry = dict[str, Any]


class Converted(msgspec.Struct, frozen=True):
    """Entries by the section of our file, and what was not converted or needs a look, one line each."""

    sections: dict[str, list[Entry]]
    notes: list[str]


def convert(document: Document, keys: Sequence[Document] = ()) -> Converted:
    """Convert a configuration, and the virtual keys of `GET /key/list?return_full_object=true`."""
    return _Conversion(document).run(keys)


class _Conversion:
    """One conversion."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._settings = _table(document, "litellm_settings")
        self._router = _table(document, "router_settings")
        self._notes: list[str] = []
        self._providers = ProviderNames(self._notes)
        self._endpoints: dict[str, Entry] = {}
        self._prices: list[Entry] = []
        self._limits: list[Entry] = []
        self._budgets: list[Entry] = []
        self._grants: list[Entry] = []
        self._groups: dict[str, list[str]] = {}
        self._limited: set[str] = set()  # users with a key before

    def run(self, keys: Sequence[Document]) -> Converted:
        self._add_models()
        self._add_fallbacks()
        self._add_aliases()
        self._add_settings()
        for number, key in enumerate(keys):
            self._add_key(key, f"keys[{number}]")
        self._note_rest()
        sections = {
            "providers": self._providers.entries,
            "endpoints": list(self._endpoints.values()),
            "prices": self._prices,
            "groups": [{"name": name, "members": members} for name, members in self._groups.items()],
            "grants": self._grants,
            "limits": self._limits,
            "budgets": self._budgets,
        }
        return Converted({name: entries for name, entries in sections.items() if entries}, self._notes)

    def _add_models(self) -> None:
        deployments: dict[str, list[tuple[str, Document]]] = {}
        for number, model in enumerate(self._document.get("model_list") or ()):
            path = f"model_list[{number}]"
            name = _NAME.sub("-", str(model.get("model_name", "")))
            if "*" in str(model.get("model_name", "")):
                self._add_wildcard(model, path)
            else:
                deployments.setdefault(name, []).append((path, model))
        for name, models in deployments.items():
            self._add_endpoint(name, models)

    def _add_wildcard(self, model: Document, path: str) -> None:
        """Names with `*`: the provider serves every name of its own anyway, so it is declared and nothing else."""
        parameters = _table(model, "litellm_params")
        provider = self._providers.of(parameters, path)
        if provider:
            self._notes.append(
                f"{path}: {model.get('model_name')!r} stands for every model; provider {provider} serves the names that it knows, without a prefix"
            )

    def _add_endpoint(self, name: str, models: Sequence[tuple[str, Document]]) -> None:
        targets: list[Entry] = []
        weights: list[float] = []
        for path, model in models:
            parameters = _table(model, "litellm_params")
            provider = self._providers.of(parameters, path)
            if not provider:
                continue
            served = model_of(parameters)
            targets.append({"provider": provider, "model": served})
            weights.append(float(parameters.get("weight") or 1))
            self._add_price(provider, served, {**_table(model, "model_info"), **parameters})
            self._note_unknown(parameters, _KNOWN_PARAMETERS, f"{path}.litellm_params")
        if not targets:
            return
        if len(targets) > _TARGETS_MAX:
            self._notes.append(f"model_list: {name} has {len(targets)} deployments; the first {_TARGETS_MAX} are targets")
            targets, weights = targets[:_TARGETS_MAX], weights[:_TARGETS_MAX]
        if len(targets) > 1:
            for target, percent in zip(targets, _percents(weights), strict=True):
                target["traffic_percent"] = percent
        self._endpoints[name] = {"name": name, "targets": targets}
        self._add_endpoint_limit(name, [_table(model, "litellm_params") for _, model in models])

    def _add_endpoint_limit(self, name: str, parameters: Sequence[Document]) -> None:
        """The limits of all deployments together: what they admit together is what the endpoint admits."""
        limit: Entry = {"endpoint": name, "key": "endpoint", "per": "minute"}
        for theirs, ours in (("rpm", "requests"), ("tpm", "tokens"), ("max_parallel_requests", "concurrent")):
            stated = [each[theirs] for each in parameters if each.get(theirs)]
            if stated and len(stated) == len(parameters):
                limit[ours] = sum(int(value) for value in stated)
            elif stated:
                self._notes.append(f"model_list: {theirs} of {name} is not stated for every deployment, so the endpoint gets no limit of it")
        if len(limit) > 3:
            self._limits.append(limit)

    def _add_price(self, provider: str, model: str, stated: Document) -> None:
        price = {ours: round(float(stated[theirs]) * _MTOK, 6) for theirs, ours in _PRICES.items() if stated.get(theirs) is not None}
        if price and "input_mtok" in price:
            entry = {"provider": provider, "model": model, **price}
            if entry not in self._prices:
                self._prices.append(entry)

    def _add_fallbacks(self) -> None:
        chains: dict[str, list[str]] = {}
        for source in (self._settings, self._router):
            for chain in source.get("fallbacks") or ():
                chains.update({str(name): list(names) for name, names in chain.items()})
        default = list(self._router.get("default_fallbacks") or self._settings.get("default_fallbacks") or ())
        for name, endpoint in self._endpoints.items():
            names = chains.pop(name, default if name not in default else [])
            targets = [dict(self._first_target(other)) for other in names if other != name and other in self._endpoints]
            unknown = [other for other in names if other not in self._endpoints]
            if unknown:
                self._notes.append(f"fallbacks: {', '.join(map(str, unknown))} of {name} is no model that was converted")
            if len(targets) > _FALLBACKS_MAX:
                self._notes.append(f"fallbacks: {name} keeps the first {_FALLBACKS_MAX} of {len(targets)}")
            if targets:
                endpoint["fallbacks"] = targets[:_FALLBACKS_MAX]
        self._notes += [f"fallbacks: {name} is no model that was converted" for name in chains]

    def _first_target(self, name: str) -> Entry:
        target = self._endpoints[name]["targets"][0]
        return {"provider": target["provider"], "model": target["model"]}

    def _add_aliases(self) -> None:
        for alias, meant in (self._router.get("model_group_alias") or {}).items():
            name = meant.get("model", "") if isinstance(meant, Mapping) else str(meant)
            if name in self._endpoints:
                self._endpoints[alias] = {**self._endpoints[name], "name": alias}
            else:
                self._notes.append(f"router_settings.model_group_alias: {alias} means {name}, which is no model that was converted")

    def _add_settings(self) -> None:
        settings, general = self._settings, _table(self._document, "general_settings")
        self._add_budget("all requests", settings.get("max_budget"), settings.get("budget_duration"), "litellm_settings.max_budget")
        per_user = {"scope": "per_user"}
        amount, duration = settings.get("max_internal_user_budget"), settings.get("internal_user_budget_duration")
        self._add_budget("each user", amount, duration, "litellm_settings.max_internal_user_budget", per_user)
        if general.get("global_max_parallel_requests"):
            self._limits.append({"endpoint": "*", "key": "endpoint", "concurrent": int(general["global_max_parallel_requests"])})

    def _add_budget(self, name: str, amount: object, duration: object, path: str, scope: Document | None = None) -> None:
        if amount is None:
            return
        period = _PERIODS.get(str(duration))
        if period is None:
            stated = f"lasts {duration}" if duration else "never begins anew"
            self._notes.append(f"{path}: a budget that {stated} is not converted; ours last a day, a week or a month of the calendar")
            return
        self._budgets.append({
            "name": f"{name}, {period}",
            **(scope or {}),
            "per": period,
            "usd": float(str(amount)),
            "actions": [{"percent": 100, "do": "block"}],
        })

    def _add_key(self, key: Document, path: str) -> None:
        """A virtual key becomes what its user may do, with every token of the user."""
        name = str(key.get("user_id") or key.get("key_alias") or "")
        label = str(key.get("key_alias") or key.get("key_name") or name)
        if not name:
            self._notes.append(f"{path}: a key without user_id and key_alias is not converted")
            return
        if key.get("blocked"):
            self._notes.append(f"{path}: {label} is blocked and not converted")
            return
        self._notes.append(f"{path}: make a new token for {label}: headgate token create {label!r} --user {name!r}")
        team = str(key.get("team_alias") or key.get("team_id") or "")
        if team and name not in self._groups.setdefault(team, []):
            self._groups[team].append(name)
        limit = {
            "requests": key.get("rpm_limit"),
            "tokens": key.get("tpm_limit"),
            "concurrent": key.get("max_parallel_requests"),
        }
        stated = {measure: int(value) for measure, value in limit.items() if value}
        if name in self._limited:
            if stated or key.get("max_budget") is not None:
                self._notes.append(f"{path}: {name} has another key already, whose limits and budget are used for both")
        else:
            self._limited.add(name)
            if stated:
                self._limits.append({"endpoint": "*", "key": "user", "principal": name, "per": "minute", **stated})
            self._add_budget(name, key.get("max_budget"), key.get("budget_duration"), f"{path}.max_budget", {"user": name})
        for model in key.get("models") or ():
            grant = {"principal": name, "endpoint": model, "permission": "CAN_QUERY"}
            if model not in self._endpoints:
                self._notes.append(f"{path}.models: {model!r} is no model that was converted")
            elif grant not in self._grants:
                self._grants.append(grant)
        self._notes += [f"{path}.{field}: not converted" for field in ("model_max_budget", "model_rpm_limit", "model_tpm_limit") if key.get(field)]

    def _note_rest(self) -> None:
        if "master_key" in _table(self._document, "general_settings"):
            self._notes.append("general_settings.master_key: the first start prints an administrator's token in its place")
        for name, table, known in (
            ("litellm_settings", self._settings, _KNOWN_SETTINGS),
            ("router_settings", self._router, _KNOWN_ROUTER),
            ("general_settings", _table(self._document, "general_settings"), _KNOWN_GENERAL),
        ):
            self._note_unknown(table, known, name)
        known_sections = {"model_list", "litellm_settings", "router_settings", "general_settings"}
        self._note_unknown(self._document, known_sections, "")
        strategy = self._router.get("routing_strategy", "simple-shuffle")
        if strategy != "simple-shuffle":
            self._notes.append(f"router_settings.routing_strategy: {strategy} is not converted; the targets share the traffic by their percentages")

    def _note_unknown(self, table: Document, known: frozenset[str] | set[str], path: str) -> None:
        self._notes += [f"{path}.{key}: not converted".removeprefix(".") for key in table if key not in known]


def _table(document: Document, key: str) -> Document:
    value = document.get(key)
    return value if isinstance(value, Mapping) else {}


def _percents(weights: Sequence[float]) -> Iterator[int]:
    """Whole percentages in proportion to the weights: 100 together, and at least 1 each."""
    total = sum(weights)
    left, parts = 100, len(weights)
    for position, weight in enumerate(weights):
        parts -= 1
        percent = left if position == len(weights) - 1 else max(1, min(left - parts, round(weight / total * 100)))
        left -= percent
        yield percent
