"""The budgets of a snapshot. Decides nothing."""

import msgspec

from headgate.metering.spending_prices import SpendingPrices
from headgate.policy.budgets import BudgetTable


class Budgets(msgspec.Struct, frozen=True):
    """The declared budgets, and the prices that they count in."""

    table: BudgetTable
    prices: SpendingPrices
