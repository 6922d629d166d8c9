"""The pages of cost: puts together what each is given. Makes no page itself."""

from collections.abc import Iterable, Mapping

from headgate.app.control import Control
from headgate.app.explaining import governance
from headgate.app.health import Health
from headgate.app.price_lookup import PriceLookup
from headgate.app.workspace_api import WorkspaceApi
from headgate.core.budget import Budget
from headgate.core.clock import Clock
from headgate.metering.price import Sold
from headgate.web.ui.cost import CostPages, cost_routes
from headgate.web.ui.cost_statement import CostStatements, statement_routes
from headgate.web.ui.dashboard_pages import DashboardPages
from headgate.web.ui.provider_facts import models_of, sales_of
from headgate.web.ui.routes import PageRoute
from headgate.web.ui.what_if import WhatIf, what_if_routes


def cost_page_routes(control: Control, health: Health, api: WorkspaceApi, dashboards: DashboardPages, clock: Clock) -> tuple[PageRoute, ...]:
    """The routes."""

    def sales() -> Mapping[str, Sold]:
        endpoints = control.snapshot().endpoints.everything()
        return {
            f"{provider.name}/{model}": sale
            for provider in control.providers
            for model in models_of(provider, endpoints)
            for sale in sales_of(provider, [model])
        }

    def groups() -> Iterable[str]:
        return control.snapshot().groups

    def budgets() -> Iterable[Budget]:
        found = control.snapshot().budgets
        return found.table.by_name.values() if found is not None else ()

    def usage_days() -> int:
        return control.configuration.settings.usage.retention_days

    queries, members_of = api.page_queries, control.members_of
    prices = PriceLookup(str(control.data.root), clock).prices
    return (
        *cost_routes(CostPages(dashboards, governance(control, health.exchanges).budgets, queries, clock)),
        *what_if_routes(WhatIf(dashboards, queries, sales, prices, members_of)),
        *statement_routes(CostStatements(dashboards, queries, members_of, groups, budgets, usage_days)),
    )
