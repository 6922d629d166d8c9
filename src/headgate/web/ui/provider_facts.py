"""What the page of providers shows of each: where it is, where its key comes from, how it and its models fare, and what they cost. Puts it together, and asks nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from headgate.config.load import Configuration
from headgate.core.endpoint import Endpoint, Provider, Target, target_of
from headgate.core.platform import AWS, GOOGLE, OAUTH
from headgate.exchange.circuits import CircuitState
from headgate.exchange.provider_check import CheckedProvider
from headgate.metering.price import Rates, Sold


class ProviderTest(msgspec.Struct, frozen=True):
    """A test of a provider: what it found, when, and who asked for it."""

    found: CheckedProvider
    at_ms: int
    by: str


class Tries(msgspec.Struct, frozen=True):
    """What became of the requests to a model at a provider within a day; times are ISO text, empty for never."""

    tries: int = 0
    errors: int = 0
    good_at: str = ""
    bad_at: str = ""
    bad_code: str = ""


class ModelFacts(msgspec.Struct, frozen=True):
    """A model at a provider: the endpoints that send to it, how it fares, and what it costs; `rates` are `None` where it has no price."""

    name: str
    endpoints: tuple[str, ...]
    circuit: CircuitState
    tries: Tries
    rates: Rates | None = None


class ProviderFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A provider as the page shows it. `place` is where the file declares it, empty for one that was found. `key` says where its key comes from."""

    provider: Provider
    place: str
    key: str
    key_refused: bool
    models: tuple[ModelFacts, ...]
    test: ProviderTest | None = None

    @property
    def tries(self) -> int:
        """Requests within a day."""
        return sum(model.tries.tries for model in self.models)

    @property
    def errors(self) -> int:
        """Those that failed."""
        return sum(model.tries.errors for model in self.models)

    @property
    def good_at(self) -> str:
        """The last good answer."""
        return max((model.tries.good_at for model in self.models), default="")

    @property
    def bad(self) -> Tries | None:
        """The last failure; `None` without one."""
        found = [model.tries for model in self.models if model.tries.bad_at]
        return max(found, key=lambda tries: tries.bad_at) if found else None

    @property
    def passed_over(self) -> bool:
        """Whether a model of it is passed over now."""
        return any(model.circuit.pause_s for model in self.models)

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the prices of its models come from."""
        return tuple(sorted({model.rates.source for model in self.models if model.rates is not None and model.rates.source}))


def sales_of(provider: Provider, models: Iterable[str]) -> list[Sold]:
    """What its models are looked up as in the price list."""
    return [Sold(provider.name, provider.dialect, provider.price_as, (model,)) for model in models]


def models_of(provider: Provider, endpoints: Sequence[Endpoint]) -> dict[str, tuple[str, ...]]:
    """The models that endpoints ask this provider for, each with the names of those endpoints, and the other models that it is configured to serve."""
    found: dict[str, list[str]] = {}
    for endpoint in endpoints:
        for target in (*endpoint.targets, *endpoint.fallbacks):
            if target.provider.name == provider.name and target.model:
                found.setdefault(target.model, []).append(endpoint.name)
    for model in provider.models:
        if "*" not in model:
            found.setdefault(model, [])
    return {model: tuple(dict.fromkeys(names)) for model, names in found.items()}


_LOGINS = {
    OAUTH: "a token that client_id and client_secret are given for a while",
    AWS: "AWS keys of the environment, a profile or the machine",
    GOOGLE: "a token that Google's credentials are given for a while",
}


def key_source(provider: Provider, configuration: Configuration) -> str:
    """Where the key comes from, in words; never the key."""
    written = next((entry for entry in configuration.settings.providers if entry.name == provider.name), None)
    if provider.takes_client_credential:
        return "none: each user's own sign-in or key is sent"
    if provider.login is not None:
        return _LOGINS[provider.login.kind]
    if provider.api_key is None:
        return "none"
    kind, _, rest = (written.api_key if written is not None else "").partition(":")
    if kind == "env":
        return f"environment variable {rest}"
    if kind == "file":
        return f"file {rest}"
    return f"environment variable {'DATABRICKS_TOKEN' if provider.origin == 'DATABRICKS_HOST' else provider.origin}"


def model_facts(
    provider: Provider,
    models: Mapping[str, tuple[str, ...]],
    circuit: Callable[[Target], CircuitState],
    tries: Mapping[str, Tries],
    prices: Mapping[Sold, Rates | None],
) -> tuple[ModelFacts, ...]:
    """The models with all that is known of each: those that were asked for today first. `tries` are by provider and model, `provider/model`."""
    found = []
    for name, endpoints in models.items():
        (sale,) = sales_of(provider, [name])
        used = tries.get(f"{provider.name}/{name}", Tries())
        found.append(ModelFacts(name, endpoints, circuit(target_of(provider, name)), used, prices.get(sale)))
    return tuple(sorted(found, key=lambda model: -model.tries.tries))
