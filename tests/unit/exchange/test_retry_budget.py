"""Extra tries are a share of an endpoint's requests, and a few beside."""

from headgate.exchange.retry_budget import RetryBudgets
from tests.fakes.ports import FakeClock


def taken(budgets: RetryBudgets, asked: int, percent: int = 20) -> int:
    """How many of some extra tries are allowed."""
    return sum(budgets.take("e", percent) for _ in range(asked))


def test_a_share_of_the_requests_and_thirty_beside() -> None:
    """Of 1,000 requests that fail, 230 are tried again; another endpoint has a budget of its own."""
    budgets = RetryBudgets(FakeClock())
    for _ in range(1_000):
        budgets.request("e")

    assert taken(budgets, 1_000) == 230
    assert budgets.take("other", 20)


def test_without_requests_a_few_are_free() -> None:
    """Also with a share of nothing."""
    assert taken(RetryBudgets(FakeClock()), 100, 0) == 30


def test_the_window_slides() -> None:
    """Requests and tries of more than ten seconds ago do not count; a clock that goes back does no harm."""
    clock = FakeClock()
    budgets = RetryBudgets(clock)
    for _ in range(100):
        budgets.request("e")
    assert taken(budgets, 100) == 50
    clock.now_s += 9
    assert taken(budgets, 100) == 0
    clock.now_s += 1
    assert taken(budgets, 100) == 30
    clock.now_s += 1_000
    assert taken(budgets, 100) == 30
    clock.now_s -= 500
    assert taken(budgets, 100) == 0


def test_what_is_remembered_is_bounded() -> None:
    """However many names are asked for through a pattern."""
    budgets = RetryBudgets(FakeClock())
    for number in range(3_000):
        budgets.request(f"e{number}")
    assert len(budgets._windows) <= 1024
