"""Several listeners as one."""

from headgate.app.listeners import Listeners


class Heard:
    """Notes what it hears."""

    def __init__(self, heard: list[str], name: str) -> None:
        self._heard, self._name = heard, name

    def exchange_ended(self, outcome) -> None:
        """Note it."""
        self._heard.append(f"{self._name} {outcome}")

    def tick(self) -> None:
        """Note it."""
        self._heard.append(f"{self._name} tick")


def test_all_hear_in_order():
    """Each hears of each exchange and of each tick."""
    heard = []
    listeners = Listeners([Heard(heard, "a"), Heard(heard, "b")])
    listeners.exchange_ended("x")
    listeners.tick()
    assert heard == ["a x", "b x", "a tick", "b tick"]
