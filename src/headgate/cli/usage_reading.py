"""Reads usage for `headgate usage`: from this machine's store, whether a gateway runs or not, or from a gateway that runs elsewhere, in the same rows.

A gateway answers an administrator or a viewer with everyone's usage, and anyone else with their own.
"""

import sys
from typing import Any, Literal

import msgspec

from headgate.cli.gateway import RemoteGateway
from headgate.cli.gateway_choice import gateway_or_store

By = Literal["user", "agent", "model", "endpoint", "provider", "token", "tag", "tier", "day", "week", "month", "session"]


class UsageQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Which usage: every exchange of a span, or only the `latest` so many, or the sums by a key. Both moments are nanoseconds of the wall clock; 0 is no bound."""

    every_exchange: bool = False
    by: By = "model"
    tag: str = ""
    since_ns: int = 0
    until_ns: int = 0
    latest: int = 0


class FoundUsage(msgspec.Struct, frozen=True, kw_only=True):
    """The rows. `is_demo` says that none of it costs anything; `whose` says in words whose usage a gateway answered with."""

    rows: list[dict[str, Any]]
    is_demo: bool
    whose: str = ""


def find_usage(question: UsageQuestion, url: str, data: str) -> FoundUsage:
    """The usage of what the options, their variables or the login name."""
    gateway = gateway_or_store(url, data)
    return _stored(question, data) if gateway is None else _remote(question, gateway)


def _stored(question: UsageQuestion, data: str) -> FoundUsage:
    from headgate.cli.store import existing_store  # ruff: ignore[import-outside-top-level] what reads tables takes long to load
    from headgate.storage.query.usage import Span, read_usage  # ruff: ignore[import-outside-top-level] see above
    from headgate.storage.rows.rates import lazy_rates  # ruff: ignore[import-outside-top-level] see above
    from headgate.storage.state.stated_configuration import read_configuration  # ruff: ignore[import-outside-top-level] see above

    root = str(existing_store(data).root)
    view, within = read_usage(root, lazy_rates(root)), Span(question.since_ns, question.until_ns)
    rows = view.rows(within, question.latest) if question.every_exchange else view.grouped(question.by, within, question.tag)
    return FoundUsage(rows=rows, is_demo=read_configuration(root).demo)


def _remote(question: UsageQuestion, gateway: RemoteGateway) -> FoundUsage:
    from headgate.admin.plain_values import plain  # ruff: ignore[import-outside-top-level] what reads Arrow takes long to load
    from headgate.admin.statements import StatementRequest  # ruff: ignore[import-outside-top-level] see above
    from headgate.cli.remote_sql import remote_result  # ruff: ignore[import-outside-top-level] see above
    from headgate.cli.usage_statement import ALL_USAGE, OWN_USAGE, rows_statement, sums_statement  # ruff: ignore[import-outside-top-level] see above

    me = gateway.me()
    everyone = me["principal"]["reads_all_usage"]
    table = ALL_USAGE if everyone else OWN_USAGE
    if question.every_exchange:
        statement = rows_statement(table, question.since_ns, question.until_ns, question.latest)
    else:
        statement = sums_statement(table, question.by, question.tag, question.since_ns, question.until_ns)
    result = remote_result(gateway, StatementRequest(statement=statement.text), statement.parameters)
    if result.truncated:
        sys.stderr.write("There are more rows than the gateway answers at once: narrow --since and --until.\n")
    rows = [{name: plain(value) for name, value in row.items()} for row in result.table.to_pylist(maps_as_pydicts="lossy")]
    whose = "Usage of everyone" if everyone else f"Usage of {me['principal']['name']}"
    return FoundUsage(rows=rows, is_demo=me["gateway"]["demo"], whose=f"{whose}, from {gateway.url}")
