"""Collects the losses of one translation, each once: an agent's history says the same thing in many turns."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from headgate.core.loss import Loss

_LOSSES_MAX: Final = 64  # of one request, in its record
_CHARS_MAX: Final = 200


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


def kept_losses(losses: Iterable[Loss]) -> tuple[Loss, ...]:
    """The losses as a record keeps them: each once, not too many and none too long, since they say words of the client's. The last one counts the rest."""
    every = dict.fromkeys(Loss(loss.what[:_CHARS_MAX], loss.why[:_CHARS_MAX]) for loss in losses)
    if len(every) <= _LOSSES_MAX:
        return tuple(every)
    return (*islice(every, _LOSSES_MAX - 1), Loss("more", f"{len(every) - _LOSSES_MAX + 1} other things were left out or changed"))
