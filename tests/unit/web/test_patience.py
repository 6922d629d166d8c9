"""How long a client is waited for; time is handed in."""

from headgate.web.front import FrontLimits
from headgate.web.patience import Patience


def test_a_wait_adds_up_while_it_is_for_the_same() -> None:
    """Anything else begins a new wait."""
    wait = Patience(FrontLimits())

    assert [wait.lasted_s(what, 1.0) for what in ("head", "head", "idle", "idle", "head")] == [1.0, 2.0, 1.0, 2.0, 1.0]


def test_a_silent_body_has_its_grace() -> None:
    """Bytes that are too few do not help."""
    body = Patience(FrontLimits(body_grace_s=10, body_idle_timeout_s=30, body_rate_min_bytes_per_s=1024))

    assert [body.allows_body(1, 1.0) for _ in range(11)].count(True) == 10


def test_a_steady_body_goes_on() -> None:
    """At the minimum rate there is no end to it."""
    body = Patience(FrontLimits(body_rate_min_bytes_per_s=1024))

    assert all(body.allows_body(1024, 1.0) for _ in range(1000))


def test_a_fast_start_buys_the_idle_timeout() -> None:
    """Megabytes at once do not buy hours."""
    body = Patience(FrontLimits(body_grace_s=10, body_idle_timeout_s=30, body_rate_min_bytes_per_s=1024))

    assert body.allows_body(50_000_000, 1.0)
    assert [body.allows_body(0, 1.0) for _ in range(40)].count(True) == 28
