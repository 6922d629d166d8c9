"""Losses of one translation."""

from headgate.core.loss import Loss
from headgate.translation.loss_list import LossList


def test_each_loss_is_reported_once():
    """In the order in which it was met."""
    losses = LossList()
    losses.add("top_k", "no")
    losses.add("thinking", "unreadable")
    losses.add("top_k", "no")

    assert losses.all() == (Loss("top_k", "no"), Loss("thinking", "unreadable"))
