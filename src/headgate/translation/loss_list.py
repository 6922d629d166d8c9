"""Collects the losses of one translation, each once: an agent's history says the same thing in many turns."""

from headgate.core.loss import Loss


class LossList:
    """What could not be said so far, in the order in which it was met."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Loss] = {}

    def add(self, what: str, why: str) -> None:
        """Report a loss; the same one again changes nothing."""
        if (what, why) not in self._found:
            self._found[what, why] = Loss(what, why)

    def all(self) -> tuple[Loss, ...]:
        """Every loss, once."""
        return tuple(self._found.values())
