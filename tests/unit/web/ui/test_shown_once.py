"""Secrets that wait to be shown."""

from headgate.web.ui.shown_once import ShownOnce
from tests.fakes.ports import FakeClock


def test_a_secret_is_shown_once_to_the_session_that_made_it() -> None:
    """Not twice, not to another session, and not two minutes later."""
    clock = FakeClock()
    secrets = ShownOnce(clock)
    secrets.put("tok_1", "new", "hg_secret")
    assert not secrets.take("tok_2", "new")
    assert [secrets.take("tok_1", "new") for _ in range(2)] == ["hg_secret", ""]
    secrets.put("tok_1", "late", "hg_secret")
    clock.now_s += 121
    assert not secrets.take("tok_1", "late")


def test_few_secrets_wait() -> None:
    """Of many, the newest wait."""
    secrets = ShownOnce(FakeClock())
    for number in range(300):
        secrets.put("tok_1", str(number), "hg_secret")
    assert (secrets.take("tok_1", "0"), secrets.take("tok_1", "299")) == ("", "hg_secret")
