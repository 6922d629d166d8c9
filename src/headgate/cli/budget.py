"""`headgate budget`: what is left of every budget, from the running gateway, beside the commands of every kind of objects; and the table that `headgate usage --mine` shows too."""

from collections.abc import Mapping, Sequence
from typing import Any

from headgate.cli.gateway_choice import asked_gateway
from headgate.cli.objects import app_of
from headgate.cli.options import JsonOption, reports_errors
from headgate.cli.output import json_text, printable, table, usd
from headgate.config.objects import KINDS

app = app_of(KINDS["budget"], "Show what is left of budgets, and change them.", list_as="declared")

_BAR_CHARS = 20


@app.command("list")
@reports_errors
def list_budgets(as_json: JsonOption = False) -> None:
    """Show what is left of every budget and when it resets, those with the most used first. It asks the gateway that you
    signed in to, or the one in HEADGATE_URL with the token in HEADGATE_TOKEN, which is an administrator's.
    """
    found = asked_gateway().get("/api/2.0/headgate/budgets/usage")
    print(json_text(found["budgets"]) if as_json else "\n".join(meter_lines(found["budgets"])))


def meter_lines(budgets: Sequence[Mapping[str, Any]]) -> list[str]:
    """Meters as a table; a sentence where there are none."""
    if not budgets:
        return ["No budget applies."]
    head = ("BUDGET", "OF", "USED", "", "SPENT", "RESERVED", "BUDGET OF", "LEFT", "RESETS")
    return table(head, [_row(budget) for budget in budgets], right=frozenset({3, 4, 5, 6, 7}))


def _row(budget: Mapping[str, Any]) -> tuple[str, ...]:
    percent = float(budget["percent"])
    filled = min(_BAR_CHARS, int(percent * _BAR_CHARS / 100))
    of = str(budget["principal"] or "all") + (f" ({budget['session']})" if budget["session"] else "")
    return (
        printable(str(budget["name"]), 40),
        printable(of, 48),
        f"[{'#' * filled}{'.' * (_BAR_CHARS - filled)}]",
        f"{percent:.0f} %",
        usd(budget["spent_usd"]),
        usd(budget["reserved_usd"]) if budget["reserved_usd"] else "–",
        usd(budget["usd"]),
        usd(budget["left_usd"]),
        f"{str(budget['resets_at'])[:16].replace('T', ' ')} {budget['timezone']}",
    )
