"""The page of providers: what is known of each, and a button that asks one. A test goes through the gateway's own upstream and is an event in the audit table."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

import msgspec

from headgate.admin.page_queries import PageQueries, PageQuery
from headgate.config.load import Configuration
from headgate.core.endpoint import Endpoint, Provider, Target
from headgate.core.errors import GatewayError
from headgate.core.principal import Principal
from headgate.core.scopes import ADMIN
from headgate.exchange.circuits import CircuitState
from headgate.metering.price import Rates, Sold
from headgate.web.ui.answers import PageAnswer, redirect
from headgate.web.ui.provider_facts import ProviderFacts, ProviderTest, Tries, key_source, model_facts, models_of, sales_of
from headgate.web.ui.routes import PageRequest, PageRoute

_PATH: Final = "/providers"
_QUERY_S: Final = 5.0  # then the page is shown without the counts
_TRIES: Final = """
SELECT target, count(*) AS tries, count(*) FILTER (WHERE failed) AS errors,
  max(at) FILTER (WHERE NOT failed) AS good_at, max(at) FILTER (WHERE failed) AS bad_at, max_by(code, at) FILTER (WHERE failed) AS bad_code
FROM (
  SELECT attempt.destination_id AS target, attempt.start_time AS at, coalesce(attempt.status_code, 599) >= 400 AS failed,
    coalesce(attempt.error_code, CAST(attempt.status_code AS STRING)) AS code
  FROM (SELECT explode(routing_information.attempts) AS attempt FROM system.ai_gateway.usage WHERE event_time >= current_timestamp() - INTERVAL 24 HOURS)
  WHERE attempt.action IS NULL OR attempt.action IN ('retry', 'fallback')
)
GROUP BY target
"""


class Tests(Protocol):
    """Tests of providers."""

    def last(self, name: str) -> ProviderTest | None:
        """The last test of a provider."""

    async def test(self, name: str, model: str, by: str) -> ProviderTest:
        """Ask the provider, and wait for its answer. Raises GatewayError where it is not asked."""


class ProviderParts(msgspec.Struct, frozen=True):
    """What the page is given: what is in force, how it fares, and what it costs."""

    configuration: Callable[[], Configuration]
    places: Callable[[], Mapping[str, str]]
    providers: Callable[[], Sequence[Provider]]
    endpoints: Callable[[], Sequence[Endpoint]]
    refused_keys: Callable[[], Sequence[str]]
    circuit: Callable[[Target], CircuitState]
    prices: Callable[[Sequence[Sold]], Awaitable[Mapping[Sold, Rates | None]]]
    tests: Tests
    queries: PageQueries


def provider_routes(parts: ProviderParts) -> tuple[PageRoute, ...]:
    """`/providers` and its test."""

    async def listed(request: PageRequest) -> PageAnswer:
        return await _page(parts, request)

    async def test(request: PageRequest) -> PageAnswer:
        name = request.form.get("provider", "")
        try:
            await parts.tests.test(name, request.form.get("model", ""), request.principal.name)
        except GatewayError as error:
            return await _page(parts, request, error)
        return redirect(f"{_PATH}#provider-{name}")

    return (PageRoute("GET", _PATH, ADMIN, listed), PageRoute("POST", _PATH, ADMIN, test))


async def _page(parts: ProviderParts, request: PageRequest, refused: GatewayError | None = None) -> PageAnswer:
    """The page; after a test that was not made with the reason beside the provider that it was for."""
    unread = ""
    try:
        tries = await _tries(parts.queries, request.principal)
    except GatewayError as error:  # what is known without a query is worth a page
        tries, unread = {}, error.message
    return request.framed(
        "providers.html",
        "Providers",
        status=refused.status if refused is not None else 200,
        providers=await _facts(parts, tries),
        unread=unread,
        problem=refused.message if refused is not None else "",
        tested=request.form.get("provider", ""),
        asked=request.form.get("model", ""),
    )


async def _facts(parts: ProviderParts, tries: Mapping[str, Tries]) -> list[ProviderFacts]:
    endpoints, providers = parts.endpoints(), parts.providers()
    models = {provider.name: models_of(provider, endpoints) for provider in providers}
    prices = await parts.prices([sale for provider in providers for sale in sales_of(provider, models[provider.name])])
    configuration, places, refused = parts.configuration(), parts.places(), parts.refused_keys()
    return [
        ProviderFacts(
            provider=provider,
            place=places.get(provider.name, ""),
            key=key_source(provider, configuration),
            key_refused=provider.name in refused,
            models=model_facts(provider, models[provider.name], parts.circuit, tries, prices),
            test=parts.tests.last(provider.name),
        )
        for provider in providers
    ]


async def _tries(queries: PageQueries, principal: Principal) -> dict[str, Tries]:
    """What became of the requests of a day, by `provider/model`."""
    rows = await queries.rows(PageQuery(text=_TRIES, timeout_s=_QUERY_S), principal)
    return {
        str(row["target"]): msgspec.convert({name: value for name, value in row.items() if value is not None and name != "target"}, Tries)
        for row in rows.records()
    }
