"""How exchanges end, in the five classes that the page of requests counts, and what made an error: Headgate's limits, its permissions, or the provider.

In words for the page of one request, and as a column for the dashboards.
"""

from collections.abc import Mapping

import msgspec


class OutcomeClass(msgspec.Struct, frozen=True):
    """One class: its name in the query string, and its title."""

    name: str
    title: str


CLASSES = (
    OutcomeClass("success", "Success"),
    OutcomeClass("limited", "429 of our limits and budgets"),
    OutcomeClass("refused", "4xx"),
    OutcomeClass("broken", "5xx or broken off"),
    OutcomeClass("gone", "Client gone"),
)
TITLES: Mapping[str, str] = {each.name: each.title for each in CLASSES}

_OUR_LIMIT = "(ended = 'refused' AND (error_code LIKE 'limit_%' OR error_code LIKE 'budget_%' OR status_code = 429))"
CLASS_SQL = (
    "CASE WHEN ended = 'completed' THEN 'success' WHEN ended = 'client_gone' THEN 'gone' "
    f"WHEN {_OUR_LIMIT} THEN 'limited' WHEN status_code BETWEEN 400 AND 499 THEN 'refused' ELSE 'broken' END"
)
"""The class of a usage row, in SQL."""

_PERMISSIONS = frozenset({
    "endpoint_not_allowed", "network_not_allowed", "own_credential_refused", "own_credential_missing", "permission_missing", "scope_missing",
    "principal_inactive", "tool_not_allowed",
})  # fmt: skip

_PERMISSION_CODES = ", ".join(f"'{code}'" for code in sorted(_PERMISSIONS))


def origin_sql(answered: str) -> str:
    """What the error of an exchange came from, in SQL; NULL where there was none. An error inside a stream counts as the provider's 5xx. `answered` is
    whether the provider of the last try answered.
    """
    return (
        "CASE WHEN ended = 'completed' THEN NULL WHEN ended = 'client_gone' THEN 'client gone' WHEN ended IN ('cut', 'interrupted') THEN ended "
        "WHEN ended = 'refused' AND (error_code LIKE 'limit%' OR error_code IN ('over_limit', 'unbounded_output')) THEN 'our limit' "
        "WHEN ended = 'refused' AND error_code LIKE 'budget%' THEN 'our budget' "
        f"WHEN ended = 'refused' AND error_code IN ({_PERMISSION_CODES}) THEN 'our permission' WHEN ended = 'refused' THEN 'refused otherwise' "
        f"WHEN NOT ({answered}) THEN 'no answer' WHEN status_code = 429 THEN 'provider 429' "
        "WHEN status_code BETWEEN 400 AND 499 THEN 'provider 4xx' ELSE 'provider 5xx' END"
    )


ORIGIN_SQL = origin_sql("try_element_at(routing_information.attempts, -1).status_code IS NOT NULL")
"""The same of a row of the usage table."""


def origin(ended: str, error_code: str, *, tried: bool) -> str:
    """What an error came from, in words; empty where there was none."""
    if ended == "completed":
        return ""
    if ended == "client_gone":
        return "the client, which closed the connection"
    if ended == "interrupted":
        return "Headgate, which stopped while the exchange was running"
    if ended != "refused":
        return "the provider" if tried else "Headgate, which reached no provider"
    if error_code.startswith("limit_") or error_code in {"over_limit", "unbounded_output"}:
        return "a rate limit of Headgate"
    if error_code.startswith("budget_"):
        return "a budget of Headgate"
    if error_code in _PERMISSIONS:
        return "a permission in Headgate"
    return "Headgate, which did not send the request"
