"""How exchanges end, in the classes of the page, and what an error came from."""

import pytest

from headgate.core.record import AttemptRecord
from headgate.web.ui.request_outcomes import CLASS_SQL, ORIGIN_SQL, TITLES, origin
from tests.fakes.ledger_views import Ledger, exchange

ENDINGS = [
    ("completed", 200, "", "success"),
    ("client_gone", 200, "", "gone"),
    ("client_gone", 499, "", "gone"),
    ("refused", 429, "limit_user", "limited"),
    ("refused", 403, "budget_exhausted", "limited"),
    ("refused", 403, "permission_missing", "refused"),
    ("failed", 429, "rate_limit_error", "refused"),
    ("failed", 404, "", "refused"),
    ("failed", 529, "overloaded_error", "broken"),
    ("failed", 200, "overloaded_error", "broken"),
    ("cut", 200, "cut", "broken"),
    ("interrupted", 0, "", "broken"),
]


def test_every_ending_has_a_class():
    """By how it ended, its status, and the code of the error."""
    made = [exchange(f"r{n:02}", ended=ended, status_code=status, error_code=code) for n, (ended, status, code, _) in enumerate(ENDINGS)]
    found = Ledger(made).ask(f"SELECT {CLASS_SQL} AS outcome FROM system.ai_gateway.usage ORDER BY request_id").to_pylist()
    assert [row["outcome"] for row in found] == [expected for *_, expected in ENDINGS]
    assert {row["outcome"] for row in found} == set(TITLES)


ORIGINS = [
    ("completed", 200, "", True, None),
    ("client_gone", 499, "", True, "client gone"),
    ("cut", 200, "cut", True, "cut"),
    ("interrupted", 0, "", False, "interrupted"),
    ("refused", 429, "limit_user", False, "our limit"),
    ("refused", 400, "over_limit", False, "our limit"),
    ("refused", 403, "budget_exhausted", False, "our budget"),
    ("refused", 403, "permission_missing", False, "our permission"),
    ("refused", 404, "model_not_found", False, "refused otherwise"),
    ("failed", 502, "unknown_host", False, "no answer"),
    ("failed", 429, "rate_limit_error", True, "provider 429"),
    ("failed", 400, "invalid_request_error", True, "provider 4xx"),
    ("failed", 529, "overloaded_error", True, "provider 5xx"),
    ("failed", 200, "overloaded_error", True, "provider 5xx"),
]


def test_every_error_has_an_origin():
    """By how it ended, its status, its code, and whether the last try was answered."""
    made = [
        exchange(
            f"r{n:02}",
            ended=ended,
            status_code=status,
            error_code=code,
            attempts=(AttemptRecord(provider="lab", model="m", status_code=status),) if answered else (),
        )
        for n, (ended, status, code, answered, _) in enumerate(ORIGINS)
    ]
    found = Ledger(made).ask(f"SELECT {ORIGIN_SQL} AS origin FROM system.ai_gateway.usage ORDER BY request_id").to_pylist()
    assert [row["origin"] for row in found] == [expected for *_, expected in ORIGINS]


@pytest.mark.parametrize(
    ("ended", "code", "tried", "words"),
    [
        ("completed", "", True, ""),
        ("client_gone", "", True, "client"),
        ("interrupted", "", True, "stopped"),
        ("failed", "overloaded_error", True, "the provider"),
        ("failed", "unknown_host", False, "no provider"),
        ("refused", "limit_agent", False, "rate limit"),
        ("refused", "over_limit", False, "rate limit"),
        ("refused", "budget_unpriced", False, "a budget"),
        ("refused", "permission_missing", False, "a permission"),
        ("refused", "model_not_found", False, "did not send"),
    ],
)
def test_where_an_error_came_from(ended, code, tried, words):
    """Our limit, our budget, a permission, the provider, the client, or Headgate itself."""
    assert words in origin(ended, code, tried=tried)
